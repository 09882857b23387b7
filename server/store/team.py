"""The enumerators' interviews in numbers, as a supervisor compares them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from server.store.flags import FLAG
from server.store.project import REFUSAL, SUBMISSION
from server.store.reviewing import PERSON


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One enumerator: interviews by standing, refusals, and open flags for 100 interviews."""

    login: str
    interviews: int
    waiting: int
    approved: int
    sent_back: int
    rejected: int
    refusals: int
    flags: float
    last: str

    @property
    def consented(self) -> float | None:
        """Per cent of approaches that became interviews; None without any."""
        approached = self.interviews + self.refusals
        return 100 * self.interviews / approached if approached else None


def scorecards(connection: Connection, zone: str = "") -> list[Scorecard]:
    """A row for each enumerator with interviews or refusals, by login; edits count once."""

    def how_many(standing: str) -> object:
        return func.sum(case((SUBMISSION.c.standing == standing, 1), else_=0))

    columns = (
        SUBMISSION.c.person,
        func.count(),
        *(how_many(standing) for standing in ("", "approved", "query", "rejected")),
        func.max(SUBMISSION.c.received),
    )
    query = select(*columns).where(SUBMISSION.c.latest).group_by(SUBMISSION.c.person)  # type: ignore[call-overload]  # columns of a query
    rows = {row[0]: tuple(row)[1:] for row in connection.execute(query)}
    flags = _flags(connection)
    refused = select(REFUSAL.c.enumerator, func.count()).group_by(REFUSAL.c.enumerator)
    refusals = {row[0]: row[1] for row in connection.execute(refused)}
    known = {row.login: row.zone for row in connection.execute(select(PERSON.c.login, PERSON.c.zone))}
    found = []
    for login in sorted({*rows, *refusals} - {""}):
        if zone and known.get(login) != zone:
            continue
        count, waiting, approved, sent_back, rejected, last = rows.get(login, (0, 0, 0, 0, 0, ""))
        share = 100 * flags.get(login, 0) / count if count else 0.0
        found.append(
            Scorecard(
                login, count, waiting, approved, sent_back, rejected, refusals.get(login, 0), share, last
            )
        )
    return found


def open_by_check(connection: Connection, zone: str = "") -> list[tuple[str, int]]:
    """How many interviews have an open flag of each check, the most first."""
    number = func.count(func.distinct(FLAG.c.instance))
    joined = FLAG.join(SUBMISSION, SUBMISSION.c.instance == FLAG.c.instance)
    joined = joined.outerjoin(PERSON, PERSON.c.login == SUBMISSION.c.person)
    query = select(FLAG.c.check, number).select_from(joined).where(FLAG.c.status == "open")
    query = query.where(PERSON.c.zone == zone) if zone else query
    rows = connection.execute(query.group_by(FLAG.c.check).order_by(number.desc(), FLAG.c.check))
    return [(row[0], row[1]) for row in rows]


def _flags(connection: Connection) -> dict[str, int]:
    joined = FLAG.join(SUBMISSION, SUBMISSION.c.instance == FLAG.c.instance)
    query = select(SUBMISSION.c.person, func.count()).select_from(joined).where(FLAG.c.status == "open")
    return {row[0]: row[1] for row in connection.execute(query.group_by(SUBMISSION.c.person))}


def instances_of(connection: Connection, zone: str) -> frozenset[str]:
    """The interviews that a zone's accounts sent."""
    joined = SUBMISSION.join(PERSON, PERSON.c.login == SUBMISSION.c.person)
    query = select(SUBMISSION.c.instance).select_from(joined).where(PERSON.c.zone == zone)
    return frozenset(connection.execute(query).scalars())


def logins_of(connection: Connection, zone: str) -> frozenset[str]:
    """The accounts that work in a zone."""
    return frozenset(connection.execute(select(PERSON.c.login).where(PERSON.c.zone == zone)).scalars())
