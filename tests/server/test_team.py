"""The team's checks find what was planted, and are silent below their limits; numbers known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from server.core.checks.parameters import changed, shipped
from server.core.team.draw import WORDS, draw_funnel, told_funnel
from server.core.team.effect import effect
from server.core.team.exact import adjusted, binomial_p, wilson
from server.core.team.funnel import funnel, with_limits
from server.core.team.pace import paces, progress
from server.core.team.report import Judging, team_report_of
from server.core.team.rows import Asks, Declined, Indicator, Met, Target

TEAM = shipped()["team"]


def _met(who: str, number: int, day: str = "2026-11-02", **said: str) -> Met:
    return Met(f"{who}-{number}", who, "kayes", day, None, {f"/{name}": text for name, text in said.items()})


def test_the_exact_binomial_is_that_of_the_books() -> None:
    # 3 of 10 at a half: 2 (1 + 10 + 45 + 120) / 1024
    assert binomial_p(3, 10, 0.5) == pytest.approx(352 / 1024)
    # scipy.stats.binomtest(1, 5, 0.2): all but the likeliest outcomes are at most as likely as itself
    assert binomial_p(1, 5, 0.2) == pytest.approx(1.0)
    assert binomial_p(4, 5, 0.2) == pytest.approx(5 * 0.2**4 * 0.8 + 0.2**5)


def test_many_tests_are_adjusted_as_benjamini_and_hochberg_did() -> None:
    assert adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert adjusted([]) == []


def test_wilson_s_interval_is_known() -> None:
    assert wilson(2, 10) == pytest.approx((0.0567, 0.5098), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_rho_is_that_of_a_hand_computed_table() -> None:
    # two of two: means 2 and 6, grand mean 4: MSB = 16, MSW = 2, n0 = 2: (16 - 2) / (16 + 2)
    found = effect(np.array([1.0, 3.0, 5.0, 7.0]), np.array([0, 0, 1, 1]))
    assert found is not None
    assert (found.rho, found.n0, found.deff) == pytest.approx((14 / 18, 2.0, 1 + 14 / 18))
    assert found.judged(TEAM).severity == "critical"


def test_places_that_differ_accuse_no_enumerator() -> None:
    values = np.array([1.0, 3.0, 2.0, 2.0, 11.0, 13.0, 12.0, 12.0])
    who, where = np.array([0, 0, 1, 1, 0, 0, 1, 1]), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    found = effect(values, who, where)
    assert found is not None
    assert found.judged(TEAM).severity == ""


def test_an_enumerator_who_leans_is_flagged_and_nine_points_are_not() -> None:
    rows = [(f"e{n}", "kayes", 20, 100) for n in range(5)]
    assert [p.enumerator for p in funnel("X", [*rows, ("odd", "kayes", 60, 100)]).flagged] == ["odd"]
    many = [(f"e{n}", "kayes", 2000, 10_000) for n in range(5)]
    near = funnel("X", [*many, ("near", "kayes", 2900, 10_000)])
    assert near.points[-1].q is not None
    assert near.points[-1].q < 0.01
    assert not near.flagged


def test_fourteen_are_too_few_to_judge() -> None:
    rows = [(f"e{n}", "kayes", 2, 50) for n in range(3)]
    few = funnel("X", [*rows, ("new", "kayes", 14, 14)])
    assert few.points[-1].too_few
    assert not few.flagged


def test_who_works_in_a_poorer_place_is_compared_there() -> None:
    rows = [("a", "poor", 45, 50), ("b", "poor", 44, 50), ("b", "rich", 5, 50), ("c", "rich", 6, 50)]
    assert not funnel("X", rows).flagged


def test_the_pace_and_the_end_of_a_target() -> None:
    met = [_met("a", n, f"2026-11-0{1 + n // 2}") for n in range(10)]  # two a day for five days
    (one,) = paces(met, TEAM)
    assert (one.interviews, one.days, one.a_day) == (10, 5, 2.0)
    found = progress(Target("all", {}, 15, "2026-11-12"), met, "2026-11-10", TEAM)
    assert (found.done, found.a_day, found.ends, found.late) == (10, 2.0, "2026-11-13", True)


def test_a_report_tells_refusals_heaping_and_usual_answers() -> None:
    met = [
        _met(f"e{w}", n, q="no" if n % 2 else "yes", age=str(31 + n % 9)) for w in range(9) for n in range(40)
    ]
    met += [_met("odd", n, q="yes", age="40") for n in range(40)]
    declined = [Declined("odd", "kayes", "2026-11-02", "") for _ in range(30)]
    asks = Asks(
        (Indicator("/q", "yes"),), ("/age",), {"/q": frozenset({"yes"})}, {"/q": frozenset({"yes", "no"})}
    )
    found = team_report_of("f", met, declined, asks, today="2026-11-10", by=Judging(flags={"odd-1": 2}))
    flagged = {one.check: [p.enumerator for p in one.flagged] for one in (*found.funnels, *found.leaning)}
    assert flagged["CONSENT-rate"] == flagged["HEAP"] == flagged["EFFECT-funnel"] == ["odd"]
    assert [(one.enumerator, one.code, one.share) for one in found.usual] == [("odd", "yes", 1.0)]
    row = next(row for row in found.rows if row.enumerator == "odd")
    assert row.open_flags == pytest.approx(5.0)
    assert row.weeks == (("2026-W45", pytest.approx(5.0)),)


def test_many_answers_of_few_interviews_are_not_judged() -> None:
    said = {f"q{n}": "dk" for n in range(20)}
    met = [_met("new", n, **said) for n in range(5)]
    met += [_met("old", n, **dict.fromkeys(said, "yes")) for n in range(20)]
    asks = Asks(offers={f"/{name}": frozenset({"dk", "yes"}) for name in said})
    found = team_report_of("f", met, [], asks, today="2026-11-10")
    (new, _) = next(one for one in found.funnels if one.check == "DK").points
    assert new.too_few
    assert not new.flagged


def test_the_picture_says_what_the_text_says() -> None:
    one = with_limits(funnel("X", [*((f"e{n}", "", 20, 100) for n in range(5)), ("odd", "", 60, 100)]))
    picture = draw_funnel(one, "Refus <b>", WORDS["fr"])
    assert "Refus &lt;b&gt;" in picture
    assert "style" not in picture
    first = told_funnel(one, WORDS["fr"])[0]
    assert first == "odd : 60 % (60 sur 100), attendu 20 %, à vérifier"
    assert first in picture


def test_a_campaigns_own_thresholds_judge_its_team() -> None:
    met = [
        replace(_met(name, n, f"2026-11-0{1 + n // 2}"), hours=0.3) for name in ("a", "b") for n in range(10)
    ]
    mild, harsh = (
        team_report_of("f", met, [], Asks(), today="2026-11-10", by=Judging(changed(text)))
        for text in ("", "[team]\nlongest_hours = 0.5\n")
    )
    assert [row.findings for row in mild.rows] == [(), ()]
    assert [row.findings for row in harsh.rows] == [("PROD",), ("PROD",)]
    assert mild.parameters != harsh.parameters
