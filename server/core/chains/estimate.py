"""RDS-I and RDS-II estimates of the shares of a categorical outcome, and their errors.

They agree with the R package RDS 0.9-10. Arrays run over respondents, in the order of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.core.chains.forest import ROOT, Forest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# The package puts this for each transition of a group that recruited nobody.
NO_TRANSITION = 0.1
CLOSE = float(np.sqrt(np.finfo(float).eps))
NORMAL = 1.96
FEWEST = 2  # respondents that make a pair
LARGE = 10  # pair weights above so many medians are cut, as in the package


@dataclass(frozen=True)
class Sample:
    """What the estimators need: `groups` index `values` (-1: unknown), `parents` index respondents.

    `degrees` are network sizes; those missing or zero stand as the largest, as in the package, and are
    not `measured`.
    """

    values: tuple[str, ...]
    groups: Ints
    degrees: Floats
    measured: Flags
    parents: Ints
    seeds: Flags

    @property
    def size(self) -> int:
        return len(self.groups)


def sample_of(forest: Forest) -> Sample:
    """The arrays of a forest; the outcome's values in alphabetical order."""
    people = forest.people
    values = tuple(sorted({person.outcome for person in people} - {""}))
    index = {value: place for place, value in enumerate(values)} | {"": -1}
    degrees = np.array([person.size or 0.0 for person in people])
    measured = degrees > 0
    degrees[~measured] = degrees.max(initial=0.0) or 1.0
    parents = np.array(forest.parents, dtype=np.int64)
    groups = np.array([index[person.outcome] for person in people], dtype=np.int64)
    return Sample(values, groups, degrees, measured, parents, parents == ROOT)


def transitions(sample: Sample) -> Ints:
    """Counts of recruitments from group (row) to group (column), where both are known."""
    count = len(sample.values)
    recruits = np.flatnonzero(sample.parents != ROOT)
    source, target = sample.groups[sample.parents[recruits]], sample.groups[recruits]
    known = (source >= 0) & (target >= 0)
    cells = np.bincount(source[known] * count + target[known], minlength=count * count)
    return cells.reshape(count, count).astype(np.int64)


def chances(counts: NDArray[Any]) -> Floats:
    """Rows of transition counts as probabilities; a row without any counts as even."""
    filled = np.where(counts.sum(axis=1, keepdims=True) == 0, NO_TRANSITION, counts.astype(float))
    return np.asarray(filled / filled.sum(axis=1, keepdims=True), dtype=float)


def stationary(matrix: Floats) -> Floats | None:
    """The shares that a Markov chain settles to; None when it is periodic or falls into parts."""
    values, vectors = np.linalg.eig(matrix.T)
    if np.sum(np.abs(values + 1) < CLOSE) == 1:
        return None
    one = np.flatnonzero(np.abs(values - 1) < CLOSE)
    if len(one) != 1:
        return None
    vector = np.real(vectors[:, one[0]])
    return np.asarray(vector / vector.sum(), dtype=float)


def harmonic(sample: Sample) -> Floats:
    """Harmonic mean of the network sizes in each group."""
    count = len(sample.values)
    known = sample.groups >= 0
    number = np.bincount(sample.groups[known], minlength=count)
    inverse = np.bincount(sample.groups[known], 1 / sample.degrees[known], minlength=count)
    return np.asarray(number / inverse, dtype=float)


def rds_i(sample: Sample) -> Floats | None:
    """Shares of the groups by RDS-I (Salganik and Heckathorn 2004): stationary share over mean size.

    None when the recruitments between groups settle to no one distribution.
    """
    if len(sample.values) == 1:
        return np.ones(1)
    settled = stationary(chances(transitions(sample)))
    if settled is None:
        return None
    parts = settled / harmonic(sample)
    return np.asarray(parts / parts.sum(), dtype=float)


def rds_i_weights(sample: Sample, shares: Floats) -> Floats:
    """The weights under which the sample shows the RDS-I `shares`; zero where the outcome is unknown."""
    number = np.bincount(sample.groups[sample.groups >= 0], minlength=len(sample.values))
    return np.where(sample.groups >= 0, (shares / number)[sample.groups], 0.0)


def rds_ii_weights(degrees: Floats) -> Floats:
    """Weights of RDS-II (Volz and Heckathorn 2008): one over the network size."""
    return np.asarray(1 / degrees, dtype=float)


def weighted_shares(weights: Floats, groups: Ints, count: int) -> Floats:
    """Share of each of `count` groups, over those whose group is known."""
    known = groups >= 0
    totals = np.bincount(groups[known], weights[known], minlength=count)
    return np.asarray(totals / totals.sum(), dtype=float)


def likelihood_error(
    weights: Floats, outcome: Flags, population: int | None = None, size: int = 0
) -> float | None:
    """Standard error of a share by empirical likelihood of pairs, as the package's default.

    `outcome` says who has the value, `size` how many were interviewed (with those of unknown outcome).
    Weights take few different values, so that pairs are counted by class: work grows as n times classes.
    None when no pair has a weight.
    """
    if len(weights) < FEWEST:
        return None
    marks, kind, number = np.unique(weights, return_inverse=True, return_counts=True)
    top = LARGE * _pair_median(marks, number)
    one = np.zeros((len(weights), len(marks)))
    one[np.arange(len(weights)), kind] = 1.0
    before = np.cumsum(one, axis=0) - one
    positive = one * outcome[:, None]
    positive_before = np.cumsum(positive, axis=0) - positive
    pair = np.minimum(weights[:, None] * marks[None, :], top)
    if not (pair * before).any():
        return None
    half = 0.5 * (before * outcome[:, None] + positive_before)
    middle = float((pair * half).sum() / (pair * before).sum())
    squared = pair * pair
    each = (squared * (half - middle * before)).sum(axis=1)
    variance = 4 * float((each**2).sum()) / float((squared * before).sum()) ** 2
    if population is not None:
        variance *= (population - (size or len(weights))) / (population - 1)
    return float(np.sqrt(max(variance, 0.0)))


def design_effect(share: float, error: float, size: int, population: int | None = None) -> float | None:
    """How many times larger the variance is than a simple random sample's of this size; None for 0 or 1."""
    plain = share * (1 - share) / size
    if population is not None and population > 1:
        plain *= (population - size) / (population - 1)
    return error**2 / plain if plain > 0 else None


def _pair_median(marks: Floats, number: Ints) -> float:
    """Median of the products of all ordered pairs of weights, each with itself too."""
    products = np.outer(marks, marks).ravel()
    order = np.argsort(products, kind="stable")
    upto = np.cumsum(np.outer(number, number).ravel()[order])
    total = int(upto[-1])
    places = np.searchsorted(upto, [(total + 1) // 2, total // 2 + 1])
    return float(products[order][places].mean())
