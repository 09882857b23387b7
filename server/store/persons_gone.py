"""Who took back consent, and with whom it goes: an edit and what it edits are of one person."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, select

from server.store.judged import DECISION, SUBMISSION
from server.store.tables import FileRow, Held, Withdrawn
from sync.db import insert_once
from sync.event import Event
from sync.log import EVENT
from sync.tables import table_of

FILE, HELD, WITHDRAWN = (table_of(model) for model in (FileRow, Held, Withdrawn))
ALL = "all"
LIMITS = select(WITHDRAWN.c.subject, WITHDRAWN.c.scope).where(
    WITHDRAWN.c.subject.in_(bindparam("subjects", expanding=True))
)
Placed = tuple[int, Event]


def spread(connection: Connection, said: Sequence[Placed]) -> None:
    """An edit and what it edits are of one person: who takes back the one takes back the other.

    Either may be told first, and at another node than the withdrawal; so both ways are gone at each arrival.
    """
    edges = {
        (e.subject, e.body["replaces"]) for _, e in said if e.kind == "submitted" and "replaces" in e.body
    }
    gone = {e.subject for _, e in said if e.kind == "withdrawn" and e.body["scope"] == ALL}
    both = limits(connection, [name for edge in edges for name in edge])
    gone |= {name for name, scopes in both.items() if ALL in scopes}
    seen: set[str] = set()
    while new := gone - seen:
        seen |= new
        gone |= {other for edge in edges if new & set(edge) for other in edge} | _near(connection, new)
    more = seen - {s for s, scopes in limits(connection, list(seen)).items() if ALL in scopes}
    if more:
        insert_once(connection, WITHDRAWN, [{"subject": one, "scope": ALL, "at": ""} for one in sorted(more)])
    if seen:
        blank(connection, sorted(seen))


def _near(connection: Connection, instances: set[str]) -> set[str]:
    """The interviews here that edit one of these, and those that these edit."""
    edits = select(SUBMISSION.c.instance).where(SUBMISSION.c.replaces.in_(instances))
    told = select(EVENT.c.body).where(EVENT.c.subject.in_(instances), EVENT.c.kind == "submitted")
    before = {json.loads(body).get("replaces", "") for body in connection.execute(told).scalars()}
    return set(connection.execute(edits).scalars()) | before - {""}


def limits(connection: Connection, subjects: Sequence[str]) -> dict[str, frozenset[str]]:
    """What was taken back for each of the subjects: scopes, or `all`, of which nothing is taken in again."""
    found: dict[str, set[str]] = defaultdict(set)
    for subject, scope in connection.execute(LIMITS, {"subjects": list(subjects)}):
        found[subject].add(scope)
    return {subject: frozenset(scopes) for subject, scopes in found.items()}


def blank(connection: Connection, subjects: Sequence[str]) -> None:
    """Takes whatever the views still show of these interviews away."""
    for table in (SUBMISSION, FILE, HELD):
        connection.execute(delete(table).where(table.c.instance.in_(subjects)))
    connection.execute(delete(DECISION).where(DECISION.c.about.in_(subjects)))
