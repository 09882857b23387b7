"""`taama bundle` carries what is new to another node on a stick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.cli.node import told
from server.cli.speak import DEFAULT_HOME, Home, Json, now, say

app = typer.Typer(name="bundle", help="Exchange on a stick, without a network.", no_args_is_help=True)


@app.command("write")
def write(
    target: Annotated[Path, typer.Argument(help="A file, or the folder of a stick.")],
    receiver: Annotated[str, typer.Option("--for", help="central, or a hub's name.")] = "central",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Write what another node has not heard into a file that it alone can read.

    Example: taama bundle write --for central /media/stick --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.stick import write_bundle

    campaign = open_campaign(home)
    with told():
        path, count = write_bundle(campaign, target, receiver, at=now())
    campaign.close()
    say({"file": str(path), "events": count}, f"{count} events are in {path}.", as_json=as_json)


@app.command("read")
def read(
    file: Annotated[Path, typer.Argument(help="A bundle written for this node.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Take in a bundle; reading it twice, or an old one, does no harm.

    Example: taama bundle read /media/stick/central-kayes.taama --home centre
    """
    from server.store.home import open_campaign
    from server.store.stick import read_bundle

    campaign = open_campaign(home)
    with told(bundle=True):
        done = read_bundle(campaign, file, at=now())
    campaign.close()
    say({"from": done.sender, "heard": done.heard}, f"{done.heard} events were new.", as_json=as_json)
