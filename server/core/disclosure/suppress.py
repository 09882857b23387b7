"""Local suppression: blanks few cells of the keys, until every record shares its keys with enough others.

A blank may be any answer, so a record that blanks a key meets more records, and each of them meets it. One
blank can thus protect several. A record is only ever blanked as far as it needs itself: a few emptied records
that may be anybody would otherwise seem to protect everybody. Among such moves the one that gains most for
its cost comes first; blanks that turn out not to be needed are filled in again.
"""

from __future__ import annotations

import numpy as np

from server.core.disclosure.keys import MISSING, Flags, Floats, Ints, grouped
from server.core.disclosure.risk import frequencies
from server.core.problem import Refused

MOST_KEYS = 12
# So many records are weighed against each other at once, and so many comparisons are held in memory.
BATCH, HELD = 500, 20_000_000
# Filling in again looks at every record for every blank; beyond this much work the blanks stay.
LOOKS = 500_000_000


def suppressed(codes: Ints, k: int, costs: Floats | None = None) -> Ints:
    """`codes` (records, keys) with cells set to -1 so that each record shares its keys with k - 1 more.

    `costs` (keys,) is what a blank in each key loses. Refuses a table with fewer than k records, or more keys
    than the search can weigh.
    """
    if len(codes) < k:
        raise Refused("fewer_than_k", rows=str(len(codes)), k=str(k))
    if codes.shape[1] > MOST_KEYS:
        raise Refused("too_many_keys", keys=str(codes.shape[1]), most=str(MOST_KEYS))
    result = codes.copy()
    price = np.ones(codes.shape[1]) if costs is None else costs
    while len(short := np.flatnonzero(frequencies(result).sample < k)):
        _Batch(result, short, k, price).run()
    _fill(codes, result, k, price)
    return result


class _Batch:
    """Some records that share their keys with too few, and what each set of blanks would do to them.

    Sets of keys are bit masks. Two records meet when the mask of keys in which they differ is within the mask
    of blanks. `reach[v, T]` counts the records that v meets with T blanked, `needy[v, T]` those among them,
    within the batch, that need to meet somebody. A record without any answer is met by nobody: mask `lost`.
    """

    def __init__(self, codes: Ints, short: Ints, k: int, price: Floats) -> None:
        keys = codes.shape[1]
        self.codes, self.k = codes, k
        self.sets = np.arange(1 << keys)
        self.lost = 1 << keys
        bits = self.sets[:, None] >> np.arange(keys) & 1
        self.cost = bits @ price
        self.cost[0] = 1  # never taken: it serves nobody
        self.covers = np.zeros((self.lost + 1, self.lost), np.int32)
        self.covers[:-1] = self.sets[:, None] & ~self.sets == 0
        self.covers[self.lost, -1] = 1  # one that blanks all its keys meets everybody
        groups = grouped(codes)
        size = max(50, min(BATCH, HELD // (len(groups.size) + self.lost)))
        self.rows = short[np.lexsort(codes[short].T[::-1])][:size]
        mine = codes[self.rows]
        self.differ = _differing(mine, mine)
        self.reach = self._met(mine, codes[groups.first], groups.size)
        self.need = self.reach[:, 0] < k
        self.needy = self._survey()

    def _met(self, mine: Ints, distinct: Ints, size: Ints) -> Ints:
        """How many records each row of `mine` meets, for every set of blanks."""
        masks = _differing(mine, distinct)
        masks[:, (distinct == MISSING).all(axis=1)] = self.lost
        wide = self.lost + 1
        flat = (np.arange(len(mine))[:, None] * wide + masks).ravel()
        held = np.bincount(flat, np.tile(size, len(mine)), len(mine) * wide).reshape(len(mine), wide)
        reach = _summed(held[:, :-1].astype(np.int32))
        reach[:, -1] = len(self.codes)
        return reach

    def _survey(self) -> Ints:
        """How many in need each record would meet, for every set of blanks."""
        wide = self.lost + 1
        flat = (np.arange(len(self.rows))[:, None] * wide + self.differ[:, self.need]).ravel()
        held = np.bincount(flat, minlength=len(self.rows) * wide).reshape(len(self.rows), wide)
        return _summed(held[:, :-1].astype(np.int32))

    def run(self) -> None:
        """Blanks until nobody in the batch is in need."""
        while self.need.any():
            row, mask = self._best()
            self._blank(row, mask)

    def _best(self) -> tuple[int, int]:
        """The record in need, and the smallest blanks that serve it, which gain most for their cost."""
        rows = np.flatnonzero(self.need)
        reach = self.reach[rows]
        enough = reach >= self.k
        smallest = enough.copy()
        for key in range(self.codes.shape[1]):
            without, with_it = (part.reshape(len(rows), -1, 2, 1 << key) for part in (enough, smallest))
            with_it[:, :, 1] &= ~without[:, :, 0]
        gain = self.k - reach[:, :1] + self.needy[rows] - self.needy[rows, :1]
        score = np.where(smallest, gain / self.cost, -1)
        place = int(np.argmax(score))
        return int(rows[place // len(self.sets)]), place % len(self.sets)

    def _blank(self, row: int, mask: int) -> None:
        """Blanks the keys of `mask` in a record, and tells all that meet it."""
        record = self.codes[self.rows[row]]
        record[[key for key in range(len(record)) if mask >> key & 1]] = MISSING
        empty = bool((record == MISSING).all())
        old = self.differ[:, row].copy()
        new = np.full_like(old, self.lost) if empty else old & ~mask
        self.reach[row] = len(self.codes) if empty else self.reach[row, self.sets | mask]
        self.needy[row] = self.needy[row, self.sets | mask]
        others = np.arange(len(self.rows)) != row
        moved = np.flatnonzero(others & (new != old))
        self.reach[moved] += self.covers[new[moved]] - self.covers[old[moved]]
        self.needy[moved] += self.covers[new[moved]] - self.covers[old[moved]]
        self.differ[moved, row] = new[moved]
        self.differ[row] &= ~mask
        for place in np.flatnonzero(self.need != (self.reach[:, 0] < self.k)):
            self.needy += self.covers[self.differ[:, place]] * (-1 if self.need[place] else 1)
            self.need[place] = not self.need[place]


def _differing(left: Ints, right: Ints) -> Ints:
    """The mask of keys in which records answer differently, shape (left, right)."""
    masks = np.zeros((len(left), len(right)), np.int64)
    for key in range(left.shape[1]):
        one, other = left[:, key, None], right[None, :, key]
        masks |= ((one != other) & (one != MISSING) & (other != MISSING)).astype(np.int64) << key
    return masks


def _summed(held: Ints) -> Ints:
    """For every mask the sum over the masks within it, along the last axis. Changes `held`."""
    bit = 1
    while bit < held.shape[-1]:
        pairs = held.reshape(len(held), -1, 2, bit)
        pairs[:, :, 1] += pairs[:, :, 0]
        bit <<= 1
    return held


def _fill(before: Ints, after: Ints, k: int, price: Floats) -> None:
    """Puts answers back, the costliest first, wherever everybody still shares with enough."""
    columns = np.ascontiguousarray(after.T)
    count = frequencies(after).sample
    again = True
    while again:
        cells = np.argwhere(before != columns.T)
        if len(cells) * after.size > LOOKS:
            break
        # A record that gets its first answer back is met by more, which may free others.
        empty = (columns == MISSING).all(axis=0).any()
        tried = cells[np.argsort(-price[cells[:, 1]], kind="stable")]
        freed = [_freed(columns, count, (row, key), int(before[row, key]), k) for row, key in tried]
        again = bool(empty and any(freed))
    after[:] = columns.T


def _freed(columns: Ints, count: Ints, cell: tuple[int, int], answer: int, k: int) -> bool:
    """Puts one answer back if everybody still shares with k; changes `columns` and each record's `count`."""
    row, key = cell
    lost = _counted_by(columns, row)
    columns[key, row] = answer
    change = _counted_by(columns, row).astype(np.int64) - lost
    change[row] = 0
    met = int(_counts(columns, row).sum())
    if met < k or (count + change < k).any():
        columns[key, row] = MISSING
        return False
    count += change
    count[row] = met
    return True


def _agreeing(columns: Ints, row: int) -> Flags:
    """The records that may have the same answers as one of them, `columns` (keys, records)."""
    agree = np.ones(columns.shape[1], np.bool_)
    for column in columns:
        if column[row] != MISSING:
            agree &= (column == column[row]) | (column == MISSING)
    return agree


def _counts(columns: Ints, row: int) -> Flags:
    """The records that one of them counts."""
    agree = _agreeing(columns, row)
    if len(columns) > 1 and (columns[:, row] != MISSING).all():
        agree &= (columns != MISSING).any(axis=0)
    return agree


def _counted_by(columns: Ints, row: int) -> Flags:
    """The records that count one of them among theirs: complete ones leave out one without any answer."""
    if len(columns) > 1 and (columns[:, row] == MISSING).all():
        gaps: Flags = (columns == MISSING).any(axis=0)
        return gaps
    return _agreeing(columns, row)
