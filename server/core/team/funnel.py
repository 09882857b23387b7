"""One share for each enumerator, compared with what the others found in the same places.

Every enumerator's expectation is the others' share in each stratum, weighted by where he worked; strata where
others hardly worked are taken together. So who works in a poorer place is not accused of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.core.checks.parameters import shipped
from server.core.team.exact import adjusted, binomial_p, limits

ENOUGH = 15  # interviews of an enumerator, and of the others in a stratum
Count = tuple[str, str, int, int]  # enumerator, stratum, successes, of how many


@dataclass(frozen=True, slots=True)
class Point:
    """One enumerator: `k` of `n` where `expected` is usual; `q` is None when there are too few to judge."""

    enumerator: str
    k: int
    n: int
    expected: float
    p: float | None = None
    q: float | None = None
    flagged: bool = False

    @property
    def share(self) -> float:
        """The share found."""
        return self.k / self.n if self.n else 0.0

    @property
    def too_few(self) -> bool:
        """Whether nothing can be said of this enumerator yet."""
        return self.p is None


@dataclass(frozen=True, slots=True)
class Funnel:
    """A check's points; `limits` are (n, low 95, high 95, low 99.8, high 99.8) about the mean share."""

    check: str
    path: str
    code: str
    mean: float
    points: tuple[Point, ...]
    limits: tuple[tuple[int, float, float, float, float], ...] = ()

    @property
    def flagged(self) -> tuple[Point, ...]:
        """The enumerators to look at."""
        return tuple(point for point in self.points if point.flagged)


def funnel(check: str, counts: Iterable[Count], path: str = "", code: str = "") -> Funnel:
    """The funnel of counts, tested on its own (q among its enumerators) by the thresholds that ship."""
    return settled([raw_funnel(check, counts, path, code)], shipped()["team"])[0]


def raw_funnel(check: str, counts: Iterable[Count], path: str = "", code: str = "") -> Funnel:
    """The points with their p; `settled` judges many funnels together."""
    rows = list(counts)
    names = sorted({row[0] for row in rows})
    places = sorted({row[1] for row in rows})
    k, n = (np.zeros((len(names), len(places)), dtype=np.int64) for _ in range(2))
    at, on = ({one: i for i, one in enumerate(all_)} for all_ in (names, places))
    for enumerator, stratum, successes, total in rows:
        k[at[enumerator], on[stratum]] += successes
        n[at[enumerator], on[stratum]] += total
    return of_tables(check, names, k, n, path, code)


def of_tables(
    check: str,
    names: Sequence[str],
    k: NDArray[np.int64],
    n: NDArray[np.int64],
    path: str = "",
    code: str = "",
) -> Funnel:
    """The same from tables of enumerators × strata: successes and totals."""
    rest_k, rest_n = k.sum(0) - k, n.sum(0) - n
    usable = (rest_n > 0) & (n > 0)
    share = np.divide(rest_k, rest_n, out=np.zeros(n.shape), where=rest_n > 0)
    mine_n, mine_k = (n * usable).sum(1), (k * usable).sum(1)
    expected = np.divide((share * n * usable).sum(1), mine_n, out=np.zeros(len(names)), where=mine_n > 0)
    others = (rest_n * usable).sum(1)
    points = tuple(
        _point(name, int(mine_k[i]), int(mine_n[i]), float(expected[i]), int(others[i]))
        for i, name in enumerate(names)
    )
    total = int(n.sum())
    return Funnel(check, path, code, float(k.sum() / total) if total else 0.0, points)


def _point(name: str, k: int, n: int, expected: float, others: int) -> Point:
    if n < ENOUGH or others < ENOUGH:
        return Point(name, k, n, expected)
    # Nothing among others does not mean that it never happens: half a case is granted to either side.
    least = 0.5 / (others + 1)
    expected = min(max(expected, least), 1 - least)
    return Point(name, k, n, expected, binomial_p(k, n, expected))


def only_judged(one: Funnel, enough: Container[str]) -> Funnel:
    """The funnel where only these enumerators are judged: many answers of few interviews say little."""
    points = tuple(point if point.enumerator in enough else replace(point, p=None) for point in one.points)
    return replace(one, points=points)


def settled(funnels: Sequence[Funnel], said: Mapping[str, Any]) -> list[Funnel]:
    """The funnels with q over all their points, flagged where q is small and the difference matters.

    `said` are the thresholds of teams.
    """
    tested = [one.p for each in funnels for one in each.points if one.p is not None]
    qs = iter(adjusted(tested))
    return [
        replace(each, points=tuple(_judged(one, qs, said["q"], said["points"]) for one in each.points))
        for each in funnels
    ]


def _judged(point: Point, qs: Iterator[float], q_below: float, points: float) -> Point:
    if point.p is None:
        return point
    q = next(qs)
    return replace(point, q=q, flagged=q < q_below and abs(point.share - point.expected) >= points)


def with_limits(one: Funnel) -> Funnel:
    """The funnel with its limits at the sizes that a picture needs."""
    sizes = sorted({point.n for point in one.points if point.n})
    if not sizes:
        return one
    steps = sorted({max(1, round(size)) for size in np.linspace(min(sizes[0], ENOUGH), sizes[-1], 40)})
    rows = tuple((n, *limits(n, one.mean, 0.95), *limits(n, one.mean, 0.998)) for n in steps)
    return replace(one, limits=rows)


def pooled_strata(strata: Sequence[str], enough: int = 2 * ENOUGH) -> list[str]:
    """The stratum of each interview, those with too few interviews taken together as ``""``."""
    size: dict[str, int] = defaultdict(int)
    for stratum in strata:
        size[stratum] += 1
    return [stratum if size[stratum] >= enough else "" for stratum in strata]
