"""The rows that pages show: forms and what came for each, the last arrivals, and what waits for a decision.

An edited interview counts once: the version that a later one replaces is left out. Each query reads an index
or a small table, so that a page stays quick when a season of interviews has come in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from server.store.local import Person
from server.store.tables import FormVersion, Held, Refusal, Submission
from sync.tables import table_of

FORM, SUBMISSION, REFUSAL, HELD = (table_of(m) for m in (FormVersion, Submission, Refusal, Held))
PERSON = table_of(Person)


@dataclass(frozen=True, slots=True)
class FormRow:
    """A form with its newest version and what came for any version; `last` is empty when nothing came."""

    id: str
    title: str
    version: str
    published: str
    interviews: int
    refusals: int
    held: int
    last: str


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """An interview that came in. `code` is the short form of its number; `flags` count what was odd."""

    received: str
    form: str
    title: str
    enumerator: str
    person: str
    wave: str
    code: str
    instance: str
    standing: str
    edited: bool
    flags: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """Something in quarantine that waits for a decision."""

    id: str
    reason: str
    form: str
    title: str
    version: str
    received: str
    person: str
    code: str


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over all forms; `held` also counts what answers no form known here."""

    interviews: int
    refusals: int
    held: int
    last: str


def forms(connection: Connection, zone: str = "") -> list[FormRow]:
    """Every form with its newest version (by clock, then origin) and its counts, by title.

    With a zone only what its accounts sent is counted, and the refusals that name one of them.
    """
    mine = _sent_in(SUBMISSION.c.person, zone)
    interviews = _by_form(connection, SUBMISSION.c.form, *mine)
    replaced = _replaced(connection, *mine)
    refusals = _by_form(connection, REFUSAL.c.form, *_sent_in(REFUSAL.c.enumerator, zone))
    waiting = _by_form(connection, HELD.c.form, HELD.c.open, *_sent_in(HELD.c.person, zone))
    last = _last(connection, *mine)
    rows = [
        FormRow(
            id=row.id,
            title=row.title,
            version=row.version,
            published=row.published,
            interviews=interviews.get(row.id, 0) - replaced.get(row.id, 0),
            refusals=refusals.get(row.id, 0),
            held=waiting.get(row.id, 0),
            last=last.get(row.id, ""),
        )
        for row in _newest(connection).values()
    ]
    return sorted(rows, key=lambda row: (row.title.casefold(), row.id))


def totals(connection: Connection, rows: list[FormRow], zone: str = "") -> Totals:
    """The sums of `forms`, with everything in quarantine (of a zone)."""
    held_here = select(func.count()).select_from(HELD).where(HELD.c.open, *_sent_in(HELD.c.person, zone))
    waiting = connection.execute(held_here).scalar_one()
    return Totals(
        interviews=sum(row.interviews for row in rows),
        refusals=sum(row.refusals for row in rows),
        held=waiting,
        last=max((row.last for row in rows), default=""),
    )


def arrivals(connection: Connection, limit: int = 20, zone: str = "") -> list[ArrivalRow]:
    """The last interviews to come in, newest first; those of a zone, or all."""
    titles = {form: row.title for form, row in _newest(connection).items()}
    mine = _sent_in(SUBMISSION.c.person, zone)
    query = select(SUBMISSION).where(*mine).order_by(SUBMISSION.c.event.desc()).limit(limit)
    return [
        ArrivalRow(
            received=row.received,
            form=row.form,
            title=titles.get(row.form, row.form),
            enumerator=row.enumerator,
            person=row.person,
            wave=row.wave,
            code=short(row.instance),
            instance=row.instance,
            standing=row.standing,
            edited=row.replaces is not None,
            flags=tuple(sorted(json.loads(row.flags or "{}").items())),
        )
        for row in connection.execute(query)
    ]


def held(connection: Connection, limit: int = 50, zone: str = "") -> list[HeldRow]:
    """What waits for a decision (in a zone), oldest first, as it has waited longest."""
    titles = {form: row.title for form, row in _newest(connection).items()}
    waiting = select(HELD).where(HELD.c.open, *_sent_in(HELD.c.person, zone))
    query = waiting.order_by(HELD.c.event).limit(limit)
    return [
        HeldRow(
            id=row.id,
            reason=row.reason,
            form=row.form,
            title=titles.get(row.form, row.form),
            version=row.version,
            received=row.received,
            person=row.person,
            code=short(row.instance),
        )
        for row in connection.execute(query)
    ]


def titles(connection: Connection) -> dict[str, str]:
    """The title of each form, by id."""
    return {form: row.title for form, row in _newest(connection).items()}


def enumerators_of(connection: Connection, zone: str = "") -> list[str]:
    """Who is named as the enumerator of any interview (of a zone), by login."""
    return _different(connection, SUBMISSION.c.enumerator, *_sent_in(SUBMISSION.c.person, zone))


def waves_of(connection: Connection, zone: str = "") -> list[str]:
    """The waves that interviews (of a zone) name."""
    return _different(connection, SUBMISSION.c.wave, *_sent_in(SUBMISSION.c.person, zone))


def zones_of(connection: Connection) -> list[str]:
    """The zones in which accounts work."""
    return _different(connection, PERSON.c.zone)


def _different(
    connection: Connection, column: ColumnElement[str], *conditions: ColumnElement[bool]
) -> list[str]:
    found = connection.execute(select(column).where(*conditions).distinct().order_by(column)).scalars()
    return [name for name in found if name]


def short(instance: str) -> str:
    """The eight signs by which people speak of an interview; other shapes of number may hold anything."""
    number = instance.removeprefix("uuid:")[:8]
    return number if len(number) == 8 and number.isalnum() and number.isascii() else "…"


def _sent_in(login: ColumnElement[str], zone: str) -> tuple[ColumnElement[bool], ...]:
    """That an account of the zone sent it; nothing is asked without a zone."""
    return (login.in_(select(PERSON.c.login).where(PERSON.c.zone == zone)),) if zone else ()


def _newest(connection: Connection) -> dict[str, Any]:
    """Each form's newest version; the last in order stays."""
    query = select(FORM.c.id, FORM.c.version, FORM.c.title, FORM.c.published)
    ordered = query.order_by(FORM.c.clock, FORM.c.origin)
    return {row.id: row for row in connection.execute(ordered)}


def _by_form(
    connection: Connection, form: ColumnElement[str], *conditions: ColumnElement[bool]
) -> dict[str, int]:
    query = select(form, func.count()).where(*conditions).group_by(form)
    return {row[0]: row[1] for row in connection.execute(query)}


def _replaced(connection: Connection, *conditions: ColumnElement[bool]) -> dict[str, int]:
    """How many interviews of each form have a later version here; reads the edits, which are few."""
    later = SUBMISSION.alias()
    earlier = SUBMISSION.c.instance.in_(select(later.c.replaces).where(later.c.replaces.is_not(None)))
    return _by_form(connection, SUBMISSION.c.form, earlier, *conditions)


def _last(connection: Connection, *conditions: ColumnElement[bool]) -> dict[str, str]:
    """When the last interview of each form came."""
    newest = select(func.max(SUBMISSION.c.event)).where(*conditions).group_by(SUBMISSION.c.form)
    query = select(SUBMISSION.c.form, SUBMISSION.c.received).where(SUBMISSION.c.event.in_(newest))
    return {row[0]: row[1] for row in connection.execute(query)}
