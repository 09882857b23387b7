"""Ingest: what of an interview may be read, what is sealed, and what is kept nowhere."""

from __future__ import annotations

import itertools
import json
import os
from typing import Any

import pytest
from support.world import MEDIA, Person, person, small_form

from forms.reader import read_form
from forms.taint import tainted
from server.core.ingest import Arriving, Gate, Receipt, decide
from server.core.plan import Plan
from server.core.privacy import fold, own_words
from server.core.problem import Malformed, Problem, TooLarge
from server.core.sealing import KeyRing, unseal

FORM = read_form(small_form(), MEDIA)
PLAN = Plan.of(FORM, tainted(FORM))
KEYS = KeyRing.fresh(os.urandom)
GATE = Gate(
    find=lambda form, version: PLAN if (form, version) == ("small", "1") else None,
    knows=lambda form: form == "small",
    refusal_key=b"k" * 32,
    random=os.urandom,
)


def receive(who: Person | bytes, files: frozenset[str] = frozenset()) -> Receipt:
    xml = who if isinstance(who, bytes) else who.xml
    return decide(Arriving(xml, "enq01", "collect:x", "2026-11-23T09:10:11.000Z", KEYS, files), GATE)


def clean(receipt: Receipt) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(receipt.parts["clean"])["answers"]
    return answers


def identity(receipt: Receipt) -> dict[str, str]:
    """All that is sealed of the person, each part under its own key."""
    found: dict[str, str] = {}
    for name, data in receipt.parts.items():
        if name.startswith("identity"):
            secret = KEYS.key(name.partition(":")[2]).secret
            found |= json.loads(unseal(data, secret))["identity"]
    return found


def everything(receipt: Receipt) -> bytes:
    return repr(receipt.body).encode() + b"".join(receipt.parts.values())


def test_answers_are_readable_and_identities_are_not() -> None:
    receipt = receive(person())
    assert clean(receipt)["q"]["age"] == "34"
    assert clean(receipt)["q"]["help"] == "food kit"
    assert identity(receipt)["/q/nom"] == "Bakary Tounkara"
    assert identity(receipt)["/q/phone"] == "76 12 34 56"
    for secret in ("Bakary", "Tounkara", "76 12 34 56", "12345678903", "Lassana", "14.45"):
        assert secret.encode() not in everything(receipt)


def test_the_original_is_kept_sealed_byte_for_byte() -> None:
    who = person()
    assert unseal(receive(who).parts["original"], KEYS.key("original").secret) == who.xml


def test_a_calculation_that_draws_on_a_name_is_sealed_whatever_its_class() -> None:
    assert "label" not in clean(receive(person(label="anything")))["q"]


def test_a_text_that_repeats_the_persons_own_name_or_number_is_sealed() -> None:
    for job in ("maçon chez TOUNKARA", "appelez 76123456", "Bakàry"):
        receipt = receive(person(job=job))
        assert "job" not in clean(receipt)["q"]
        assert receipt.body["flags"] == {"own_identifier": 1}
    assert clean(receive(person(job="maçon")))["q"]["job"] == "maçon"


def test_a_text_that_only_shares_letters_or_everybodys_words_is_read() -> None:
    for job, own in (
        ("maliens du sud", {"nom": "Mali Sow"}),
        ("travail du bois", {"story": "Le travail manque"}),
    ):
        receipt = receive(person(job=job, **own))
        assert (clean(receipt)["q"]["job"], receipt.body["flags"]) == (job, {})
    assert "job" not in clean(receive(person(job="chez MaliSow", nom="Malisow")))["q"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [("help", "food Bakary"), ("help", "food;kit"), ("recontact", "Lassana")],
)
def test_an_answer_that_is_not_what_it_claims_to_be_is_sealed(question: str, answer: str) -> None:
    receipt = receive(person(**{question: answer}))
    assert question not in clean(receipt)["q"]
    assert identity(receipt)[f"/q/{question}"] == answer
    assert receipt.body["flags"] == {"unreadable_value": 1}


def test_a_field_that_the_form_does_not_know_is_sealed() -> None:
    xml = person().xml.replace(b"<meta>", b"<extra>Seydou</extra><meta>")
    receipt = receive(xml)
    assert identity(receipt)["/extra"] == "Seydou"
    assert b"Seydou" not in everything(receipt)


def test_what_needs_a_scope_that_was_not_granted_is_kept_nowhere() -> None:
    receipt = receive(person(recontact="no", photo="visage.jpg", photo_ok="no"), frozenset({"visage.jpg"}))
    assert "/q/phone" not in identity(receipt)
    original = unseal(receipt.parts["original"], KEYS.key("original").secret)
    assert b"76 12 34 56" not in original
    assert b"visage" not in original
    assert b"Bakary" in original
    assert receipt.slots == []


def test_a_refusal_leaves_the_short_list_and_nothing_else() -> None:
    who = person(consent="no", reason="no_time")
    receipt = receive(who)
    assert receipt.outcome == "refusal"
    assert json.loads(receipt.parts["clean"])["refusal"] == {
        "stratum": "kayes",
        "enumerator": "E001",
        "interview_mode": "",
        "contact_source": "",
        "day": "2026-11-23",
        "reason": "no_time",
    }
    assert set(receipt.parts) == {"clean"}
    assert receipt.body == {"form": "small", "version": "1", "verdict": "refused"}
    assert receipt.at == "2026-11-23"
    assert who.instance not in repr(receipt)


def test_answers_outside_the_consented_group_do_not_survive_a_refusal() -> None:
    xml = person(consent="no").xml.replace(b"<meta>", b"<q><nom>Bakary</nom><age>71.5</age></q><meta>")
    receipt = receive(xml)
    assert receipt.outcome == "refusal"
    assert b"Bakary" not in everything(receipt)
    assert b"71.5" not in everything(receipt)


def test_a_refusal_has_the_same_number_each_time_and_it_does_not_tell_the_instance() -> None:
    who = person(consent="no")
    assert receive(who).subject == receive(who).subject != receive(person(consent="no")).subject


def test_a_free_text_in_a_closed_field_does_not_survive_a_refusal() -> None:
    receipt = receive(person(consent="no", reason="son frère Lassana refuse", enumerator="Lassana"))
    assert b"Lassana" not in everything(receipt)


def test_an_unknown_version_or_form_waits_sealed() -> None:
    late = Person(version="2")
    assert receive(late).reason == "unknown_version"
    assert receive(Person(form="other")).reason == "unknown_form"
    receipt = receive(late)
    assert set(receipt.parts) == {"identity", "original"}
    assert b"Bakary" not in everything(receipt)


def test_a_form_that_nobody_knows_cannot_bring_words_into_the_log() -> None:
    receipt = receive(Person(form="Seydou, rue 12 <&>", version="\u202e"))
    assert receipt.body["form"] == receipt.body["version"] == "?"


def test_an_encrypted_interview_waits_sealed() -> None:
    xml = b'<data id="small" version="1" encrypted="yes"><meta><instanceID>uuid:1</instanceID></meta></data>'
    assert receive(xml).reason == "encrypted"


def test_a_minor_without_a_guardian_waits_sealed() -> None:
    receipt = receive(person(age="16", assent="yes", guardian="absent", no_guardian="danger"))
    assert (receipt.outcome, receipt.reason) == ("held", "minor")
    assert "clean" not in receipt.parts


def test_turns_of_nested_repeats_keep_their_order() -> None:
    trips = (
        "<trip><year>2019</year><stop><town>kita</town></stop><stop><town>kayes</town></stop></trip>"
        "<trip><year>2020</year></trip>"
    )
    assert clean(receive(person(trips=trips)))["q"]["trip"] == [
        {"year": "2019", "stop": [{"town": "kita"}, {"town": "kayes"}]},
        {"year": "2020"},
    ]


def test_each_attachment_has_its_place() -> None:
    receipt = receive(person(photo="a.jpg", voice="b.m4a"), frozenset({"a.jpg", "b.m4a"}))
    assert [(slot.place, slot.name) for slot in receipt.slots] == [
        ("/q/photo", "a.jpg"),
        ("/q/voice", "b.m4a"),
    ]
    assert receipt.body["files"] == ["/q/photo", "/q/voice"]
    assert b"a.jpg" not in everything(receipt)


REFUSED = [
    (b"", "malformed_xml"),
    (b"<data", "malformed_xml"),
    (b"<data/>", "no_form_id"),
    (b'<data id="small" version="1"/>', "no_instance_id"),
    (b'<!DOCTYPE d [<!ENTITY x "y">]><data id="small">&x;</data>', "doctype"),
    ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d><data id="s"/>'.encode("utf-16"), "malformed_xml"),
    (b'<?xml version="1.0" encoding="ISO-8859-1"?><data id="small"/>', "malformed_xml"),
    (b"<a>" * 100 + b"</a>" * 100, "xml_too_large"),
    (b'<data id="small"' + b"".join(b' a%d="1"' % n for n in range(300)) + b"/>", "xml_too_large"),
]


@pytest.mark.parametrize(("xml", "code"), REFUSED)
def test_what_can_never_be_stored_is_refused_with_its_reason(xml: bytes, code: str) -> None:
    with pytest.raises(Problem) as raised:
        receive(xml)
    assert isinstance(raised.value, (Malformed, TooLarge))
    assert raised.value.code == code


def test_names_are_matched_without_namespaces() -> None:
    who = person()
    orx = who.xml.replace(b"<data ", b'<data xmlns:orx="http://openrosa.org/xforms" ')
    orx = orx.replace(b"<meta>", b"<orx:meta>").replace(b"</meta>", b"</orx:meta>")
    orx = orx.replace(b"instanceID>", b"orx:instanceID>").replace(b"</instanceID", b"</orx:instanceID")
    orx = orx.replace(b"</orx:orx:", b"</orx:")
    assert receive(orx).subject == who.instance


def test_own_words_are_found_without_accents_case_and_blanks() -> None:
    assert own_words(["Aïssata Ba", "+223 76.12.34.56"]) == {"aissata", "76123456"}
    assert "aissata" in fold("chez AÏSSATA")
    assert "76123456" in fold("au 76 12 34 56")


@pytest.mark.parametrize("consent", ["no", "", "yes no"])
def test_whatever_else_a_refusal_carries_no_marker_survives(consent: str) -> None:
    marker = "Zzyzx"
    questions = [q.path for q in FORM.questions if q.path.startswith("/q/")]
    for path, other in itertools.product(questions[:6], ["/start", "/wave"]):
        inside = f"<q><{path[3:]}>{marker}</{path[3:]}></q>"
        xml = (
            f'<data id="small" version="1"><consent>{consent}</consent>{inside}'
            f"<{other[1:]}>{marker}</{other[1:]}><meta><instanceID>uuid:{marker}</instanceID>"
            f"<instanceName>{marker}</instanceName></meta></data>"
        )
        assert marker.encode() not in everything(receive(xml.encode()))


@pytest.mark.parametrize(("said", "readable"), [("enq07", True), ("E001", True), ("Lassana", False)])
def test_an_enumerator_is_read_by_login_or_by_the_list(said: str, readable: bool) -> None:
    receipt = receive(person(enumerator=said))
    assert receipt.body["enumerator"] == (said if readable else "")
    assert (said.encode() in receipt.parts["clean"]) == readable


def test_a_readable_answer_is_kept_without_the_names_in_it() -> None:
    receipt = receive(person(job="maçon chez Alhousseyni"))
    assert "maçon chez [NOM]".encode() in receipt.parts["clean"]
    assert b"Alhousseyni" not in everything(receipt)
    assert receipt.body["flags"]["masked"] == 1
