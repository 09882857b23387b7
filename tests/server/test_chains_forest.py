"""Who recruited whom is read aright, and what is wrong with the chains is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.chains.checks import coupons, findings
from server.core.chains.forest import Forest, Respondent, build

DAY = datetime(2026, 11, 2, tzinfo=UTC)


def forest(*lines: tuple[str, str]) -> Forest:
    return build(Respondent(code, recruiter, 5.0, "yes") for code, recruiter in lines)


def found(forest: Forest, limit: int | None = None, valid_days: int | None = None) -> dict[str, int]:
    return {each.code: each.count for each in findings(forest, limit, valid_days)}


def test_waves_trees_and_recruits_of_two_chains() -> None:
    chains = forest(("d", "b"), ("a", ""), ("b", "a"), ("c", "a"), ("e", "seed"), ("f", "d"))
    assert chains.waves == (2, 0, 1, 1, 0, 3)
    assert chains.by_wave == [2, 2, 1, 1]
    assert chains.by_seed == [5, 1]
    assert chains.by_recruits == {0: 3, 1: 2, 2: 1}
    assert chains.seeds == 2
    assert chains.faults == {}


@pytest.mark.parametrize("code", ["", "seed", "SEED", "0", "-1", "graine"])
def test_a_seed_is_known_by_its_code(code: str) -> None:
    chains = build([Respondent("a", code), Respondent("b", "a")], {"seed", "0", "-1", "Graine"})
    assert (chains.seeds, chains.broken) == (1, 0)


def test_an_id_that_looks_like_a_seed_code_is_an_id() -> None:
    chains = forest(("0", ""), ("1", "0"))
    assert chains.parents == (-1, 0)


@pytest.mark.parametrize(
    ("lines", "fault", "count", "seeds"),
    [
        ([("a", ""), ("b", "nobody")], "unknown_recruiter", 1, 1),
        ([("a", ""), ("b", "b"), ("c", "b")], "self_recruit", 1, 1),
        ([("a", ""), ("b", "c"), ("c", "d"), ("d", "b"), ("e", "d")], "cycle", 3, 1),
        ([("a", ""), ("b", "a"), ("b", "a"), ("a", "b")], "duplicate_id", 2, 1),
    ],
)
def test_a_fault_is_found_and_the_others_still_stand(
    lines: list[tuple[str, str]], fault: str, count: int, seeds: int
) -> None:
    chains = forest(*lines)
    assert chains.faults == {fault: count}
    assert chains.seeds == seeds
    assert len(chains.people) == len({code for code, _ in lines})
    assert found(chains)[fault] == count


@given(st.lists(st.integers(-1, 11), min_size=1, max_size=12))
def test_whatever_the_codes_everyone_stands_in_one_tree_and_circles_are_counted(named: list[int]) -> None:
    chains = forest(*((str(place), str(code) if code >= 0 else "") for place, code in enumerate(named)))
    known = [code if 0 <= code < len(named) else -1 for code in named]
    in_circle = 0
    for start in range(len(named)):
        at = known[start]
        for _ in named:
            if at in (-1, start):
                break
            at = known[at]
        in_circle += at == start and known[start] != start
    assert chains.faults.get("cycle", 0) == in_circle
    assert sum(chains.by_seed) == sum(chains.by_wave) == len(named)
    for place, parent in enumerate(chains.parents):
        assert parent == -1 or (chains.waves[place], chains.trees[place]) == (
            chains.waves[parent] + 1,
            chains.trees[parent],
        )


def test_a_recruiter_may_be_named_by_the_coupon_that_was_brought() -> None:
    chains = build(
        [
            Respondent("a", coupons=("1000001", "1000002")),
            Respondent("b", "1000002", coupons=()),
            Respondent("c", "1000002", coupons=("1000001",)),
        ]
    )
    assert chains.parents == (-1, 0, 0)
    assert chains.faults == {"coupon_used_twice": 1, "coupon_given_twice": 1}
    account = coupons(chains)
    assert (account.issued, account.returned, account.most) == (3, 2, 2)


def test_dates_tell_who_came_before_the_recruiter_and_which_coupons_expired() -> None:
    chains = build(
        [
            Respondent("a", "", 5, "yes", DAY, 3),
            Respondent("early", "a", 5, "yes", DAY - timedelta(days=1), 2),
            Respondent("late", "a", 5, "yes", DAY + timedelta(days=15), 2),
            Respondent("undated", "a", 5, "yes", None, 2),
        ]
    )
    seen = found(chains, valid_days=14)
    assert (seen["before_recruiter"], seen["coupon_late"]) == (1, 1)
    # The first one's coupons are all back, two of the early one's ran out; the last one's still run.
    assert coupons(chains, 14).expired == 2
    assert coupons(chains).expired is None


def test_more_recruits_than_coupons() -> None:
    chains = forest(("a", ""), ("b", "a"), ("c", "a"), ("d", "a"), ("e", "b"))
    assert found(chains, limit=2)["too_many_recruits"] == 1
    assert "too_many_recruits" not in found(chains, limit=3)
    own = build([Respondent("a", coupons=1), Respondent("b", "a"), Respondent("c", "a")])
    assert found(own, limit=3)["too_many_recruits"] == 1


def test_one_tree_with_over_two_fifths_of_the_sample_is_told() -> None:
    lines = [("s0", ""), ("s1", ""), ("s2", ""), ("x", "s0")]
    assert found(forest(*lines))["large_tree"] == 1
    assert "large_tree" not in found(forest(*lines, ("s3", "")))


def test_every_finding_says_what_to_do_and_the_worst_come_first() -> None:
    chains = build([Respondent("a", "x"), Respondent("b", "b", 3, "no"), Respondent("a", "b")])
    seen = findings(chains)
    assert [each.severity for each in seen] == ["critical"] * 3 + ["warning", "info", "info"]
    assert all(each.advice.endswith(".") for each in seen)
