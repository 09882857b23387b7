"""A node here, one across HTTP and a file on a stick are told and heard alike, in pages of any size."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from support.hubs import AT, Node, World, views

from server.store.meeting import here
from server.store.project import project
from server.store.stick import read_bundle
from sync import log
from sync.db import writing
from sync.event import Draft
from sync.peer import push

pytestmark = pytest.mark.slow  # whole stories, with servers of their own


def interview_with_recording(node: Node) -> str:
    """An interview whose recording lies in the blob folder; returns the recording's name."""
    recording = os.urandom(2_500_000)
    sha = hashlib.sha256(recording).hexdigest()
    node.campaign.blobs.add(sha, 0, len(recording), recording)
    body = {"form": "small", "version": "1", "verdict": "given", "scopes": [], "flags": [], "needs": {}}
    draft = Draft("submitted", "uuid:1", body | {"files": ["v.m4a"]}, AT, "enq01", {}, {"file:v.m4a": sha})
    with writing(node.campaign.engine) as connection:
        project(connection, log.append(connection, node.campaign.keys, [draft]))
    return sha


@pytest.mark.parametrize("page", [1, 500])
@pytest.mark.parametrize("way", ["local", "remote", "bundle"])
def test_every_way_brings_all_of_it(tmp_path: Path, way: str, page: int) -> None:
    world = World(tmp_path)
    kayes = world.hub("Kayes")
    centre = here(world.centre.campaign, kayes.campaign.keys.origin)
    mine = here(kayes.campaign, world.centre.campaign.keys.origin)
    push(centre, mine, page=page)
    sha = interview_with_recording(kayes)
    piece, total = mine.fetch(sha, 0)
    centre.offer(sha, 0, total, piece)  # an earlier try broke off here
    assert centre.missing([sha]) == {sha: len(piece)}
    if way == "bundle":
        read_bundle(world.centre.campaign, kayes.writes("central"), at=AT, page=page)
    else:
        other = centre if way == "local" else kayes.remote()
        assert push(mine, other, page=page) == 1
        assert push(mine, other, page=page) == 0
    assert world.centre.campaign.blobs.get(sha) == kayes.campaign.blobs.get(sha)
    assert views(kayes) == views(world.centre)
    world.close()
