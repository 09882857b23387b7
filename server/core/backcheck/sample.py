"""Draws whom to ask again: some of every enumerator's interviews, and enough of the first weeks' while errors
can still be mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from random import Random

FIRST_DAYS = 14
FIRST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """An interview whose person may be asked again."""

    instance: str
    enumerator: str
    day: str


def draw(
    candidates: Sequence[Candidate], drawn: Container[str], share: float, rng: Random
) -> list[Candidate]:
    """New ones, so that `share` of every enumerator's is drawn in all (at least one), the earliest first."""
    if not candidates:
        return []
    begun = date.fromisoformat(min(one.day for one in candidates))
    early = (begun + timedelta(days=FIRST_DAYS)).isoformat()
    by_enumerator: dict[str, list[Candidate]] = defaultdict(list)
    for one in sorted(candidates, key=lambda one: one.instance):
        by_enumerator[one.enumerator].append(one)
    found: list[Candidate] = []
    for _, mine in sorted(by_enumerator.items()):
        before = [one for one in mine if one.instance in drawn]
        left = [one for one in mine if one.instance not in drawn]
        found += _of_one(before, left, ceil(share * len(mine)), early, rng)
    return sorted(found, key=lambda one: (one.day, one.instance))


def _of_one(
    before: Sequence[Candidate], left: Sequence[Candidate], wanted: int, early: str, rng: Random
) -> list[Candidate]:
    missing = max(0, wanted - len(before))
    first = [one for one in left if one.day < early]
    owed = ceil(FIRST_SHARE * wanted) - sum(one.day < early for one in before)
    chosen = rng.sample(first, max(0, min(owed, len(first), missing)))
    others = [one for one in left if one not in chosen]
    return [*chosen, *rng.sample(others, min(missing - len(chosen), len(others)))]
