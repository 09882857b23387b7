"""Which questions an interview was asked, told from its answers."""

from __future__ import annotations

from datetime import datetime

import pytest
from support.world import MEDIA, small_form

from forms.filled import Filling, at, path_of, put
from forms.reader import read_form

NOW = datetime(2026, 11, 23)  # noqa: DTZ001 (a phone's own time)
FORM = read_form(small_form(), MEDIA)
SEALED = frozenset({"/data/q/nom"})


def places(answers: dict[str, object]) -> set[str]:
    return {met.place for met in Filling(FORM, NOW, SEALED).met(answers)}


def test_what_lies_in_a_group_that_was_not_opened_was_not_asked() -> None:
    assert places({"consent": "no"}) == {"/enumerator", "/wave", "/commune", "/consent", "/reason"}


def test_an_answer_opens_and_closes_other_questions() -> None:
    adult = places({"consent": "yes", "q": {"age": "34"}})
    minor = places({"consent": "yes", "q": {"age": "17"}})
    assert minor - adult == {"/q/assent", "/q/guardian", "/q/no_guardian"}
    assert "/q/phone" not in adult
    assert "/q/phone" in places({"consent": "yes", "q": {"recontact": "yes"}})


def test_each_turn_of_a_repeat_was_asked_by_itself() -> None:
    trips = [{"year": "2019", "stop": [{"town": "kita"}, {}]}, {}]
    found = places({"consent": "yes", "q": {"trip": trips}})
    inside = {place for place in found if "trip" in place}
    assert inside == {
        "/q/trip[1]/year",
        "/q/trip[2]/year",
        "/q/trip[1]/stop[1]/town",
        "/q/trip[1]/stop[2]/town",
    }


def test_calculations_and_what_the_phone_fills_are_no_questions() -> None:
    found = places({"start": "2026-11-23T07:30:00.000Z", "consent": "yes", "q": {"label": "x"}})
    assert not found & {"/start", "/q/code", "/q/label"}


@pytest.mark.parametrize(
    ("place", "new", "why"),
    [
        ("/q/age", "40", ""),
        ("/q/assent", "yes", "not_asked"),
        ("/q/trip[3]/year", "2019", "not_asked"),
        ("/q/age", "", ""),
    ],
)
def test_a_new_answer_is_tried_in_its_place(place: str, new: str, why: str) -> None:
    answers = {"consent": "yes", "q": {"age": "34", "trip": [{"year": "2019"}]}}
    assert Filling(FORM, NOW).refusal(answers, place, new) == why


def test_an_answer_is_read_and_put_at_its_place_and_the_others_stay() -> None:
    answers = {"a": "1", "q": {"trip": [{"year": "2019"}, {"year": "2020", "x": "y"}]}}
    assert at(answers, "/q/trip[2]/year") == "2020"
    changed = put(answers, "/q/trip[2]/year", "2021")
    assert changed == {"a": "1", "q": {"trip": [{"year": "2019"}, {"year": "2021", "x": "y"}]}}
    assert at(answers, "/q/trip[2]/year") == "2020"
    assert put(answers, "/a", "") == {"q": answers["q"]}
    assert put(answers, "/q/trip[9]/year", "1") == answers


@pytest.mark.parametrize("place", ["/a/b", "/q/trip/year", "/q/trip[0]/year", "/none", "/q"])
def test_where_nothing_stands_nothing_is_read(place: str) -> None:
    assert at({"a": "1", "q": {"trip": [{"year": "2019"}]}}, place) == ""


def test_a_place_belongs_to_its_question() -> None:
    assert path_of("/q/trip[2]/stop[11]/town") == "/q/trip/stop/town"
