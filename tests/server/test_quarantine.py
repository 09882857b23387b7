"""What lay in quarantine comes in by the same gate, or is erased; nothing of it stays behind."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.world import AT, MEDIA, Person, Server, person, serving, small_form

from server.core.problem import Conflict, Malformed, NotFound, Problem, Refused
from server.store.doctor import examine
from server.store.forms import NewForm, publish
from server.store.rebuild import rebuild
from server.web.admission import Admission, Unlock, admit, drop
from sync.keys import read_officer_private

LATER = "2026-12-24T10:00:00.000Z"
WHY = "The guardian was reached by telephone"
MINOR = {"age": "16", "assent": "yes", "guardian": "absent", "no_guardian": "danger"}
FILES = {"p.jpg": b"pixels" * 9, "v.m4a": b"voice" * 100_000}


def let_in(server: Server, held: str, unlock: Unlock | None = None) -> str:
    private = read_officer_private(server.officer_file)
    return admit(Admission(server.campaign, private, os.urandom, unlock), held, why=WHY, at=LATER).how


def send(server: Server, who: Person, files: Mapping[str, bytes] = FILES) -> str:
    assert server.post(who, files).status_code == 202
    return next(str(row["id"]) for row in server.rows("held") if row["instance"] == who.instance)


def test_a_minor_comes_in_with_what_he_sent(tmp_path: Path) -> None:
    who = person(**MINOR, photo="p.jpg", voice="v.m4a", nom="Zanafou Ouattara")
    with serving(tmp_path) as server:
        held = send(server, who)
        assert let_in(server, held) == "stored"
        assert [row["instance"] for row in server.rows("submission")] == [who.instance]
        assert {row["path"]: row["state"] for row in server.rows("file")} == {
            "/q/photo": "here",
            "/q/voice": "here",
        }
        assert not any(row["open"] for row in server.rows("held"))
        assert json.loads(server.body("submission", "consent") or b"")["consent"]["age_band"] == "15-17"
        assert server.rows("submission")[0]["received"] < LATER
        assert server.body("held", "original") is None
        assert not {finding.code for finding in examine(server.campaign)} & {"files", "keys", "log"}
        before = server.rows("submission"), server.rows("held"), server.rows("file")
        rebuild(server.campaign)
        assert (server.rows("submission"), server.rows("held"), server.rows("file")) == before
        # The phone sends once more: it has arrived.
        assert server.post(who).status_code == 201
        with pytest.raises(NotFound):
            let_in(server, held)


def test_what_waited_for_its_form_comes_in_once_that_is_published(tmp_path: Path) -> None:
    who = Person({"code": "48559668677"}, version="2")
    with serving(tmp_path) as server:
        held = send(server, who)
        with pytest.raises(Refused, match="still_held"):
            let_in(server, held)
        assert server.rows("held")[0]["open"]
        publish(server.campaign, NewForm(small_form("2"), MEDIA), by="", at=AT)
        assert let_in(server, who.instance) == "stored"


def test_a_refusal_that_waited_leaves_what_a_refusal_leaves(tmp_path: Path) -> None:
    who = Person({"consent": "no", "nom": "Zanafou Ouattara"}, version="2")
    with serving(tmp_path) as server:
        held = send(server, who, {})
        publish(server.campaign, NewForm(small_form("2"), MEDIA), by="", at=AT)
        assert let_in(server, held) == "stored"
        assert (len(server.rows("refusal")), server.rows("submission")) == (1, [])
        assert server.body("held", "original") is None


def test_what_was_encrypted_on_the_phone_is_decrypted_first(tmp_path: Path) -> None:
    clear = person(photo="p.jpg")
    sealed = clear.xml.replace(b'version="1"', b'version="1" encrypted="yes"')

    def unlock(xml: bytes, files: Mapping[str, bytes]) -> tuple[bytes, dict[str, bytes]]:
        assert xml == sealed
        return clear.xml, {"p.jpg": b"pixels"}

    with serving(tmp_path) as server:
        assert server.post(sealed).status_code == 202
        held = str(server.rows("held")[0]["id"])
        with pytest.raises(Refused, match="form_key_needed"):
            let_in(server, held)
        assert let_in(server, held, unlock) == "stored"
        assert server.rows("file")[0]["state"] == "here"


def test_another_content_under_one_number_stays_outside(tmp_path: Path) -> None:
    who = Person({}, version="2")
    with serving(tmp_path) as server:
        held = send(server, who, {})
        publish(server.campaign, NewForm(small_form("2"), MEDIA), by="", at=AT)
        server.post(Person({"age": "50"}, version="2", instance=who.instance))
        with pytest.raises(Conflict, match="other_content"):
            let_in(server, held)
        assert next(row for row in server.rows("held") if row["id"] == held)["open"]


def test_what_is_not_wanted_is_erased(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        held = send(server, person(**MINOR, voice="v.m4a"))
        blobs = [path for path in server.campaign.blobs.folder.glob("??/*") if path.is_file()]
        assert len(blobs) == 1
        drop(server.campaign, held, why=WHY, at=LATER)
        assert not blobs[0].exists()
        assert server.body("held", "original") is None
        assert server.rows("submission") == []
        with pytest.raises(NotFound):
            drop(server.campaign, held, why=WHY, at=LATER)


@pytest.mark.parametrize(("why", "key", "problem"), [("short", None, Malformed), (WHY, b"k" * 32, Refused)])
def test_without_reason_or_key_nothing_comes_in(
    tmp_path: Path, why: str, key: bytes | None, problem: type[Problem]
) -> None:
    with serving(tmp_path) as server:
        held = send(server, person(**MINOR))
        private = key or read_officer_private(server.officer_file)
        with pytest.raises(problem):
            admit(Admission(server.campaign, private, os.urandom), held, why=why, at=LATER)
        assert server.rows("held")[0]["open"]
        assert server.rows("submission") == []
