"""`taama init` makes a campaign, `taama serve` opens its doors."""

from __future__ import annotations

import os
import time
from enum import StrEnum
from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, say, warn


class NodeRole(StrEnum):
    """What a server is: a hub in the field, or the centre."""

    hub = "hub"
    central = "central"


def init(
    name: Annotated[str, typer.Option("--name", help="The campaign's name, as people will see it.")],
    home: Home = DEFAULT_HOME,
    role: Annotated[NodeRole, typer.Option("--role")] = NodeRole.hub,
    database: Annotated[
        str,
        typer.Option(
            "--database",
            envvar="TAAMA_DATABASE",
            help="For a large centre: postgresql://user@host/name of an empty database.",
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Make a new campaign: its database and its keys.

    Example: taama init --home kayes-2026 --name "Retour Kayes 2026"
    """
    from server.store.home import create

    made = create(home, name, role=role.value, database=database)
    say(
        {"home": str(home), "name": name, "role": role.value, "officer_key": str(made.officer_file)}
        | {"matching_passphrase": made.passphrase},
        f"The campaign “{name}” is ready in {home}.\n\n"
        f"The protection officer's private key was written to:\n  {made.officer_file}\n"
        "It alone opens identities. Give it to her on a stick, make sure she can read it, then erase it\n"
        "here: this machine must never hold it while interviews arrive. Without it nothing can be opened.\n\n"
        f"The passphrase by which the same person is recognised, shown only now:\n  {made.passphrase}\n"
        "Supervisors type it when the server starts. Keep it off this machine.\n\n"
        f"Next: taama forms publish returnee --home {home}",
        as_json=as_json,
    )


def serve(
    home: Home = DEFAULT_HOME,
    host: Annotated[str, typer.Option("--host", help="0.0.0.0 lets phones on the network in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port")] = 8383,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=1,
            help="Server processes, for a centre on PostgreSQL. With more than one, comparing is for "
            "taama link run.",
        ),
    ] = 1,
    as_json: Json = False,
) -> None:
    """Receive interviews and show the pages, until stopped with Ctrl+C.

    Example: taama serve --home kayes-2026 --host 0.0.0.0
    """
    from server.cli.serving import address, claim, serve_here, serve_workers
    from server.store.access import broken_at
    from server.store.home import HomeProblem, open_campaign, views_are_current
    from server.store.rebuild import rebuild

    campaign = open_campaign(home)
    if workers > 1 and campaign.engine.dialect.name == "sqlite":
        raise HomeProblem("Several processes need a centre on PostgreSQL. Leave --workers out.")
    listener = claim(host, port)
    where = address(host, listener.getsockname()[1])
    campaign.blobs.prepare(time.time())
    if not views_are_current(campaign):
        rebuild(campaign)
    line = broken_at(campaign)
    if line:
        # It goes on all the same: interviews must not be lost because someone tampered with a log.
        warn(f"The access log was altered at line {line}. Tell the protection officer; see taama doctor.")

    def ready() -> None:
        say({"address": where, "process": os.getpid()}, f"Taama is ready at {where}", as_json=as_json)

    if workers > 1:
        campaign.close()
        serve_workers(home, listener, workers, ready)
        return
    from server.app import create_app, real_world

    serve_here(create_app(campaign, real_world()), listener, ready)
    campaign.close()
