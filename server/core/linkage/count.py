"""How many persons a list holds, with an interval that owns up to missed links.

Clusters are more than persons, because some links are missed: pairs that were compared and stayed apart count
by their chance, pairs that blocking never proposed by how often the model says that a person's records share
no key. The interval is wide as that correction is uncertain; it is a statement about this method, not a
confidence interval of a sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from server.core.linkage import compare
from server.core.linkage.compare import (
    ADDRESS,
    BIRTH,
    COUNTRY,
    DAY,
    FIRST,
    LAST,
    PAPER,
    PHONE,
    PLACE,
    SIZES,
    YEAR,
)
from server.core.linkage.encode import Codes
from server.core.linkage.model import Model
from server.core.linkage.pairs import Pairs
from server.core.linkage.people import People, stratum

DRAWN = 40_000
# Clusters too many for each missed pair, too few for each pair in doubt: set on made-up lists of three noise
# rates, so that the count errs to neither side.
MISSED, WRONG = 0.55, 0.4
DOUBTFUL = 0.05
DOUBT, FLOOR = 0.5, 0.01  # of the correction, and of the persons, to either side


@dataclass(frozen=True, slots=True)
class Count:
    """Persons: the best estimate, and the interval in which the true number most likely lies."""

    persons: int
    low: int
    high: int

    def with_copies(self, more: int) -> Count:
        """The same with `more` persons for sure."""
        return replace(self, persons=self.persons + more, low=self.low + more, high=self.high + more)


def count(labels: Codes, pairs: Pairs, recall: float) -> Count:
    """Persons behind clusters `labels`; `pairs` were compared, blocking proposes the share `recall`."""
    found = int(np.unique(labels).size)
    within = labels[pairs.left] == labels[pairs.right]
    apart, chances = pairs.of(~within & (pairs.p >= DOUBTFUL)), pairs.p[within].astype(np.float64)
    proposed = float(np.maximum(chances, 0.5).sum() + apart.p.sum())
    missed = _joins(labels, apart) + MISSED * proposed * (1 - recall) / recall
    wrong = WRONG * float((1 - chances).sum())
    persons = max(found - missed + wrong, found / 2)
    around = DOUBT * missed + FLOOR * persons + 1.5 * np.sqrt(max(missed, 1.0))
    low, high = max(1, round(persons - around)), min(len(labels), round(persons + around))
    return Count(min(max(1, round(persons)), len(labels)), low, high) if found else Count(0, 0, 0)


def _joins(labels: Codes, apart: Pairs) -> float:
    """How many fewer clusters there would be: each joins one neighbour at most, by their mean chances."""
    size = len(labels)
    one, other = labels[apart.left].astype(np.int64), labels[apart.right].astype(np.int64)
    keys, where = np.unique(np.minimum(one, other) * size + np.maximum(one, other), return_inverse=True)
    chances = np.minimum(np.bincount(where, apart.p) / np.maximum(np.bincount(where), 1), 0.95)
    odds = chances / (1 - chances)
    total = np.bincount(keys // size, odds, size) + np.bincount(keys % size, odds, size)
    return float((total / (1 + total)).sum() / 2)


def proposed_share(them: People, pairs: Pairs, model: Model, dice: np.random.Generator) -> float:
    """The chance that two records of one person share a blocking key, as the model draws such records."""
    weights = pairs.p.astype(np.float64)
    if weights.sum() < 1:
        return 1.0
    drawn = dice.choice(len(weights), DRAWN, p=weights / weights.sum())
    strata = stratum(them, pairs.left[drawn], pairs.right[drawn])
    # Records of likely pairs, mated anew, say which fields are missing without saying what they agree on.
    first, second = (np.lexsort((dice.random(DRAWN), strata)) for _ in range(2))
    missing = compare.levels(them, pairs.left[drawn][first], pairs.right[drawn][second]) == 0
    levels = np.zeros((DRAWN, len(SIZES)), dtype=np.uint8)
    for across in (0, 1):
        rows = np.flatnonzero(strata[first] % 2 == across)
        for field, size in enumerate(SIZES):
            chances = model.m[across][field, 1:size]
            levels[rows, field] = 1 + dice.choice(size - 1, len(rows), p=chances / chances.sum())
    levels[missing] = 0
    return float(max(0.5, _proposed(levels).mean()))


def _proposed(levels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which rows of levels share one of the blocking rules' keys."""
    first, last = (np.isin(levels[:, field], (1, 2, 3)) for field in (FIRST, LAST))
    village, cercle = levels[:, PLACE] == 1, np.isin(levels[:, PLACE], (1, 2, 3, 4))
    region = (levels[:, PLACE] > 0) & (levels[:, PLACE] < 7)
    born = np.isin(levels[:, BIRTH], (1, 2, 3, 4))
    year, country = levels[:, YEAR] == 1, levels[:, COUNTRY] == 1
    one = first | last
    found = np.isin(levels[:, PHONE], (1, 2)) | (first & last & (region | born | year)) | (one & village)
    found |= (last & region) | (levels[:, PAPER] == 1) | (levels[:, ADDRESS] == 1)
    found |= (levels[:, DAY] == 1) & ((levels[:, BIRTH] == 1) | one)
    return np.asarray(found | (cercle & one & (year | born)) | (village & year & country))
