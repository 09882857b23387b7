"""Corrections lie over the answers, and a queried interview goes back to its enumerator's phone."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.world import AT, Person, Server, serving

from forms.compile import build
from server.core.overlay import Correction, effective
from server.core.problem import Malformed, NotFound, Problem, Refused
from server.core.review import Judgement
from server.store import people
from server.store.corrections import Wish, correct, corrected, log_of, overlay_of, take_back
from server.store.forms import Forms, NewForm, publish
from server.store.interviews import edit_diff, interview
from server.store.rebuild import rebuild
from server.store.reviewing import Reviewer, remark, review, undo
from server.store.withdraw import withdraw_by_code
from sync.db import reading

ME, LATER = Reviewer("sup01"), "2999-01-01T00:00:00.000Z"
AGE = Wish("/q/age", "43", "typing_error", "chiffres inversés")
TRIPS = "<trip><year>2019</year></trip><trip><year>2020</year></trip>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as made:
        yield made


def sent(server: Server, replaces: str = "", **answers: str) -> str:
    person = Person({"trips": TRIPS} | answers, replaces=replaces)
    assert server.post(person).status_code == 201
    return person.instance


def fix(server: Server, instance: str, wish: Wish = AGE) -> Correction:
    return correct(server.campaign, Forms(server.campaign), instance, wish, by=ME, at_=LATER)


def answers(server: Server, instance: str) -> dict[str, object]:
    event = next(row["event"] for row in server.rows("submission") if row["instance"] == instance)
    with reading(server.campaign.engine) as connection:
        found = corrected(connection, instance, event).answers["q"]
    assert isinstance(found, dict)
    return found


def test_a_correction_counts_and_what_was_said_stays(server: Server) -> None:
    one = sent(server)
    made = fix(server, one)
    assert (made.old, made.new, made.change) == ("34", "43", "change_response")
    assert answers(server, one)["age"] == "43"
    assert b'"age":"34"' in (server.body("submission", "clean") or b"")


def test_a_correction_can_be_taken_back_and_both_are_remembered(server: Server) -> None:
    one = sent(server)
    fix(server, one)
    take_back(server.campaign, one, "/q/age", by=ME, at_=LATER)
    assert answers(server, one)["age"] == "34"
    with reading(server.campaign.engine) as connection:
        assert sorted(made.change for _, made in log_of(connection, "small")) == [
            "change_response",
            "taken_back",
        ]
    with pytest.raises(NotFound):
        take_back(server.campaign, one, "/q/age", by=ME, at_=LATER)


def test_a_turn_of_a_repeat_and_a_blank_can_be_corrected(server: Server) -> None:
    one = sent(server)
    fix(server, one, Wish("/q/trip[2]/year", "2021", "typing_error"))
    assert fix(server, one, Wish("/q/job", "", "misunderstood")).change == "blank_response"
    found = answers(server, one)
    assert found["trip"] == [{"year": "2019"}, {"year": "2021"}]
    assert "job" not in found


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish("/q/age", "quarante", "typing_error"), "not_an_answer"),
        (Wish("/q/help", "food yacht", "typing_error"), "not_an_answer"),
        (Wish("/q/assent", "yes", "typing_error"), "not_correctable"),
        (Wish("/consent", "no", "typing_error"), "not_correctable"),
        (Wish("/q/nom", "Awa", "typing_error"), "sealed_answer"),
        (Wish("/q/story", "autre", "typing_error"), "sealed_answer"),
        (Wish("/q/none", "1", "typing_error"), "unknown_question"),
        (Wish("/q/trip[9]/year", "2019", "typing_error"), "answer_not_asked"),
        (Wish("/q/age", "40", "whim"), "bad_reason"),
    ],
)
def test_what_cannot_be_corrected_is_refused_and_nothing_changes(
    server: Server, wish: Wish, code: str
) -> None:
    one = sent(server)
    with pytest.raises(Problem) as told:
        fix(server, one, wish)
    assert told.value.code == code
    assert server.rows("decision") == []


def test_an_approved_interview_is_locked_until_the_approval_is_undone(server: Server) -> None:
    one = sent(server)
    review(server.campaign, [one], Judgement("approved"), by=ME, at=LATER)
    with pytest.raises(Refused, match="approved_locked"):
        fix(server, one)
    undo(server.campaign, one, by=ME, at=LATER)
    assert fix(server, one).new == "43"


def test_a_correction_goes_on_counting_under_an_edit_that_left_its_answer_alone(server: Server) -> None:
    one = sent(server)
    fix(server, one)
    edit = sent(server, replaces=one, job="soudeur")
    assert answers(server, edit)["age"] == "43"
    with pytest.raises(Refused, match="edited_since"):
        fix(server, one)


def test_an_edit_of_the_corrected_answer_is_a_conflict_that_waits_for_somebody(server: Server) -> None:
    one = sent(server)
    fix(server, one)
    edit = sent(server, replaces=one, age="44")
    event = next(row["event"] for row in server.rows("submission") if row["instance"] == edit)
    with reading(server.campaign.engine) as connection:
        found = corrected(connection, edit, event)
    assert answers(server, edit)["age"] == "44"
    assert [(one.place, one.old, one.new) for one in found.conflicts] == [("/q/age", "34", "43")]
    fix(server, edit, Wish("/q/age", "43", "called_back"))
    assert answers(server, edit)["age"] == "43"


def test_two_nodes_that_correct_differently_leave_what_was_said() -> None:
    def one(new: str) -> Correction:
        return Correction(new, "/age", "34", new, "change_response", "other", "", "", "")

    found = effective({"age": "34"}, [one("43"), one("35")])
    assert (found.answers, len(found.conflicts)) == ({"age": "34"}, 2)


def test_corrections_outlive_a_rebuild_and_go_with_a_withdrawal(server: Server) -> None:
    one = sent(server, code="48559668677")
    fix(server, one)
    rebuild(server.campaign)
    assert answers(server, one)["age"] == "43"
    withdraw_by_code(server.campaign, "48559668677", by="pro01", at=AT)
    assert "chiffres inversés".encode() not in server.bytes_on_disk()
    with reading(server.campaign.engine) as connection:
        assert overlay_of(connection, one) == []


def test_an_edit_is_shown_against_what_it_replaces(server: Server) -> None:
    one = sent(server)
    edit = sent(server, replaces=one, age="44", help="kit")
    with reading(server.campaign.engine) as connection:
        found = edit_diff(connection, Forms(server.campaign), edit, "fr")
        assert edit_diff(connection, Forms(server.campaign), one, "fr") == []
    assert [(d.label, d.before, d.after) for d in found] == [
        ("Âge ?", "34", "44"),
        ("Aides ?", "Nourriture, Matériel", "Matériel"),
    ]


def test_a_page_shows_labels_and_sealed_places_and_never_what_is_sealed(server: Server) -> None:
    one = sent(server)
    fix(server, one)
    with reading(server.campaign.engine) as connection:
        found = interview(connection, Forms(server.campaign), one, "supervisor", "fr")
    by_place = {answer.place: answer for module in found.modules for answer in module.answers}
    assert by_place["/commune"].words == "Kayes"
    assert (by_place["/q/nom"].state, by_place["/q/nom"].words) == ("sealed", "")
    assert by_place["/q/age"].correction is not None
    assert "Tounkara" not in repr(found)
    assert [entry.kind for entry in found.history] == ["submitted", "corrected"]


def phone_list(server: Server) -> list[dict[str, str]]:
    manifest = server.http.get(f"{server.key}/forms/corrections/manifest").text
    assert "corrections.csv" in manifest
    data = server.http.get(f"{server.key}/forms/corrections/attachments/corrections.csv").text
    return list(csv.DictReader(io.StringIO(data)))


@pytest.fixture
def with_list(server: Server) -> Server:
    built = build("corrections")
    publish(server.campaign, NewForm(built.xform, built.media, "asks nobody"), by="", at=AT)
    return server


def test_a_queried_interview_reaches_its_own_enumerators_phone_until_an_edit_comes(with_list: Server) -> None:
    server = with_list
    assert phone_list(server) == []
    one, _ = sent(server), sent(server)
    before = server.http.get(f"{server.key}/forms/corrections/manifest").text
    review(server.campaign, [one], Judgement("query", "implausible", "Âge à vérifier"), by=ME, at=LATER)
    remark(server.campaign, one, "/q/trip[2]/year", "Avant la naissance ?", by=ME, at=LATER)
    assert server.http.get(f"{server.key}/forms/corrections/manifest").text != before
    (row,) = phone_list(server)
    assert row["name"] == one.removeprefix("uuid:")[:8]
    assert row["todo"] == "Âge à vérifier — Année ? : Avant la naissance ?"
    sent(server, replaces=one, age="43")
    assert phone_list(server) == []


def test_a_phone_is_told_nothing_of_another_enumerators_interviews(with_list: Server) -> None:
    one = sent(with_list)
    review(with_list.campaign, [one], Judgement("query", "missing", "Compléter"), by=ME, at=LATER)
    made = people.add(with_list.campaign.engine, "Autre", "enumerator", now=AT, secret=os.urandom)
    other = f"{with_list.base}/v1/key/{made.token}/projects/1"
    data = with_list.http.get(f"{other}/forms/corrections/attachments/corrections.csv").text
    assert data == "name,label,todo\n"


def test_a_comment_never_carries_a_name_to_a_phone(with_list: Server) -> None:
    one = sent(with_list)
    said = Judgement("query", "other", "Rappeler Moussa Traoré au 76 12 34 56")
    assert review(with_list.campaign, [one], said, by=ME, at=LATER).hidden == 2
    assert not {"Moussa", "Traoré", "76"} & set(phone_list(with_list)[0]["todo"].split())


def test_malformed_notes_are_refused(server: Server) -> None:
    one = sent(server)
    with pytest.raises(Malformed):
        remark(server.campaign, one, "", "x" * 2_000, by=ME, at=LATER)
    with pytest.raises(Refused):
        remark(server.campaign, one, "", "   ", by=ME, at=LATER)
