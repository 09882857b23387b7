"""How likely two records are one person: level by level, weighed by how common the values are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.core.linkage import compare
from server.core.linkage.compare import FIRST, LAST, PAPER, PHONE, PLACE
from server.core.linkage.encode import Codes
from server.core.linkage.model import ALIKE, CLASSES, OWN, SAME, Model
from server.core.linkage.people import People, stratum

# Where agreement at a level is agreement on a value: whose share counts.
RARE: tuple[tuple[int, int, str], ...] = (
    (FIRST, compare.EXACT, "first"),
    (FIRST, compare.KEY, "first_key"),
    (FIRST, compare.FAMILY, "first_family"),
    (LAST, compare.EXACT, "last"),
    (LAST, compare.KEY, "last_key"),
    (LAST, compare.FAMILY, "last_family"),
    (PLACE, 1, "village"),
)
MOST_OF_ONE = 8  # records that one person may leave with one number
USUAL = 50.0  # a list of so many records weighs as much as what is usual elsewhere


@dataclass(frozen=True, slots=True)
class Scores:
    """`p` that a pair is one person, its log odds, and the levels of each field."""

    p: NDArray[np.float32]
    odds: NDArray[np.float32]
    levels: compare.Levels


def scores(them: People, left: Codes, right: Codes, model: Model) -> Scores:
    """Scores of pairs of rows."""
    levels = compare.levels(them, left, right)
    return weighed(them, left, right, levels, model)


def weighed(them: People, left: Codes, right: Codes, levels: compare.Levels, model: Model) -> Scores:
    """Scores of pairs whose levels are known."""
    strata = stratum(them, left, right)
    tables = np.stack([model.likelihoods(0), model.likelihoods(1)])
    logs = np.log(model.priors[:, strata].T)
    for field in np.flatnonzero(levels.any(axis=0)).tolist():
        logs += tables[strata % 2, :, field, levels[:, field]]
    for field, level, column in RARE:
        at = np.flatnonzero(levels[:, field] == level)
        usual, told = model.common[field, level], them.told[column]
        if not told:
            continue
        seen = them.shares[column][left[at]].astype(np.float64) * told - 1
        rarer = np.log((np.maximum(seen, 1) + USUAL * usual) / (told + USUAL) / usual)
        for one in range(len(CLASSES)):
            if field not in ALIKE[one] and field not in OWN.get(one, {}):
                logs[at, one] += rarer
    _discount_shared(them, left, levels, model, logs)
    return Scores(*_odds(logs), levels)


def _discount_shared(
    them: People, left: Codes, levels: compare.Levels, model: Model, logs: NDArray[np.float64]
) -> None:
    """A number in more records than a person leaves is a shop's or a chief's: strangers share it too."""
    for field, column in ((PHONE, "phone"), (PAPER, "paper")):
        told, share = them.told[column], them.shares[column][left]
        at = np.flatnonzero((levels[:, field] == 1) & (share * told > MOST_OF_ONE))
        if not at.size:
            continue
        more = np.log(np.maximum(share[at] / model.u[field, 1], 1.0))
        for one in range(len(CLASSES)):
            if field not in ALIKE[one] and field not in OWN.get(one, {}):
                logs[at, one] += more


def _odds(logs: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    others = np.delete(logs, SAME, axis=1)
    highest = others.max(axis=1)
    against = highest + np.log(np.exp(others - highest[:, None]).sum(axis=1))
    odds = np.clip(logs[:, SAME] - against, -60, 60)
    return (1 / (1 + np.exp(-odds))).astype(np.float32), odds.astype(np.float32)
