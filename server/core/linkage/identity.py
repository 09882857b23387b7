"""Stable numbers for persons: clusters change, a person's number should not.

When clusters merge, the older number stays and the other is told to point to it; when one splits, the part
that keeps most of its records keeps the number and the others get new ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assigned:
    """`person[record]` is its person's number; `merged[old]` is the number that `old` now points to.

    `split[old]` are the new numbers of what left `old`.
    """

    person: dict[str, str]
    merged: dict[str, str]
    split: dict[str, list[str]]


def assigned(
    groups: Iterable[Sequence[str]],
    former: Mapping[str, str],
    age: Mapping[str, int],
    mint: Callable[[], str],
) -> Assigned:
    """Numbers for `groups` of record ids.

    `former` is each record's number so far, `age` when each number was given out (smaller is older), and
    `mint` gives a new number. Groups are served in the order of their smallest record, so that the outcome
    does not depend on the order in which they come.
    """
    rows = sorted((sorted(group) for group in groups if group), key=lambda group: group[0])
    owner = _owners(rows, former)
    person: dict[str, str] = {}
    merged: dict[str, str] = {}
    split: dict[str, list[str]] = defaultdict(list)
    for at, group in enumerate(rows):
        known = Counter(former[record] for record in group if record in former)
        mine = sorted((number for number in known if owner[number] == at), key=lambda n: (age.get(n, 0), n))
        number = mine[0] if mine else mint()
        merged |= dict.fromkeys(mine[1:], number)
        for other in sorted(known):
            if owner[other] != at:
                split[other].append(number)
        person |= dict.fromkeys(group, number)
    return Assigned(person, merged, dict(split))


def _owners(rows: Sequence[Sequence[str]], former: Mapping[str, str]) -> dict[str, int]:
    """Which group keeps each number: that with most of its records, then that with the smallest record."""
    held: dict[str, Counter[int]] = defaultdict(Counter)
    for at, group in enumerate(rows):
        for record in group:
            if record in former:
                held[former[record]][at] += 1
    return {number: min(counts, key=lambda at: (-counts[at], at)) for number, counts in held.items()}
