"""Reads interviews for programs that ask over HTTP: page by page, each in a short transaction.

A slow reader on a thin line must not hold a transaction open: what was forgotten meanwhile would stay
readable in SQLite's journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Integer, String, and_, case, cast, func, literal, not_, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from server.core.moments import stamp
from server.core.odata.filter import Comparison, Condition, Joined, Operand
from server.core.odata.query import Query
from server.core.problem import Malformed
from server.store.local import Person
from server.store.project import FILE, SUBMISSION
from sync.tables import Body, table_of

PERSON, BODY = table_of(Person), table_of(Body)
PAGE = 500
# What was decided, in ODK Central's words.
STATES = {"approved": "approved", "rejected": "rejected", "query": "hasIssues", "contested": "hasIssues"}
CUTS = {"year": (1, 4), "month": (6, 2), "day": (9, 2), "hour": (12, 2), "minute": (15, 2), "second": (18, 2)}
Cell = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """An interview as programs are given it; `answers` are those that may be read."""

    instance: str
    answers: Mapping[str, Any]
    system: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which interviews: of a form, in a zone (empty: all), and what the request says; or one of them."""

    form: str
    zone: str
    query: Query
    now: datetime
    instance: str = ""


def count(connection: Connection, asked: Asked) -> int:
    """How many interviews the condition leaves."""
    return int(connection.execute(_from(select(func.count())).where(*_where(asked))).scalar_one())


def interviews(open_: Callable[[], Any], asked: Asked, limit: int | None = None) -> Iterator[Stored]:
    """The interviews in the order asked for, the newest first by default; `open_` begins a transaction."""
    query, last, given = asked.query, None, 0
    with open_() as connection:
        edits = _edits(connection, asked.form)
        if query.after:
            last = _place(connection, query.after)
    offset = query.skip
    while limit is None or given < limit:
        wanted = PAGE if limit is None else min(PAGE, limit - given)
        with open_() as connection:
            rows = connection.execute(_page(asked, last, offset).limit(wanted)).all()
            files = _files(connection, [row.instance for row in rows])
        for row in rows:
            yield _stored(row, files.get(row.instance, (0, 0)), edits)
        given += len(rows)
        if len(rows) < wanted:
            return
        if query.order:
            offset += len(rows)
        else:
            last, offset = rows[-1].event, 0


def _page(asked: Asked, last: int | None, offset: int) -> Any:
    columns = (
        SUBMISSION.c.event,
        SUBMISSION.c.instance,
        SUBMISSION.c.received,
        SUBMISSION.c.person,
        SUBMISSION.c.device,
        SUBMISSION.c.version,
        SUBMISSION.c.standing,
        PERSON.c.number,
        BODY.c.data,
    )
    # Nothing stands before everything, as in ODK Central and whatever the database does by itself.
    order = [
        _column(name).desc().nulls_last() if falls else _column(name).asc().nulls_first()
        for name, falls in asked.query.order
    ]
    page = _from(select(*columns)).where(*_where(asked)).order_by(*order, SUBMISSION.c.event.desc())
    if last is not None:
        page = page.where(SUBMISSION.c.event < last)
    return page.offset(offset) if offset else page


def _from(query: Any) -> Any:
    clean = and_(BODY.c.event == SUBMISSION.c.event, BODY.c.part == "clean")
    joined = SUBMISSION.join(BODY, clean).outerjoin(PERSON, PERSON.c.login == SUBMISSION.c.person)
    return query.select_from(joined)


def _where(asked: Asked) -> list[Cell]:
    found: list[Cell] = [SUBMISSION.c.form == asked.form, SUBMISSION.c.latest]
    if asked.zone:
        found.append(PERSON.c.zone == asked.zone)
    if asked.instance:
        found.append(SUBMISSION.c.instance == asked.instance)
    if asked.query.where is not None:
        found.append(condition(asked.query.where, asked.now))
    return found


def _stored(row: Any, files: tuple[int, int], edits: Mapping[str, int]) -> Stored:
    here, expected = files
    system = {
        "submissionDate": row.received,
        "updatedAt": None,
        "deletedAt": None,
        "submitterId": str(row.number) if row.number else None,
        "submitterName": row.person or None,
        "attachmentsPresent": here,
        "attachmentsExpected": expected,
        "status": None,
        "reviewState": STATES.get(row.standing),
        "deviceId": row.device or None,
        "edits": edits.get(row.instance, 0),
        "formVersion": row.version,
    }
    return Stored(row.instance, orjson.loads(row.data)["answers"], system)


def _files(connection: Connection, instances: list[str]) -> dict[str, tuple[int, int]]:
    here = func.count(func.nullif(FILE.c.sha, ""))
    query = select(FILE.c.instance, here, func.count()).where(FILE.c.instance.in_(instances))
    return {row[0]: (int(row[1]), row[2]) for row in connection.execute(query.group_by(FILE.c.instance))}


def _edits(connection: Connection, form: str) -> dict[str, int]:
    """How many earlier states each edited interview has; a chain that loops is cut."""
    query = select(SUBMISSION.c.instance, SUBMISSION.c.replaces)
    mine = (SUBMISSION.c.form == form) & SUBMISSION.c.replaces.is_not(None)
    before = {row.instance: row.replaces for row in connection.execute(query.where(mine))}
    found = {}
    for instance in before:
        seen: set[str] = set()
        one = before.get(instance)
        while one and one not in seen:
            seen.add(one)
            one = before.get(one)
        found[instance] = len(seen)
    return found


def _place(connection: Connection, instance: str) -> int:
    query = select(SUBMISSION.c.event).where(SUBMISSION.c.instance == instance)
    found = connection.execute(query).scalar()
    if found is None:
        raise Malformed("odata_token_gone")
    return int(found)


def condition(said: Condition, now: datetime) -> Cell:
    """A `$filter` in SQL; values go in as parameters, never as text."""
    if isinstance(said, Joined):
        parts = [condition(part, now) for part in said.parts]
        if said.how == "not":
            return not_(parts[0])
        return and_(*parts) if said.how == "and" else or_(*parts)
    return _comparison(said, now)


def _comparison(said: Comparison, now: datetime) -> Cell:
    counted = "part" in (said.left.kind, said.right.kind)
    left, right = (_operand(one, now, counted=counted) for one in (said.left, said.right))
    if said.compare == "eq":
        return left.is_not_distinct_from(right)
    if said.compare == "ne":
        return left.is_distinct_from(right)
    compared: Cell = {"lt": left < right, "le": left <= right, "gt": left > right, "ge": left >= right}[
        said.compare
    ]
    return compared


def _operand(operand: Operand, now: datetime, *, counted: bool) -> Cell:
    if operand.kind == "column":
        return _column(operand.value)
    if operand.kind == "part":
        return cast(func.substr(_column(operand.value), *CUTS[operand.part]), Integer)
    if operand.kind == "null":
        return null()
    if operand.kind == "now":
        return literal(stamp(now))
    if operand.kind == "number" and counted:
        return literal(int(operand.value))
    return literal(_moment(operand.value) if operand.kind == "time" else operand.value)


def _column(name: str) -> Cell:
    if name == "never":
        return null()
    if name == "submitter":
        return cast(PERSON.c.number, String)
    if name == "standing":
        return case(STATES, value=SUBMISSION.c.standing, else_=null())
    return SUBMISSION.c[name]


def _moment(text: str) -> str:
    """A time as times are kept; a day alone is its first moment."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed("bad_filter") from None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
