"""Where interviews of each place are expected: a point and how far around it, from a file of the campaign's
own.

A position is compared at arrival, while memory holds it; what is kept is by how far it lies outside, in steps
so wide that nobody finds the way back. There are no boundaries of regions here: a point with a radius says as
much as a team knows of them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from server.core.positions import Fix, metres
from server.core.problem import Malformed

COLUMNS = ("question", "place", "latitude", "longitude", "km")
STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # kilometres
Known = Callable[[str], Collection[str]]


@dataclass(frozen=True)
class Sites:
    """The points of each place: question name → answer → points with their radius in kilometres."""

    points: Mapping[str, Mapping[str, list[tuple[Fix, float]]]] = field(default_factory=dict)

    def beyond(self, fix: Fix, said: Mapping[str, str]) -> int | None:
        """By how many kilometres, of `STEPS`, a position lies at least outside the place that was said.

        `said` are answers by question name. Of several questions the one whose place reaches least far
        judges, as a village says more than its region. None when no place is known.
        """
        known = [self.points[name][said[name]] for name in self.points if said.get(name) in self.points[name]]
        if not known:
            return None
        nearest = min(known, key=lambda points: max(km for _, km in points))
        away = min(max(0.0, metres(fix, point) / 1000 - km) for point, km in nearest)
        return STEPS[bisect_right(STEPS, away) - 1]


def sites_of(rows: Iterable[Mapping[str, str | None]], known: Known) -> Sites:
    """The sites in the rows of a file; `known` gives the answers of a question, none for an unknown one.

    Raises Malformed with the row and what to write there.
    """
    found: dict[str, dict[str, list[tuple[Fix, float]]]] = defaultdict(lambda: defaultdict(list))
    for number, row in enumerate(rows, 2):
        question, place, *numbers = ((row.get(column) or "").strip() for column in COLUMNS)
        if place not in known(question):
            raise Malformed("sites_place", row=str(number), question=question, place=place)
        latitude, longitude, km = (_number(text) for text in numbers)
        if not (abs(latitude) <= 90 and abs(longitude) <= 180 and 0 < km <= 2_000):
            raise Malformed("sites_number", row=str(number))
        found[question][place].append((Fix(latitude, longitude), km))
    return Sites({question: dict(places) for question, places in found.items()})


def _number(text: str) -> float:
    """The number in a cell, with a point or a comma; out of every range when it is none."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.inf
