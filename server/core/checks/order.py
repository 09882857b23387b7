"""How an enumerator's interviews follow each other: nobody is in two at once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.parameters import Parameters

Held = tuple[datetime, str, datetime]  # from, instance, until


class Days:
    """Each enumerator's interviews by when they began."""

    def __init__(self, everyone: Sequence[Facts] = ()) -> None:
        self._of: dict[str, list[Held]] = defaultdict(list)
        for facts in everyone:
            if facts.enumerator and facts.start is not None and facts.end is not None:
                self._of[facts.enumerator].append((facts.start, facts.instance, facts.end))
        for held in self._of.values():
            held.sort()

    def add(self, facts: Facts) -> None:
        """Takes in one more interview."""
        if facts.enumerator and facts.start is not None and facts.end is not None:
            held = (facts.start, facts.instance, facts.end)
            mine = self._of[facts.enumerator]
            if held not in mine:
                insort(mine, held)

    def before(self, facts: Facts) -> Held | None:
        """The enumerator's interview that began last before this one."""
        if facts.start is None:
            return None
        mine = self._of.get(facts.enumerator, [])
        place = bisect_left(mine, (facts.start, facts.instance))
        return mine[place - 1] if place else None


def one_after_the_other(facts: Facts, days: Days, parameters: Parameters) -> Iterator[Flag]:
    """GAP-between: an interview that began before the enumerator's last one ended, or right after it."""
    before = days.before(facts)
    if before is None or facts.start is None or facts.end is None:
        return
    _, other, ended = before
    least = parameters["gap"]["between_minutes"]
    if facts.start.date() != ended.date():
        return
    minutes = (facts.start - ended).total_seconds() / 60
    if minutes >= least:
        return
    words = {"minutes": f"{abs(minutes):.0f}", "other": other}
    message = "overlaps" if minutes < 0 else "right_after"
    severity = graded(critical=minutes < 0)
    yield Flag("GAP-between", severity, message, "", f"{minutes:.0f}", f"≥ {least:g}", words)
