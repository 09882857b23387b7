"""The record of a consent: its text, how it was asked, and whether it can have been read aloud."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support.world import AT, FORM, MEDIA, Person, Server, person, serving, small_form

from forms.consented import consent_text, fingerprints, words
from forms.reader import read_form
from server.core.paradata import read_audit, read_too_fast
from server.core.problem import Conflict, Refused
from server.store.forms import NewForm, publish
from sync import log
from sync.db import reading

AUDITED = FORM.replace(
    "| | select_one yn | consent | Acceptez-vous ? |",
    "| | audit | audit | | | | operational | | | |\n"
    "| | select_one language | language | Langue ? | | | operational | language | | |\n"
    "| | note | text1 | " + "Nous vous lisons ce texte jusqu'au bout. " * 5 + " | | | | | | |\n"
    "| | select_one yn | consent | Acceptez-vous ? |",
).replace("| | wave | c1 |", "| | language | bm | Bambara |\n| | wave | c1 |")


def form(text: str = "fr-2", version: str = "2", table: str = AUDITED) -> bytes:
    from pyxform.xls2xform import convert

    table = table.replace("fr-1", text).replace("VERSION", version)
    return convert(xlsform=table, file_type=".md").xform.encode()


def log_of(consent_ms: int, more: str = "") -> bytes:
    rows = [
        "event,node,start,end",
        "form start,,1000,",
        f"question,/data/consent,2000,{2000 + consent_ms}",
        f"question,/data/q/age,{2000 + consent_ms},{9000 + consent_ms}",
        "question,/data/q/trip[2]/year,90000,89000",
    ]
    return ("\n".join(rows) + more).encode()


def interview(**answers: str) -> bytes:
    """An interview with the longer form."""
    said = Person(answers, version="2").xml.decode()
    said = said.replace("<consent>", "<language>bm</language><consent>")
    said = said.replace('consent_text="fr-1"', 'consent_text="fr-2"')
    return said.replace("<meta>", "<meta><audit>audit.csv</audit>").encode()


def kept(server: Server, part: str) -> Any:
    data = server.body("submission", part)
    return json.loads(data) if data else None


def flags(server: Server) -> dict[str, int]:
    return dict(json.loads(server.rows("submission")[0]["flags"]))


def test_the_record_says_how_consent_was_asked_and_given(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        publish(server.campaign, NewForm(form(), MEDIA), by="", at=AT)
        assert (
            server.post(interview(age="16", assent="yes", guardian="yes", photo_ok="no")).status_code == 201
        )
        record = kept(server, "consent")["consent"]
        assert record == {
            "age_band": "15-17",
            "assent": "yes",
            "decision": "given",
            "delivered_by": "",
            "guardian": "yes",
            "guardian_role": "",
            "interview_mode": "",
            "language": "bm",
            "legal_basis": "consent",
            "no_guardian_reason": "",
            "scopes": {"photo": "no", "recontact": "yes"},
            "text": "fr-2",
        }
        assert "consent_text" not in flags(server)


@pytest.mark.parametrize(("milliseconds", "fast"), [(1_500, True), (60_000, False)])
def test_a_consent_text_that_cannot_have_been_read_is_flagged(
    tmp_path: Path, milliseconds: int, fast: bool
) -> None:
    with serving(tmp_path) as server:
        publish(server.campaign, NewForm(form(), MEDIA), by="", at=AT)
        assert server.post(interview(), {"audit.csv": log_of(milliseconds)}).status_code == 201
        assert ("consent_fast" in flags(server)) == fast
        assert kept(server, "consent")["consent"]["reading_seconds"] == milliseconds / 1000
        visits = kept(server, "paradata")["visits"]
        assert visits[0] == ["/consent", 0, milliseconds]
        assert visits[2][0] == "/q/trip/year"
        assert visits[2][2] == 0


def test_a_log_that_comes_later_is_read_as_well(tmp_path: Path) -> None:
    xml = interview()
    with serving(tmp_path) as server:
        publish(server.campaign, NewForm(form(), MEDIA), by="", at=AT)
        server.post(xml)
        assert kept(server, "paradata") is None
        server.post(xml, {"audit.csv": log_of(8_000)})
        with reading(server.campaign.engine) as connection:
            found = [
                log.body(connection, n, "paradata") for n, e in log.told(connection) if e.kind == "attached"
            ]
        assert json.loads(found[0] or b"{}")["visits"][0] == ["/consent", 0, 8000]


def test_positions_and_answers_in_a_log_are_kept_nowhere_in_clear(tmp_path: Path) -> None:
    rows = (
        b"event,node,start,end,latitude,longitude,accuracy,old-value,new-value\n"
        b"question,/data/consent,1,9000,14.4501,-11.4302,5,,Quissam Bequist\n"
        b"Quissam Bequist,/data/consent,1,9000,14.4501,-11.4302,5,,\n"
        b"question,/data/Quissam,1,9000,14.4501,-11.4302,5,,\n"
    )
    with serving(tmp_path) as server:
        publish(server.campaign, NewForm(form(), MEDIA), by="", at=AT)
        server.post(interview(), {"audit.csv": rows})
        assert kept(server, "paradata")["visits"] == [["/consent", 0, 8999]]
        for mark in (b"14.4501", b"11.4302", b"Quissam"):
            assert mark not in server.bytes_on_disk()


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"event,node,start,end\n"])
def test_what_is_no_log_is_told(data: bytes) -> None:
    assert read_audit(data, "data", {"/consent"}) is None


@pytest.mark.parametrize(
    ("seconds", "count", "fast"),
    [(None, 100, False), (3, 0, False), (19.9, 100, True), (20, 100, False), (0, 1, True)],
)
def test_nobody_reads_five_words_a_second(seconds: float | None, count: int, fast: bool) -> None:
    assert read_too_fast(seconds, count) == fast


def test_the_text_is_what_stands_before_the_question_and_its_words_are_bound_to_its_version(
    tmp_path: Path,
) -> None:
    read = read_form(form(), MEDIA)
    text = consent_text(read)["Français (fr)"]
    assert text.startswith("Nous vous lisons")
    assert text.endswith("Acceptez-vous ?")
    assert words(read) == len(text.split())
    with serving(tmp_path) as server:
        publish(server.campaign, NewForm(form(), MEDIA), by="", at=AT)
        with reading(server.campaign.engine) as connection:
            told = [event for _, event in log.told(connection) if event.kind == "published"][-1]
        digest = hashlib.sha256(text.encode()).hexdigest()
        assert told.body["consent"] == {"text": "fr-2", "sha256": {"Français (fr)": digest}}
        changed = form(version="3").replace(b"jusqu'au bout", b"en partie")
        with pytest.raises(Conflict, match="consent_text_changed"):
            publish(server.campaign, NewForm(changed, MEDIA), by="", at=AT)
        renamed = form("fr-3", "3").replace(b"jusqu'au bout", b"en partie")
        assert publish(server.campaign, NewForm(renamed, MEDIA), by="", at=AT).version == "3"


def test_a_form_must_name_its_consent_text(tmp_path: Path) -> None:
    nameless = small_form("7").replace(b'dp:consent_text="fr-1"', b"")
    assert fingerprints(read_form(nameless, MEDIA))
    with serving(tmp_path) as server, pytest.raises(Refused, match="form_without_text"):
        publish(server.campaign, NewForm(nameless, MEDIA), by="", at=AT)


def test_another_text_than_the_form_has_is_flagged(tmp_path: Path) -> None:
    who = person()
    xml = who.xml.replace(b'dp:consent_text="fr-1"', b'dp:consent_text="fr-0"')
    with serving(tmp_path) as server:
        server.post(xml)
        assert flags(server) == {"consent_text": 1}
