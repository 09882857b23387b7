"""Pairs of rows with their scores, and what to do with each: same, different, or ask a supervisor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.core.linkage.cluster import HIGHEST, UNSEEN
from server.core.linkage.encode import Codes

WRITTEN = 0.02  # pairs less likely than this are not in question
SURE, SURELY_NOT = 0.97, 0.03
TILT = 2.0  # persons missed are worth more than wrong links: set on made-up lists of two noise rates
LARGEST_CLOSED = 60


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, left < right, with the chance that they are one person and its log odds."""

    left: Codes
    right: Codes
    p: NDArray[np.float32]
    odds: NDArray[np.float32]

    @staticmethod
    def of_parts(parts: Sequence[Pairs]) -> Pairs:
        """All parts in a row."""
        return Pairs(
            np.concatenate([part.left for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.p for part in parts]),
            np.concatenate([part.odds for part in parts]),
        )

    def of(self, chosen: NDArray[np.bool_]) -> Pairs:
        """Those that are chosen."""
        return Pairs(self.left[chosen], self.right[chosen], self.p[chosen], self.odds[chosen])

    def ends(self) -> list[tuple[int, int]]:
        """Both rows of each pair."""
        return list(zip(self.left.tolist(), self.right.tolist(), strict=True))

    def keys(self, size: int) -> NDArray[np.int64]:
        """One number for each pair of `size` rows."""
        return self.left.astype(np.int64) * size + self.right


def joined(one: Pairs, other: Pairs) -> Pairs:
    """Both, each pair once (that of `one`), sorted by rows."""
    both = Pairs.of_parts([one, other])
    size = int(both.right.max(initial=0)) + 1
    _, first = np.unique(both.keys(size), return_index=True)
    return Pairs(both.left[first], both.right[first], both.p[first], both.odds[first])


def all_within(label: Codes) -> tuple[Codes, Codes]:
    """All pairs of rows with one label, of labels with 3 to `LARGEST_CLOSED` rows."""
    order = np.argsort(label, kind="stable").astype(np.int32)
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    chosen = (sizes > 2) & (sizes <= LARGEST_CLOSED)
    lefts, rights = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
    for size in np.unique(sizes[chosen]).tolist():
        one, other = np.triu_indices(size, 1)
        at = starts[chosen & (sizes == size)][:, None]
        lefts.append(order[at + one].ravel())
        rights.append(order[at + other].ravel())
    return np.concatenate(lefts), np.concatenate(rights)


def through(pairs: Pairs, labels: Codes, inside: Pairs) -> Pairs:
    """Pairs of one cluster are as likely as their best way through a third record, where that is likelier."""
    mates = inside.of((labels[inside.left] == labels[inside.right]) & (inside.p > 0.5))
    near: dict[int, dict[int, float]] = {}
    for (one, other), chance in zip(mates.ends(), mates.p.tolist(), strict=True):
        near.setdefault(one, {})[other] = chance
        near.setdefault(other, {})[one] = chance
    weak = np.flatnonzero((labels[pairs.left] == labels[pairs.right]) & (pairs.p < 0.9))
    p = pairs.p.copy()
    for at in weak.tolist():
        here, there = near.get(int(pairs.left[at]), {}), near.get(int(pairs.right[at]), {})
        ways = [chance * there[mate] for mate, chance in here.items() if mate in there]
        p[at] = max(float(p[at]), max(ways, default=0.0))
    return Pairs(pairs.left, pairs.right, p, pairs.odds)


def reviewed(pairs: Pairs, labels: Codes, share: float) -> NDArray[np.str_]:
    """A decision for each pair: at most `share` of them are for a supervisor, those where most is to be won.

    A pair inside a cluster may be wrong, by its own chance. A pair between two clusters is as likely as these
    agree on the whole: one high score among many low ones is a namesake, not a person who was missed.
    """
    same = labels[pairs.left] == labels[pairs.right]
    decisions = np.where(same, "same", "different").astype("<U9")
    won = np.where(same, 1 - pairs.p, TILT / (1 + np.exp(-_agreement(pairs, labels))))
    won[same & (pairs.p > SURE)] = 0
    asked = np.argsort(-won, kind="stable")[: int(share * len(pairs.p))]
    decisions[asked[won[asked] > SURELY_NOT]] = "review"
    return decisions


def _agreement(pairs: Pairs, labels: Codes) -> NDArray[np.float64]:
    """For each pair the mean log odds of all pairs between its two clusters."""
    codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)[1:]
    one, other = codes[pairs.left].astype(np.int64), codes[pairs.right].astype(np.int64)
    keys = np.minimum(one, other) * len(sizes) + np.maximum(one, other)
    where, seen = np.unique(keys, return_inverse=True, return_counts=True)[1:]
    sums = np.bincount(where, np.clip(pairs.odds, UNSEEN, HIGHEST))
    among = sizes[one] * sizes[other]
    return np.asarray((sums[where] + np.maximum(among - seen[where], 0) * UNSEEN) / among)
