"""How far an enumerator went between two interviews: worked out at arrival, from positions that only memory
holds.

A respondent's position must lie nowhere in clear, nor under a key that the laptop holds. So a running server
remembers each enumerator's positions of a day, and of each new interview only what came of the comparison is
kept. Switched off, the laptop knows nothing of them, and what arrived before cannot be compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.core.moments import moment
from server.core.privacy import Leaf

POINT = re.compile(r"(-?\d{1,2}(?:\.\d{1,12})?) (-?\d{1,3}(?:\.\d{1,12})?)(?: .*)?")
EARTH = 6_371_008.8  # metres, mean radius (IUGG)
IDENTICAL = 5  # decimals, about a metre
REMEMBERED = timedelta(hours=24)
MOST = 200  # of one enumerator


@dataclass(frozen=True, slots=True)
class Fix:
    """Where and when an interview was held: degrees, and what the phone says of start and end."""

    latitude: float
    longitude: float
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose interview it was, and which one it replaces."""

    instance: str
    replaces: str
    enumerator: str


def fix_of(found: Sequence[Leaf]) -> Fix | None:
    """The first position among the answers, if it needs no consent of its own; None when there is none."""
    times: dict[str, datetime | None] = {}
    match = None
    for spot, _, text, _ in found:
        question = spot.question
        if question is None or spot.needs:
            continue
        if question.preload == "timestamp":
            times[question.name] = moment(text)
        elif question.kind == "geopoint" and match is None:
            match = POINT.fullmatch(text)
    if match is None:
        return None
    return Fix(float(match[1]), float(match[2]), times.get("start"), times.get("end"))


def metres(one: Fix, other: Fix) -> float:
    """The distance of two positions over the earth, by the haversine formula."""
    lat, lon = math.radians(other.latitude - one.latitude), math.radians(other.longitude - one.longitude)
    across = math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude))
    h = math.sin(lat / 2) ** 2 + across * math.sin(lon / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(h)))


@dataclass(frozen=True, slots=True)
class _Held:
    """An interview that was held somewhere; `noted` is when it arrived."""

    noted: datetime
    instance: str
    fix: Fix


class Recollection:
    """Each enumerator's positions of a day. `near` are the metres and hours within which interviews are
    together."""

    def __init__(self, near: tuple[float, float]) -> None:
        self._metres, self._hours = near
        self._of: dict[str, list[_Held]] = {}
        self._first: dict[str, str] = {}

    def note(self, fix: Fix, visit: Visit, now: datetime) -> dict[str, Any]:
        """What is kept of a position beside the others, and remembers it for those that follow.

        `compared` with how many; how many were held `near`, this one among them; whether one at the `same`
        spot to five decimals; `km` and `kmh` since the one that ended last before this one began.
        """
        if visit.replaces:
            self._first[visit.instance] = self._root(visit.replaces)
        mine = self._of.setdefault(visit.enumerator, [])
        mine[:] = [one for one in mine if now - one.noted <= REMEMBERED][-MOST:]
        others = [one.fix for one in mine if self._root(one.instance) != self._root(visit.instance)]
        if all(one.instance != visit.instance for one in mine):
            mine.append(_Held(now, visit.instance, fix))
        together = [
            other
            for other in others
            if metres(fix, other) <= self._metres and _hours_between(fix, other) <= self._hours
        ]
        same = any(_rounded(fix) == _rounded(other) for other in others)
        told = {"compared": len(others), "near": 1 + len(together), "same": same}
        return told | _travel(fix, others)

    def _root(self, instance: str) -> str:
        return self._first.get(instance, instance)


def _travel(fix: Fix, others: Sequence[Fix]) -> dict[str, Any]:
    start = fix.start
    before = [(one.end, one) for one in others if one.end and start and one.end <= start]
    if not before or start is None:
        return {}
    ended, there = max(before, key=lambda one: one[0])
    hours = max((start - ended).total_seconds() / 3600, 1 / 3600)
    km = metres(fix, there) / 1000
    return {"km": round(km, 1), "kmh": round(km / hours, 1)}


def _hours_between(one: Fix, other: Fix) -> float:
    if one.start is None or other.start is None:
        return math.inf
    return abs((one.start - other.start).total_seconds()) / 3600


def _rounded(fix: Fix) -> tuple[float, float]:
    return round(fix.latitude, IDENTICAL), round(fix.longitude, IDENTICAL)
