"""Back-checks count differences as they were agreed, and draw fairly, never twice."""

from __future__ import annotations

from random import Random

import pytest

from server.core.backcheck.compare import Asked, Pair, compare, differs, stability
from server.core.backcheck.sample import Candidate, draw

SEX, SIZE = Asked("sex", "/sex", 1, "select_one"), Asked("size", "/size", 2, "integer", -1, 1)


def _pair(first: str, second: str, name: str = "sex") -> Pair:
    return Pair("e1", "b1", 4, {name: first}, {name: second})


def test_differences_within_the_range_are_none() -> None:
    assert not differs(SIZE, "5", "6")
    assert differs(SIZE, "5", "7")
    relative = Asked("months", "/months", 2, "integer", -5, 5, relative=True)
    assert not differs(relative, "100", "105")
    assert differs(relative, "100", "106")
    assert not differs(Asked("h", "/h", 2, "select_multiple"), "a b", "b a")


def test_rates_are_judged_by_type_and_what_is_left_out_is_counted() -> None:
    pairs = [*[_pair("m", "m")] * 12, *[_pair("m", "f")] * 4, _pair("dk", "m"), _pair("", "m"), _pair("", "")]
    found = compare(pairs, [SEX], 20)
    (rate,) = found.by_enumerator
    assert (rate.differences, rate.compared, rate.severity) == (4, 16, "critical")
    assert (rate.low, rate.high) == pytest.approx((0.1018, 0.4950), abs=1e-4)
    assert found.left_out == {"dont_know_or_refused": 1, "one_missing": 1, "not_asked": 1}
    assert (found.pairs, found.wanted, found.days) == (19, 20, 4)


def test_few_comparisons_are_not_judged() -> None:
    (rate,) = compare([_pair("m", "f")] * 14, [SEX], 14).by_question
    assert rate.too_few
    assert rate.severity == ""


def test_reliability_is_hand_computed() -> None:
    # (1,1) (2,4) (3,3): SRV = 4/6; values 1 1 2 4 3 3: variance 22/15
    pairs = [_pair(a, b, "size") for a, b in (("1", "1"), ("2", "4"), ("3", "3"))]
    found = stability(SIZE, pairs)
    assert found is not None
    assert found.srv == pytest.approx(2 / 3)
    assert found.reliability == pytest.approx(1 - (2 / 3) / (22 / 15))
    assert (found.shift, found.t, found.p) == pytest.approx((2 / 3, 1.0, 1.0))


def test_kappa_is_that_of_cohen_s_table_and_mcnemar_is_exact() -> None:
    # the table 20 5 / 10 15: agreement 0.7, by chance 0.5
    pairs = [
        *[_pair("a", "a")] * 20,
        *[_pair("a", "b")] * 5,
        *[_pair("b", "a")] * 10,
        *[_pair("b", "b")] * 15,
    ]
    found = stability(SEX, pairs)
    assert found is not None
    assert found.kappa == pytest.approx(0.4)
    assert found.p == pytest.approx(0.30176, abs=1e-5)  # 5 of 15 at a half
    assert found.unreliable


def test_a_draw_takes_a_share_of_everybody_and_nobody_twice() -> None:
    everyone = [
        Candidate(f"{who}{n}", who, f"2026-{10 + n // 20}-{1 + n % 20:02}")
        for who in ("a", "b")
        for n in range(40)
    ]
    first = draw(everyone, set(), 0.25, Random(3))
    assert [one.enumerator for one in first].count("a") == 10
    assert sum(one.day < "2026-10-15" for one in first) >= 4
    assert first == draw(everyone[::-1], set(), 0.25, Random(3))
    names = {one.instance for one in first}
    assert draw(everyone, names, 0.25, Random(4)) == []
    more = draw(everyone, names, 0.5, Random(4))
    assert len(more) == 20
    assert not names & {one.instance for one in more}
