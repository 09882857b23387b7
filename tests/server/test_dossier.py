"""The papers of data protection: made from the form and the log, with nobody in them."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html
from support.command import taama, told
from support.world import Person, person, serving

from server.store.breach import breach_pack, sheets
from server.store.purge import policy_of
from server.store.withdraw import withdraw_by_code
from server.web import dossiers

AT = "2026-11-30T10:00:00.000Z"
LATER = "2027-01-01T00:00:00.000Z"
MINE = "48559668677"
ABOUT = dossiers.Campaign("Essai", "", [])


def test_every_question_stands_in_one_class_of_the_record(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        found = sheets(server.campaign)
        assert policy_of(server.campaign).period("identity") == "P6M"
    rows = {row.name: row for row in found[0].classes}
    assert set(rows["direct"].questions) == {"nom", "phone", "place", "referral", "coupon1", "coupon2"}
    assert rows["direct"].sealed == 6
    assert rows["free_text"].questions == ("story",)
    assert rows["media"].questions == ("photo", "voice")
    assert (rows["quasi"].sealed, rows["quasi"].period) == (0, "P5Y")
    names = [name for row in found[0].classes for name in row.questions]
    assert len(names) == len(set(names))
    assert found[0].undeclared == ("place",)
    assert found[0].text == "fr-1"
    assert found[0].scopes == (("recontact", "recontact"), ("photo", "photo_ok"))


@pytest.mark.parametrize(("lang", "words"), [("fr", "6 mois après la fin"), ("en", "6 months after the end")])
def test_the_papers_are_whole_in_both_languages(tmp_path: Path, lang: str, words: str) -> None:
    with serving(tmp_path) as server:
        found = sheets(server.campaign)
        pack = breach_pack(server.campaign, LATER)
    for page in (
        dossiers.record(found, ABOUT, lang, AT),
        dossiers.assessment(found, ABOUT, lang, AT),
        dossiers.breach(pack, found, lang, datetime(2026, 11, 30, 14, tzinfo=UTC)),
    ):
        tree = html.fromstring(page)
        assert tree.get("lang") == lang
        assert words in tree.text_content().replace("\u00a0", " ")
        assert "fr-1" in page


def test_the_breach_pack_counts_what_was_there_and_names_nobody(tmp_path: Path) -> None:
    me, other = person(code=MINE, nom="Zanafou Ouattara", job="xylophoniste"), person(recontact="no")
    with serving(tmp_path) as server:
        server.post(me, {"v.m4a": os.urandom(9)})
        server.post(other)
        server.post(person(consent="no"))
        server.post(Person(dict(other.answers), version="9", instance="uuid:9"))
        pack = breach_pack(server.campaign, LATER)
        assert pack["interviews"] == {"small": 2}
        assert pack["scopes"] == {"photo": 2, "recontact": 1}
        assert (pack["refusals"], pack["held"], pack["withdrawn"]) == (1, 1, 0)
        assert pack["accounts"] == {"enumerator": 1}
        withdraw_by_code(server.campaign, MINE, by="", at="2026-12-15T00:00:00.000Z")
        later = breach_pack(server.campaign, LATER)
        assert (later["interviews"], later["withdrawn"]) == ({"small": 1}, 1)
        # The pack of an earlier moment does not change by what happened afterwards.
        assert breach_pack(server.campaign, "2026-12-01T00:00:00.000Z") == pack | {
            "until": "2026-12-01T00:00:00.000Z"
        }
        assert breach_pack(server.campaign, "2020-01-01T00:00:00.000Z")["interviews"] == {}
        text = json.dumps(pack) + dossiers.breach(pack, sheets(server.campaign), "fr", datetime.now(UTC))
    for mark in ("Zanafou", "xylophoniste", MINE, me.instance):
        assert mark not in text


def test_the_deadlines_run_from_when_it_was_noticed(tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    told("init", "--home", str(home), "--name", "Essai")
    folder = str(out)
    told("breach", "--home", str(home), "--out", folder, "--noticed", "2026-11-30T14:00Z", "--lang", "en")
    page = (out / "breach.html").read_text(encoding="utf-8")
    assert "2 December 2026 at 14:00" in page
    assert "3 December 2026 at 14:00" in page
    assert json.loads((out / "breach.json").read_text(encoding="utf-8"))["interviews"] == {}
    told("dossier", "--home", str(home), "--out", folder)
    assert len(list(out.iterdir())) == 4
    wrong = taama("breach", "--home", str(home), "--out", folder, "--at", "yesterday")
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (1, False)
