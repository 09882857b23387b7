"""A flag: something about an interview that somebody should look at, with the numbers by which it was
judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Flag:
    """What one check found: `place` of the question (empty: the whole interview), `value` and what was
    `expected`.

    `message` names the sentence that tells it, `words` fill it in; none of them is a text that somebody
    wrote.
    """

    check: str
    severity: Severity
    message: str
    place: str = ""
    value: str = ""
    expected: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """Checks of one family judge much the same, and count together."""
        return self.check.partition("-")[0]


def graded(*, critical: bool) -> Severity:
    """Critical, or else a warning."""
    return "critical" if critical else "warning"


@dataclass(frozen=True, slots=True)
class Risk:
    """How urgently an interview wants to be looked at, and the checks that say so, the heaviest first."""

    score: int
    reasons: tuple[str, ...]


def risk(flags: Iterable[Flag], weights: Mapping[str, int], most: int) -> Risk:
    """The sum of the flags' weights, of each family no more than `most`."""
    by_family: dict[str, int] = {}
    by_check: dict[str, int] = {}
    for flag in flags:
        weight = weights[flag.severity]
        by_family[flag.family] = min(most, by_family.get(flag.family, 0) + weight)
        by_check[flag.check] = max(by_check.get(flag.check, 0), weight)
    reasons = sorted(by_check, key=lambda check: (-by_check[check], check))
    return Risk(sum(by_family.values()), tuple(one for one in reasons if by_check[one]))
