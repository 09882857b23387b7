"""What the team's checks may see of an interview: who, where, when, and the readable answers by path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Met:
    """One interview. `day` is YYYY-MM-DD; `hours` were active on the phone (None without a timeline)."""

    instance: str
    enumerator: str
    stratum: str
    day: str
    hours: float | None
    said: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Declined:
    """One contact that ended without consent."""

    enumerator: str
    stratum: str
    day: str
    reason: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing to compare: the answer `code` to the question at `path` (`several`: among ticked codes)."""

    path: str
    code: str
    several: bool = False


@dataclass(frozen=True, slots=True)
class Asks:
    """What the form lets one compare.

    `indicators` are the answers of closed questions, `numbers` the paths of ages and amounts, `gates` the
    answers that open further questions (path to codes), `offers` what codes each closed question has.
    """

    indicators: tuple[Indicator, ...] = ()
    numbers: tuple[str, ...] = ()
    gates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    offers: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """How many interviews are wanted of a stratum: `where` maps paths to codes; `until` is a day or empty."""

    name: str
    where: Mapping[str, str]
    wanted: int
    until: str = ""
    since: str = ""
