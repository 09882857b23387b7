"""Hubs and their centre: what one node took in, all know; what was taken back is nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from support.hubs import World, views
from support.world import person

from sync.client import Rejected
from sync.hear import Forked, NotAllowed
from sync.wire import Garbled

pytestmark = pytest.mark.slow  # whole stories, with servers of their own


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def test_what_a_hub_took_in_is_at_the_centre_with_its_answers_and_sealed_identity(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    one = kayes.receives(person())
    assert kayes.meets().told == 1
    assert world.centre.answers(one.instance) == kayes.answers(one.instance)
    assert world.centre.identity(one.instance) == {"/q/nom": "Bakary Tounkara"} | world.centre.identity(
        one.instance
    )
    assert kayes.meets().told == 0


def test_all_nodes_show_the_same(world: World) -> None:
    kayes, kita = world.hub("Kayes"), world.hub("Kita")
    for node in (kayes, kita):
        node.meets()
        node.receives(person())
    for node in (kayes, kita, kayes, kita):
        node.meets()
    assert views(kayes) == views(kita) == views(world.centre)


def test_an_interview_that_reached_two_nodes_counts_once_and_other_answers_are_shown(world: World) -> None:
    kayes, kita = world.hub("Kayes"), world.hub("Kita")
    kayes.meets(), kita.meets()
    one = person()
    other = replace(one, answers={"age": "35"})
    same = person()
    kayes.receives(one), kita.receives(other), kayes.receives(same), kita.receives(same)
    for node in (kita, kayes, kita):
        node.meets()
    assert views(kayes) == views(kita) == views(world.centre)
    assert len(world.centre.rows("submission")) == 2
    held = world.centre.rows("held")
    assert [(row["instance"], row["reason"]) for row in held] == [(one.instance, "conflict")]


def test_who_withdraws_at_the_centre_is_nowhere(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    one = kayes.receives(person())
    kayes.meets()
    assert world.centre.withdraws("12345678903") == 1
    kayes.meets()
    for node in (kayes, world.centre):
        assert node.bodies() == 0
        assert node.keys_left() == 0
        assert node.rows("submission") == []
    kayes.receives(one)
    kayes.meets()
    assert world.centre.rows("submission") == []
    assert world.centre.bodies() == 0


def test_who_withdrew_by_code_before_the_interview_arrives_is_not_kept(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    kayes.receives(person())
    assert world.centre.withdraws("12345678903") == 0
    kayes.meets()
    for node in (kayes, world.centre):
        assert node.bodies() == 0
        assert node.rows("submission") == []


def test_an_edit_at_another_hub_goes_with_the_person(world: World) -> None:
    kayes, kita = world.hub("Kayes"), world.hub("Kita")
    kayes.meets(), kita.meets()
    one = person(code=None)
    edit = replace(person(code=None), replaces=one.instance)
    kayes.receives(one), kita.receives(edit)
    kayes.withdraws_instance(one.instance)
    for node in (kita, kayes, kita):
        node.meets()
    for node in (kayes, kita, world.centre):
        assert node.rows("submission") == []
        assert node.bodies() == 0
    assert views(kayes) == views(kita) == views(world.centre)


def test_decisions_made_apart_are_contested_everywhere(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    one = kayes.receives(person())
    kayes.meets()
    kayes.decides(one.instance, "approved")
    world.centre.decides(one.instance, "rejected")
    kayes.meets(), kayes.meets()
    for node in (kayes, world.centre):
        assert [row["standing"] for row in node.rows("submission")] == ["contested"]
    assert views(kayes) == views(world.centre)


def test_a_hub_restored_from_an_old_backup_is_found_and_loses_nothing(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    first = kayes.receives(person())
    kayes.meets()
    backup = kayes.backup()
    lost = kayes.receives(person())
    kayes.meets()
    kayes.restore(backup)
    new = kayes.receives(person())
    with pytest.raises(Forked):
        kayes.meets()
    kayes.renews()
    kayes.meets()
    wanted = {first.instance, lost.instance, new.instance}
    assert {row["instance"] for row in world.centre.rows("submission")} == wanted
    assert views(kayes) == views(world.centre)


def test_a_hub_restored_that_has_said_nothing_since_hears_itself_again(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    backup = kayes.backup()
    kayes.receives(person())
    kayes.meets()
    kayes.restore(backup)
    kayes.meets()
    assert views(kayes) == views(world.centre)


def test_a_stolen_hub_is_told_nothing(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    kayes.receives(person())
    world.revokes("Kayes")
    with pytest.raises(Rejected):
        kayes.meets()
    assert world.centre.rows("submission") == []


def test_a_hub_cannot_say_what_only_the_centre_may(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    kayes.says("account", "adm99", {"account": b'{"login":"adm99"}'})
    with pytest.raises(NotAllowed):
        kayes.meets()


def test_accounts_come_from_the_centre_and_go_with_it(world: World) -> None:
    kayes = world.hub("Kayes")
    login = world.centre.adds("Sira", "enumerator")
    kayes.meets()
    assert [row["login"] for row in kayes.rows("person")] == [login]
    world.centre.removes(login)
    kayes.meets()
    assert kayes.rows("person")[0]["removed"]


def test_a_hub_that_was_never_synchronised_offers_no_form_list(world: World) -> None:
    kayes = world.hub("Kayes")
    assert kayes.form_list().status_code == 503
    kayes.meets()
    assert kayes.form_list().status_code == 200
    assert b"<formID>small</formID>" in kayes.form_list().content


def test_nothing_new_is_one_small_question(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.meets()
    asked: list[httpx.Response] = []
    kayes.meets(asked.append)
    assert len(asked) == 1
    assert sum(len(one.content) + len(one.request.content) for one in asked) < 1_000


def test_a_stick_carries_the_same_and_may_be_read_twice_late_or_not_at_all(world: World) -> None:
    kayes = world.hub("Kayes")
    kayes.reads(world.centre.writes("Kayes"))
    one = kayes.receives(person())
    lost, old = kayes.writes("central"), kayes.writes("central")
    lost.unlink()
    two = kayes.receives(person())
    new = kayes.writes("central")
    assert world.centre.reads(new) == 2
    assert world.centre.reads(old) == world.centre.reads(new) == 0
    assert {row["instance"] for row in world.centre.rows("submission")} == {one.instance, two.instance}
    assert world.centre.answers(one.instance) == kayes.answers(one.instance)
    receipt = world.centre.writes("Kayes")
    kayes.reads(receipt)
    assert kayes.reads(world.centre.writes("Kayes")) == 0
    assert views(kayes) == views(world.centre)
    assert kayes.writes("central").stat().st_size < 2_000


def test_a_stick_that_is_cut_altered_or_for_another_is_not_read(world: World) -> None:
    kayes, kita = world.hub("Kayes"), world.hub("Kita")
    kayes.meets()
    kayes.receives(person())
    stick = kayes.writes("central")
    data = stick.read_bytes()
    middle = len(data) // 2
    for broken in (
        data[:-1],
        data[:middle],
        data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        b"",
    ):
        stick.write_bytes(broken)
        with pytest.raises(Garbled):
            world.centre.reads(stick)
    stick.write_bytes(data)
    with pytest.raises(Garbled):
        kita.reads(stick)
    assert b"Tounkara" not in data
    assert b"Kayes" not in data
    assert world.centre.rows("submission") == []
    world.revokes("Kayes")
    with pytest.raises(Garbled):
        world.centre.reads(stick)
