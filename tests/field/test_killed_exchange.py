"""A hub whose power fails in the middle of an exchange goes on where it was."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.hubs import AT, World, views

from server.app import World as Surroundings
from server.app import create_app
from server.cli.serving import address, claim, serve_beside
from server.core.canonical import canonical
from server.store.home import change_settings, open_campaign
from server.store.project import project
from sync import log
from sync.db import writing
from sync.event import Draft

BODY = {
    "form": "small",
    "version": "1",
    "verdict": "given",
    "scopes": [],
    "flags": [],
    "files": [],
    "needs": {},
}


@pytest.mark.slow
def test_an_exchange_that_is_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    world = World(tmp_path)
    kayes = world.hub("Kayes")
    kayes.meets()
    parts = {"clean": canonical({"answers": {"age": "30"}}), "original": os.urandom(2000)}
    drafts = [Draft("submitted", f"uuid:{n}", BODY, AT, "enq01", parts) for n in range(1500)]
    with writing(kayes.campaign.engine) as connection:
        project(connection, log.append(connection, kayes.campaign.keys, drafts))
    listener = claim("127.0.0.1", 0)
    change_settings(kayes.campaign, centre=address(*listener.getsockname()[:2]))
    surroundings = Surroundings(lambda: datetime.now(UTC), os.urandom, b"m" * 32)
    stop = serve_beside(create_app(world.centre.campaign, surroundings), listener)
    command = [sys.executable, "-m", "server", "sync", "--home", str(kayes.campaign.folder)]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(world.centre.rows("submission")) == 0 and first.poll() is None:
        pass
    first.kill()
    first.wait()
    told = len(world.centre.rows("submission"))
    assert told % 500 == 0
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    stop()
    listener.close()
    assert done.returncode == 0, done.stderr
    kayes.campaign.close()
    kayes.campaign = open_campaign(kayes.campaign.folder)
    assert len(world.centre.rows("submission")) == 1500
    assert views(kayes) == views(world.centre)
    world.close()
