"""How long what is kept: a period for each class of data, counted from arrival or from the project's end.

Periods are ISO 8601 (`P6M`, `P30D`, `P5Y`). What counts from the end goes only once an end is set: the
identities of a first wave are needed for the follow-up a year later.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from server.core.moments import stamp
from server.core.problem import Malformed

PERIOD = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")


@dataclass(frozen=True, slots=True)
class Rule:
    """A class of data: its period by default, and whether it counts from the end of the project."""

    period: str
    from_end: bool = False


RULES: Mapping[str, Rule] = {
    "identity": Rule("P6M", from_end=True),
    "answers": Rule("P5Y", from_end=True),
    "refusals": Rule("P5Y", from_end=True),
    "media": Rule("P90D"),
    "original": Rule("P30D"),
    "held": Rule("P180D"),
    "access": Rule("P1Y"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A campaign's own periods by class, over the defaults, and the day on which the project ends (or "")."""

    periods: Mapping[str, str]
    ends: str = ""

    def period(self, kind: str) -> str:
        """The period of a class."""
        return self.periods.get(kind, RULES[kind].period)

    def cutoff(self, kind: str, now: datetime) -> str:
        """What arrived up to this moment (ISO 8601, UTC) is due; empty when nothing is."""
        moment = before(now, self.period(kind))
        if not RULES[kind].from_end:
            return stamp(moment)
        if not self.ends:
            return ""
        end = datetime.combine(date.fromisoformat(self.ends), datetime.min.time(), UTC) + timedelta(days=1)
        return stamp(now) if moment >= end else ""


def policy(periods: Mapping[str, str], ends: str) -> Policy:
    """A policy after its words were checked; raises Malformed."""
    for kind, period in periods.items():
        if kind not in RULES:
            raise Malformed("unknown_retention", kinds=", ".join(RULES))
        _parts(period)
    if ends:
        try:
            date.fromisoformat(ends)
        except ValueError:
            raise Malformed("bad_date") from None
    return Policy(dict(periods), ends)


def before(moment: datetime, period: str) -> datetime:
    """The moment so long before; the last day of a shorter month stands for a day that it lacks."""
    years, months, days = _parts(period)
    month = moment.year * 12 + moment.month - 1 - years * 12 - months
    year, month = divmod(month, 12)
    last = calendar.monthrange(max(year, 1), month + 1)[1]
    earlier = moment.replace(year=max(year, 1), month=month + 1, day=min(moment.day, last))
    return earlier - timedelta(days=days)


def _parts(period: str) -> tuple[int, int, int]:
    match = PERIOD.fullmatch(period)
    if match is None or period == "P":
        raise Malformed("bad_period", period=period[:20])
    years, months, days = (int(part or 0) for part in match.groups())
    return years, months, days
