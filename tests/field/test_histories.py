"""Whatever happens in whatever order, in the end all nodes show the same and nothing is lost or comes
back."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.hubs import AT, Node, World, views

from server.core.canonical import canonical
from server.store import nodes, withdraw
from server.store.home import open_campaign
from server.store.meet import meet
from server.store.meeting import here
from server.store.project import project
from server.store.renew import renew
from sync import log
from sync.db import writing
from sync.event import Draft, digest
from sync.hear import Forked, NotHeard
from sync.keys import verified
from sync.wire import Garbled

HUBS = ("Kayes", "Kita")
EVERYBODY = ("centre", *HUBS)
QUICK = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108  # made-up people only
PEOPLE = st.integers(0, 4)
STEP = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(EVERYBODY), PEOPLE, st.integers(30, 31)),
    st.tuples(st.just("edit"), st.sampled_from(HUBS), PEOPLE, st.just(0)),
    st.tuples(st.just("decide"), st.sampled_from(EVERYBODY), PEOPLE, st.integers(0, 1)),
    st.tuples(st.just("withdraw"), st.sampled_from(EVERYBODY), PEOPLE, st.just(0)),
    st.tuples(st.just("meet"), st.sampled_from(HUBS), st.just(0), st.integers(0, 8)),
    st.tuples(st.just("write"), st.sampled_from(EVERYBODY), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("read"), st.sampled_from(EVERYBODY), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("backup"), st.sampled_from(HUBS), st.just(0), st.just(0)),
    st.tuples(st.just("restore"), st.sampled_from(HUBS), st.just(0), st.just(0)),
)

pytestmark = pytest.mark.slow  # whole stories, with servers of their own


class Cut(Exception):
    """The line broke."""


class Near:
    """The centre as a hub meets it; the line breaks after so many calls, before or after they are done."""

    def __init__(self, centre: Node, hub: Node, calls: int) -> None:
        self._centre, self._hub, self._left = centre, hub, calls
        self._peer = here(centre.campaign, hub.campaign.keys.origin)

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            self._left -= 1
            if self._left == 0 and name != "tell":
                raise Cut
            result = getattr(self._peer, name)(*args)
            if self._left == 0:
                raise Cut
            return result

        return call

    def renew(self, origin: str, public: bytes, proof: bytes) -> None:
        assert verified(public, digest(origin.encode()), proof)
        label = next(n.label for n in nodes.nodes(self._hub.campaign) if n.me)
        new = nodes.NewNode(origin, public, label)
        nodes.welcome(self._centre.campaign, new, origin, at=AT)


@cache
def template() -> Path:
    folder = Path(tempfile.mkdtemp(dir=QUICK))
    world = World(folder)
    for label in HUBS:
        world.hub(label)
    world.close()
    return folder


class History:
    """A centre and two hubs that live through something."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.world = World.__new__(World)
        self.world.folder, self.world.hubs = folder, {}
        self.nodes = {name: Node(self.world, open_campaign(folder / name)) for name in EVERYBODY}
        self.sticks: list[Path] = []
        self.backups: dict[str, Path] = {}
        self.acknowledged: set[str] = set()
        self.perhaps: set[str] = set()  # went with a disk, unless a stick still holds it
        self.withdrawn: set[str] = set()

    def submit(self, name: str, who: int, age: int) -> None:
        self._say(name, f"uuid:{who}", {}, age)

    def edit(self, name: str, who: int, _: int) -> None:
        self._say(name, f"uuid:{who}-e", {"replaces": f"uuid:{who}"}, 33)

    def _say(self, name: str, instance: str, more: dict[str, str], age: int) -> None:
        node = self.nodes[name]
        there = any(row["instance"] == instance for row in node.rows("submission"))
        gone = {row["subject"] for row in node.rows("withdrawn")}
        if there or instance in gone or more.get("replaces") in gone:
            return
        body = {"form": "small", "version": "1", "verdict": "given", "scopes": [], "flags": [], "files": []}
        body |= {"needs": {}, "size": 10, **more}
        parts = {"clean": canonical({"salt": name, "answers": {"age": str(age)}})}
        self._append(node, Draft("submitted", instance, body, AT, "enq01", parts))
        self.acknowledged.add(instance)

    def _append(self, node: Node, draft: Draft) -> None:
        with writing(node.campaign.engine) as connection:
            project(connection, log.append(connection, node.campaign.keys, [draft]))

    def decide(self, name: str, who: int, verdict: int) -> None:
        with suppress(AssertionError):  # not here, or no decision by this verdict
            self.nodes[name].decides(f"uuid:{who}", ("approved", "rejected")[verdict])

    def withdraw(self, name: str, who: int, _: int) -> None:
        node = self.nodes[name]
        withdraw._entomb(node.campaign, withdraw_all(node, f"uuid:{who}"), by="", at=AT)
        self.withdrawn |= {f"uuid:{who}", f"uuid:{who}-e"}

    def meet(self, name: str, _: int, cut: int) -> None:
        node = self.nodes[name]
        try:
            meet(node.campaign, Near(self.nodes["centre"], node, cut), at=AT, page=3)  # type: ignore[arg-type]
        except Cut:
            pass
        except Forked:
            node.campaign, _met = renew(node.campaign, Near(self.nodes["centre"], node, 0), at=AT)  # type: ignore[arg-type]

    def write(self, name: str, which: int, _: int) -> None:
        with suppress(Forked):
            self.sticks.append(self.nodes[name].writes("central" if name != "centre" else HUBS[which]))

    def read(self, name: str, which: int, _: int) -> None:
        if which < len(self.sticks):
            with suppress(Garbled, NotHeard):
                self.nodes[name].reads(self.sticks[which])

    def backup(self, name: str, *_: int) -> None:
        self.backups[name] = self.nodes[name].backup()
        self.nodes[name].campaign = open_campaign(self.nodes[name].campaign.folder)

    def restore(self, name: str, *_: int) -> None:
        if name not in self.backups:
            return
        node = self.nodes[name]
        safe = self._told(name="centre")
        mine = self._told(name)
        node.restore(self.backups[name])
        withdraw.finish(node.campaign)
        others = set().union(*(self._told(one) for one in EVERYBODY if one != name))
        lost = mine - self._told(name) - others - safe
        self.acknowledged -= lost
        self.perhaps |= lost
        # A withdrawal that nobody else heard went with the disk.
        known = {r["subject"] for one in EVERYBODY for r in self.nodes[one].rows("withdrawn")}
        self.withdrawn &= known | {f"{one}-e" for one in known}

    def _told(self, name: str) -> set[str]:
        return {row["subject"] for row in self.nodes[name].rows("event") if row["kind"] == "submitted"}

    def ends(self) -> None:
        for _ in range(3):
            for name in HUBS:
                self.meet(name, 0, 0)
        shown = [views(node) for node in self.nodes.values()]
        assert shown[0] == shown[1] == shown[2]
        there = {row["instance"] for row in self.nodes["centre"].rows("submission")}
        gone = {row["subject"] for row in self.nodes["centre"].rows("withdrawn")}
        assert self.acknowledged - gone <= there <= (self.acknowledged | self.perhaps) - gone
        assert self.withdrawn & there == set()
        for node in self.nodes.values():
            places = {row["n"] for row in node.rows("event") if row["subject"] in gone}
            assert not [row for row in node.rows("body") if row["event"] in places and row["part"] == "clean"]

    def close(self) -> None:
        for node in self.nodes.values():
            node.campaign.close()
        shutil.rmtree(self.folder)


def withdraw_all(node: Node, instance: str) -> list[tuple[str, str]]:
    return [(one, "all") for one in withdraw._whole_person(node.campaign, [instance])]


def lived(steps: list[tuple[str, str, int, int]]) -> None:
    folder = Path(tempfile.mkdtemp(dir=QUICK)) / "w"
    shutil.copytree(template(), folder)
    history = History(folder)
    try:
        for what, name, who, how in steps:
            getattr(history, what)(name, who, how)
        history.ends()
    finally:
        history.close()


CALM = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=12, deadline=None, suppress_health_check=CALM)
@given(st.lists(STEP, min_size=4, max_size=14))
def test_all_nodes_come_to_show_the_same(steps: list[tuple[str, str, int, int]]) -> None:
    lived(steps)


@pytest.mark.nightly
@pytest.mark.timeout(0)
@settings(max_examples=10_000, deadline=None, suppress_health_check=CALM)
@given(st.lists(STEP, min_size=4, max_size=40))
def test_all_nodes_come_to_show_the_same_over_many_histories(steps: list[tuple[str, str, int, int]]) -> None:
    lived(steps)
