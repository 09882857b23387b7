"""`taama quarantine`: what could not be taken as it was, and how it is let in or erased."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, say

app = typer.Typer(help="What could not be taken as it was: list, let in, erase.", no_args_is_help=True)
Why = Annotated[str, typer.Option("--why", help="The decision in words; it is kept.")]


@app.command("list")
def list_held(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """List what waits: its id, why it was taken aside, form, version, who sent it, when.

    Example: taama quarantine list --home kayes-2026
    """
    from server.store import read
    from server.store.home import open_campaign
    from sync.db import reading

    campaign = open_campaign(home)
    with reading(campaign.engine) as connection:
        rows = read.held(connection, limit=1_000)
    campaign.close()
    names = ("id", "reason", "form", "version", "received", "person")
    found = [{name: getattr(row, name) for name in names} for row in rows]
    lines = [f"{r.received[:16]}  {r.reason:<16} {r.form} {r.version}  {r.person}  {r.id}" for r in rows]
    say({"held": found}, "\n".join(lines) or "Nothing waits.", as_json=as_json)


@app.command("admit")
def admit_one(
    held: Annotated[str, typer.Argument(help="Its id, from taama quarantine list.")],
    key: Annotated[Path, typer.Option("--key", help="The protection officer's private key file.")],
    why: Why,
    form_key: Annotated[
        Path | None, typer.Option("--form-key", help="The form's own key (PEM), if it was encrypted.")
    ] = None,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Let in what waits: it passes the same gate as at the door, and is erased from the quarantine.

    Example: taama quarantine admit ID --key officer.key --why "Guardian reached by telephone" --home
    kayes-2026
    """
    from server.cli.decrypt import unlocker
    from server.store.home import open_campaign
    from server.web.admission import Admission, admit
    from sync.keys import read_officer_private

    campaign = open_campaign(home)
    try:
        unlock = unlocker(form_key) if form_key else None
        admission = Admission(campaign, read_officer_private(key), os.urandom, unlock)
        admit(admission, held, why=why, at=now())
    finally:
        campaign.close()
    say({"admitted": held}, "It has come in.", as_json=as_json)


@app.command("drop")
def drop_one(
    held: Annotated[str, typer.Argument(help="Its id, from taama quarantine list.")],
    why: Why,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Erase what waits and is not wanted.

    Example: taama quarantine drop ID --why "Training interview sent by mistake" --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.web.admission import drop

    campaign = open_campaign(home)
    try:
        drop(campaign, held, why=why, at=now())
    finally:
        campaign.close()
    say({"dropped": held}, "It is erased.", as_json=as_json)
