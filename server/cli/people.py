"""`taama people`: who may come in, and with what."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, say

app = typer.Typer(help="Add, list and remove people.", no_args_is_help=True)
BASE_URL = "http://127.0.0.1:8383"


class Role(StrEnum):
    """What somebody does in the campaign."""

    enumerator = "enumerator"
    supervisor = "supervisor"
    analyst = "analyst"
    protection = "protection"
    admin = "admin"


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="How colleagues call the person; no respondent, ever.")],
    role: Annotated[Role, typer.Option("--role")],
    email: Annotated[str, typer.Option("--email")] = "",
    zone: Annotated[str, typer.Option("--zone", help="Where the person works.")] = "",
    base_url: Annotated[str, typer.Option("--base-url", help="How phones reach this server.")] = BASE_URL,
    qr: Annotated[
        Path | None, typer.Option("--qr", help="Where to write the QR of Collect's settings.")
    ] = None,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Add somebody. The secret is shown once: write it down or scan it now.

    Example: taama people add "Enquêteur 1" --role enumerator --base-url http://192.168.1.10:8383
    """
    import os

    from server.store import people
    from server.store.home import open_campaign
    from server.web.qr import payload, png, settings, token_url

    campaign = open_campaign(home)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = people.add(campaign.engine, name, role.value, now=now, secret=os.urandom, email=email, zone=zone)
    result = {"login": made.login, "secret": made.secret, "role": role.value}
    lines = f"{role.value.capitalize()} added.\n  Login:  {made.login}\n  Secret: {made.secret}\n"
    if made.token:
        url = token_url(base_url, made.token)
        # Not in the campaign's folder: the picture opens the door, and the folder is copied and backed up.
        file = qr or Path(f"{made.login}-collect.png")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(png(payload(settings(url, made.login, campaign.settings.name))))
        result |= {"url": url, "qr": str(file.absolute())}
        lines += f"  Server URL for Collect: {url}\n  QR of Collect's settings: {file}\n"
        lines += "Scan the QR with the phone, then erase the picture: it opens the door for sending.\n"
    campaign.close()
    say(result, lines, as_json=as_json)


@app.command("list")
def listed(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """List everybody who has an account.

    Example: taama people list
    """
    from server.store import people
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    rows = people.listed(campaign.engine)
    campaign.close()
    found = [
        {"login": row.login, "name": row.name, "role": row.role, "zone": row.zone, "open": not row.removed}
        for row in rows
    ]
    lines = [
        f"{one['login']:<12} {one['role']:<11} {one['name']}{'' if one['open'] else '  (removed)'}"
        for one in found
    ]
    say(
        {"people": found},
        "\n".join(lines) or "Nobody yet. Example: taama people add NAME --role enumerator",
        as_json=as_json,
    )


@app.command("remove")
def remove(login: Annotated[str, typer.Argument()], home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Close an account: its token, secret and sessions stop working at once.

    Example: taama people remove enq01
    """
    from server.store.field import close_account
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    close_account(campaign, login, by="", at=datetime.now(UTC).isoformat(timespec="seconds"))
    campaign.close()
    say({"login": login, "removed": True}, f"{login} may no longer come in.", as_json=as_json)
