"""The queue of interviews: those that want to be looked at most come first, with the reasons."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from server.core.problem import Malformed
from server.store.flags import FLAG, RISK
from server.store.home import Campaign
from server.store.kept import Kept, gone, newest_event
from server.store.project import SUBMISSION
from server.store.read import enumerators_of, short, waves_of
from server.store.reviewing import PERSON
from sync.db import reading

STANDINGS = ("received", "query", "contested", "approved", "rejected")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which interviews: every field narrows, an empty one does not. `check` is one of the open flags'
    names."""

    form: str = ""
    standing: str = "received"
    zone: str = ""
    enumerator: str = ""
    wave: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An interview in the queue; `reasons` are the checks with open flags, the gravest first.

    `forked` says that another edit replaces the same interview.
    """

    instance: str
    code: str
    form: str
    received: str
    enumerator: str
    wave: str
    standing: str
    edited: bool
    score: int
    reasons: tuple[str, ...]
    forked: bool


class Choices:
    """The enumerators and waves by which the queue can be narrowed, worked out beside the pages."""

    def __init__(self, campaign: Campaign, now: Callable[[], str]) -> None:
        def make(zone: str) -> tuple[list[str], list[str]]:
            with reading(campaign.engine) as connection:
                return enumerators_of(connection, zone), waves_of(connection, zone)

        self._kept = Kept(make, partial(gone, campaign), partial(newest_event, campaign), now)

    def of(self, zone: str) -> tuple[list[str], list[str]]:
        """Whom interviews (of a zone) name as enumerator, and which waves they name."""
        return self._kept.get(zone).value

    def renew(self) -> None:
        """Looks anew at what has come since."""
        self._kept.renew()


def queue(connection: Connection, wanted: Wanted, *, limit: int, skip: int = 0) -> list[Row]:
    """Interviews by risk, then by age; raises Malformed for a standing that there is not."""
    score = func.coalesce(RISK.c.score, 0)
    query = _from(select(SUBMISSION, score.label("score"), RISK.c.reasons)).where(*_where(wanted))
    query = query.order_by(score.desc(), SUBMISSION.c.event).offset(skip).limit(limit)
    rows = connection.execute(query).all()
    forks = forked(connection, [row.replaces for row in rows if row.replaces])
    return [_row(row, forks) for row in rows]


def forked(connection: Connection, replaced: Sequence[str]) -> frozenset[str]:
    """Which of some interviews were replaced by several edits that know nothing of each other."""
    query = select(SUBMISSION.c.replaces).where(SUBMISSION.c.replaces.in_(list(replaced)))
    query = query.group_by(SUBMISSION.c.replaces).having(func.count() > 1)
    return frozenset(connection.execute(query).scalars()) if replaced else frozenset()


def size(connection: Connection, wanted: Wanted) -> int:
    """How many interviews `queue` would give in all."""
    query = select(func.count()).select_from(SUBMISSION)
    if wanted.zone:
        query = query.join(PERSON, PERSON.c.login == SUBMISSION.c.person)
    return int(connection.execute(query.where(*_where(wanted))).scalar_one())


def neighbours(
    connection: Connection, wanted: Wanted, instance: str, *, within: int = 500
) -> tuple[str, str]:
    """The interviews before and after one in the queue; empty where there is none near."""
    score = func.coalesce(RISK.c.score, 0)
    query = _from(select(SUBMISSION.c.instance)).where(*_where(wanted))
    names: Sequence[str] = (
        connection.execute(query.order_by(score.desc(), SUBMISSION.c.event).limit(within)).scalars().all()
    )
    if instance not in names:
        return "", names[0] if names else ""
    at = names.index(instance)
    return names[at - 1] if at else "", names[at + 1] if at + 1 < len(names) else ""


def _from(query: Any) -> Any:
    joined = SUBMISSION.outerjoin(RISK, RISK.c.instance == SUBMISSION.c.instance)
    return query.select_from(joined.outerjoin(PERSON, PERSON.c.login == SUBMISSION.c.person))


def _where(wanted: Wanted) -> list[Any]:
    if wanted.standing not in ("", *STANDINGS):
        raise Malformed("bad_standing", standings=", ".join(STANDINGS))
    found: list[Any] = [SUBMISSION.c.latest]
    if wanted.standing:
        found.append(SUBMISSION.c.standing == wanted.standing.replace("received", ""))
    if wanted.form:
        found.append(SUBMISSION.c.form == wanted.form)
    if wanted.zone:
        found.append(PERSON.c.zone == wanted.zone)
    if wanted.enumerator:
        found.append(SUBMISSION.c.enumerator == wanted.enumerator)
    if wanted.wave:
        found.append(SUBMISSION.c.wave == wanted.wave)
    if wanted.check:
        flagged = (FLAG.c.instance == SUBMISSION.c.instance) & (FLAG.c.check == wanted.check)
        found.append(select(FLAG.c.check).where(flagged, FLAG.c.status == "open").exists())
    return found


def _row(row: Any, forks: Container[str]) -> Row:
    return Row(
        row.instance,
        short(row.instance),
        row.form,
        row.received,
        row.enumerator or row.person,
        row.wave,
        row.standing,
        row.replaces is not None,
        row.score,
        tuple((row.reasons or "").split()),
        row.replaces in forks,
    )
