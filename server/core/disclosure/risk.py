"""Frequencies and the risk of being found again, by the model of Benedetti and Franconi.

f is how many records of the sample share a record's keys, F how many people of the population do: the sum of
their weights. Without weights the sample is taken for the population, F = f, and the risk is 1 / f.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from server.core.disclosure.keys import MISSING, Flags, Floats, Ints, combined, grouped
from server.core.problem import Refused

Method = Literal["approx", "exact"]
FEW = (2, 3, 5)
# From these on a series of few terms is exact to the last digit, and the recurrence would not be.
LONG, HALF = 50, 0.5
TERMS = 64
# What it costs to match two patterns of missing answers, in comparisons of single answers.
PAIR_OF_PATTERNS = 50_000
MOST_KEYS = 60
ADDRESS_BITS = 18
SHIFT = np.uint64(64 - ADDRESS_BITS)
MIXERS = np.cumprod(np.full(64, 0xD1342543DE82EF95, np.uint64))


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Of each record: f in the sample and F in the population."""

    sample: Ints
    population: Floats


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk of each record and of the file: their mean, and their sum as people expected to be found."""

    each: Floats
    file: float
    expected: float


def frequencies(codes: Ints, weights: Floats | None = None) -> Frequencies:
    """f and F of each record, `codes` (records, keys), -1 missing; weights (records,) or None.

    A missing answer may be any answer, in both directions (sdcMicro's freqCalc, alpha = 1). As there, a
    record with several keys and an answer to none counts everybody and is counted by no complete record.
    """
    if codes.shape[1] > MOST_KEYS:
        raise Refused("too_many_keys", keys=str(codes.shape[1]), most=str(MOST_KEYS))
    groups = grouped(codes)
    size = groups.size
    total: Floats = np.bincount(groups.of, weights, len(size)).astype(np.float64)
    distinct = codes[groups.first]
    if (distinct == MISSING).any():
        size, total = _shared(distinct, size, total)
    return Frequencies(size[groups.of], total[groups.of])


def _shared(distinct: Ints, size: Ints, total: Floats) -> tuple[Ints, Floats]:
    """Sizes and totals where a combination with missing answers counts all it may be, and is counted by them.

    Combinations with the same keys missing differ in another key, so only unlike patterns can meet.
    """
    keys = distinct.shape[1]
    every = (1 << keys) - 1
    absent = distinct == MISSING
    pattern = absent @ (1 << np.arange(keys))
    patterns = np.unique(pattern)
    if absent.any(axis=1).sum() * distinct.size < PAIR_OF_PATTERNS * len(patterns) ** 2:
        return _each_by_each(distinct, absent, size, total)
    rows = {int(one): np.flatnonzero(pattern == one) for one in patterns}
    wide, sums = size.copy(), total.copy()
    # A sum of products is no key, but unlike sums tell unlike combinations apart without looking further.
    parts = np.where(absent, 0, distinct).astype(np.uint64) * MIXERS[:keys]
    mixed = {one: np.ascontiguousarray(parts[there].T) for one, there in rows.items()}
    for one, other in combinations(sorted(rows), 2):
        if one == 0 and other == every and keys > 1:
            continue
        shared = np.array([not (one | other) >> key & 1 for key in range(keys)])
        near, far = _meeting(mixed[one][shared], mixed[other][shared])
        if not near.any():
            continue
        left, right = rows[one][near], rows[other][far]
        code, count = combined(distinct[np.concatenate([left, right])], np.flatnonzero(shared).tolist())
        mine, theirs = code[: len(left)], code[len(left) :]
        for here, own, there, found in ((left, mine, right, theirs), (right, theirs, left, mine)):
            wide[here] += np.bincount(found, size[there], count)[own].astype(np.int64)
            sums[here] += np.bincount(found, total[there], count)[own]
    if every in rows:
        wide[rows[every]] = size.sum()
        sums[rows[every]] = total.sum()
    return wide, sums


def _each_by_each(distinct: Ints, absent: Flags, size: Ints, total: Floats) -> tuple[Ints, Floats]:
    """The same by comparing each combination that has a gap with all others: for few of them."""
    wide, sums = size.copy(), total.copy()
    gaps = absent.any(axis=1)
    whole, partly = np.flatnonzero(~gaps), np.flatnonzero(gaps)
    several = distinct.shape[1] > 1
    for row in partly:
        meets = (absent | absent[row] | (distinct == distinct[row])).all(axis=1)
        wide[row], sums[row] = size[meets].sum(), total[meets].sum()
        if not (several and absent[row].all()):
            met = whole[meets[whole]]
            wide[met] += size[row]
            sums[met] += total[row]
    return wide, sums


def _meeting(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> tuple[Flags, Flags]:
    """Which columns of either side may be equal to one of the other."""
    mine, theirs = ((side.sum(axis=0) >> SHIFT).astype(np.int64) for side in (left, right))
    there = np.zeros((2, 1 << ADDRESS_BITS), np.bool_)
    there[0, mine] = there[1, theirs] = True
    return there[1][mine], there[0][theirs]


def individual(freq: Frequencies, method: Method = "approx") -> Floats:
    """The risk of each record, E(1 / F given f).

    `exact` is the expectation under the negative binomial model, r = p / f · 2F1(1, 1; f + 1; 1 - p) with
    p = f / F; `approx`, sdcMicro's default, takes p / (f - (1 - p)) for f above two. Both are 1 / f where
    f = F (Franconi and Polettini 2004).
    """
    f, population = freq.sample.astype(np.float64), freq.population
    p = f / population
    simple = f == population
    risk = 1 / f
    if method == "approx":
        often = ~simple & (f > 2)
        risk[often] = p[often] / (f[often] - (1 - p[often]))
        simple |= often
    for few, rule in ((True, _recurrence), (False, _series)):
        chosen = ~simple & (((p < HALF) & (f < LONG)) == few)
        if chosen.any():
            risk[chosen] = rule(f[chosen], p[chosen])
    return risk


def _series(f: Floats, p: Floats) -> Floats:
    """p / f · 2F1(1, 1; f + 1; 1 - p), term by term: all are positive, and shrink fast for large f or p."""
    q, term = 1 - p, p / f
    total = np.zeros_like(p)
    for n in range(TERMS):
        total += term
        term = term * q * (n + 1) / (f + 1 + n)
    return total


def _recurrence(f: Floats, p: Floats) -> Floats:
    """The same as p · I(f), I(f) = ∫ u^(f-1) / (p + qu) du from 0 to 1, by qI(f+1) = 1/f - pI(f), q = 1-p."""
    q = 1 - p
    integral = -np.log(p) / q
    for step in range(1, int(f.max())):
        more = f > step
        integral[more] = (1 / step - p[more] * integral[more]) / q[more]
    result: Floats = p * integral
    return result


def measured(freq: Frequencies, method: Method = "approx") -> Risk:
    """Individual and file risk."""
    each = individual(freq, method)
    return Risk(each, float(each.mean()), float(each.sum()))


def households(each: Floats, cluster: Ints) -> Floats:
    """The risk that at least one of a record's household, or other cluster, is found: 1 - Π(1 - r)."""
    with np.errstate(divide="ignore"):
        safe = np.log1p(-np.minimum(each, 1.0))
    _, of = np.unique(cluster, return_inverse=True)
    result: Floats = -np.expm1(np.bincount(of, safe)[of])
    return result


def below(freq: Frequencies) -> dict[int, int]:
    """How many records share their keys with fewer than 2, 3 and 5, themselves included."""
    return {k: int((freq.sample < k).sum()) for k in FEW}
