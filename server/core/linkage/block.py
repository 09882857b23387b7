"""Which pairs are worth comparing: records that share a blocking key; too large a block is parted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from server.core.linkage import normal
from server.core.linkage.encode import BIRTH_REACH, YEAR_REACH, Codes
from server.core.linkage.people import People

Keys = NDArray[np.uint64]
Rows = NDArray[np.int64]
# Each rule: the columns that must agree, then those that part a block which is too large.
RULES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("phone0",), ("last_family", "village", "region")),
    (("phone1",), ("last_family", "village", "region")),
    (("first_family", "last_family", "region"), ("low", "country", "year")),
    (("first_family", "last_family", "low"), ("region", "country", "year")),
    (("first_family", "last_family", "high"), ("region", "country", "year")),
    (("first_family", "last_family", "year"), ("country", "region", "low")),
    (("first_family", "village"), ("last_family", "low", "country")),
    (("last_family", "village"), ("first_family", "low", "year", "country")),
    (("last_family", "village", "high"), ("year", "country")),
    (("last_family", "cercle", "year"), ("country", "low")),
    (("first_family", "cercle", "year"), ("country", "low")),
    (("first_family", "cercle", "low"), ("country", "year")),
    (("first_family", "cercle", "high"), ("country", "year")),
    (("last_family", "cercle", "low"), ("country", "year")),
    (("village", "year", "country"), ("low",)),
    (("village", "low", "high"), ("year", "country")),
    (("either_name", "other_name"), ("region", "low")),
    (("nick", "village"), ("low", "country")),
    (("father_family", "last_family", "village"), ("low", "year")),
    (("father_family", "first_family", "last_family"), ("region", "low")),
    (("first_family", "last_family", "cercle"), ("low",)),
    (("last_family", "region"), ("village", "low")),
    (("paper",), ("last_family", "village")),
    (("born", "birth_month", "birth_day"), ("last_family", "region", "village")),
    (("last_family", "birth_month", "birth_day"), ("first_family", "region")),
    (("first_family", "birth_month", "birth_day"), ("last_family", "region")),
    (("address",), ("last_family", "village", "year")),
)
MIX = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(29)
MOST_WAITING = 8_000_000


@dataclass(slots=True)
class Caps:
    """What was left out because a block was too large even when parted."""

    largest: int
    left_out: dict[str, dict[str, int]] = field(default_factory=dict)

    def note(self, rule: str, sizes: NDArray[np.int64]) -> None:
        if sizes.size:
            pairs = int((sizes * (sizes - 1) // 2).sum())
            self.left_out[rule] = {"blocks": int(sizes.size), "records": int(sizes.sum()), "pairs": pairs}


def candidates(them: People, largest: int) -> tuple[Codes, Codes, Caps]:
    """Pairs of rows (left < right) that share a key, each once, and what the cap left out."""
    caps = Caps(largest)
    columns = _columns(them)
    found = np.zeros(0, dtype=np.int64)
    waiting: list[Rows] = []
    for name, finer, keys in _keys(them, columns):
        rows = np.flatnonzero(keys)
        for one, other in _parted(columns, rows, keys[rows], finer, caps, name):
            waiting.append(np.minimum(one, other) * them.size + np.maximum(one, other))
        if sum(part.size for part in waiting) > MOST_WAITING:
            found, waiting = _distinct([found, *waiting]), []
    found = _distinct([found, *waiting])
    return (found // max(1, them.size)).astype(np.int32), (found % max(1, them.size)).astype(np.int32), caps


def _distinct(parts: Sequence[Rows]) -> Rows:
    """Each number once, sorted; sorting in place holds less memory than numpy's own way."""
    found = np.concatenate(parts)
    found.sort()
    keep = np.ones(found.size, dtype=bool)
    np.not_equal(found[1:], found[:-1], out=keep[1:])
    return found[keep]


def _keys(them: People, columns: dict[str, Codes]) -> Iterator[tuple[str, tuple[str, ...], Keys]]:
    """Each rule's name, its finer columns and every row's key, 0 where something is missing."""
    for rule, finer in RULES:
        yield "+".join(rule), finer, _mixed(columns, rule)
    for at in range(normal.LENGTH):
        yield "phone but one digit", ("last_family",), them.cuts[:, 0, at].astype(np.uint64)


def _columns(them: People) -> dict[str, Codes]:
    """The columns that rules may name."""
    codes = dict(them.codes)
    codes["phone0"], codes["phone1"] = codes["phone"][:, 0], codes["phone"][:, 1]
    codes["either_name"] = np.minimum(codes["first_key"], codes["last_key"])
    codes["other_name"] = np.maximum(codes["first_key"], codes["last_key"])
    codes["low"], codes["high"] = codes["buckets"][:, 0], codes["buckets"][:, 1]
    codes["year"] = them.years[:, YEAR_REACH].astype(np.int32)
    codes["born"] = them.births[:, BIRTH_REACH].astype(np.int32)
    return codes


def _mixed(columns: dict[str, Codes], rule: tuple[str, ...]) -> Keys:
    """One number for the values of a rule's columns, 0 where one is missing."""
    keys = np.ones(len(columns[rule[0]]), dtype=np.uint64)
    for column in rule:
        codes = columns[column].astype(np.uint64)
        keys = np.where((codes == 0) | (keys == 0), np.uint64(0), _stirred(keys, codes))
    return keys


def _stirred(keys: Keys, codes: Keys) -> Keys:
    mixed = (keys ^ codes) * MIX
    return np.asarray((mixed ^ (mixed >> SHIFT)) * MIX | np.uint64(1))


def _parted(
    columns: dict[str, Codes], rows: Rows, keys: Keys, finer: tuple[str, ...], caps: Caps, rule: str
) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of every block up to the cap; larger ones are parted by the next finer column."""
    order = np.argsort(keys, kind="stable")
    rows, keys = rows[order], keys[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if rows.size else rows
    sizes = np.diff(np.append(starts, rows.size))
    large = np.repeat(sizes > caps.largest, sizes)
    yield from _within(rows[~large], keys[~large])
    if not large.any():
        return
    if not finer:
        caps.note(rule, sizes[sizes > caps.largest])
        return
    codes = columns[finer[0]][rows[large]].astype(np.uint64)
    told = codes > 0
    yield from _parted(columns, rows[large][told], _stirred(keys[large], codes)[told], finer[1:], caps, rule)


def _within(rows: Rows, keys: Keys) -> Iterator[tuple[Rows, Rows]]:
    """All pairs of equal keys among sorted `keys`."""
    at = np.arange(rows.size)
    step = 1
    while at.size:
        at = at[at + step < rows.size]
        at = at[keys[at] == keys[at + step]]
        if at.size:
            yield rows[at], rows[at + step]
        step += 1
