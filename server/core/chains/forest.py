"""Who recruited whom: respondents become trees whose roots are the seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

# What other programs write in the place of a seed's recruiter; an id of the same name goes first.
SEED_CODES = frozenset({"seed", "0", "-1"})
ROOT = -1


@dataclass(frozen=True, slots=True)
class Respondent:
    """One interview. `recruiter` is an id, a coupon's code, or a seed code; `coupons` what was handed out."""

    id: str
    recruiter: str = ""
    size: float | None = None  # persons known; None when it was not measured
    outcome: str = ""  # empty when unknown
    when: datetime | None = None
    coupons: tuple[str, ...] | int | None = None

    @property
    def issued(self) -> int:
        """How many coupons this person was given."""
        if self.coupons is None:
            return 0
        return self.coupons if isinstance(self.coupons, int) else len(self.coupons)


@dataclass(frozen=True)
class Forest:
    """Trees over `people`, by position: who recruited whom, in which wave, under which root.

    `parents` is -1 for a root. `faults` names what is wrong (`unknown_recruiter`, `self_recruit`, `cycle`,
    `duplicate_id`, `coupon_used_twice`, `coupon_given_twice`) and how many interviews it concerns.
    """

    people: tuple[Respondent, ...]
    parents: tuple[int, ...]
    waves: tuple[int, ...]
    trees: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]
    faults: Mapping[str, int]
    seeds: int  # declared as such; other roots lack their recruiter

    @property
    def roots(self) -> list[int]:
        """Seeds, and those whose recruiter is not known."""
        return [place for place, parent in enumerate(self.parents) if parent == ROOT]

    @property
    def broken(self) -> int:
        """How many recruits have no usable recruiter."""
        return sum(self.faults.get(code, 0) for code in ("unknown_recruiter", "self_recruit", "cycle"))

    @property
    def by_wave(self) -> list[int]:
        """How many respondents each wave has, seeds first."""
        count = Counter(self.waves)
        return [count[wave] for wave in range(max(self.waves, default=-1) + 1)]

    @property
    def by_seed(self) -> list[int]:
        """How many respondents each tree has, in the order of its root in the file."""
        count = Counter(self.trees)
        return [count[root] for root in self.roots]

    @property
    def by_recruits(self) -> dict[int, int]:
        """How many respondents recruited so many: `{0: 40, 1: 12, ...}`."""
        return dict(sorted(Counter(len(each) for each in self.children).items()))


def build(people: Iterable[Respondent], seed_codes: Iterable[str] = SEED_CODES) -> Forest:
    """The forest of `people`. Of one id the first interview stays; a circle is cut at its first member."""
    kept: dict[str, Respondent] = {}
    everyone = list(people)
    for person in everyone:
        kept.setdefault(person.id, person)
    some = tuple(kept.values())
    faults = Counter(duplicate_id=len(everyone) - len(some))
    parents = _parents(some, {code.casefold() for code in seed_codes}, faults)
    seeds = parents.count(ROOT) - faults["unknown_recruiter"] - faults["self_recruit"]
    faults["cycle"] += _uncircled(parents)
    children: list[list[int]] = [[] for _ in some]
    for place, parent in enumerate(parents):
        if parent != ROOT:
            children[parent].append(place)
    waves, trees = _depths(parents, children)
    found = {code: count for code, count in sorted(faults.items()) if count}
    recruits = tuple(tuple(each) for each in children)
    return Forest(some, tuple(parents), waves, trees, recruits, found, seeds)


def _parents(people: Sequence[Respondent], seed_codes: set[str], faults: Counter[str]) -> list[int]:
    """Each one's recruiter by position; a recruiter is named by id, or by a coupon that they handed out."""
    places = {person.id: place for place, person in enumerate(people)}
    issuers: dict[str, int] = {}
    for place, person in enumerate(people):
        for code in person.coupons if isinstance(person.coupons, tuple) else ():
            faults["coupon_given_twice"] += issuers.setdefault(code, place) != place
    parents, brought = [], set()
    for place, person in enumerate(people):
        code = person.recruiter
        parent = places.get(code, issuers.get(code, ROOT)) if code else ROOT
        if code in issuers and code not in places:
            faults["coupon_used_twice"] += code in brought
            brought.add(code)
        if parent == place:
            faults["self_recruit"] += 1
            parent = ROOT
        elif parent == ROOT and code and code.casefold() not in seed_codes:
            faults["unknown_recruiter"] += 1
        parents.append(parent)
    return parents


def _uncircled(parents: list[int]) -> int:
    """Cuts every circle at the member that stands first in the file; returns how many stood in circles."""
    seen = [0] * len(parents)
    members = 0
    for start in range(len(parents)):
        path, at = [], start
        while at != ROOT and not seen[at]:
            seen[at] = start + 1
            path.append(at)
            at = parents[at]
        if at != ROOT and seen[at] == start + 1:
            circle = path[path.index(at) :]
            members += len(circle)
            parents[min(circle)] = ROOT
    return members


def _depths(
    parents: Sequence[int], children: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Wave and root of each, from the roots down."""
    waves, trees = [0] * len(parents), list(range(len(parents)))
    waiting = [place for place, parent in enumerate(parents) if parent == ROOT]
    for place in waiting:
        for child in children[place]:
            waves[child], trees[child] = waves[place] + 1, trees[place]
            waiting.append(child)
    return tuple(waves), tuple(trees)
