"""The checks of interviews, each by a case that can be worked out by hand, and one that must stay silent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from support.facts import NOON, SOUND, beside, facts_of, found, line, shape_of

from server.core.checks.among import Norms, usual_minutes
from server.core.checks.answers import spread
from server.core.checks.facts import Facts, Shape
from server.core.checks.flag import Flag, risk
from server.core.checks.likeness import MISSING, Likeness, best_matches
from server.core.checks.outliers import bounds
from server.core.checks.pace import minutes_seen, pauses
from server.core.checks.parameters import changed
from server.core.checks.robust import fences, robust_z, skewness_of
from server.core.checks.run import alone, together
from server.core.paradata import Timeline
from server.core.problem import Malformed

ITEMS = [f"b{number}" for number in range(1, 9)]
NOTE = (
    "| | note | between | Et maintenant | | | | |\n"
    "| | select_one scale | b5 | Phrase b5 à lire | | | quasi | |\n"
)
ROWS = "".join(
    f"| | select_one scale | {name} | Phrase numéro {name} à lire | | | quasi | |\n" if name != "b5" else NOTE
    for name in ITEMS
)
OPTIONAL = "".join(f"| | integer | n{number} | Combien {number} ? | | | quasi | |\n" for number in range(20))
FORM = f"""
| survey |
| | type | name | label | relevant | calculation | bind::dp:class | bind::dp:role | bind::dp:soft |
| | start | start | | | | operational | | |
| | end | end | | | | operational | | |
| | select_one yn | consent | Acceptez-vous de répondre à ces questions simples ? | | | consent | consent | |
| | integer | age | Âge ? | | | quasi | | . < 100 |
| | integer | children | Enfants ? | | | quasi | | . <= ${{age}} div 4 |
| | text | job | Métier ? | | | quasi | | |
{ROWS}{OPTIONAL}
| choices |
| | list_name | name | label |
| | yn | yes | Oui |
| | yn | no | Non |
| | scale | 1 | Pas du tout |
| | scale | 2 | Un peu |
| | scale | 3 | Beaucoup |
| | scale | dk | Ne sait pas |
| | scale | refuse | Refuse |
| settings |
| | form_id | version | namespaces |
| | checked | 1 | dp="https://taama.org/data-protection/1" |
"""


@cache
def shape() -> Shape:
    return shape_of(FORM)


def facts(answers: Mapping[str, str] | None = None, *more: Any, **others: Any) -> Facts:
    return facts_of(shape(), {"consent": "yes"} | dict(answers or {}), *more, **others)


def test_time_on_the_screen_counts_overlaps_once_and_a_forgotten_screen_ten_minutes_at_most() -> None:
    # 0-3, 2-5 (overlap of 1), 10-45 (35 minutes, counted as 10): 5 + 10
    timeline = line(("/age", 0, 3), ("/job", 2, 3), ("/children", 10, 35))
    assert minutes_seen(timeline, 10) == pytest.approx(15)


def test_an_interview_under_the_floor_is_flagged_and_one_on_it_is_not() -> None:
    (flag,) = found(facts(timeline=line(("/age", 0, 7.9))), "DUR-floor")
    assert (flag.severity, flag.value) == ("critical", "7.9")
    assert found(facts(timeline=line(("/age", 0, 8))), "DUR-floor") == []
    assert found(facts(timeline=None), "DUR-floor") == []


def test_the_longest_pause_lies_between_two_screens() -> None:
    timeline = line(("/age", 0, 5), ("/job", 1, 1), ("/children", 26, 1), events={"form resume": 2})
    assert pauses(timeline) == pytest.approx(21)
    (flag,) = found(facts(timeline=timeline), "GAP-in")
    assert (flag.severity, flag.value, flag.words["resumed"]) == ("warning", "21", "2")
    assert found(facts(timeline=line(("/age", 0, 5), ("/job", 25, 1))), "GAP-in") == []
    assert found(facts(timeline=line(("/age", 0, 5), ("/job", 66, 1))), "GAP-in")[0].severity == "critical"


def seen(fast: int, slow: int) -> Timeline:
    """`n` questions have 2 or 3 words ("Combien 3 ?"): 3 / 4 = 0.75 s are needed."""
    lengths = [0.5] * fast + [2.0] * slow
    visits = ((f"/n{number}", number / 10, length / 60) for number, length in enumerate(lengths))
    return line(*visits)


def test_the_share_of_questions_faster_than_their_words_is_flagged_from_a_fifth() -> None:
    assert found(facts(timeline=seen(1, 9)), "SPEED") == []
    (flag,) = found(facts(timeline=seen(2, 8)), "SPEED")
    assert (flag.severity, flag.value) == ("warning", "20")
    assert found(facts(timeline=seen(4, 6)), "SPEED")[0].severity == "critical"
    assert found(facts(timeline=seen(9, 0)), "SPEED") == [], "nine questions are too few to judge"


def test_a_consent_screen_that_nobody_can_have_read_is_critical() -> None:
    words = shape().plan.consent_words
    least = words / 6
    (flag,) = found(facts(reading_seconds=least - 0.1), "CONSENT-time")
    assert (flag.severity, flag.place) == ("critical", "/consent")
    assert found(facts(reading_seconds=least), "CONSENT-time") == []
    assert found(facts(reading_seconds=None), "CONSENT-time") == []


@pytest.mark.parametrize(
    ("hour", "severity"),
    [
        (6, "warning"),
        (7, ""),
        (18, ""),
        (19, "warning"),
        (20, "warning"),
        (21, "critical"),
        (4, "critical"),
        (5, "warning"),
    ],
)
def test_the_hours_of_the_day_are_those_of_bamako(hour: int, severity: str) -> None:
    start = NOON.replace(hour=hour)
    said = [flag.severity for flag in found(facts(start=start, minutes=30), "NIGHT")]
    assert said == ([severity] if severity else [])


def test_an_interview_that_ends_on_another_day_is_told() -> None:
    assert found(facts(start=NOON, minutes=13 * 60), "NIGHT-end")
    assert not found(facts(start=NOON, minutes=11 * 60), "NIGHT-end")


def test_a_clock_that_runs_ahead_or_away_is_told() -> None:
    received = NOON - timedelta(minutes=11)
    assert found(facts(received=received), "CLOCK")[0].severity == "critical"
    assert not found(facts(received=NOON - timedelta(minutes=10)), "CLOCK")
    assert found(facts(timeline=line(("/age", 0, 20)), minutes=26), "CLOCK-drift")[0].value == "6"
    assert not found(facts(timeline=line(("/age", 0, 20)), minutes=25), "CLOCK-drift")
    early = changed('[clock]\nfieldwork_from = "2026-11-24"')
    assert "CLOCK-early" in {flag.check for flag in alone(facts(), early)}


def test_an_old_version_is_one_that_was_replaced_before_the_interview_began() -> None:
    published = {"1": NOON - timedelta(days=9), "2": NOON - timedelta(days=1)}
    assert found(facts(published=published), "VERSION")[0].expected == "2"
    later = {"1": NOON - timedelta(days=9), "2": NOON + timedelta(days=1)}
    assert not found(facts(published=later), "VERSION")


def test_a_battery_ends_where_something_else_is_asked() -> None:
    assert [len(battery) for battery in shape().batteries] == [4, 4]


def test_ticking_straight_down_two_batteries_is_told_and_one_is_not() -> None:
    flat = dict.fromkeys(ITEMS, "2")
    assert found(facts(flat), "STRAIGHT")[0].value == "2"
    assert not found(facts(flat | {"b8": "3"}), "STRAIGHT")
    assert spread(["2", "2", "3", "3"]) == pytest.approx(0.5)


def test_rates_are_of_the_questions_that_were_asked() -> None:
    # 32 questions can be read: consent, age, children, job, 8 items, 20 numbers.
    answers = {"age": "30", "children": "1", "job": "maçon"} | {f"n{number}": "1" for number in range(20)}
    five = answers | {name: "dk" if number < 5 else "1" for number, name in enumerate(ITEMS)}
    (flag,) = found(facts(five), "DK")
    assert (flag.words["count"], flag.words["asked"], flag.severity) == ("5", "32", "warning")
    assert not found(facts(answers | dict.fromkeys(ITEMS[:4], "dk")), "DK"), "4 of 32 is 12.5 %"
    four = answers | dict.fromkeys(ITEMS[:4], "refuse")
    assert found(facts(four), "REFUSE")[0].value == "12"
    assert found(facts(answers), "MISS")[0].words["count"] == "8"
    assert not found(facts(answers | dict.fromkeys(ITEMS[:7], "1")), "MISS"), "1 of 32 is 3 %"


def test_a_soft_limit_is_told_with_its_question_and_may_look_at_other_answers() -> None:
    assert found(facts({"age": "100"}), "SOFT")[0].place == "/age"
    assert not found(facts({"age": "99"}), "SOFT")
    assert found(facts({"age": "40", "children": "11"}), "SOFT")[0].place == "/children"
    assert not found(facts({"age": "40", "children": "10"}), "SOFT")


def test_personal_texts_and_another_consent_text_are_told() -> None:
    assert found(facts(flags={"masked": 2}), "PII")[0].value == "2"
    assert found(facts(flags={"consent_text": 1}), "CONSENT-text")
    assert not found(facts(), "PII") + found(facts(), "CONSENT-text")


def test_robust_z_is_the_distance_from_the_median_in_deviations() -> None:
    # median 3, absolute deviations 2 1 0 1 97: MAD 1
    z = robust_z([1, 2, 3, 4, 100])
    assert z is not None
    assert z[4] == pytest.approx(97 / 1.4826)
    assert robust_z([5, 5, 5, 9]) is None, "MAD is 0"
    assert robust_z([]) is None


def test_fences_lie_as_far_out_as_k_says_also_on_the_logarithm() -> None:
    # quartiles of 1..9 are 3 and 7: IQR 4
    plain = fences(list(range(1, 10)), 1.5, 2)
    assert plain is not None
    assert (plain.low, plain.high, plain.logarithm) == (-3, 13, False)
    wider = fences(list(range(1, 10)), 3, 2)
    assert wider is not None
    assert (wider.low, wider.high) == (-9, 19)
    skewed = [0.0] * 2 + [1.0] * 8 + [3.0] * 8 + [1_000.0]
    logged = fences(skewed, 1.5, 2)
    assert skewness_of(np.array(skewed)) > 2
    assert logged is not None
    lower, upper = math.log(2), math.log(4)
    assert logged.high == pytest.approx(math.expm1(upper + 1.5 * (upper - lower)))
    assert fences([4.0] * 30, 1.5, 2) is None


def many(numbers: list[str]) -> list[Facts]:
    return [facts({"n1": text}, instance=str(place)) for place, text in enumerate(numbers)]


def test_a_number_far_out_is_told_with_its_fences_and_codes_are_left_aside() -> None:
    # the quartiles of these 31 numbers are 2.5 and 7.5: fences at -5 and 15, and at -12.5 and 22.5
    numbers = [str(number % 9 + 1) for number in range(27)]
    out = beside(many([*numbers, "16", "24", "-7", "-14", "-98"]), "OUTLIER")
    said = {flag.value: flag.severity for _, flag in out}
    assert said == {"16": "warning", "-7": "warning", "24": "critical", "-14": "critical"}
    assert (out[0][1].words["low"], out[0][1].words["high"]) == ("1", "9"), "the answers within the fences"
    assert beside(many(numbers), "OUTLIER") == []
    assert beside(many([*numbers[:18], "500"]), "OUTLIER") == [], "19 are too few"


def test_where_half_the_numbers_are_the_same_no_number_is_judged() -> None:
    assert bounds(many(["4"] * 30 + ["90"]), SOUND) == {}


def timed(minutes: list[float]) -> list[Facts]:
    return [
        facts(
            timeline=line(*((f"/n{n}", 10 * n, min(10, left - 10 * n)) for n in range(math.ceil(left / 10)))),
            instance=str(i),
        )
        for i, left in enumerate(minutes)
    ]


def test_a_duration_unlike_the_others_is_told_by_its_logarithm() -> None:
    ordinary = [20.0, 22, 24, 26, 28, 30, 32, 34, 36, 38] * 2
    out = dict(beside(timed([*ordinary, 6, 90]), "DUR-active"))
    logs = [math.log(minutes) for minutes in [*ordinary, 6, 90]]
    median = float(np.median(logs))
    mad = float(np.median([abs(one - median) for one in logs]))
    expected = (math.log(6) - median) / (1.4826 * mad)
    assert out["20"].words["z"] == f"{expected:.1f}"
    assert {one: flag.message for one, flag in out.items()} == {
        "20": "shorter_than_others",
        "21": "longer_than_others",
    }
    assert out["20"].words["wall"] == "30", "the time from start to end stands beside"
    assert usual_minutes(timed(ordinary[:19]), SOUND) == {}
    assert usual_minutes(timed([20.0] * 30), SOUND) == {}, "MAD is 0"


def test_best_matches_are_shares_of_what_both_answered() -> None:
    codes = np.array([[1, 2, 3, 4], [1, 2, 3, 5], [1, 9, MISSING, 4], [7, 7, 7, 7]], dtype=np.int32)
    who = np.array([0, 0, 1, 1], dtype=np.int32)
    own, others, partner = best_matches(codes, who, 3)
    assert own[:2] == pytest.approx([0.75, 0.75])
    assert own[2:] == pytest.approx([0, 0])
    assert others[0] == pytest.approx(2 / 3)
    assert list(partner[:2]) == [1, 0]
    assert np.isnan(best_matches(codes, who, 4)[0][2])


def population(count: int, options: int, seed: int) -> list[dict[str, str]]:
    rng = np.random.default_rng(seed)
    return [{f"n{n}": str(rng.integers(options)) for n in range(20)} for _ in range(count)]


EASY = changed("[alike]\ncompared = 10\nleast = 20")


def test_a_copied_interview_is_told_with_the_one_it_copies() -> None:
    people = population(40, 6, 1)
    copied = people[0] | {"n3": "9"}
    everyone = [facts(one, instance=str(i), enumerator=f"enq{i % 4}") for i, one in enumerate(people)]
    everyone.append(facts(copied, instance="copy", enumerator="enq0"))
    out = Likeness.of(everyone, EASY)
    assert out.judges
    assert {one: flag.words["other"] for one, flag in out.flags()} == {"0": "copy", "copy": "0"}
    # The next copy is told by the threshold that the others gave; one under another name is not compared.
    again = facts(copied, instance="again", enumerator="enq0")
    assert [flag.check for flag in out.judge(again, EASY)] == ["NEARDUP"]
    assert list(out.judge(facts(copied, instance="else", enumerator="enq9"), EASY)) == []


def test_where_everybody_answers_alike_nothing_is_judged() -> None:
    same = {f"n{n}": "1" for n in range(20)}
    everyone = [facts(same, instance=str(i), enumerator=f"enq{i % 4}") for i in range(40)]
    out = Likeness.of(everyone, EASY)
    assert (out.judges, list(out.flags())) == (False, [])
    assert "alike_cannot_judge" in together(everyone, EASY)[0].unjudged


def test_comparing_by_multiplying_finds_what_comparing_one_by_one_finds() -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(-1, 5, (300, 30)).astype(np.int32)
    codes[:, 0] = np.arange(300) % 120  # too many different answers to be multiplied
    who = (np.arange(300) % 7).astype(np.int32)
    own, others, _ = best_matches(codes, who, 15)
    for row in (0, 120, 299):
        both = (codes != MISSING) & (codes[row] != MISSING)
        share = ((codes == codes[row]) & both).sum(axis=1) / both.sum(axis=1)
        share[(both.sum(axis=1) < 15) | (np.arange(300) == row)] = -1
        assert own[row] == pytest.approx(share[who == who[row]].max())
        assert others[row] == pytest.approx(share[who != who[row]].max())


def test_an_enumerator_cannot_be_in_two_interviews_at_once() -> None:
    first = facts(instance="a", start=NOON, minutes=40)
    during = facts(instance="b", start=NOON + timedelta(minutes=30), minutes=40)
    after = facts(instance="c", start=NOON + timedelta(minutes=72), minutes=40)
    fine = facts(instance="d", start=NOON + timedelta(minutes=115), minutes=40)
    other = facts(instance="e", start=NOON + timedelta(minutes=5), enumerator="enq02")
    everyone = [fine, after, during, first, other]
    out = dict(beside(everyone, "GAP-between"))
    assert {one: (flag.message, flag.severity, flag.words["other"]) for one, flag in out.items()} == {
        "b": ("overlaps", "critical", "a"),
        "c": ("right_after", "warning", "b"),
    }
    norms = Norms.of([first, fine], SOUND)
    assert [flag.check for flag in norms.judge(during, SOUND)] == ["GAP-between"], "on arrival as well"


def test_a_missing_or_vague_position_is_told() -> None:
    assert found(facts(derived={"missing": True}), "GPS-missing")
    assert not found(facts(derived={"cell": [14.4, -11.4], "accuracy": 30}), "GPS-accuracy")


def test_the_same_words_in_two_interviews_are_told_in_both() -> None:
    same = {"texts": {"/q/trip[1]/why": "a1"}}
    everyone = [
        facts(instance="a", derived=same),
        facts(instance="b", derived={"texts": {"/q/trip[2]/why": "a1"}}),
        facts(instance="c", derived={"texts": {"/q/how": "a1"}}),
        facts(instance="d", derived={"texts": {"/q/trip[1]/why": "d1", "/q/trip[2]/why": "d1"}}),
    ]
    assert {one: flag.place for one, flag in beside(everyone, "TEXT")} == {
        "a": "/q/trip[1]/why",
        "b": "/q/trip[2]/why",
    }
    late = facts(instance="e", derived=same)
    judged = Norms.of(everyone, SOUND).judge(late, SOUND)
    assert [flag.words["count"] for flag in judged if flag.check == "TEXT"] == ["3"]


def test_a_phrase_that_three_enumerators_wrote_is_no_copy() -> None:
    same = {"texts": {"/q/why": "a1"}}
    two = [facts(instance=f"{n}", enumerator=f"enq{n % 2}", derived=same) for n in range(6)]
    assert len(beside(two, "TEXT")) == 6
    assert beside([*two, facts(instance="c", enumerator="enq3", derived=same)], "TEXT") == []


def test_risk_counts_a_family_only_so_far() -> None:
    flags = [
        Flag("DUR-floor", "critical", ""),
        Flag("DUR-active", "critical", ""),
        Flag("NIGHT", "warning", ""),
    ]
    found = risk(flags, {"info": 0, "warning": 3, "critical": 10}, 15)
    assert (found.score, found.reasons) == (18, ("DUR-active", "DUR-floor", "NIGHT"))


@pytest.mark.parametrize(
    "text",
    [
        "[duration",
        "[durations]\nlow = 1",
        "[duration]\nlowest = 1",
        '[duration]\nlow = "x"',
        "[night]\nday = [1]",
        "gap = 3",
    ],
)
def test_a_file_of_thresholds_that_is_not_right_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        changed(text)


def test_thresholds_that_differ_have_another_digest() -> None:
    other = changed("[duration]\nfloor_minutes = 12")
    assert other["duration"]["floor_minutes"] == 12
    assert other["speed"] == SOUND["speed"]
    assert other.digest != SOUND.digest
