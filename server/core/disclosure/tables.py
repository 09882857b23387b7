"""Tables of counts with their margins: which cells to hide, and what an attacker still finds.

The attack is a linear programme: hidden cells are unknown, not negative, and every published margin is an
equation. A hidden cell is protected when what remains possible for it is at least as wide as the threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from server.core.disclosure.keys import Flags, Floats, Ints
from server.core.problem import Refused, Unavailable

# A bound of the programme is exact to about this much.
SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Equation:
    """A published relation: the cells (by number) times their factors add up to `total`."""

    factors: Mapping[int, float]
    total: float = 0.0


def primary(counts: Ints, threshold: int, *, zeros: bool = False) -> Flags:
    """Cells that tell too much by themselves, of `counts` (rows, columns).

    Those below the threshold, and those that hold everybody of a row or a column (100 %, which tells the
    answer of each); with `zeros` also those with nobody.
    """
    sensitive: Flags = (counts < threshold) & ((counts > 0) | zeros)
    for axis in (0, 1):
        if counts.shape[axis] > 1:
            sensitive |= (counts > 0) & (counts == counts.sum(axis=axis, keepdims=True))
    return sensitive


def attack(counts: Ints, hidden: Flags) -> Floats:
    """The interval an attacker finds for each cell, shape (rows, columns, 2); all margins are published.

    Cells that are not hidden have their own count as both ends.
    """
    equations = margins(counts.shape)
    cells = with_margins(counts).ravel()
    return intervals(cells, _inner(counts.shape, hidden), equations).reshape(*np.add(counts.shape, 1), 2)[
        :-1, :-1
    ]


def protect_table(counts: Ints, threshold: int, *, zeros: bool = False) -> Flags:
    """The cells of `counts` (rows, columns) to hide, so that with all margins published the attack finds no
    interval narrower than `threshold`.

    Refuses a table whose margins are too small themselves, or which cannot be protected: merge categories.
    """
    totals = np.concatenate([counts.sum(axis=0), counts.sum(axis=1)])
    if ((totals > 0) & (totals < threshold)).any():
        raise Refused("small_margin", threshold=str(threshold))
    first = _inner(counts.shape, primary(counts, threshold, zeros=zeros))
    free = _inner(counts.shape, np.ones(counts.shape, np.bool_))
    cells = with_margins(counts).ravel()
    hidden = secure(cells, first, margins(counts.shape), threshold, free)
    result: Flags = hidden.reshape(np.add(counts.shape, 1))[:-1, :-1]
    return result


def with_margins(counts: Ints) -> Ints:
    """The table with a row and a column of totals."""
    wide = np.vstack([counts, counts.sum(axis=0)])
    return np.column_stack([wide, wide.sum(axis=1)])


def margins(shape: tuple[int, ...]) -> list[Equation]:
    """What holds between the cells of a table with its totals, numbered row by row."""
    rows, columns = shape[0] + 1, shape[1] + 1
    number = np.arange(rows * columns).reshape(rows, columns)
    lines = [*number, *number.T]
    return [Equation({**dict.fromkeys(line[:-1].tolist(), 1.0), int(line[-1]): -1.0}) for line in lines]


def intervals(cells: Ints | Floats, hidden: Flags, equations: Sequence[Equation]) -> Floats:
    """What remains possible for each of `cells` (cells,), shape (cells, 2), if the `hidden` are not told.

    Several tables that share totals are one vector of cells with all their equations.
    """
    result = np.column_stack([cells, cells]).astype(np.float64)
    unknown = np.flatnonzero(hidden)
    if not len(unknown):
        return result
    left, right = _system(cells, unknown, equations)
    for place, cell in enumerate(unknown):
        aim = np.zeros(len(unknown))
        aim[place] = 1
        for end, sign in ((0, 1), (1, -1)):
            done = _solved(sign * aim, left, right, [(0, None)] * len(unknown))
            # No solution can only be an unbounded one: the true counts solve the equations.
            result[cell, end] = done.x[place] if done.status == 0 else np.inf
    return result


def secure(
    cells: Ints | Floats,
    sensitive: Flags,
    equations: Sequence[Equation],
    threshold: float,
    free: Flags | None = None,
) -> Flags:
    """The `sensitive` cells and those that must be hidden with them; only cells marked `free` may be hidden.

    Refuses when no choice gives every hidden cell an interval as wide as `threshold`.
    """
    hidden = sensitive.copy()
    free = np.ones(len(cells), np.bool_) if free is None else free
    while len(narrow := _narrow(cells, hidden, equations, threshold)):
        added = _companions(cells, hidden, equations, threshold, int(narrow[0]), free)
        if not (added & ~hidden).any():
            raise Refused("table_not_protectable")
        hidden |= added
    for cell in sorted(np.flatnonzero(hidden & ~sensitive), key=lambda one: -cells[one]):
        fewer = hidden.copy()
        fewer[cell] = False
        if not len(_narrow(cells, fewer, equations, threshold)):
            hidden = fewer
    return hidden


def _narrow(cells: Ints | Floats, hidden: Flags, equations: Sequence[Equation], threshold: float) -> Ints:
    """Hidden cells whose interval is narrower than the threshold, the smallest counts first."""
    found = intervals(cells, hidden, equations)
    short = np.flatnonzero(hidden & (found[:, 1] - found[:, 0] < threshold - SLACK))
    return short[np.argsort(cells[short], kind="stable")]


def _companions(
    cells: Ints | Floats,
    hidden: Flags,
    equations: Sequence[Equation],
    threshold: float,
    target: int,
    free: Flags,
) -> Flags:
    """The cheapest further cells that let one hidden cell be as much larger as it must be, or smaller.

    Each cell may rise and fall; what moves must be hidden. Hidden cells move at no cost, others at theirs.
    """
    low, high = intervals(cells, hidden, equations)[target]
    movable = np.flatnonzero(hidden | free)
    left, _ = _system(cells, movable, equations)
    price = np.where(hidden[movable], 0.0, cells[movable] + 1.0)
    place = int(np.flatnonzero(movable == target)[0])
    best, chosen = np.inf, np.zeros(len(cells), np.bool_)
    for rise, fall in ((low + threshold - cells[target], 0.0), (0.0, cells[target] - high + threshold)):
        up: list[tuple[float, float | None]] = [(0, None)] * len(movable)
        down: list[tuple[float, float | None]] = [(0, float(count)) for count in cells[movable]]
        up[place], down[place] = (rise, rise), (fall, fall)
        if fall > cells[target]:
            continue
        done = _solved(np.tile(price, 2), np.hstack([left, -left]), np.zeros(len(left)), [*up, *down])
        if done.status == 0 and done.fun < best:
            moved = np.abs(done.x[: len(movable)] - done.x[len(movable) :]) > SLACK
            best, chosen = done.fun, np.isin(np.arange(len(cells)), movable[moved])
    return chosen


def _system(cells: Ints | Floats, unknown: Ints, equations: Sequence[Equation]) -> tuple[Floats, Floats]:
    """The equations in the unknown cells alone, with what is published on the right."""
    factors = np.zeros((len(equations), len(cells)))
    for row, equation in enumerate(equations):
        factors[row, list(equation.factors)] = list(equation.factors.values())
    totals = np.array([equation.total for equation in equations])
    rest = np.asarray(cells, np.float64).copy()
    rest[unknown] = 0
    return factors[:, unknown], totals - factors @ rest


def _inner(shape: tuple[int, ...], flags: Flags) -> Flags:
    """Flags of a table's cells among its cells and totals, flattened."""
    wide = np.zeros((shape[0] + 1, shape[1] + 1), np.bool_)
    wide[:-1, :-1] = flags
    return wide.ravel()


def _solved(aim: Floats, left: Floats, right: Floats, bounds: list[Any]) -> Any:
    """HiGHS on one programme."""
    try:
        from scipy.optimize import linprog  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise Unavailable("analysis_missing") from None
    return linprog(aim, A_eq=left, b_eq=right, bounds=bounds, method="highs")
