"""What is wrong or unusual in the chains, each with what to do about it; and the coupons' accounts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from server.core.chains.forest import ROOT, Forest

Severity = Literal["critical", "warning", "info"]
LARGEST_TREE = 0.4  # of the sample; above it one seed's acquaintances speak for all
ADVICE: dict[str, tuple[Severity, str]] = {
    "unknown_recruiter": (
        "critical",
        "Find the recruiter's interview or correct the code; each starts a tree.",
    ),
    "self_recruit": ("critical", "Correct the recruiter: nobody recruits themselves; each starts a tree."),
    "cycle": ("critical", "Correct a recruiter in each circle; it was cut at its first interview."),
    "duplicate_id": ("critical", "Give each interview its own id; only the first of each was used."),
    "coupon_used_twice": ("critical", "Ask who held the coupon: a coupon brings one person."),
    "coupon_given_twice": ("critical", "Ask who handed out the coupon: the first one counted as recruiter."),
    "before_recruiter": ("warning", "Check both dates: a recruit comes after the recruiter."),
    "coupon_late": ("warning", "These came after their coupon had expired: say so, or leave them out."),
    "too_many_recruits": ("warning", "More recruits than coupons: find where the others come from."),
    "size_missing": ("warning", "Ask how many eligible persons each one knows; estimates need it."),
    "large_tree": ("info", "One seed brought over 40 % of the sample: start more chains elsewhere."),
    "outcome_missing": ("info", "These have no answer and count in no share."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault, how many interviews it concerns, and what to do."""

    code: str
    severity: Severity
    count: int
    advice: str


@dataclass(frozen=True, slots=True)
class Coupons:
    """Coupons handed out, brought back, and expired unused by the last interview; None: not recorded."""

    issued: int | None
    returned: int
    expired: int | None
    late: int | None
    most: int | None  # given to one person


def findings(forest: Forest, limit: int | None = None, valid_days: int | None = None) -> list[Finding]:
    """Everything to look into, worst first. `limit`: coupons allowed per person; `valid_days`: their life."""
    people = forest.people
    counts = Counter(forest.faults)
    counts["before_recruiter"] = _before(forest)
    counts["coupon_late"] = coupons(forest, valid_days).late or 0
    counts["too_many_recruits"] = over_limit(forest, limit)
    counts["large_tree"] = sum(size > LARGEST_TREE * len(people) for size in forest.by_seed)
    counts["size_missing"] = sum(not person.size for person in people)
    counts["outcome_missing"] = sum(not person.outcome for person in people)
    return [Finding(code, ADVICE[code][0], counts[code], ADVICE[code][1]) for code in ADVICE if counts[code]]


def coupons(forest: Forest, valid_days: int | None = None, until: datetime | None = None) -> Coupons:
    """The coupons' accounts; a coupon counts as returned when its bearer was interviewed.

    What is expired is so at `until`, else at the last interview.
    """
    people = forest.people
    returned = sum(parent != ROOT for parent in forest.parents)
    given = [person.issued for person in people if person.coupons is not None]
    life = None if valid_days is None else timedelta(days=valid_days)
    dated = [person.when for person in people if person.when is not None]
    expired = late = None
    if life is not None and dated:
        late = sum(_gap(forest, place) > life for place in range(len(people)))
        last = until or max(dated)
        expired = sum(
            max(person.issued - len(recruits), 0)
            for person, recruits in zip(people, forest.children, strict=True)
            if person.when is not None and person.when + life < last
        )
    return Coupons(
        issued=sum(given) if given else None,
        returned=returned,
        expired=expired if given else None,
        late=late,
        most=max(given, default=None),
    )


def over_limit(forest: Forest, limit: int | None) -> int:
    """How many recruited more than the coupons they had, or than anyone may have."""
    many = 0
    for person, recruits in zip(forest.people, forest.children, strict=True):
        allowed = [
            each for each in (limit, None if person.coupons is None else person.issued) if each is not None
        ]
        many += bool(allowed) and len(recruits) > min(allowed)
    return many


def _before(forest: Forest) -> int:
    return sum(_gap(forest, place) < timedelta(0) for place in range(len(forest.people)))


def _gap(forest: Forest, place: int) -> timedelta:
    """Time from the recruiter's interview to the recruit's; zero when one of them has no date."""
    parent = forest.parents[place]
    if parent == ROOT:
        return timedelta(0)
    mine, theirs = forest.people[place].when, forest.people[parent].when
    return timedelta(0) if mine is None or theirs is None else mine - theirs
