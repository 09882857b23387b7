"""Exports: what an analyst opens, in ODK Central's columns, with nobody in it."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.world import AT, MEDIA, Person, Server, person, serving, small_form

from server.core.dataset.fields import harmless
from server.core.problem import NotFound, Refused
from server.core.review import Judgement
from server.store.forms import NewForm, publish
from server.store.release.make import export as make
from server.store.release.options import Options, Release, Released
from server.store.reviewing import Reviewer, review

ALL = Release("small", include_all=True)
TRIPS = (
    "<trip><year>2019</year><stop><town>kita</town></stop><stop><town>kayes</town></stop></trip>"
    "<trip><year>2020</year></trip>"
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def export(server: Server, release: Release = ALL, at: str = AT) -> Released:
    options = Options(multiple="one")
    return make(server.campaign, release, options, server.campaign.folder.parent / "out", at)


def table(made: Released, name: str) -> list[dict[str, str]]:
    with (Path(made.folder) / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def header(made: Released, name: str) -> list[str]:
    with (Path(made.folder) / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))


def test_columns_follow_central_and_leave_out_what_goes_to_the_vault(server: Server) -> None:
    made = export(server)
    assert header(made, "small") == [
        "SubmissionDate",
        *("start", "end", "enumerator", "wave", "commune", "consent", "reason"),
        *(
            "q-recontact",
            "q-photo_ok",
            "q-known",
            "q-age",
            "q-assent",
            "q-guardian",
            "q-no_guardian",
            "q-job",
            "q-help",
        ),
        *("KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status"),
        *("ReviewState", "DeviceID", "Edits", "FormVersion"),
    ]
    assert header(made, "small-trip") == ["year", "PARENT_KEY", "KEY"]
    assert header(made, "small-stop") == ["town", "PARENT_KEY", "KEY"]


def test_an_interview_is_a_row_and_each_turn_of_a_repeat_one_in_a_linked_table(server: Server) -> None:
    who = person(trips=TRIPS, voice="v.m4a", photo="p.jpg", place=None)
    files = {"v.m4a": b"voice", "p.jpg": b"picture"}
    server.post(who, files, params={"deviceID": "collect:abc"})
    made = export(server)
    [row] = table(made, "small")
    assert (row["q-age"], row["q-help"], row["enumerator"], row["KEY"]) == (
        "34",
        "food kit",
        "E001",
        who.instance,
    )
    assert (row["AttachmentsPresent"], row["AttachmentsExpected"], row["Status"]) == ("2", "2", "")
    assert (row["DeviceID"], row["SubmitterName"], row["FormVersion"]) == ("collect:abc", server.login, "1")
    trips = table(made, "small-trip")
    assert [(t["year"], t["PARENT_KEY"], t["KEY"]) for t in trips] == [
        ("2019", who.instance, f"{who.instance}/q/trip[1]"),
        ("2020", who.instance, f"{who.instance}/q/trip[2]"),
    ]
    assert [(s["town"], s["PARENT_KEY"], s["KEY"]) for s in table(made, "small-stop")] == [
        ("kita", trips[0]["KEY"], f"{trips[0]['KEY']}/stop[1]"),
        ("kayes", trips[0]["KEY"], f"{trips[0]['KEY']}/stop[2]"),
    ]


def test_what_has_not_arrived_yet_is_told(server: Server) -> None:
    server.post(person(voice="v.m4a", photo="p.jpg"), {"p.jpg": b"picture"})
    [row] = table(export(server), "small")
    told = (row["AttachmentsPresent"], row["AttachmentsExpected"], row["Status"])
    assert told == ("1", "2", "missingAttachments")


def test_choice_labels_come_in_the_codebook(server: Server) -> None:
    page = (Path(export(server).folder) / "codebook.html").read_text(encoding="utf-8")
    assert "<td>kit</td><td></td><td>Matériel</td>" in page


def test_a_release_can_be_one_archive(server: Server) -> None:
    server.post(person(trips=TRIPS))
    out = server.campaign.folder.parent / "out"
    made = make(server.campaign, ALL, Options(zipped=True), out, AT)
    with zipfile.ZipFile(Path(made.folder) / "submissions.csv.zip") as archive:
        assert archive.namelist() == ["small.csv", "small-trip.csv", "small-stop.csv"]
        assert archive.read("small-trip.csv").startswith(b"\xef\xbb\xbfyear,PARENT_KEY,KEY\n2019,uuid:")
    assert not list(Path(made.folder).glob("small*.csv"))


def test_only_approved_interviews_unless_all_are_asked_for(server: Server) -> None:
    who = person()
    server.post(who)
    server.post(person(consent="no", reason="no_time"))
    server.post(Person(version="9"))
    made = export(server, Release("small"))
    assert (made.rows, made.left_out) == (0, {"not_approved": 1, "refused": 1, "quarantined": 1})
    done = review(server.campaign, [who.instance], Judgement("approved"), by=Reviewer("sup01"), at=AT)
    assert done.done == [who.instance]
    made = export(server, Release("small"), "2026-11-23T08:30:00Z")
    assert [row["ReviewState"] for row in table(made, "small")] == ["approved"]
    made = export(server, ALL, "2026-11-23T09:00:00Z")
    assert (made.rows, made.left_out) == (1, {"refused": 1, "quarantined": 1})


def test_of_an_edited_interview_only_the_last_state_is_there(server: Server) -> None:
    first = person()
    second = Person({"age": "35"}, replaces=first.instance)
    third = Person({"age": "36"}, replaces=second.instance)
    for who in (first, third, second):
        server.post(who)
    made = export(server)
    assert [(row["q-age"], row["Edits"]) for row in table(made, "small")] == [("36", "2")]
    assert made.left_out == {"replaced_by_an_edit": 2}


def test_all_versions_stand_in_one_table(server: Server) -> None:
    more = small_form("2").replace(b"<job/>", b"<job/><tools/>")
    more = more.replace(
        b'<bind nodeset="/data/q/job"',
        b'<bind nodeset="/data/q/tools" type="int"/><bind nodeset="/data/q/job"',
    )
    publish(server.campaign, NewForm(more, MEDIA), by="", at=AT)
    server.post(person())
    server.post(Person({"tools": "4"}, version="2"))
    rows = table(export(server), "small")
    assert [(row["FormVersion"], row["q-tools"]) for row in rows] == [("1", ""), ("2", "4")]


def test_no_release_is_overwritten(server: Server) -> None:
    export(server)
    with pytest.raises(Refused):
        export(server)


def test_a_release_for_others_is_refused_while_nobody_signs(server: Server) -> None:
    with pytest.raises(Refused, match="release_needs_signature"):
        export(server, Release("small", "partner", include_all=True))
    assert not (server.campaign.folder.parent / "out").exists()


def test_an_unknown_form_is_told(server: Server) -> None:
    with pytest.raises(NotFound):
        export(server, Release("nobody"))
    assert not (server.campaign.folder.parent / "out").exists()


def test_the_manifest_names_every_file_with_its_digest(server: Server) -> None:
    server.post(person())
    folder = Path(export(server).folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["form"], manifest["form_versions"], manifest["rows"]) == ("small", ["1"], 1)
    found = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.iterdir()
        if p.name != "manifest.json"
    }
    assert manifest["files"] == found
    assert {
        "small.csv",
        "codebook.html",
        "codebook.xml",
        "cleaning_log.csv",
        "deletion_log.csv",
    } <= found.keys()


def test_no_identity_is_in_any_file(server: Server) -> None:
    server.post(person())
    data = b"".join(path.read_bytes() for path in Path(export(server).folder).iterdir())
    for secret in (b"Bakary", b"Tounkara", b"76 12", b"12345678903", b"Lassana", b"-11.43"):
        assert secret not in data


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "\r=1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "maçon", "3=3", "a-b", "c1"])
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert harmless(text) == text
