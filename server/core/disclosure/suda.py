"""Special uniques: minimal sample uniques, their scores, and the intrusion-simulated risk (DIS-SUDA).

A minimal sample unique is a set of keys in which a record stands alone, while in no smaller part of the set
it does (Elliot, Manning et al.; SUDA2 of Manning, Haglin and Keane 2008). As in sdcMicro a missing answer
equals only another missing one and is never part of a unique.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial

import numpy as np

from server.core.disclosure.keys import MISSING, Flags, Floats, Ints, each_subset, grouped

FRACTION = 0.01
MOST_KEYS = 12
# With one or two keys sdcMicro adds constant columns until there are three; the scores follow.
FEWEST_KEYS = 3


@dataclass(frozen=True, slots=True)
class Suda:
    """Scores and DIS-SUDA of each record, and what each key adds: by record, and to the whole in per cent."""

    score: Floats  # (records,)
    dis: Floats  # (records,)
    share: Floats  # (records, keys), of each record's score
    contribution: Floats  # (keys,), per cent of the sum of scores


def suda(codes: Ints, fraction: float = FRACTION, *, ihsn: bool = False) -> Suda:
    """SUDA of `codes` (records, keys), -1 missing; `fraction` is the share of the population sampled.

    A unique of s among A keys scores (A - s)!, or with `ihsn` (2^(A-s) - 1) / C(A, s), as the first programme
    of the IHSN did.
    """
    keys = codes.shape[1]
    groups = grouped(codes)
    distinct = codes[groups.first]
    alone = np.flatnonzero(groups.size == 1)
    added = np.zeros((len(alone), keys))
    score = np.zeros(len(alone))
    for mask, found in _minimal(distinct, groups.size, alone):
        chosen = [key for key in range(keys) if mask >> key & 1]
        value = _value(max(keys, FEWEST_KEYS), len(chosen), ihsn=ihsn)
        score[found] += value
        added[found[:, None], chosen] += value
    paired = int(groups.size[groups.size == 2].sum())
    records = groups.first[alone]
    scores, shares = np.zeros(len(codes)), np.zeros((len(codes), keys))
    scores[records] = score
    shares[records] = added / np.where(score > 0, score, 1)[:, None]
    whole = score.sum()
    contribution = 100 * added.sum(axis=0) / (whole or 1)
    return Suda(scores, _dis(scores, paired, fraction, max(keys, FEWEST_KEYS)), shares, contribution)


def _minimal(distinct: Ints, size: Ints, alone: Ints) -> list[tuple[int, Ints]]:
    """Each set of keys with the records (places in `alone`) that are minimal uniques there."""
    keys = distinct.shape[1]
    unique: list[Flags] = [np.zeros(len(alone), np.bool_)] * (1 << keys)
    minimal: list[tuple[int, Ints]] = []
    known = distinct[alone] != MISSING

    def visit(mask: int, code: Ints, count: int) -> None:
        here = np.bincount(code, size, count)[code[alone]] == 1
        chosen = [key for key in range(keys) if mask >> key & 1]
        unique[mask] = here
        fresh = here & known[:, chosen].all(axis=1)
        for key in chosen:
            fresh &= ~unique[mask ^ 1 << key]
        if fresh.any():
            minimal.append((mask, np.flatnonzero(fresh)))

    each_subset(distinct, visit)
    return minimal


def _value(keys: int, size: int, *, ihsn: bool) -> float:
    """What one minimal unique of `size` among `keys` keys scores."""
    return (2.0 ** (keys - size) - 1) / comb(keys, size) if ihsn else float(factorial(keys - size))


def _dis(score: Floats, paired: int, fraction: float, keys: int) -> Floats:
    """The probability that a match with a record is right, spread over the records by their scores.

    With U uniques, P records in pairs and θ = Uπ / (Uπ + P(1 - π)), U/θ - U is P(1 - π)/π: U falls out.
    """
    dis = np.zeros_like(score)
    scored = score > 0
    power = score[scored] ** (1 + (8 - keys) / 20)
    spread = power * (1 / power).sum()
    dis[scored] = 1 / (1 + paired * (1 - fraction) / fraction / spread)
    return dis
