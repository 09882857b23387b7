"""What a release tells of its own making, and the proof that raw answers and its cleaning log give its
cells."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import load_workbook
from support.world import AT, Person, Server, person, serving

from server.core.problem import Refused
from server.core.review import Judgement
from server.store import people
from server.store.corrections import Wish, correct, take_back
from server.store.forms import Forms
from server.store.release.make import export, risk
from server.store.release.options import Options, Release
from server.store.release.verify import Cell, verify
from server.store.reviewing import Reviewer, review
from server.store.withdraw import withdraw_by_code

ALL, ME = Release("small", include_all=True), Reviewer("sup01")
EARLY = "2026-11-23T07:00:00.000Z"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def made(server: Server, kind: Any = "csv", at: str = AT, release: Release = ALL) -> Path:
    return Path(
        export(server.campaign, release, Options(kind), server.campaign.folder.parent / "out", at).folder
    )


def fix(server: Server, instance: str, new: str, place: str = "/q/age") -> None:
    wish = Wish(place, new, "typing_error", "chiffres inversés")
    correct(server.campaign, Forms(server.campaign), instance, wish, by=ME, at_=EARLY)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_corrections_count_and_the_cleaning_log_tells_them(server: Server) -> None:
    one, other = person(), person()
    for who in (one, other):
        server.post(who)
    fix(server, one.instance, "43")
    fix(server, other.instance, "44")
    take_back(server.campaign, other.instance, "/q/age", by=ME, at_=AT)
    folder = made(server)
    assert [row["q-age"] for row in rows(folder / "small.csv")] == ["43", "34"]
    [told] = rows(folder / "cleaning_log.csv")
    assert told == {
        "uuid": one.instance,
        "enumerator": "E001",
        "date": told["date"],
        "question": "/q/age",
        "issue": "typing_error",
        "check_id": "",
        "old_value": "34",
        "new_value": "43",
        "change_type": "change_response",
        "feedback": "chiffres inversés",
        "decided_by": "sup01",
        "decided_at": EARLY,
    }


def test_a_correction_of_an_answer_that_an_edit_changed_is_told_and_not_applied(server: Server) -> None:
    first = person()
    server.post(first)
    fix(server, first.instance, "43")
    second = Person({"age": "35"}, replaces=first.instance)
    server.post(second)
    folder = made(server)
    assert [row["q-age"] for row in rows(folder / "small.csv")] == ["35"]
    assert [row["change_type"] for row in rows(folder / "cleaning_log.csv")] == ["no_action"]
    [gone] = rows(folder / "deletion_log.csv")
    assert (gone["uuid"], gone["reason"], gone["feedback"]) == (
        *(first.instance, "replaced_by_an_edit"),
        second.instance,
    )


def test_rejected_interviews_stand_in_the_deletion_log(server: Server) -> None:
    one, other = person(), person()
    for who in (one, other):
        server.post(who)
    review(server.campaign, [one.instance], Judgement("approved"), by=ME, at=AT)
    review(server.campaign, [other.instance], Judgement("rejected", "duplicate"), by=ME, at=AT)
    folder = made(server, release=Release("small"))
    assert [row["KEY"] for row in rows(folder / "small.csv")] == [one.instance]
    [gone] = rows(folder / "deletion_log.csv")
    assert (gone["uuid"], gone["reason"], gone["decided_by"]) == (other.instance, "duplicate", "sup01")
    assert json.loads((folder / "manifest.json").read_text())["left_out"] == {"rejected": 1}


@pytest.mark.parametrize("kind", ["csv", "xlsx", "dta", "sav", "parquet"])
def test_a_release_is_proved_in_every_format(server: Server, kind: str) -> None:
    trips = "<trip><year>2019</year><stop><town>kita</town></stop></trip>"
    one = person(trips=trips)
    server.post(one)
    server.post(person())
    fix(server, one.instance, "2018", "/q/trip[1]/year")
    folder = made(server, kind)
    found = verify(server.campaign, folder)
    assert (found.proved, found.rows, found.withdrawn) == (True, 2, 0)


def test_what_is_decided_and_corrected_later_changes_no_proof(server: Server) -> None:
    one = person()
    server.post(one)
    folder = made(server)
    fix(server, one.instance, "50")
    review(server.campaign, [one.instance], Judgement("approved"), by=ME, at=AT)
    server.post(person())
    assert verify(server.campaign, folder).proved


def test_a_changed_cell_is_named(server: Server) -> None:
    one = person()
    server.post(one)
    folder = made(server)
    table = folder / "small.csv"
    table.write_bytes(table.read_bytes().replace(b",34,", b",35,"))
    found = verify(server.campaign, folder)
    assert not found.proved
    assert found.files_changed == ["small.csv"]
    assert found.cells == [Cell("small", one.instance, "q-age")]


def test_a_log_that_hides_a_correction_proves_nothing(server: Server) -> None:
    one = person()
    server.post(one)
    fix(server, one.instance, "43")
    folder = made(server)
    log = folder / "cleaning_log.csv"
    log.write_text(log.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    found = verify(server.campaign, folder)
    assert [cell.column for cell in found.cells] == ["q-age"]


def test_whoever_withdraws_is_counted_and_the_rest_is_still_proved(server: Server) -> None:
    for who in (person(), person(code="98765432106")):
        server.post(who)
    folder = made(server)
    withdraw_by_code(server.campaign, "12345678903", by="", at=AT)
    found = verify(server.campaign, folder)
    assert (found.proved, found.withdrawn) == (True, 1)


def test_what_is_no_release_is_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not_a_release"):
        verify(server.campaign, tmp_path)
    server.post(person())
    folder = made(server)
    stranger = shutil.copytree(folder, tmp_path / "else" / "renamed")
    assert not verify(server.campaign, Path(stranger)).logged


def test_the_same_database_and_date_give_the_same_folder(server: Server, tmp_path: Path) -> None:
    one = person()
    server.post(one)
    fix(server, one.instance, "43")
    folders = [
        Path(export(server.campaign, ALL, Options("xlsx"), tmp_path / n, AT).folder) for n in ("a", "b")
    ]
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == second


def test_who_did_not_agree_to_share_is_left_out_and_someone_of_the_team_signs(server: Server) -> None:
    server.post(person())
    wanted = Release("small", "partner", include_all=True)
    with pytest.raises(Refused, match="too_few_to_release"):
        risk(server.campaign, wanted, Options(), AT)
    signed = Release("small", "partner", include_all=True, signed_by=server.login)
    with pytest.raises(Refused, match="may_not_sign"):
        made(server, release=signed)
    who = people.add(server.campaign.engine, "Ana", "analyst", now=AT, secret=os.urandom)
    signed = Release("small", "partner", include_all=True, signed_by=who.login)
    with pytest.raises(Refused, match="release_needs_recipient"):
        made(server, release=signed)
    with pytest.raises(Refused, match="too_few_to_release"):
        made(server, release=replace(signed, recipient="ONG"))
    assert not list((server.campaign.folder.parent / "out").iterdir())


def test_the_dictionary_tells_names_labels_and_codes_in_every_form(server: Server) -> None:
    server.post(person())
    folder = made(server, "xlsx")
    sheet = load_workbook(folder / "small.xlsx")["codebook"]
    header, *lines = sheet.iter_rows(values_only=True)
    told = [dict(zip(header, line, strict=True)) for line in lines]
    [food] = [one for one in told if one["name"] == "q-help" and one["code"] == "food"]
    assert (food["code_fr"], food["n"], food["stata"]) == ("Nourriture", 1, "help")
    root = etree.parse(folder / "codebook.xml").getroot()
    space = {"d": "ddi:codebook:2_5"}
    [variable] = root.findall("d:dataDscr/d:var[@name='help']", space)
    assert variable.findtext("d:labl", namespaces=space) == "Aides ?"
    assert variable.findtext("d:universe", namespaces=space) == "(${consent} = 'yes')"
    found = {one.findtext("d:catValu", namespaces=space) for one in variable.findall("d:catgry", space)}
    assert found == {"food", "kit"}
    assert "q-help/food" in (folder / "codebook.html").read_text(encoding="utf-8")
