"""The probabilities behind a comparison, and what kinds of pair they tell apart.

After Fellegi and Sunter (1969): m is the chance of a level among records of one person, u among records of
two persons met at random. Relatives and namesakes are no random persons: a pair is weighed against them too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.core.linkage.compare import (
    ADDRESS,
    BIRTH,
    COUNTRY,
    DAY,
    FATHER,
    FIELDS,
    FIRST,
    LAST,
    PHONE,
    PLACE,
    SEX,
    SIZES,
    YEAR,
)
from server.core.linkage.people import STRATA

Table = NDArray[np.float64]  # field x level, padded; level 0 (missing) is 1: it says nothing
WIDTH = max(SIZES)
CLASSES = ("same", "brother", "twin", "clan", "namesake", "stranger")
SAME, BROTHER, TWIN, CLAN, NAMESAKE, STRANGER = range(len(CLASSES))
# In each class: which fields agree as in one person's records; the others are as among strangers.
ALIKE: dict[int, tuple[int, ...]] = {
    SAME: tuple(range(len(FIELDS))),
    BROTHER: (LAST, PLACE, FATHER, ADDRESS),
    TWIN: (LAST, PLACE, FATHER, SEX, BIRTH, COUNTRY, YEAR, DAY, ADDRESS),
    CLAN: (LAST, PLACE),
    NAMESAKE: (FIRST, LAST, PLACE, SEX),
    STRANGER: (),
}
# What relatives share by their own rule: assumptions, reviewable here, not learnt.
OWN: dict[int, dict[int, tuple[float, ...]]] = {
    BROTHER: {
        SEX: (0.70, 0.30),
        BIRTH: (0.08, 0.15, 0.17, 0.15, 0.33, 0.12),
        PHONE: (0.35, 0.01, 0.002, 0.638),
        COUNTRY: (0.60, 0.40),
        YEAR: (0.45, 0.16, 0.11, 0.28),
    },
    TWIN: {PHONE: (0.50, 0.01, 0.002, 0.488)},
}


@dataclass(frozen=True, slots=True)
class Model:
    """`m` has a table for records of one cycle and one across cycles; `priors` a chance per class, stratum.

    `common` is, for each field and level, how often two strangers agree at that level because of the values'
    frequencies: the yardstick for rare and common values.
    """

    m: tuple[Table, Table]
    u: Table
    priors: NDArray[np.float64]
    common: Table

    def likelihoods(self, across: int) -> NDArray[np.float64]:
        """log P(level | class), of shape (classes, fields, levels)."""
        found = np.tile(self.u, (len(CLASSES), 1, 1))
        for one, fields in ALIKE.items():
            for field in fields:
                found[one, field] = self.m[across][field]
            for field, chances in OWN.get(one, {}).items():
                found[one, field, 1 : 1 + len(chances)] = chances
        return np.log(np.maximum(found, 1e-12))


def normalised(table: Table) -> Table:
    """Levels of each field sum to one; missing says nothing."""
    found = table.copy()
    found[:, 0] = 0
    for field, size in enumerate(SIZES):
        found[field, size:] = 0
        found[field] /= max(found[field].sum(), 1e-300)
    found[:, 0] = 1
    return found


def to_json(model: Model) -> str:
    """A model as JSON, fields and classes by name."""
    told = {
        "m": [_named(table) for table in model.m],
        "u": _named(model.u),
        "common": _named(model.common),
        "priors": {name: model.priors[at].tolist() for at, name in enumerate(CLASSES)},
    }
    return json.dumps(told, indent=1)


def from_json(text: str) -> Model:
    """The model that `to_json` wrote."""
    told = json.loads(text)
    priors = np.array([told["priors"][name] for name in CLASSES])
    first, second = (_table(one) for one in told["m"])
    return Model(
        (first, second), _table(told["u"]), priors.reshape(len(CLASSES), STRATA), _table(told["common"])
    )


@cache
def default() -> Model:
    """The trained model for short lists; its priors are expected links for each record, not chances."""
    return from_json(Path(__file__).with_name("model.json").read_text(encoding="utf-8"))


def _named(table: Table) -> dict[str, list[float]]:
    return {
        name: [float(f"{chance:.4g}") for chance in table[at, 1:size]]
        for at, (name, size) in enumerate(zip(FIELDS, SIZES, strict=True))
    }


def _table(told: dict[str, list[float]]) -> Table:
    found = np.zeros((len(FIELDS), WIDTH))
    found[:, 0] = 1
    for at, name in enumerate(FIELDS):
        found[at, 1 : SIZES[at]] = told[name]
    return found
