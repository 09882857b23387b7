"""Consent that is taken back: the tombstone first, then nothing of the person anywhere, whatever comes."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from pyxform.xls2xform import convert
from sqlalchemy import select
from support.world import FORM, MEDIA, Person, Server, person, serving

from server.core.codes import as_typed, is_code
from server.core.problem import Malformed, NotFound, Refused
from server.store import vault
from server.store.codes import digest_one
from server.store.doctor import examine
from server.store.forms import NewForm, publish
from server.store.project import WITHDRAWN, project
from server.store.rebuild import rebuild
from server.store.withdraw import TOMBSTONE, finish, fulfil, withdraw_by_code
from sync import log
from sync.db import reading, writing
from sync.event import Draft
from sync.keys import read_officer_private
from sync.tables import WrappedKey, table_of

AT = "2026-02-01T10:00:00.000Z"
MINE, OTHERS = "48559668677", "12345678903"
MARK = "xylophoniste-unique"
WRAPPED = table_of(WrappedKey)


def send(server: Server, who: Person, voice: bytes = b"") -> int:
    return server.post(who, {"v.m4a": voice} if voice else {}).status_code


def instances(server: Server) -> set[str]:
    return {row["instance"] for row in server.rows("submission")}


def keys(server: Server) -> int:
    """How many requests left keys."""
    with reading(server.campaign.vault) as connection:
        return len({bytes(row.under) or bytes(row.id) for row in connection.execute(select(WRAPPED))})


def blobs(server: Server) -> list[Path]:
    return [path for path in server.campaign.blobs.folder.glob("??/*") if path.is_file()]


def mine() -> Person:
    return person(code=MINE, job=MARK, voice="v.m4a")


def test_everything_about_the_person_goes_and_nothing_about_others(tmp_path: Path) -> None:
    me, other = mine(), person(code=OTHERS)
    with serving(tmp_path) as server:
        assert send(server, me, os.urandom(400_000)) == 201
        assert send(server, other) == 201
        assert (len(blobs(server)), keys(server)) == (1, 2)
        assert MARK.encode() in server.bytes_on_disk()
        assert withdraw_by_code(server.campaign, MINE, by="", at=AT) == 1
        assert instances(server) == {other.instance}
        assert (len(blobs(server)), keys(server)) == (0, 1)
        on_disk = server.bytes_on_disk()
        assert MARK.encode() not in on_disk
        assert MINE.encode() not in on_disk
        assert "keys" not in {finding.code for finding in examine(server.campaign)}
        before = server.rows("submission")
        rebuild(server.campaign)
        assert server.rows("submission") == before


def test_what_is_sent_again_is_answered_and_dropped(tmp_path: Path) -> None:
    me = mine()
    edit = Person(dict(me.answers), replaces=me.instance)
    with serving(tmp_path) as server:
        send(server, me)
        withdraw_by_code(server.campaign, MINE, by="", at=AT)
        assert [send(server, one, b"voice") for one in (me, edit, me)] == [201, 201, 201]
        assert instances(server) == set()
        assert keys(server) == 0
        assert MARK.encode() not in server.bytes_on_disk()


def test_an_edit_on_the_phone_goes_with_its_interview(tmp_path: Path) -> None:
    me = mine()
    edit = Person(dict(me.answers) | {"code": "99999999990"}, replaces=me.instance)
    with serving(tmp_path) as server:
        assert [send(server, me), send(server, edit)] == [201, 201]
        withdraw_by_code(server.campaign, MINE, by="", at=AT)
        assert instances(server) == set()


def test_a_withdrawal_may_come_before_the_interview(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert withdraw_by_code(server.campaign, MINE, by="", at=AT) == 0
        send(server, mine())
        send(server, person(code=OTHERS))
        while digest_one(server.campaign):
            pass
        assert fulfil(server.campaign, at=AT) == 1
        assert len(instances(server)) == 1
        assert MARK.encode() not in server.bytes_on_disk()


def test_a_withdrawal_that_was_interrupted_is_finished(tmp_path: Path) -> None:
    me = mine()
    with serving(tmp_path) as server:
        send(server, me, os.urandom(400_000))
        with writing(server.campaign.engine) as connection:
            tombstone = Draft("withdrawn", me.instance, {"scope": "all"}, AT, "")
            project(connection, log.append(connection, server.campaign.keys, [tombstone]))
        assert keys(server) == 1
        assert finish(server.campaign) == 1
        assert (keys(server), blobs(server)) == (0, [])
        assert MARK.encode() not in server.bytes_on_disk()
        assert finish(server.campaign) == 0


def test_a_restored_backup_does_not_bring_the_person_back(tmp_path: Path) -> None:
    me = mine()
    home, backup = tmp_path / "home" / "taama.db", tmp_path / "backup.db"
    with serving(tmp_path) as server:
        send(server, me)
    shutil.copy(home, backup)
    with serving(tmp_path) as server:
        withdraw_by_code(server.campaign, MINE, by="", at=AT)
    for left in home.parent.glob("taama.db*"):
        left.unlink()
    shutil.copy(backup, home)
    with serving(tmp_path) as server:
        assert instances(server) == set()
        assert MARK.encode() not in server.bytes_on_disk()
        assert send(server, me) == 201
        assert instances(server) == set()


def test_a_copy_from_before_a_step_to_a_new_layout_goes_with_the_first_withdrawal(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        send(server, mine())
        with sqlite3.connect(server.campaign.folder / "taama.db") as database:
            copy = server.campaign.folder / "taama-before-2-20261123T080000.db"
            database.execute("VACUUM INTO ?", (str(copy),))
        database.close()
        assert MARK.encode() in server.bytes_on_disk()
        withdraw_by_code(server.campaign, MINE, by="", at=AT)
        assert not copy.exists()
        assert MARK.encode() not in server.bytes_on_disk()


def test_the_tombstone_says_nothing_of_the_person(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        send(server, mine())
        withdraw_by_code(server.campaign, f" {MINE[:4]} {MINE[4:]} ", by="sup01", at=AT)
        with reading(server.campaign.engine) as connection:
            told = [event for _, event in log.told(connection) if event.kind == "withdrawn"]
            subjects = set(connection.execute(select(WITHDRAWN.c.subject)).scalars())
        with reading(server.campaign.vault) as connection:
            assert set(connection.execute(select(TOMBSTONE.c.subject)).scalars()) == subjects
        assert {event.subject for event in told} == subjects
        assert {event.body["scope"] for event in told} == {"all"}
        assert all(event.blobs == {} for event in told)
        assert server.rows("code") == []


@pytest.mark.parametrize("code", ["48559668678", "4855966867", "", "abc", "485596686770"])
def test_a_code_that_was_misread_is_told_before_anything_is_looked_up(tmp_path: Path, code: str) -> None:
    with serving(tmp_path) as server, pytest.raises(Malformed, match="bad_code"):
        withdraw_by_code(server.campaign, code, by="", at=AT)


def test_one_wrong_digit_or_two_exchanged_are_noticed() -> None:
    for place in range(11):
        for digit in "0123456789":
            changed = MINE[:place] + digit + MINE[place + 1 :]
            assert is_code(changed) == (changed == MINE)
    assert not is_code("84559668677")
    assert as_typed("4855 966-8677") == MINE


def test_the_officer_opens_one_identity_and_the_log_knows_first(tmp_path: Path) -> None:
    me = person(nom="Quissam Bequist")
    reason = "Follow-up interview, case 12"
    with serving(tmp_path) as server:
        send(server, me)
        private = read_officer_private(server.officer_file)

        def opening(key: bytes) -> vault.Opened:
            asking = vault.Asking("recontact", reason)
            return vault.open_identities(server.campaign, [me.instance], key, asking, at=AT)[0]

        found = opening(private).identity
        assert found["/q/nom"] == "Quissam Bequist"
        assert found["/q/phone"] == "76 12 34 56"
        with pytest.raises(Refused, match="other_key"):
            opening(os.urandom(32))
        asked = {"at": AT, "instance": me.instance, "purpose": "recontact", "second": "", "why": reason}
        assert vault.openings(server.campaign) == [asked] * 2
        assert b"Quissam" not in server.bytes_on_disk()


@pytest.mark.parametrize(
    ("purpose", "why", "code"),
    [("curiosity", "because I would like to", "bad_purpose"), ("legal", "because", "no_reason")],
)
def test_without_purpose_and_reason_nothing_is_opened(
    tmp_path: Path, purpose: str, why: str, code: str
) -> None:
    me = person()
    with serving(tmp_path) as server:
        send(server, me)
        private = read_officer_private(server.officer_file)
        asking = vault.Asking(purpose, why)
        with pytest.raises(Malformed, match=code):
            vault.open_identities(server.campaign, [me.instance], private, asking, at=AT)
        assert vault.openings(server.campaign) == []


def test_an_identity_that_is_gone_cannot_be_opened(tmp_path: Path) -> None:
    me = mine()
    with serving(tmp_path) as server:
        send(server, me)
        withdraw_by_code(server.campaign, MINE, by="", at=AT)
        private = read_officer_private(server.officer_file)
        asking = vault.Asking("legal", "a long reason")
        with pytest.raises(NotFound):
            vault.open_identities(server.campaign, [me.instance], private, asking, at=AT)


def test_a_withdrawal_takes_the_persons_back_check_along(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        first, other = Person({"code": "48559668677"}), Person()
        link = "| | text | original_code | Code ? | | | operational | | | |\n| | select_one yn | consent |"
        short_form = FORM.replace("| | select_one yn | consent |", link, 1).replace(
            "| small |", "| small_backcheck |"
        )
        xform = convert(xlsform=short_form.replace("VERSION", "1"), file_type=".md").xform.encode()
        publish(server.campaign, NewForm(xform, MEDIA), by="", at=AT)
        codes = {one.instance: one.instance.removeprefix("uuid:")[:8] for one in (first, other)}
        again = {one: Person(form="small_backcheck") for one in codes}
        for person in (first, other):
            assert server.post(person).status_code == 201
        for instance, person in again.items():
            said = f"<original_code>{codes[instance]}</original_code><consent>".encode()
            assert server.post(person.xml.replace(b"<consent>", said, 1)).status_code == 201
        assert withdraw_by_code(server.campaign, "48559668677", by="pro01", at=AT) == 2
        left = {row["instance"] for row in server.rows("submission")}
        assert left == {other.instance, again[other.instance].instance}
