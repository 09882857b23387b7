"""Whether the chains mixed: homophily, activity, convergence, bottlenecks, heaped network sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from server.core.chains.estimate import (
    Floats,
    Ints,
    Sample,
    chances,
    rds_ii_weights,
    stationary,
    transitions,
    weighted_shares,
)
from server.core.chains.forest import Forest

POINTS = 20  # of a convergence line
SMALLEST_TREE = 10  # below it a tree's share says nothing
HEAPED_ABOVE = 15  # from here people round to fives and tens (Avery and others 2021)
CUTS = (0.9, 0.95, 0.99)


def diagnose(forest: Forest, sample: Sample, *, weighted: bool) -> dict[str, Any]:
    """All diagnostics; only `weighted` ones use sizes as RDS-II does, else respondents count alike."""
    weights = rds_ii_weights(sample.degrees) if weighted else np.ones(sample.size)
    counts = transitions(sample)
    settled = stationary(chances(counts)) if counts.sum() else None
    values = sample.values
    return {
        "weights": "rds_ii" if weighted else "none",
        "transitions": {
            value: dict(zip(values, map(int, row), strict=True))
            for value, row in zip(values, counts, strict=True)
        },
        "stationary": None if settled is None else named(sample, settled),
        "recruitment_homophily": recruitment_homophily(counts),
        "population_homophily": {
            value: population_homophily(sample, place) if weighted else None
            for place, value in enumerate(values)
        },
        "differential_activity": {
            value: differential_activity(sample, place, weights) for place, value in enumerate(values)
        },
        "convergence": convergence(forest, sample, weights),
        "by_seed": by_seed(forest, sample, weights),
        "network_size": sizes(sample),
        "size_sensitivity": size_sensitivity(sample) if weighted else None,
    }


def named(sample: Sample, shares: Floats) -> dict[str, float]:
    """Shares under the names of their groups."""
    return dict(zip(sample.values, map(float, shares), strict=True))


def recruitment_homophily(counts: Ints) -> float | None:
    """Recruits alike to their recruiter, over those expected if recruiting were blind to the outcome."""
    total = counts.sum()
    expected = float((counts.sum(axis=1) * counts.sum(axis=0)).sum() / total) if total else 0.0
    return float(np.trace(counts)) / expected if expected else None


def population_homophily(sample: Sample, place: int) -> float | None:
    """Ties between those with the value and those without, expected at random over estimated.

    Each recruiter's ties are taken to be mixed as the recruits are (R package RDS, RDS-II weights); above 1
    like knows like. None when one side is empty or no tie crosses.
    """
    recruits = np.flatnonzero(~sample.seeds)
    parents, theirs = sample.parents[recruits], sample.groups[recruits]
    number = np.bincount(parents, minlength=sample.size)
    with_value = np.bincount(parents, theirs == place, minlength=sample.size)
    unknown = np.bincount(parents, theirs < 0, minlength=sample.size)
    used = (number > 0) & (unknown == 0) & (sample.groups >= 0)
    weights = rds_ii_weights(sample.degrees)[used]
    mine, degrees = sample.groups[used] == place, sample.degrees[used]
    mixed = with_value[used] / number[used]
    share = float(weights[mine].sum() / weights.sum()) if weights.size else 0.0
    if share in (0.0, 1.0):
        return None
    # Mean sizes: of those with the value, of those without, of all.
    one, other = (float((weights * degrees)[side].sum() / weights[side].sum()) for side in (mine, ~mine))
    crossing = float((weights * degrees * np.where(mine, 1 - mixed, mixed)).sum() / weights.sum())
    mean = float((weights * degrees).sum() / weights.sum())
    return 2 * share * one * (1 - share) * other / (crossing * mean) if crossing else None


def differential_activity(sample: Sample, place: int, weights: Floats) -> float | None:
    """Mean network size of those with the value, over that of the others; None when one side is empty."""
    known = sample.groups >= 0
    mine = sample.groups == place
    means = [
        float(np.average(sample.degrees[side], weights=weights[side]))
        for side in (mine, known & ~mine)
        if side.any()
    ]
    return means[0] / means[1] if len(means) > 1 else None


def convergence(forest: Forest, sample: Sample, weights: Floats) -> dict[str, Any]:
    """Shares as the sample grew, by date or else by wave, and how far they still moved in its second half."""
    dates = [person.when.isoformat() for person in forest.people if person.when is not None]
    dated = len(dates) == sample.size
    keys = dates if dated else [f"{wave:09d}" for wave in forest.waves]
    order = np.argsort(np.array(keys), kind="stable")
    order = order[sample.groups[order] >= 0]
    one = (sample.groups[order][:, None] == np.arange(len(sample.values))) * weights[order][:, None]
    lines = np.cumsum(one, axis=0) / np.cumsum(weights[order])[:, None]
    places = np.unique(np.linspace(0, len(order) - 1, POINTS).round().astype(int))
    late = np.abs(lines[len(order) // 2 :] - lines[-1]).max(axis=0)
    return {
        "order": "date" if dated else "wave",
        "after": [int(place) + 1 for place in places],
        "shares": {
            value: [float(share) for share in lines[places, column]]
            for column, value in enumerate(sample.values)
        },
        "moved_in_second_half": named(sample, late),
    }


def by_seed(forest: Forest, sample: Sample, weights: Floats) -> list[dict[str, Any]]:
    """The shares within each tree of ten or more: far apart, the chains stayed where they began."""
    trees = np.array(forest.trees)
    found = []
    for number, root in enumerate(forest.roots, 1):
        inside = trees == root
        if inside.sum() >= SMALLEST_TREE and (sample.groups[inside] >= 0).any():
            shares = weighted_shares(weights[inside], sample.groups[inside], len(sample.values))
            found.append({"seed": number, "n": int(inside.sum()), "shares": named(sample, shares)})
    return found


def sizes(sample: Sample) -> dict[str, Any]:
    """The network sizes: how many were measured, their spread, and how many of the large ones are round."""
    measured = sample.degrees[sample.measured]
    large = measured[measured > HEAPED_ABOVE]
    quartiles = np.percentile(measured, [0, 25, 50, 75, 100]) if measured.size else np.zeros(0)
    return {
        "measured": len(measured),
        "quartiles": [float(each) for each in quartiles],
        "above_15": len(large),
        "multiples_of_5": float(np.mean(large % 5 == 0)) if large.size else None,
        "multiples_of_10": float(np.mean(large % 10 == 0)) if large.size else None,
        "expected_multiples_of_5": 0.2,
        "expected_multiples_of_10": 0.1,
    }


def size_sensitivity(sample: Sample) -> list[dict[str, Any]]:
    """RDS-II with the largest network sizes cut, and with only those measured: it should hardly move."""
    count = len(sample.values)
    found = []
    for part in CUTS if sample.measured.any() else ():
        cut = float(np.quantile(sample.degrees[sample.measured], part))
        shares = weighted_shares(rds_ii_weights(np.minimum(sample.degrees, cut)), sample.groups, count)
        found.append({"rule": f"cut at quantile {part:g}", "cut": cut, "shares": named(sample, shares)})
    only = sample.measured & (sample.groups >= 0)
    if only.any():
        shares = weighted_shares(rds_ii_weights(sample.degrees[only]), sample.groups[only], count)
        found.append({"rule": "measured only", "cut": None, "shares": named(sample, shares)})
    return found
