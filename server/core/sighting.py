"""What a position and long texts tell before they are sealed: how exact, how far from the last interview,
said before.

Positions and texts of respondents must lie nowhere in clear, nor under a key that the laptop holds. So what
they tell is worked out when an interview arrives, against what a `Recollection` remembers. That lives in the
server's memory only: switched off, the laptop knows nothing of it, and what arrived before cannot be
compared.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forms.schema import TEXT_KINDS
from server.core.moments import moment
from server.core.plan import as_text, never
from server.core.privacy import Leaf, fold

PART = "sighting"
POINT = re.compile(
    r"(-?\d{1,2}(?:\.\d{1,12})?) (-?\d{1,3}(?:\.\d{1,12})?)(?: -?[\d.]{1,20}(?: ([\d.]{1,20}))?)?"
)
PLACED = re.compile(r"\b(placement-map|maps)\b")  # pointed at on a map: no accuracy then
LONG_TEXT = 15  # signs; shorter texts are the same by chance
EARTH = 6_371_008.8  # metres, mean radius (IUGG)
IDENTICAL = 5  # decimals, about a metre
CELL = 10  # cells to a degree
REMEMBERED = timedelta(hours=24)
MOST_TEXTS, MOST_POSITIONS = 200_000, 200


@dataclass(frozen=True, slots=True)
class Fix:
    """A position in degrees; `accuracy` in metres, None when it was pointed at on a map."""

    latitude: float
    longitude: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an interview holds that will be sealed: `asked` whether for a position, and texts by place.

    `start` and `end` are what the phone says.
    """

    asked: bool = False
    fix: Fix | None = None
    texts: Sequence[tuple[str, str]] = ()
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose interview it was, and which one it replaces."""

    instance: str
    replaces: str
    enumerator: str


def sighting(found: Sequence[Leaf]) -> Sighting:
    """The first position and the long texts among the answers, but nothing that needs a consent of its
    own."""
    asked, fix, texts = False, None, []
    times: dict[str, datetime | None] = {}
    for spot, place, text, _ in found:
        question = spot.question
        if question is None or spot.needs:
            continue
        if question.preload == "timestamp":
            times[question.name] = moment(text)
        elif question.kind == "geopoint":
            asked = True
            fix = fix or _fix(text, by_hand=PLACED.search(question.appearance) is not None)
        elif len(text) >= LONG_TEXT and question.kind in TEXT_KINDS and not question.roles:
            own_words = spot.readable is as_text or (
                spot.readable is never and "free_text" in question.classes
            )
            plain = normalised(text) if own_words else ""
            if len(plain) >= LONG_TEXT:
                texts.append((place, plain))
    return Sighting(asked, fix, tuple(texts), times.get("start"), times.get("end"))


def normalised(text: str) -> str:
    """A text without accents, capitals, signs and double blanks."""
    return " ".join(re.findall(r"\w+", fold(text)))


def _fix(text: str, *, by_hand: bool) -> Fix | None:
    match = POINT.fullmatch(text)
    if match is None:
        return None
    latitude, longitude = float(match[1]), float(match[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    try:
        accuracy = None if by_hand or match[3] is None else float(match[3])
    except ValueError:
        accuracy = None
    return Fix(latitude, longitude, accuracy)


def metres(one: Fix, other: Fix) -> float:
    """The distance of two positions over the earth, by the haversine formula."""
    lat, lon = math.radians(other.latitude - one.latitude), math.radians(other.longitude - one.longitude)
    h = math.sin(lat / 2) ** 2
    h += (
        math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude)) * math.sin(lon / 2) ** 2
    )
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(h)))


@dataclass(frozen=True, slots=True)
class _Held:
    """An interview that was held at a position; `noted` is when it arrived."""

    noted: datetime
    instance: str
    fix: Fix
    start: datetime | None
    end: datetime | None


class Recollection:
    """What a running server remembers: each enumerator's last positions, and keyed digests of long texts.

    `key` is never written anywhere. `near` are the metres and hours within which interviews are together.
    """

    def __init__(self, key: bytes, near: tuple[float, float]) -> None:
        self._key = hashlib.blake2b(b"texts", key=key[:64]).digest()
        self._metres, self._hours = near
        self._positions: dict[str, list[_Held]] = {}
        self._texts: dict[bytes, str] = {}
        self._first: dict[str, str] = {}

    def note(self, seen: Sighting, visit: Visit, now: datetime) -> dict[str, Any]:
        """What is kept of a sighting, and remembers it for those that follow."""
        if visit.replaces:
            self._first[visit.instance] = self._first.get(visit.replaces, visit.replaces)
        told: dict[str, Any] = {}
        if seen.asked:
            told["place"] = {"missing": True} if seen.fix is None else self._place(seen, seen.fix, visit, now)
        if seen.texts:
            told["texts"] = self._said_before(seen.texts, visit.instance)
        return told

    def _place(self, seen: Sighting, fix: Fix, visit: Visit, now: datetime) -> dict[str, Any]:
        here = _Held(now, visit.instance, fix, seen.start, seen.end)
        mine = self._positions.setdefault(visit.enumerator, [])
        mine[:] = [one for one in mine if now - one.noted <= REMEMBERED][-MOST_POSITIONS:]
        others = [one for one in mine if self._root(one.instance) != self._root(visit.instance)]
        near = 1 + sum(
            metres(fix, one.fix) <= self._metres and _hours_between(here, one) <= self._hours
            for one in others
        )
        told = {
            "accuracy": fix.accuracy,
            "cell": [math.floor(fix.latitude * CELL), math.floor(fix.longitude * CELL)],
            "compared": len(others),
            "near": near,
            "same": any(_rounded(fix) == _rounded(one.fix) for one in others),
        }
        if all(one.instance != visit.instance for one in mine):
            mine.append(here)
        return told | _travel(here, others)

    def _said_before(self, texts: Sequence[tuple[str, str]], instance: str) -> dict[str, Any]:
        same = []
        for place, text in texts:
            digest = hashlib.blake2b(text.encode(), key=self._key, digest_size=16).digest()
            before = self._texts.get(digest)
            if before is None and len(self._texts) < MOST_TEXTS:
                self._texts[digest] = instance
            elif before is not None and self._root(before) != self._root(instance):
                same.append([place, before])
        return {"compared": len(self._texts), "same": same}

    def _root(self, instance: str) -> str:
        return self._first.get(instance, instance)


def _travel(here: _Held, others: Sequence[_Held]) -> dict[str, Any]:
    """The distance and speed since the enumerator's interview that ended last before this one began."""
    start = here.start
    before = [(one.end, one.fix) for one in others if one.end and start and one.end <= start]
    if not before or start is None:
        return {}
    ended, there = max(before, key=lambda one: one[0])
    hours = max((start - ended).total_seconds() / 3600, 1 / 3600)
    km = metres(here.fix, there) / 1000
    return {"km": round(km, 1), "kmh": round(km / hours, 1)}


def _hours_between(one: _Held, other: _Held) -> float:
    if one.start is None or other.start is None:
        return math.inf
    return abs((one.start - other.start).total_seconds()) / 3600


def _rounded(fix: Fix) -> tuple[float, float]:
    return round(fix.latitude, IDENTICAL), round(fix.longitude, IDENTICAL)


def places_in(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The places of texts that were said before, each with the interview that said them."""
    for place, other in told.get("texts", {}).get("same", ()):
        yield str(place), str(other)
