"""`taama withdraw` and `taama vault`: what a respondent asks, and what only the protection officer may do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, progress, say

app = typer.Typer(help="Open one identity with the protection officer's key.", no_args_is_help=True)


def withdraw(
    code: Annotated[str, typer.Argument(help="The eleven digits on the respondent's card.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Withdraw a respondent's consent by the code on the card: everything about the person is erased.

    The answer is the same whether the interview is here, comes later, or never was.
    Example: taama withdraw 48559668677 --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.withdraw import withdraw_by_code

    campaign = open_campaign(home)
    try:
        with progress("Looking up the code", quiet=as_json) as step:
            withdraw_by_code(campaign, code, by="", at=_now(), step=step)
    finally:
        campaign.close()
    text = (
        "The withdrawal is recorded. What there is under this code is erased here; other nodes erase it "
        "at the next exchange, and an interview that is still on a phone will not be kept."
    )
    say({"recorded": True}, text, as_json=as_json)


@app.command("open")
def open_one(
    instance: Annotated[str, typer.Argument(help="The interview's id (uuid:…).")],
    key: Annotated[Path, typer.Option("--key", help="The protection officer's private key file.")],
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose", help="recontact, protection, complaint, correction, request, duplicate or legal."
        ),
    ],
    why: Annotated[str, typer.Option("--why", help="The case and the reason, in words.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Open the identity behind one interview. That it was opened, and why, stays in the log for ever.

    Example: taama vault open uuid:… --key officer.key --purpose recontact --why "Follow-up, case 12"
    """
    from server.store.home import open_campaign
    from server.store.vault import open_identity
    from sync.keys import read_officer_private

    campaign = open_campaign(home)
    try:
        private = read_officer_private(key)
        opened = open_identity(campaign, instance, private, purpose=purpose, why=why, at=_now())
    finally:
        campaign.close()
    lines = [f"{place.rpartition('/')[2]}: {text}" for place, text in opened.identity.items()]
    data = {"instance": opened.instance, "form": opened.form, "identity": dict(opened.identity)}
    say(data, "\n".join(lines), as_json=as_json)


@app.command("log")
def show_log(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """List every identity that was asked for: when, which interview, for which purpose and why.

    Example: taama vault log --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.vault import openings

    campaign = open_campaign(home)
    found = openings(campaign)
    campaign.close()
    rows = [{"at": at, "instance": one, "purpose": purpose, "why": why} for at, one, purpose, why in found]
    lines = [f"{row['at']}  {row['instance']}  {row['purpose']}: {row['why']}" for row in rows]
    say({"openings": rows}, "\n".join(lines) or "Nothing was opened.", as_json=as_json)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
