"""How things stand today: interviews by what was decided, those to look at first, arrivals by day and
zone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from server.store.flags import RISK
from server.store.project import SUBMISSION
from server.store.reviewing import PERSON

URGENT = 10


def by_standing(connection: Connection, zone: str = "") -> dict[str, int]:
    """How many interviews there are of each standing, edits counted once."""
    query = select(SUBMISSION.c.standing, func.count()).where(SUBMISSION.c.latest)
    rows = connection.execute(_in_zone(query, zone).group_by(SUBMISSION.c.standing))
    return {row[0]: row[1] for row in rows}


def urgent(connection: Connection, zone: str = "") -> int:
    """How many interviews wait whose risk is high."""
    query = select(func.count()).where(SUBMISSION.c.latest, SUBMISSION.c.standing == "")
    query = query.where(SUBMISSION.c.instance.in_(select(RISK.c.instance).where(RISK.c.score >= URGENT)))
    return int(connection.execute(_in_zone(query, zone)).scalar_one())


def by_day(connection: Connection, zone: str = "", days: int = 14) -> list[tuple[str, int]]:
    """Interviews of the last days on which any came, oldest first."""
    day = func.substr(SUBMISSION.c.received, 1, 10)
    query = _in_zone(select(day, func.count()).where(SUBMISSION.c.latest), zone)
    rows = connection.execute(query.group_by(day).order_by(day.desc()).limit(days)).all()
    return [(row[0], row[1]) for row in reversed(rows)]


def _in_zone(query: Any, zone: str) -> Any:
    if not zone:
        return query.select_from(SUBMISSION)
    joined = SUBMISSION.join(PERSON, PERSON.c.login == SUBMISSION.c.person)
    return query.select_from(joined).where(PERSON.c.zone == zone)
