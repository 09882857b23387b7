"""Answers as codes, and groups of records that share them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MISSING = -1
BLANK = frozenset({""})
# Counting by address is faster than sorting while the table of addresses stays near the number of rows.
ROOMY, SMALL = 4, 1 << 10


@dataclass(frozen=True, slots=True)
class Groups:
    """Distinct combinations of codes: the group of each record, one record of each, and their sizes."""

    of: Ints  # (records,)
    first: Ints  # (groups,)
    size: Ints  # (groups,)


class Coder(dict[str, int]):
    """Gives the values of one column codes in the order in which they are first seen; blanks are missing."""

    def __init__(self, blank: Collection[str] = BLANK) -> None:
        super().__init__(dict.fromkeys(blank, MISSING))
        self._blank = len(self)

    def __missing__(self, value: str) -> int:
        code = self[value] = len(self) - self._blank
        return code

    def add(self, values: Iterable[str]) -> Ints:
        """The codes of `values`; each value keeps its code from call to call."""
        return np.fromiter(map(self.__getitem__, values), np.int64)

    def seen(self) -> list[str]:
        """The value of each code."""
        return [value for value, code in self.items() if code != MISSING]


def encode(columns: Sequence[Iterable[str]], blank: Collection[str] = BLANK) -> Ints:
    """Codes of columns of text, shape (records, columns); a value in `blank` is missing, -1."""
    return np.column_stack([Coder(blank).add(column) for column in columns])


def compressed(code: Ints, space: int) -> tuple[Ints, int]:
    """Codes from 0 to `space` - 1 renumbered without holes, in the same order, and how many there are."""
    if space <= max(SMALL, ROOMY * len(code)):
        seen = np.zeros(space, np.bool_)
        seen[code] = True
        number = np.cumsum(seen, dtype=np.int64) - 1
        return number[code], int(number[-1]) + 1 if space else 0
    found, number = np.unique(code, return_inverse=True)
    return number.astype(np.int64, copy=False), len(found)


def combined(codes: Ints, chosen: Sequence[int]) -> tuple[Ints, int]:
    """One code for each distinct combination of the chosen columns, and how many; missing is a value."""
    code, count = np.zeros(len(codes), np.int64), 1
    for column in chosen:
        values = codes[:, column] + 1
        size = int(values.max(initial=0)) + 1
        code, count = compressed(code * size + values, count * size)
    return code, count


def grouped(codes: Ints) -> Groups:
    """Records with equal codes, where missing equals only missing."""
    of, count = combined(codes, range(codes.shape[1]))
    first = np.empty(count, np.int64)
    first[of[::-1]] = np.arange(len(of) - 1, -1, -1)
    return Groups(of, first, np.bincount(of, minlength=count).astype(np.int64))


def each_subset(codes: Ints, visit: Callable[[int, Ints, int], None]) -> None:
    """Calls `visit(mask, code, count)` for every non-empty set of columns, smaller masks first.

    Bit i of the mask stands for column i; `code` numbers the combinations of those columns from 0.
    """
    values = codes + 1
    sizes = [int(column.max(initial=0)) + 1 for column in values.T]

    def extend(mask: int, code: Ints, count: int, below: int) -> None:
        for column in range(below):
            numbered, found = compressed(code * sizes[column] + values[:, column], count * sizes[column])
            visit(mask | 1 << column, numbered, found)
            extend(mask | 1 << column, numbered, found, column)

    extend(0, np.zeros(len(codes), np.int64), 1, codes.shape[1])
