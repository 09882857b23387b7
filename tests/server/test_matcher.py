"""The same person interviewed again: found among those known, decided by people, numbered for good."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

import pytest
from support.command import taama, told
from support.world import Person, Server, matching_passphrase, person, serving

from server.core.problem import Refused
from server.store import people
from server.store.decisions import decide, pair_of
from server.store.matcher import Matcher, Station
from server.store.matching import unlock
from server.store.persons import Persons, pairs, recompute
from server.store.withdraw import withdraw_by_code

AT = "2026-12-01T10:00:00.000Z"
MINE = "48559668677"
FATHERS = {"nom": "Boubacar Tounkara", "phone": "76 45 12 89", "age": "34"}
AGAIN = {"nom": "Boubakar Tunkara", "phone": "+223 76451289", "age": "35"}
OTHER = {"nom": "Oumou Dembélé", "phone": "65 00 11 22", "age": "22"}


@pytest.fixture
def server(tmp_path: Path):  # type: ignore[no-untyped-def]  # a generator of a server
    with serving(tmp_path) as made:
        yield made


def matcher(server: Server) -> Matcher:
    return Matcher(server.campaign, unlock(server.campaign.matching, matching_passphrase()), os.urandom)


def send(server: Server, *people: Person) -> None:
    assert [server.post(who).status_code for who in people] == [201] * len(people)


def numbered(server: Server, start: int = 0) -> tuple[Persons, dict[str, str]]:
    fresh = (f"p{number}" for number in itertools.count(start))
    made = recompute(server.campaign, lambda: next(fresh))
    return made, {row["instance"]: row["person"] for row in server.rows("person_of")}


def test_a_duplicate_and_a_follow_up_are_suggested_with_reasons(server: Server) -> None:
    first, twice = person(**FATHERS), person(**AGAIN)
    later, stranger = person(**AGAIN, wave="c1"), person(**OTHER)
    send(server, first, twice, later, stranger)
    assert matcher(server).catch_up(at=AT) == 4
    found = {frozenset((pair.one, pair.other)): pair for pair in pairs(server.campaign)}
    assert found[frozenset((first.instance, twice.instance))].kind == "duplicate"
    assert found[frozenset((first.instance, later.instance))].kind == "follow_up"
    assert not any(stranger.instance in ends for ends in found)
    reasons = found[frozenset((first.instance, twice.instance))].reasons
    assert reasons["phone"] == "agree"
    assert set(reasons.values()) <= {"agree", "close", "differ", "missing"}
    assert matcher(server).catch_up(at=AT) == 0
    for mark in (b"Boubacar", b"Tounkara", b"76451289", b"76 45 12 89"):
        assert mark not in server.bytes_on_disk()


def test_who_was_known_before_a_restart_is_known_after_it(server: Server) -> None:
    first, twice = person(**FATHERS), person(**AGAIN)
    send(server, first)
    matcher(server).catch_up(at=AT)
    send(server, twice)
    again = matcher(server)
    assert again.size == 1
    again.catch_up(at=AT)
    assert len(pairs(server.campaign)) == 1


def test_an_edit_on_the_phone_is_no_duplicate_of_what_it_replaces(server: Server) -> None:
    first = person(**FATHERS)
    send(server, first, Person(dict(first.answers) | {"age": "36"}, replaces=first.instance))
    matcher(server).catch_up(at=AT)
    assert pairs(server.campaign) == []
    assert numbered(server)[0].persons == 1


def test_what_people_decide_stands_and_numbers_stay(server: Server) -> None:
    first, twice, stranger = person(**FATHERS), person(**AGAIN), person(**OTHER)
    send(server, first, twice, stranger)
    matcher(server).catch_up(at=AT)
    made, before = numbered(server)
    assert (made.interviews, made.persons) == (3, 2)
    assert before[first.instance] == before[twice.instance]
    pair = pair_of(first.instance, twice.instance)
    decide(server.campaign, "linked", pair, "different", by="sup01", why="two brothers", at=AT)
    made, after = numbered(server, 10)
    assert made.persons == 3
    assert list(made.split) == [before[first.instance]]
    assert before[first.instance] in {after[first.instance], after[twice.instance]}
    assert after[stranger.instance] == before[stranger.instance]
    # It stays so however often it is computed; and it can be taken back.
    assert numbered(server, 20)[1] == after
    decide(server.campaign, "linked", pair, "same", by="sup01", at=AT)
    third = pair_of(first.instance, stranger.instance)
    decide(server.campaign, "linked", third, "same", by="sup01", at=AT)
    made, last = numbered(server, 30)
    assert set(last.values()) == {before[first.instance]} or set(last.values()) == {before[stranger.instance]}
    assert made.merged


def test_decisions_that_contradict_each_other_are_told(server: Server) -> None:
    one, two, three = person(), person(), person()
    send(server, one, two, three)
    for ends, verdict in (((one, two), "same"), ((two, three), "same"), ((one, three), "different")):
        subject = pair_of(ends[0].instance, ends[1].instance)
        decide(server.campaign, "linked", subject, verdict, by="sup01", at=AT)
    made, _ = numbered(server)
    assert len(made.unmet) == 1


def test_whoever_withdraws_is_suggested_to_nobody(server: Server) -> None:
    first, twice = person(**FATHERS, code=MINE), person(**AGAIN)
    send(server, first)
    running = matcher(server)
    running.catch_up(at=AT)
    withdraw_by_code(server.campaign, MINE, by="", at=AT)
    send(server, twice)
    running.catch_up(at=AT)
    assert pairs(server.campaign) == []


def test_by_command(tmp_path: Path) -> None:
    first, twice = person(**FATHERS), person(**AGAIN)
    with serving(tmp_path) as server:
        send(server, first, twice)
    home, said = str(tmp_path / "home"), tmp_path / "said.txt"
    said.write_text("wrong", encoding="utf-8")
    wrong = taama("link", "run", "--home", home, "--passphrase-file", str(said))
    assert (wrong.returncode, "passphrase" in wrong.stderr) == (1, True)
    said.write_text(matching_passphrase() + "\n", encoding="utf-8")
    run = told("link", "run", "--home", home, "--passphrase-file", str(said))
    assert (run["arrivals"], run["interviews"], run["persons"], run["open_pairs"]) == (2, 2, 1, 1)
    pair = told("link", "pairs", "--home", home)["pairs"][0]
    assert "Tounkara" not in json.dumps(pair)
    told("link", "decide", pair["one"], pair["other"], "different", "--by", "sup01", "--home", home)
    again = told("link", "run", "--home", home, "--passphrase-file", str(said))
    assert (again["arrivals"], again["persons"], again["open_pairs"]) == (0, 2, 0)
    assert told("link", "pairs", "--all", "--home", home)["pairs"][0]["verdict"] == "different"


def test_interviews_held_at_one_time_by_two_people_are_never_joined_by_a_machine(server: Server) -> None:
    end = "2026-11-23T08:10:00.000Z"
    first, twice = person(**FATHERS, end=end), person(**AGAIN, end=end)
    send(server, first)
    other = people.add(server.campaign.engine, "Oumar", "enumerator", now=AT, secret=os.urandom)
    answer = server.post(twice, url=f"{server.base}/v1/key/{other.token}/projects/1/submission")
    assert answer.status_code == 201
    matcher(server).catch_up(at=AT)
    (pair,) = pairs(server.campaign)
    assert pair.contradictions == ["same_time"]
    assert numbered(server)[0].persons == 2
    decide(server.campaign, "linked", pair.subject, "same", by="sup01", at=AT)
    assert numbered(server)[0].persons == 1
    decide(server.campaign, "linked", pair.subject, "open", by="sup01", at=AT)
    assert [one.verdict for one in pairs(server.campaign)] == [""]
    assert numbered(server, 10)[0].persons == 2


def test_one_of_several_processes_does_not_unlock(server: Server) -> None:
    one_of_many = Station(server.campaign, os.urandom, alone=False)
    with pytest.raises(Refused) as refused:
        one_of_many.unlock(matching_passphrase())
    assert refused.value.code == "several_processes"
    assert not one_of_many.is_unlocked
