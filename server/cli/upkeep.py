"""`taama doctor` says what is wrong and what to do, `taama rebuild` reads everything anew from the log, and
`taama move` takes a centre that has outgrown its file to PostgreSQL."""

from __future__ import annotations

from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, progress, say


def rebuild(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Rebuild all views from the event log.

    Example: taama rebuild --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.rebuild import rebuild as rebuild_views

    campaign = open_campaign(home)
    with progress("Reading events", quiet=as_json) as step:
        count = rebuild_views(campaign, step)
    campaign.close()
    say({"events": count}, f"The views were rebuilt from {count} events.", as_json=as_json)


def doctor(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Examine a campaign's folder and say what needs care. Ends with 1 when something is broken.

    Example: taama doctor --home kayes-2026
    """
    from server.store.doctor import examine
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    findings = examine(campaign)
    campaign.close()
    ok = all(finding.level != "error" for finding in findings)
    rows = [{"level": f.level, "code": f.code, "message": f.message} for f in findings]
    lines = [f"{row['level']}: {row['message']}" for row in rows]
    say({"ok": ok, "findings": rows}, "\n".join(lines) or "All is well.", as_json=as_json)
    if not ok:
        raise typer.Exit(1)


def move(
    database: Annotated[
        str,
        typer.Option(
            "--database", envvar="TAAMA_DATABASE", help="postgresql://user@host/name of an empty database."
        ),
    ],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Take a centre that has outgrown SQLite to PostgreSQL. Stop the server first.

    Example: taama move --database postgresql://taama@db.example.org/kayes --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.move import LEFT, move

    campaign = open_campaign(home)
    with progress("Copying rows", quiet=as_json) as step:
        rows = move(campaign, database, step)
    campaign.close()
    say(
        {"rows": rows, "left": LEFT},
        f"The campaign is in PostgreSQL now: {rows} rows, and the log as it was signed.\n"
        f"The file from before is {home / LEFT}. Erase it once you have seen that all is well.",
        as_json=as_json,
    )
