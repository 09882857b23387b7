"""From scored pairs to persons: average linkage under constraints.

Plain connected components let one wrong pair join two persons. Here two groups join only when their records
agree on average, never across a contradiction; what a supervisor decided comes first.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Pair = tuple[int, int]
UNSEEN = -4.0  # log odds of a pair that shared no blocking key
HIGHEST, LOWEST = 8.0, -4.0
GRAIN = 1024  # scores are rounded so that sums do not depend on their order


@dataclass(frozen=True, slots=True)
class Clusters:
    """`labels[row]` is the smallest row of its cluster; `unmet` are decisions that contradict one another."""

    labels: list[int]
    unmet: list[Pair]


@dataclass(slots=True)
class _Group:
    rows: list[int]
    sums: dict[int, float] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    apart: set[int] = field(default_factory=set)


def clusters(
    size: int,
    odds: Mapping[Pair, float],
    same: Iterable[Pair] = (),
    different: Iterable[Pair] = (),
    contradictions: Iterable[Pair] = (),
    threshold: float = 0.0,
) -> Clusters:
    """Clusters of rows 0 to `size` - 1.

    `odds` are log odds of pairs. `same` and `different` are a supervisor's decisions and always hold; a
    `same` that would join what is `different` is left out and told. `contradictions` keep rows apart unless a
    supervisor said `same`. Groups join from the best average down to `threshold`. The order of rows and pairs
    does not matter but for equal scores, where the smaller row comes first.
    """
    joined, unmet = _decided(size, sorted(_ordered(same)), sorted(_ordered(different)))
    groups = _groups(joined, odds)
    for one, other in _ordered(different):
        _part(groups, joined[one], joined[other])
    for one, other in _ordered(contradictions):
        _part(groups, joined[one], joined[other])
    _merge(groups, threshold)
    labels = list(joined)
    for group in groups.values():
        smallest = min(group.rows)
        for row in group.rows:
            labels[row] = smallest
    return Clusters(labels, unmet)


def components(size: int, pairs: Iterable[Pair]) -> list[int]:
    """The smallest row that each row is connected with."""
    root = list(range(size))
    for one, other in pairs:
        here, there = _root(root, one), _root(root, other)
        root[max(here, there)] = min(here, there)
    return [_root(root, row) for row in range(size)]


def overlapping(pairs: Iterable[Pair], held: Mapping[int, tuple[float, float]]) -> list[Pair]:
    """Pairs of interviews held at the same time, from start and end (in any unit): never one person."""
    return [
        (one, other)
        for one, other in pairs
        if one in held
        and other in held
        and max(held[one][0], held[other][0]) < min(held[one][1], held[other][1])
    ]


def _root(root: list[int], row: int) -> int:
    while root[row] != row:
        root[row] = root[root[row]]
        row = root[row]
    return row


def _ordered(pairs: Iterable[Pair]) -> list[Pair]:
    return [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]


def _decided(size: int, same: Sequence[Pair], different: Sequence[Pair]) -> tuple[list[int], list[Pair]]:
    """Rows joined by decisions, and the `same` that a `different` forbids."""
    root, unmet = list(range(size)), []
    apart: dict[int, set[int]] = defaultdict(set)
    for one, other in different:
        apart[one].add(other)
        apart[other].add(one)
    for one, other in same:
        here, there = sorted((_root(root, one), _root(root, other)))
        if here == there:
            continue
        if there in apart[here]:
            unmet.append((one, other))
            continue
        root[there] = here
        for far in apart.pop(there, set()):
            apart[far].discard(there)
            apart[far].add(here)
            apart[here].add(far)
    return [_root(root, row) for row in range(size)], unmet


def _groups(joined: Sequence[int], odds: Mapping[Pair, float]) -> dict[int, _Group]:
    """Groups of what was joined, with the sum and number of scores between them; only rows with scores."""
    groups: dict[int, _Group] = {}
    for one, other in odds:
        for root in (joined[one], joined[other]):
            if root not in groups:
                groups[root] = _Group([])
    for row, root in enumerate(joined):
        if root in groups:
            groups[root].rows.append(row)
    for (one, other), score in odds.items():
        here, there = joined[one], joined[other]
        if here != there:
            bounded = round(min(HIGHEST, max(LOWEST, score)) * GRAIN) / GRAIN
            for near, far in ((here, there), (there, here)):
                groups[near].sums[far] = groups[near].sums.get(far, 0.0) + bounded
                groups[near].counts[far] = groups[near].counts.get(far, 0) + 1
    return groups


def _part(groups: dict[int, _Group], here: int, there: int) -> None:
    if here != there and here in groups and there in groups:
        groups[here].apart.add(there)
        groups[there].apart.add(here)


def _average(groups: dict[int, _Group], here: int, there: int) -> float:
    group = groups[here]
    pairs = len(group.rows) * len(groups[there].rows)
    return (group.sums[there] + (pairs - group.counts[there]) * UNSEEN) / pairs


def _merge(groups: dict[int, _Group], threshold: float) -> None:
    """Joins the best pair of groups until none is above the threshold."""
    waiting = [
        (-score, here, there)
        for here, group in groups.items()
        for there in group.sums
        if here < there and (score := _average(groups, here, there)) > threshold
    ]
    heapq.heapify(waiting)
    while waiting:
        score, here, there = heapq.heappop(waiting)
        if here not in groups or there not in groups or there in groups[here].apart:
            continue
        if -score != _average(groups, here, there):
            continue
        _absorb(groups, here, there)
        for far in groups[here].sums:
            better = _average(groups, here, far)
            if better > threshold:
                heapq.heappush(waiting, (-better, min(here, far), max(here, far)))


def _absorb(groups: dict[int, _Group], here: int, there: int) -> None:
    """Group `here` takes over everything of `there`."""
    kept, gone = groups[here], groups.pop(there)
    kept.rows += gone.rows
    kept.sums.pop(there, None)
    kept.counts.pop(there, None)
    for far, score in gone.sums.items():
        other = groups.get(far)
        if far == here or other is None:
            continue
        other.sums.pop(there)
        count = other.counts.pop(there)
        for near, to in ((kept, far), (other, here)):
            near.sums[to] = near.sums.get(to, 0.0) + score
            near.counts[to] = near.counts.get(to, 0) + count
    for far in gone.apart:
        groups_far = groups.get(far)
        if groups_far is not None:
            groups_far.apart.discard(there)
            groups_far.apart.add(here)
            kept.apart.add(far)
    kept.apart.discard(here)
    kept.apart.discard(there)
