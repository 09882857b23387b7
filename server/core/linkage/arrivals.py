"""One respondent against those already known: keys to look candidates up by, and a score for each.

The server keeps encodings and blocking keys, never a name. When a respondent arrives it asks its table for
encodings that share a key and scores only those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.core.linkage import normal
from server.core.linkage.block import RULES
from server.core.linkage.compare import FIELDS, REASONS, Reason
from server.core.linkage.encode import BIRTH_REACH, YEAR_REACH, Encoded, Records, stacked
from server.core.linkage.model import STRANGER, Model
from server.core.linkage.people import STRATA, Frequencies, people
from server.core.linkage.score import scores

KEY_BYTES = 8
SELDOM = ("birth_date", "id_number", "address")


@dataclass(frozen=True, slots=True)
class Scored:
    """The chance that two encodings are one person, and how each field compares: never a value."""

    p: float
    reasons: dict[str, Reason]


def blocking_keys(encoded: Encoded) -> list[bytes]:
    """Keys of eight bytes, at most 29: two persons are worth comparing where they share one."""
    row = stacked([encoded])
    found = {_digest(name, tokens) for name, tokens in _tokens(row) if all(tokens)}
    return sorted(found)


def compare(one: Encoded, other: Encoded, model: Model, frequencies: Frequencies | None = None) -> Scored:
    """The score of two encodings made under one key; without frequencies rare values weigh as common ones."""
    return compare_all([(one, other)], model, frequencies)[0]


def compare_all(
    pairs: Sequence[tuple[Encoded, Encoded]],
    model: Model,
    frequencies: Frequencies | None = None,
    least: float = 0,
) -> list[Scored]:
    """Scores of many pairs at once, each much cheaper than alone; reasons only where p is at `least` so
    much."""
    if not pairs:
        return []
    records = stacked([encoded for pair in pairs for encoded in pair])
    left = np.arange(0, len(records), 2, dtype=np.int32)
    them = people(records, frequencies or Frequencies({}, {}))
    found = scores(them, left, left + 1, model)
    return [
        Scored(float(p), reasons(levels) if p >= least else {})
        for p, levels in zip(found.p.tolist(), found.levels.tolist(), strict=True)
    ]


def reasons(levels: Sequence[int]) -> dict[str, Reason]:
    """What a row of levels means, field by field: agree, close, differ or missing.

    What few forms ask is told only where both have it.
    """
    told = {field: REASONS[field][level] for field, level in zip(FIELDS, levels, strict=True)}
    return {field: how for field, how in told.items() if how != "missing" or field not in SELDOM}


def for_arrivals(model: Model, known: int, links: float = 0.45) -> Model:
    """The model with priors for a store of `known` records in which each has `links` others of its person."""
    priors = np.ones((len(model.priors), STRATA))
    expected = np.array([links, 0.4, 0.03, 0.6, 0.05])
    priors[:STRANGER] = (expected / max(known / 2, 1.0))[:, None]
    return Model(model.m, model.u, priors, model.common)


def _tokens(row: Records) -> list[tuple[str, list[int]]]:
    """The tokens of every blocking rule; telephones in either place make the same key."""
    one = row[0]
    columns = {name: int(one[name]) for name in row.dtype.names or () if one[name].ndim == 0}
    columns["low"], columns["high"] = (int(token) for token in one["buckets"])
    columns["either_name"], columns["other_name"] = sorted((columns["first_key"], columns["last_key"]))
    columns["year"], columns["born"] = int(one["year"][YEAR_REACH]), int(one["birth"][BIRTH_REACH])
    found = [("phone", [int(token)]) for token in one["phone"]]
    for rule, _ in RULES:
        if not rule[0].startswith("phone"):
            found.append(("+".join(rule), [columns[column] for column in rule]))
    return found + [(f"cut{at}", [int(one["cuts"][0, at])]) for at in range(normal.LENGTH)]


def _digest(name: str, tokens: Sequence[int]) -> bytes:
    joined = b"".join(token.to_bytes(8, "little") for token in tokens)
    return hashlib.blake2b(name.encode() + b"\0" + joined, digest_size=KEY_BYTES).digest()
