"""A hub knows the people of its own zone only, what becomes of contacts goes both ways, and a lost phone is
stopped where it was lost."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import told
from support.hubs import AT, Node, World
from support.world import Person

from server.core.problem import NotFound
from server.store import people
from server.store.breach import breach_pack
from server.store.contacts import contacts, mark
from server.store.field import close_account
from server.store.matching import Unlocked, unlock
from sync.db import reading

LATER, LAST = "2026-11-24T08:00:00.000Z", "2026-11-25T08:00:00.000Z"
PASSPHRASE: list[str] = []
ROWS = (("1", "Zanafou", "Ouattara", "79887766"), ("2", "Fatoumata", "Sissoko", "66010203"))
OTHERS = (("1", "Modibo", "Haïdara", "65443322"), ("2", "Kadidiatou", "Maïga", "91223344"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.hub("Kayes", "kayes")
    made.hub("Gao", "gao")
    made.hub("Partout")
    yield made
    made.close()


def logins(node: Node) -> set[str]:
    return {one.login for one in people.listed(node.campaign.engine) if not one.removed}


def on_disk(node: Node) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(node.campaign.folder.rglob("*")) if path.is_file())


def all_meet(world: World, times: int = 1) -> None:
    for _ in range(times):
        for hub in world.hubs.values():
            hub.meets()


def test_a_hub_is_told_of_the_accounts_of_its_zone_and_of_those_without_one(world: World) -> None:
    kayes, gao = (
        world.centre.adds("Sira", "enumerator", "kayes"),
        world.centre.adds("Bintou", "enumerator", "gao"),
    )
    everywhere = world.centre.adds("Awa", "protection")
    all_meet(world)
    assert {name: logins(hub) for name, hub in world.hubs.items()} == {
        "Kayes": {kayes, everywhere},
        "Gao": {gao, everywhere},
        "Partout": {kayes, gao, everywhere},
    }
    assert b"Bintou" not in on_disk(world.hubs["Kayes"])
    assert "Sira" not in repr(world.hubs["Gao"].rows("person"))


def test_a_zone_stays_through_a_new_name(world: World) -> None:
    world.centre.adds("Bintou", "enumerator", "gao")
    kayes = world.hubs["Kayes"]
    kayes.meets()
    backup = kayes.backup()
    kayes.campaign.close()
    kayes.restore(backup)
    kayes.renews()
    world.centre.adds("Oumou", "enumerator", "gao")
    kayes.meets()
    assert logins(kayes) == set()


def test_an_account_that_a_hub_closes_is_closed_everywhere_and_not_opened_again(world: World) -> None:
    login = world.centre.adds("Sira", "enumerator", "kayes")
    all_meet(world)
    kayes = world.hubs["Kayes"]
    kayes.removes(login)
    assert login not in logins(kayes)
    all_meet(world, 2)
    assert login not in logins(world.centre) | logins(world.hubs["Partout"]) | logins(kayes)
    with pytest.raises(NotFound):
        close_account(kayes.campaign, login, by="", at=AT)


def opened(node: Node) -> Unlocked:
    assert PASSPHRASE
    return unlock(node.campaign.matching, PASSPHRASE[0])


@pytest.fixture
def listed(world: World, tmp_path: Path) -> World:
    """The same world, with two contacts in Kayes and two in Gao."""
    PASSPHRASE[:] = [world.passphrase]
    (tmp_path / "secret.txt").write_text(world.passphrase, encoding="utf-8")
    for zone in ("kayes", "gao"):
        file = tmp_path / f"{zone}.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("record_id", "Prénom", "Nom", "Téléphone"))
            rows = ROWS if zone == "kayes" else OTHERS
            writer.writerows(rows)
        words = ("--zone", zone, "--partner", "OIM", "--passphrase-file", str(tmp_path / "secret.txt"))
        told("contacts", "import", str(file), *words, "--home", str(world.centre.campaign.folder))
    all_meet(world)
    return world


def states(node: Node) -> dict[str, str]:
    return {row.id: row.state for row in contacts(node.campaign) if row.state != "double"}


def marks(node: Node, contact: str, state: str, at: str) -> None:
    mark(node.campaign, contact, state, at=at, unlocked=opened(node), random=os.urandom)


def test_contacts_reach_the_hub_of_their_zone_and_no_other(listed: World) -> None:
    zones = {name: {row.zone for row in contacts(hub.campaign)} for name, hub in listed.hubs.items()}
    assert zones == {"Kayes": {"kayes"}, "Gao": {"gao"}, "Partout": {"kayes", "gao"}}
    for name in ("Zanafou", "Fatoumata", "79887766"):
        assert name.encode() not in on_disk(listed.hubs["Kayes"])


def test_what_became_of_a_contact_is_known_everywhere_and_its_name_is_erased(listed: World) -> None:
    kayes = listed.hubs["Kayes"]
    one = next(iter(states(kayes)))
    before = {row["data"] for row in kayes.rows("contact") if row["id"] == one}
    marks(kayes, one, "refused", LATER)
    all_meet(listed, 2)
    for node in (listed.centre, kayes, listed.hubs["Partout"]):
        assert states(node)[one] == "refused"
        for data in before:
            assert data not in on_disk(node), "the name is gone, even encrypted"
            assert data.hex().encode() not in on_disk(node)


def test_a_contact_that_somebody_closed_is_not_opened_by_a_later_word(listed: World) -> None:
    kayes, centre = listed.hubs["Kayes"], listed.centre
    one = next(iter(states(kayes)))
    marks(kayes, one, "not_found", LATER)
    marks(centre, one, "reached", LAST)
    all_meet(listed, 3)
    assert {states(node)[one] for node in (centre, kayes, listed.hubs["Partout"])} == {"not_found"}


@pytest.mark.slow
def test_nothing_new_is_said_when_nothing_has_changed(listed: World) -> None:
    all_meet(listed, 2)
    marks(listed.hubs["Kayes"], next(iter(states(listed.hubs["Kayes"]))), "reached", LATER)
    all_meet(listed, 2)
    counts = [_events(node) for node in (listed.centre, *listed.hubs.values())]
    all_meet(listed, 2)
    assert counts == [_events(node) for node in (listed.centre, *listed.hubs.values())]


def _events(node: Node) -> int:
    with reading(node.campaign.engine) as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one())


def test_what_a_stolen_hub_held_is_counted_at_the_centre(listed: World) -> None:
    kayes, gao = listed.hubs["Kayes"], listed.hubs["Gao"]
    listed.centre.adds("Sira", "enumerator", "kayes")
    listed.centre.adds("Bintou", "supervisor", "gao")
    for hub, count in ((kayes, 2), (gao, 1)):
        for _ in range(count):
            hub.receives(Person())
    all_meet(listed)
    kayes.receives(Person())
    listed.revokes("Kayes")
    pack = breach_pack(listed.centre.campaign, "2099-01-01T00:00:00.000Z", "Kayes")
    assert (pack["interviews"], pack["contacts"], pack["accounts"]) == ({"small": 2}, 2, {"enumerator": 1})
    assert pack["heard_until"] > AT, "the centre's own clock"
    whole = breach_pack(listed.centre.campaign, "2099-01-01T00:00:00.000Z")
    assert (whole["interviews"], whole["contacts"]) == ({"small": 3}, 4)
    with pytest.raises(NotFound):
        breach_pack(listed.centre.campaign, AT, "Ségou")
