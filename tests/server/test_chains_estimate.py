"""The estimators agree with published values, with direct formulas and with enumeration.

Published: what the R package RDS 0.9-10 states in its tests for its simulated sample `faux` (389 respondents,
outcome X). Only its counts and the ratio of the two harmonic mean sizes enter those values, so that a made-up
sample with the same ones has the same estimates.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.chains import estimate
from server.core.chains.bootstrap import salganik_errors
from server.core.chains.diagnostics import (
    differential_activity,
    population_homophily,
    recruitment_homophily,
)
from server.core.chains.estimate import Sample, likelihood_error, rds_ii_weights, sample_of
from server.core.chains.forest import Respondent, build
from server.core.chains.successive import ss_weights

ACTIVITY = 1.03342283930911


def faux() -> Sample:
    """118 blue and 271 red; one red seed, 39 + 82 recruits of blue ones and 79 + 188 of red ones."""
    people = [Respondent("s", "", ACTIVITY, "red")]
    for recruiter, value, count in (
        ("s", "blue", 79),
        ("s", "red", 188),
        ("blue1", "blue", 39),
        ("blue1", "red", 82),
    ):
        for _ in range(count):
            size = ACTIVITY if value == "red" else 1.0
            people.append(Respondent(f"{value}{len(people)}", recruiter, size, value))
    return sample_of(build(people))


def test_published_transitions_and_stationary_distribution() -> None:
    counts = estimate.transitions(faux())
    assert counts.tolist() == [[39, 82], [79, 188]]
    settled = estimate.stationary(estimate.chances(counts))
    assert settled is not None
    assert settled[0] == pytest.approx(0.303913776110387, abs=1e-14)


def test_published_rds_i_and_its_weights() -> None:
    sample = faux()
    shares = estimate.rds_i(sample)
    assert shares is not None
    assert shares[0] == pytest.approx(0.310913285563862, abs=1e-14)
    weights = 1000 * estimate.rds_i_weights(sample, shares)
    assert weights[[0, 1]] == pytest.approx([2.54275540382339, 2.63485835223612], abs=1e-12)
    assert weights.sum() == pytest.approx(1000)


def test_published_rds_ii_and_differential_activity() -> None:
    sample = faux()
    weights = rds_ii_weights(sample.degrees)
    shares = estimate.weighted_shares(weights, sample.groups, 2)
    assert shares[0] == pytest.approx(0.310334112778454, abs=1e-14)
    assert differential_activity(sample, 1, weights) == pytest.approx(ACTIVITY, abs=1e-14)
    assert differential_activity(sample, 0, weights) == pytest.approx(1 / ACTIVITY, abs=1e-14)


def test_a_published_error_gives_the_published_design_effect() -> None:
    effect = estimate.design_effect(0.308679056967587, 0.0278244979385139, 389, 1000)
    assert effect == pytest.approx(2.30749981181808, abs=1e-12)
    assert estimate.design_effect(1.0, 0.0, 389) is None


def test_chains_that_never_settle_have_no_rds_i() -> None:
    people = [Respondent("a", "", 5, "x"), Respondent("b", "a", 5, "y"), Respondent("c", "b", 5, "x")]
    assert estimate.rds_i(sample_of(build(people))) is None  # always to and fro
    apart = [Respondent("a", "", 5, "x"), Respondent("b", "a", 5, "x"), Respondent("c", "", 5, "y")]
    assert estimate.rds_i(sample_of(build([*apart, Respondent("d", "c", 5, "y")]))) is None


def test_missing_and_zero_sizes_stand_as_the_largest_and_unknown_outcomes_count_nowhere() -> None:
    people = [Respondent("a", "", 4, "x"), Respondent("b", "a", None, "y"), Respondent("c", "a", 0, "")]
    sample = sample_of(build(people))
    assert sample.degrees.tolist() == [4, 4, 4]
    assert sample.measured.tolist() == [True, False, False]
    assert sample.groups.tolist() == [0, 1, -1]
    assert estimate.transitions(sample).tolist() == [[0, 1], [0, 0]]
    assert estimate.weighted_shares(np.array([3.0, 1.0, 9.0]), sample.groups, 2).tolist() == [0.75, 0.25]


def direct_error(weights: list[float], outcome: list[bool], population: int | None) -> float:
    """The same by the formula over pairs, as it is written down."""
    w, y = np.array(weights), np.array(outcome, dtype=float)
    pair = np.outer(w, w)
    pair = np.minimum(pair, 10 * np.median(pair))
    lower = np.tri(len(w), k=-1)
    half = 0.5 * (y[:, None] + y[None, :])
    middle = (half * pair * lower).sum() / (pair * lower).sum()
    each = (pair**2 * (half - middle) * lower).sum(axis=1)
    variance = 4 * (each**2).sum() / (pair**2 * lower).sum() ** 2
    return float(np.sqrt(variance * (1 if population is None else (population - len(w)) / (population - 1))))


@given(
    st.lists(st.tuples(st.sampled_from([0.05, 0.1, 0.5, 1.0, 7.0]), st.booleans()), min_size=2, max_size=30),
    st.sampled_from([None, 40, 1000]),
)
def test_the_likelihood_error_is_the_formula_over_pairs(
    drawn: list[tuple[float, bool]], population: int | None
) -> None:
    weights, outcome = [w for w, _ in drawn], [y for _, y in drawn]
    mine = likelihood_error(np.array(weights), np.array(outcome), population)
    assert mine == pytest.approx(direct_error(weights, outcome, population), rel=1e-6, abs=1e-7)


def exact_chances(members: list[int], sizes: list[float], size: int) -> list[float]:
    """The chance of a member of each class, by going through every order in which classes can be drawn."""
    states = {tuple(members): 1.0}
    for _ in range(size):
        after: dict[tuple[int, ...], float] = defaultdict(float)
        for left, chance in states.items():
            mass = sum(n * s for n, s in zip(left, sizes, strict=True))
            for place, count in enumerate(left):
                if count:
                    rest = (*left[:place], count - 1, *left[place + 1 :])
                    after[rest] += chance * count * sizes[place] / mass
        states = after
    drawn = [sum(p * (m - left[k]) for left, p in states.items()) for k, m in enumerate(members)]
    return [d / m for d, m in zip(drawn, members, strict=True)]


def test_successive_sampling_is_the_enumerated_one() -> None:
    sizes, counts, population = [1.0, 2.0, 6.0], np.array([8, 12, 20]), 100
    degrees = np.repeat(sizes, counts)
    chance = np.array(sizes)
    for _ in range(6):  # the first from the sizes alone, then five rounds
        shares = counts / chance
        members = np.rint(population * shares / shares.sum()).astype(int)
        assert members.sum() == population
        chance = np.array(exact_chances(members.tolist(), sizes, 40))
    weights = ss_weights(degrees, population, np.random.default_rng(1), draws=20_000)
    wanted = np.repeat(1 / chance, counts)
    assert weights.sum() == pytest.approx(population)
    assert weights == pytest.approx(population * wanted / wanted.sum(), rel=0.02)


def test_successive_sampling_lies_between_the_sample_and_rds_ii() -> None:
    degrees = np.repeat([2.0, 5.0, 20.0], [30, 40, 30])
    rng = np.random.default_rng(1)
    assert ss_weights(degrees, 100, rng) == pytest.approx(np.ones(100))
    second = 1 / degrees
    assert ss_weights(degrees, 2500, rng) == pytest.approx(2500 * second / second.sum())
    first = [float(ss_weights(degrees, population, rng)[0] / population) for population in (120, 200, 800)]
    assert 0.01 < first[0] < first[1] < first[2] < second[0] / second.sum()
    assert ss_weights(np.full(7, 3.0), 70, rng).tolist() == [10.0] * 7


def test_the_same_random_numbers_give_the_same_weights() -> None:
    degrees = np.arange(1.0, 60.0)
    one, other = (ss_weights(degrees, 150, np.random.default_rng(4)) for _ in range(2))
    assert one.tolist() == other.tolist()


def test_bootstrap_errors_of_blind_recruiting_are_those_of_a_simple_sample() -> None:
    people = [Respondent("0", "", 5, "x")]
    people += [
        Respondent(str(n), str(n // 2 if n > 1 else 0), 5, "xyxxyyyx"[n * 5 // 3 % 8]) for n in range(1, 400)
    ]
    sample = sample_of(build(people))
    counts = estimate.transitions(sample)
    errors = salganik_errors(sample, np.random.default_rng(2), replicates=1000)
    assert errors is not None
    stay, back = counts[0, 0] / counts[0].sum(), counts[1, 1] / counts[1].sum()
    share, memory = (1 - back) / (2 - stay - back), stay + back - 1
    # Variance of the share of a two-state chain: a simple sample's, times (1 + memory) / (1 - memory).
    wanted = np.sqrt(share * (1 - share) / 400 * (1 + memory) / (1 - memory))
    assert errors[1] == pytest.approx([wanted, wanted], rel=0.1)
    assert errors[0] == pytest.approx([wanted, wanted], rel=0.1)


def test_no_bootstrap_where_nobody_recruits() -> None:
    sample = sample_of(build([Respondent("a", "", 5, "x"), Respondent("b", "", 5, "y")]))
    assert salganik_errors(sample, np.random.default_rng(1)) is None


def direct_homophily(sample: Sample, value: int) -> float | None:
    """Population homophily recruiter by recruiter."""
    rows = []
    for place, (group, size) in enumerate(zip(sample.groups, sample.degrees, strict=True)):
        recruits = sample.groups[sample.parents == place]
        if len(recruits) and (recruits >= 0).all() and group >= 0:
            part = float(np.mean(recruits == value))
            mine = group == value
            rows.append((1 / size, mine, size, size * (1 - part if mine else part)))
    total = sum(row[0] for row in rows)
    if not rows or len({row[1] for row in rows}) < 2 or not any(row[3] for row in rows):
        return None

    def mean(which: int, side: bool | None = None) -> float:
        some = [row for row in rows if side is None or row[1] == side]
        return float(sum(row[0] * row[which] for row in some) / sum(row[0] for row in some))

    share = sum(row[0] for row in rows if row[1]) / total
    return float(2 * share * mean(2, True) * (1 - share) * mean(2, False) / (mean(3) * mean(2)))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from(["x", "y", "z", ""])),
        min_size=2,
        max_size=25,
    )
)
def test_population_homophily_is_the_direct_one(drawn: list[tuple[int, int, str]]) -> None:
    people = [
        Respondent(str(n), str(to % n) if n else "", size, value) for n, (to, size, value) in enumerate(drawn)
    ]
    sample = sample_of(build(people))
    for value in range(len(sample.values)):
        wanted = direct_homophily(sample, value)
        assert population_homophily(sample, value) == (wanted if wanted is None else pytest.approx(wanted))


def test_recruitment_homophily_of_the_published_transitions() -> None:
    expected = (118 * 121 + 270 * 267) / 388
    assert recruitment_homophily(np.array([[39, 82], [79, 188]])) == pytest.approx((39 + 188) / expected)
    assert recruitment_homophily(np.zeros((2, 2), dtype=np.int64)) is None


def test_weighting_takes_away_the_lead_of_the_well_connected() -> None:
    """A made-up town of 3,000: a third know four times as many people, and chains reach them more often."""
    rng = np.random.default_rng(7)
    known = np.repeat([4, 16], [2000, 1000])
    ends = rng.permutation(np.repeat(np.arange(3000), known))
    friends: dict[int, set[int]] = defaultdict(set)
    for one, other in ends.reshape(-1, 2).tolist():
        friends[one].add(other)
        friends[other].add(one)
    seen, people, waiting = set(range(0, 3000, 500)), [], [(place, "") for place in range(0, 3000, 500)]
    for place, recruiter in waiting:
        people.append(
            Respondent(str(place), recruiter, float(known[place]), "well" if known[place] > 4 else "little")
        )
        for friend in rng.permutation(sorted(friends[place] - seen))[:2].tolist():
            if len(seen) < 400:
                seen.add(friend)
                waiting.append((friend, str(place)))
    sample = sample_of(build(people))
    plain = float(np.mean(sample.groups == 1))
    second = estimate.weighted_shares(rds_ii_weights(sample.degrees), sample.groups, 2)[1]
    third = estimate.weighted_shares(ss_weights(sample.degrees, 3000, rng), sample.groups, 2)[1]
    assert plain > 0.5
    assert abs(second - 1 / 3) < 0.08
    assert abs(third - 1 / 3) < 0.08
