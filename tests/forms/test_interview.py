"""Interviews played by the form's own logic, and the made-up people of the demonstration."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random

import pytest
from lxml import etree
from support.xlsform import compiled

from forms.cohort import INTERVIEWED, Sample, cohort_size, demo_cohort
from forms.interview import Answer, Asked, Player, Refused, options
from forms.xpath import Expressions, World, format_date

NOW = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 (a phone's own time)
DOCUMENT = etree.fromstring(
    "<data><a>x y z</a><n>7</n><e/><r><p>1</p></r><r><p>2</p><q><t/></q></r><d>2026-03-09</d></data>"
)


def evaluated(expression: str, at: str = "/data") -> str:
    [node] = DOCUMENT.xpath(at)
    return Expressions(World(NOW, Random(1))).text(expression, node)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("selected(/data/a, 'y')", "true"),
        ("selected(/data/a, 'xy')", "false"),
        ("count-selected(/data/a)", "3"),
        ("count-selected(/data/e)", "0"),
        ("selected-at(/data/a, 1)", "y"),
        ("selected-at(/data/a, 3)", ""),
        ("if(/data/n > 5, 'many', 'few')", "many"),
        ("if(/data/e, 'full', 'empty')", "full"),
        ("if(/data/e != '', 'full', 'empty')", "empty"),
        ("coalesce(/data/e, /data/n)", "7"),
        ("regex('0123456', '^[0-9]{7}$')", "true"),
        ("regex('012345', '^[0-9]{7}$')", "false"),
        ("substr('abcdef', 1, 3)", "bc"),
        ("substr('abcdef', 4)", "ef"),
        ("int(7.9)", "7"),
        ("int(0 - 7.9)", "-7"),
        ("abs(0 - 3)", "3"),
        ("string(int(90000.5))", "90000"),
        ("concat('a', 1 + 1)", "a2"),
        ("number(format-date(today(), '%Y')) - 26", "2000"),
        ("format-date(/data/d, '%d/%m/%Y')", "09/03/2026"),
        ("min(/data/r/p)", "1"),
        ("max(/data/r/p, 9)", "9"),
        ("join(', ', /data/r/p)", "1, 2"),
        ("count(/data/r)", "2"),
        ("starts-with('leave_regular', 'leave')", "true"),
        ("10 mod 3", "1"),
        ("not(/data/e = '')", "false"),
    ],
)
def test_an_expression_has_the_value_that_phones_give_it(expression: str, value: str) -> None:
    assert evaluated(expression) == value


def test_the_place_in_a_repeat_is_counted_from_one() -> None:
    assert evaluated("position(..)", "/data/r[2]/p") == "2"


def test_what_is_drawn_once_stays() -> None:
    [node] = etree.fromstring("<data><x>kept</x></data>").xpath("/data/x")
    assert Expressions(World(NOW, Random(1))).text("once(random())", node) == "kept"


def test_a_text_that_is_no_date_has_no_form() -> None:
    assert format_date("yesterday", "%Y") == ""


SURVEY = """
| | type | name | label::Français (fr) | required | relevant | constraint | calculation | repeat_count | choice_filter | bind::dp:class | bind::dp:role |
| | select_one yn | consent | Oui ? | yes | | | | | | consent | consent |
| | begin_group | q | Q | | ${consent} = 'yes' | | | | | | |
| | integer | age | Âge ? | yes | | . >= 10 and . <= 90 | | | | quasi | |
| | text | note | Note | | | | | | | free_text | |
| | calculate | adult | | | | | if(${age} >= 18, 1, 0) | | | public | |
| | select_one region | region | Région ? | yes | | | | | | quasi | |
| | select_one cercle | cercle | Cercle ? | yes | | | | | region = ${region} | quasi | |
| | integer | n | Combien ? | yes | | . <= 3 | | | | quasi | |
| | begin_repeat | trip | Voyage | | | | | ${n} | | | |
| | integer | year | Année ? | yes | | | | | | quasi | |
| | calculate | number | | | | | position(..) | | | public | |
| | end_repeat | | | | | | | | | | |
| | end_group | | | | | | | | | | |
"""
CHOICES = """
| | list_name | name | label::Français (fr) | region |
| | yn | yes | Oui | |
| | yn | no | Non | |
| | region | a | A | |
| | region | b | B | |
| | cercle | a1 | A1 | a |
| | cercle | b1 | B1 | b |
"""


@pytest.fixture
def player(tmp_path: Path) -> Player:
    return Player(compiled(tmp_path, SURVEY, CHOICES).xform, {}, attempts=3)


def saying(**said: str) -> Answer:
    def answer(asked: Asked, attempt: int) -> str:
        return said.get(asked.question.name, options(asked)[0] if asked.choices else "1")

    return answer


def played(player: Player, answer: Answer) -> etree._Element:
    return etree.fromstring(player.play(answer, NOW, Random(1)))


def test_what_is_not_relevant_is_not_in_the_instance(player: Player) -> None:
    root = played(player, saying(consent="no"))
    assert [child.tag for child in root] == ["consent", "meta"]


def test_calculations_filters_and_repeats_follow_the_answers(player: Player) -> None:
    root = played(player, saying(consent="yes", age="34", region="b", n="2", year="2019", note=""))
    assert root.findtext("q/adult") == "1"
    assert root.findtext("q/cercle") == "b1"
    assert [trip.findtext("number") for trip in root.iterfind("q/trip")] == ["1", "2"]
    assert root.find("q/note") is not None
    assert (root.findtext("meta/instanceID") or "").startswith("uuid:")


def test_a_repeat_of_no_turns_leaves_nothing(player: Player) -> None:
    assert played(player, saying(consent="yes", age="34", n="0")).find("q/trip") is None


def test_an_answer_against_the_constraint_is_not_taken(player: Player) -> None:
    with pytest.raises(Refused):
        played(player, saying(consent="yes", age="9"))
    with pytest.raises(Refused):
        played(player, saying(consent="yes", age=""))


def test_the_same_chance_plays_the_same_interview(player: Player) -> None:
    answer = saying(consent="yes", age="34")
    assert player.play(answer, NOW, Random(5)) == player.play(answer, NOW, Random(5))


@cache
def cohort() -> list[tuple[Sample, etree._Element]]:
    return [(sample, etree.fromstring(sample.xml)) for sample in demo_cohort(7)]


def said(root: etree._Element, name: str) -> str:
    return next((e.text or "" for e in root.iter(name)), "")


@pytest.mark.slow
def test_the_cohort_has_the_sizes_of_the_study() -> None:
    assert len(cohort()) == cohort_size()
    eligible = Counter(
        (sample.form_id, sample.wave)
        for sample, root in cohort()
        if root.find("consented/interview") is not None
    )
    again = {(form, wave): count + 4 + 1 for form, wave, count in INTERVIEWED}
    assert eligible == again


@pytest.mark.slow
def test_whoever_did_not_consent_left_no_answer() -> None:
    without = [root for sample, root in cohort() if not sample.consented]
    assert len(without) == 60
    assert all(root.find("consented") is None for root in without)


@pytest.mark.slow
def test_coupons_lead_from_one_person_to_another() -> None:
    given = {e.text for _, root in cohort() for n in (1, 2, 3) for e in root.iter(f"coupon_{n}") if e.text}
    brought = [text for _, root in cohort() if (text := said(root, "referral_code"))]
    assert len(brought) > 50
    assert set(brought) <= given
    assert len(brought) == len(set(brought))


@pytest.mark.slow
def test_withdrawal_codes_end_in_their_check_digit() -> None:
    codes = [code for _, root in cohort() if (code := said(root, "withdrawal_code"))]
    assert len(codes) == len(set(codes)) > 500
    for code in codes:
        digits = [int(c) for c in code]
        assert len(digits) == 11
        doubled = [d * 2 - 9 * (d > 4) if place % 2 else d for place, d in enumerate(reversed(digits))]
        assert sum(doubled) % 10 == 0


@pytest.mark.slow
def test_every_file_that_an_interview_names_is_there() -> None:
    for sample, root in cohort():
        named = {e.text for e in root.iter("last_word_audio", "audit") if e.text}
        assert named == set(sample.files)
