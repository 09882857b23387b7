"""How fast the work goes: interviews a working day for each enumerator, and when each target will be met."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from statistics import median
from typing import Any

from server.core.checks.robust import robust_z
from server.core.team.rows import Met, Target


@dataclass(frozen=True, slots=True)
class Pace:
    """One enumerator's work; `hours` are of the longest day, None without timelines."""

    enumerator: str
    interviews: int
    days: int
    a_day: float
    z: float | None
    hours: float | None
    flagged: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """A target and how far it is; `ends` is the projected day (None: no pace), `late` after its deadline."""

    name: str
    done: int
    wanted: int
    until: str
    a_day: float
    ends: str | None
    late: bool


def paces(interviews: Sequence[Met], said: Mapping[str, Any]) -> list[Pace]:
    """Interviews a working day against the team's median; a working day is one with an interview.

    `said` are the thresholds of teams.
    """
    by_day: dict[str, Counter[str]] = defaultdict(Counter)
    hours: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in interviews:
        by_day[one.enumerator][one.day] += 1
        if one.hours is not None:
            hours[one.enumerator][one.day] += one.hours
    names = sorted(by_day)
    rates = [by_day[name].total() / len(by_day[name]) for name in names]
    found = robust_z(rates)
    zs: list[float | None] = [None] * len(names) if found is None else [float(z) for z in found]
    return [
        _pace(name, by_day[name], rate, z, max(hours[name].values(), default=None), said)
        for name, rate, z in zip(names, rates, zs, strict=True)
    ]


def _pace(
    name: str,
    days: Counter[str],
    rate: float,
    z: float | None,
    longest: float | None,
    said: Mapping[str, Any],
) -> Pace:
    odd = (z is not None and z > said["z"]) or (longest is not None and longest > said["longest_hours"])
    return Pace(name, days.total(), len(days), rate, z, longest, odd)


def middle_pace(found: Sequence[Pace]) -> float:
    """The team's median of interviews a working day."""
    return median(one.a_day for one in found) if found else 0.0


def progress(target: Target, interviews: Sequence[Met], today: str, said: Mapping[str, Any]) -> Progress:
    """How far a target is: the rest is done at the mean of the last working days."""
    mine = [one for one in interviews if _counts(target, one)]
    by_day = Counter(one.day for one in mine)
    last = sorted(by_day)[-int(said["last_days"]) :]
    rate = sum(by_day[day] for day in last) / len(last) if last else 0.0
    left = max(0, target.wanted - len(mine))
    ends = None
    if not left:
        ends = max(by_day, default=today)
    elif rate:
        ends = (date.fromisoformat(today) + timedelta(days=ceil(left / rate))).isoformat()
    late = bool(target.until) and (ends is None or ends > target.until)
    return Progress(target.name, len(mine), target.wanted, target.until, rate, ends, late)


def _counts(target: Target, one: Met) -> bool:
    if target.since and one.day < target.since:
        return False
    return all(one.said.get(path) == code for path, code in target.where.items())
