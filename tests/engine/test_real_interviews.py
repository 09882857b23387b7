"""Whole interviews by the engine inside ODK Collect, sent as Collect sends, down to the analyst's row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from lxml import etree
from support.collect import Phone
from support.javarosa import Filled, fill
from support.world import AT, Server, serving

from forms.compile import Built, build
from forms.reader import read_form
from server.store.doctor import examine
from server.store.forms import NewForm, publish
from server.store.rebuild import rebuild
from server.store.release.make import export
from server.store.release.options import Options, Release

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.usefixtures("java"), pytest.mark.timeout(300)]

# Made-up identities that occur nowhere else, so that one byte of them on disk is found.
MARKERS = {
    "first_names": "Zoumanafatou{i}",
    "last_name": "Quissambequist",
    "nickname": "Ladjikorobani",
    "father_first_name": "Bandiougouzan",
    "village": "Markervillekoro",
    "phone": "7099{i}4321",
    "phone2": "6688{i}1234",
    "last_word": "Zoumanafatou{i} Quissambequist habite Markervillekoro",
    "obs_comment": "Le frère Ladjikorobani écoutait",
}
AGREEING = {
    "contact_result": "reached",
    "consent": "yes",
    "consent_recontact": "yes",
    "consent_audio": "yes",
    "age": "34",
    "is_malian": "yes",
    "has_returned": "yes",
    "exposed": "yes",
    "already_interviewed": "no",
}
SECRETS = ("Zoumanafatou", "Quissambequist", "Ladjikorobani", "Bandiougouzan", "Markervillekoro")
NUMBERS = ("phone", "phone2", "coupon_1", "referral_code", "withdrawal_code")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def published(server: Server, name: str) -> Built:
    built = build(name)
    publish(server.campaign, NewForm(built.xform, built.media), by="", at=AT)
    return built


def interviews(folder: Path, built: Built, seed: int, count: int, **answers: str) -> list[Filled]:
    media = folder / "media"
    media.mkdir(parents=True, exist_ok=True)
    for name, data in built.media.items():
        (media / name).write_bytes(data)
    (folder / "form.xml").write_bytes(built.xform)
    asked = {question.name for question in read_form(built.xform, built.media).questions}
    said = {name: text for name, text in answers.items() if name in asked}
    return fill(folder / "form.xml", media, folder / f"out-{seed}", seed, count, said)


def sent(phone: Phone, filled: Sequence[Filled]) -> list[int]:
    return [phone.send(one.xml, one.files).status for one in filled]


def answer(xml: bytes, name: str) -> str:
    return next((e.text or "" for e in etree.fromstring(xml).iter(name)), "")


@pytest.mark.parametrize("form", ["returnee", pytest.param("sensitisation", marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", ["token", pytest.param("digest", marks=pytest.mark.slow)])
def test_a_phone_fetches_fills_and_sends_and_nobody_can_be_found_on_the_laptop(
    server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str], form: str, way: str
) -> None:
    built = published(server, form)
    phone = (
        Phone(server.key)
        if way == "token"
        else Phone(f"{server.base}/v1/projects/1", login=server.login, secret=server.secret)
    )
    with phone:
        [blank] = [blank for blank in phone.sync() if blank.listed.form_id == form]
        team = {"enumerators.csv": f"name,label\n{server.login},{server.login}\n".encode()}
        assert (blank.xml, dict(blank.media)) == (built.xform, {**built.media, **team})
        known = interviews(tmp_path / "known", built, 1, 12, **AGREEING, **MARKERS)
        assert all(answer(one.xml, "last_name") == MARKERS["last_name"] for one in known)
        refused = interviews(tmp_path / "refused", built, 2, 4, contact_result="reached", consent="no")
        chance = interviews(tmp_path / "chance", built, 3, 14, first_names="Quissambequist")
        assert sent(phone, known) == [201] * 12
        assert sent(phone, refused) == [201] * 4
        assert set(sent(phone, chance)) <= {201, 202}
        assert set(sent(phone, [*known, *refused])) == {201}
    counts = {table: len(server.rows(table)) for table in ("submission", "refusal", "held")}
    assert counts["submission"] >= 12
    assert counts["refusal"] >= 4
    assert sum(counts.values()) == 30
    disk = server.bytes_on_disk()
    said = capfd.readouterr()
    numbers = {text for one in known for name in NUMBERS if (text := answer(one.xml, name))}
    assert len(numbers) > 30
    for secret in (*SECRETS, *numbers):
        assert secret.encode() not in disk
        assert secret not in said.out + said.err
    for one in refused:
        assert one.instance_id.encode() not in disk


def test_the_analyst_gets_what_was_answered_and_the_officer_who_answered(
    server: Server, tmp_path: Path
) -> None:
    built = published(server, "returnee")
    filled = interviews(tmp_path / "known", built, 4, 5, **AGREEING, **MARKERS)
    with Phone(server.key) as phone:
        assert sent(phone, filled) == [201] * 5
    made = export(
        server.campaign, Release("returnee", include_all=True), Options(multiple="one"), tmp_path / "out", AT
    )
    with (Path(made.folder) / "returnee.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["KEY"]: row for row in csv.DictReader(file)}
    for one in filled:
        row = rows[one.instance_id]
        assert row["consented-c_screen-age"] == "34"
        for name in ("enumerator", "commune", "contact_source", "interview_mode"):
            assert row[f"a_intro-{name}"] == answer(one.xml, name)
        for name in ("education", "hh_size", "origin_region"):
            assert row[f"consented-interview-d_profile-{name}"] == answer(one.xml, name)
        assert not [column for column in row if column.endswith(("name", "phone", "village", "last_word"))]
        assert (row["AttachmentsPresent"], row["AttachmentsExpected"]) == (str(len(one.files)),) * 2
    for number in range(5):
        instance = server.rows("submission")[number]["instance"]
        [one] = [one for one in filled if one.instance_id == instance]
        identity = json.loads(server.open(server.body("submission", "identity", number) or b""))["identity"]
        assert identity["/consented/interview/y_identity/first_names"] == answer(one.xml, "first_names")
        assert server.open(server.body("submission", "original", number) or b"") == one.xml
    assert not [finding for finding in examine(server.campaign) if finding.level == "error"]
    before = {table: server.rows(table) for table in ("submission", "file", "refusal", "held")}
    rebuild(server.campaign)
    assert {table: server.rows(table) for table in before} == before
