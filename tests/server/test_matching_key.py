"""What tells a person from another waits sealed, and only the passphrase opens it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.world import Person, Server, matching_passphrase, person, serving

from server.core.problem import Refused
from server.store.matching import Unlocked, new_matching_key, read_matching_key, unlock, write_matching_key
from server.store.withdraw import withdraw_by_code
from sync.keys import KeyProblem

AT = "2026-12-01T10:00:00.000Z"
MINE = "48559668677"


def waiting(server: Server) -> dict[str, dict[str, str]]:
    opened = unlock(server.campaign.matching, matching_passphrase())
    return {row["instance"]: opened.open(row["data"]) for row in server.rows("encoding") if row["waiting"]}


def test_what_compares_waits_sealed_for_the_unlocked_server(tmp_path: Path) -> None:
    who = person(nom="Zanafou Ouattara", phone="78 91 02 34")
    with serving(tmp_path) as server:
        server.post(who)
        assert waiting(server) == {
            who.instance: {
                "age": "34",
                "cycle": "c3",
                "first_name": "Zanafou Ouattara",
                "interviewer": "E001",
                "phone": "78 91 02 34",
            }
        }
        for mark in (b"Zanafou", b"78 91 02 34", b"78910234"):
            assert mark not in server.bytes_on_disk()
        with pytest.raises(Refused, match="wrong_passphrase"):
            unlock(server.campaign.matching, "k7mq-x2ab")


def test_what_the_person_did_not_allow_is_not_compared(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.post(person(recontact="no", phone="78 91 02 34"))
        server.post(person(consent="no"))
        server.post(person(age="16", assent="yes", guardian="absent", no_guardian="danger"))
        assert [set(fields) & {"phone"} for fields in waiting(server).values()] == [set()]


@pytest.mark.parametrize("scope", ["all", "recontact"])
def test_a_withdrawal_takes_it_along(tmp_path: Path, scope: str) -> None:
    me, other = person(code=MINE), person(code="99999999990")
    edit = Person(dict(me.answers), replaces=me.instance)
    with serving(tmp_path) as server:
        for who in (me, other, edit):
            server.post(who)
        assert len(server.rows("encoding")) == 3
        withdraw_by_code(server.campaign, MINE, by="", at=AT, scope=scope)
        assert [row["instance"] for row in server.rows("encoding")] == [other.instance]


def test_the_key_in_its_file(tmp_path: Path) -> None:
    key = new_matching_key("bonjour", os.urandom)
    write_matching_key(tmp_path / "m.json", key)
    assert read_matching_key(tmp_path / "m.json") == key
    opened = unlock(key, " bonjour\n")
    assert opened.open(key.seal({"first_name": "Awa"})) == {"first_name": "Awa"}
    other = unlock(new_matching_key("bonjour", os.urandom), "bonjour")
    assert other.open(key.seal({"first_name": "Awa"})) == {}
    assert opened.read(opened.lock(b"encoding", os.urandom)) == b"encoding"
    assert other.read(opened.lock(b"encoding", os.urandom)) is None
    assert isinstance(opened, Unlocked)
    assert opened.encoding != opened.private
    (tmp_path / "m.json").write_text("{}", encoding="utf-8")
    with pytest.raises(KeyProblem):
        read_matching_key(tmp_path / "m.json")
