"""Reads the interviews of a form for a release, a page at a time, each page in a few queries.

An edit on the phone replaces what it edits, corrections are applied, and whoever was left out is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Select, func, select

from server.core.dataset.pages import Interview
from server.core.plan import Plan
from server.core.problem import NotFound
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.local import Person
from server.store.project import FILE, FORM, HELD, REFUSAL, SUBMISSION
from sync.log import BODY
from sync.tables import table_of

PERSON = table_of(Person)
PAGE = 200
# Central's words for what a reviewer decided.
STATES = {"approved": "approved", "query": "hasIssues", "rejected": "rejected"}
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which interviews of a form: `every` takes those that nobody approved, `scope` asks for a consent.

    With `only`, exactly these instances.
    """

    form: str
    every: bool = False
    scope: str = ""
    only: frozenset[str] | None = None


def plans_of(campaign: Campaign, connection: Connection, form: str) -> list[Plan]:
    """All versions of a form that this node knows, oldest first."""
    query = select(FORM.c.version).where(FORM.c.id == form).order_by(FORM.c.clock, FORM.c.origin)
    versions = connection.execute(query).scalars().all()
    forms = Forms(campaign)
    found = [plan for version in versions if (plan := forms.find(form, version))]
    if not found:
        raise NotFound("unknown_form_here", form=form)
    return found


def interviews(
    connection: Connection, chosen: Selection, effective: Callable[[str, Any], Any], step: Step
) -> Iterator[list[Interview]]:
    """Pages of interviews in order of arrival; `effective` applies the corrections of an instance."""
    numbers = {
        row.login: str(row.number) for row in connection.execute(select(PERSON.c.login, PERSON.c.number))
    }
    edits = _edits(connection)
    last, count = 0, 0
    while rows := connection.execute(_page(chosen, last)).all():
        files = _files(connection, chosen.form, rows[0].event, rows[-1].event)
        last = rows[-1].event
        taken = [row for row in rows if _wanted(row, chosen)]
        count += len(taken)
        if taken:
            yield [
                Interview(
                    row.instance,
                    row.version,
                    _system(row, files.get(row.instance, (0, 0)), numbers, edits),
                    effective(row.instance, orjson.loads(row.data)["answers"]),
                )
                for row in taken
            ]
        step(count)


def _page(chosen: Selection, last: int) -> Select[Any]:
    mine = (SUBMISSION.c.form == chosen.form) & (SUBMISSION.c.event > last)
    if chosen.only is None:
        mine &= SUBMISSION.c.latest
        mine &= (SUBMISSION.c.standing == "approved") | chosen.every
    part = (BODY.c.event == SUBMISSION.c.event) & (BODY.c.part == "clean")
    return (
        select(SUBMISSION, BODY.c.data).join(BODY, part).where(mine).order_by(SUBMISSION.c.event).limit(PAGE)
    )


def _wanted(row: Any, chosen: Selection) -> bool:
    if chosen.only is not None:
        return row.instance in chosen.only
    return not chosen.scope or chosen.scope in row.scopes.split()


def _system(
    row: Any, files: tuple[int, int], numbers: Mapping[str, str], edits: Mapping[str, str]
) -> dict[str, str]:
    here, expected = files
    return {
        "SubmissionDate": row.received,
        "SubmitterID": numbers.get(row.person, ""),
        "SubmitterName": row.person,
        "AttachmentsPresent": str(here),
        "AttachmentsExpected": str(expected),
        "Status": "" if here == expected else "missingAttachments",
        "ReviewState": STATES.get(row.standing, ""),
        "DeviceID": row.device,
        "Edits": str(_count_edits(edits, row.replaces)),
        "FormVersion": row.version,
    }


def _files(connection: Connection, form: str, first: int, last: int) -> dict[str, tuple[int, int]]:
    """Attachments here and expected, of the interviews between two places in the log."""
    here = func.count(func.nullif(FILE.c.sha, ""))
    within = (SUBMISSION.c.form == form) & SUBMISSION.c.event.between(first, last)
    query = select(FILE.c.instance, here, func.count()).join(
        SUBMISSION, SUBMISSION.c.instance == FILE.c.instance
    )
    found = connection.execute(query.where(within).group_by(FILE.c.instance))
    return {row[0]: (int(row[1]), int(row[2])) for row in found}


def _edits(connection: Connection) -> dict[str, str]:
    """What each edit replaces."""
    query = select(SUBMISSION.c.instance, SUBMISSION.c.replaces).where(SUBMISSION.c.replaces.is_not(None))
    return {row[0]: row[1] for row in connection.execute(query)}


def _count_edits(edits: Mapping[str, str], before: str | None) -> int:
    """How many earlier states an interview has; a chain that loops is cut."""
    seen: set[str] = set()
    while before and before not in seen:
        seen.add(before)
        before = edits.get(before)
    return len(seen)


def left_out(connection: Connection, chosen: Selection) -> dict[str, int]:
    """How many of a form's interviews are not in the release, by reason."""

    def number(table: Any, *where: Any) -> int:
        query = select(func.count()).select_from(table).where(table.c.form == chosen.form, *where)
        return int(connection.execute(query).scalar_one())

    states = dict(_standings(connection, chosen.form))
    not_shared = 0
    if chosen.scope:
        not_shared = _without_scope(connection, chosen)
    found = {
        "not_approved": states.get("", 0),
        "query": states.get("query", 0),
        "rejected": states.get("rejected", 0),
        "contested": states.get("contested", 0),
    }
    found = {} if chosen.every else found
    found |= {
        "not_shared": not_shared,
        "replaced_by_an_edit": number(SUBMISSION, ~SUBMISSION.c.latest),
        "refused": number(REFUSAL),
        "quarantined": number(HELD, HELD.c.open),
    }
    return {reason: amount for reason, amount in found.items() if amount}


def _standings(connection: Connection, form: str) -> Sequence[tuple[str, int]]:
    state = SUBMISSION.c.standing
    query = select(state, func.count()).where(SUBMISSION.c.form == form, SUBMISSION.c.latest).group_by(state)
    return [(row[0], int(row[1])) for row in connection.execute(query)]


def _without_scope(connection: Connection, chosen: Selection) -> int:
    mine = (SUBMISSION.c.form == chosen.form) & SUBMISSION.c.latest
    if not chosen.every:
        mine &= SUBMISSION.c.standing == "approved"
    scopes: Collection[str] = connection.execute(select(SUBMISSION.c.scopes).where(mine)).scalars().all()
    return sum(chosen.scope not in one.split() for one in scopes)
