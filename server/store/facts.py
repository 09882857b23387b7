"""Reads interviews as checks see them: answers as they count, the phone's timeline, and what the form says of
both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from forms.filled import Filling, at
from server.core.checks.facts import Facts, Shape
from server.core.moments import moment
from server.core.overlay import effective
from server.core.paradata import Timeline
from server.core.plan import Plan
from server.store.corrections import overlay_of
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.project import DECISION, FILE, FORM, SUBMISSION
from sync.db import reading
from sync.tables import Body, table_of

BODY = table_of(Body)
PAGE = 200
PARTS = ("clean", "paradata", "consent", "derived")


class Facing:
    """Interviews turned into facts; what is known of a version is worked out once."""

    def __init__(self, campaign: Campaign, forms: Forms) -> None:
        self._campaign, self._forms = campaign, forms
        self._shapes: dict[tuple[str, str], tuple[Shape, Filling]] = {}

    def of_form(self, form: str) -> Iterator[Facts]:
        """Every interview of a form that no edit has replaced, in order of arrival, read in pages."""
        mine = (SUBMISSION.c.form == form) & SUBMISSION.c.latest
        last = 0
        while True:
            with reading(self._campaign.engine) as connection:
                rows = _rows(connection, mine & (SUBMISSION.c.event > last), PAGE)
                found = self._all(connection, rows)
            yield from found
            if len(rows) < PAGE:
                return
            last = rows[-1].event

    def of(self, instances: Sequence[str]) -> list[Facts]:
        """The named interviews that are here and that no edit has replaced."""
        mine = SUBMISSION.c.instance.in_(list(instances)) & SUBMISSION.c.latest
        with reading(self._campaign.engine) as connection:
            return self._all(connection, _rows(connection, mine, len(instances)))

    def _all(self, connection: Connection, rows: Sequence[Any]) -> list[Facts]:
        return [facts for row in rows if (facts := self._facts(connection, row)) is not None]

    def _shape(self, form: str, version: str) -> tuple[Shape, Filling] | None:
        if (form, version) not in self._shapes:
            plan = self._forms.find(form, version)
            if plan is None:
                return None
            # The present hardly matters to a form's conditions: the phone asked when it was the present.
            filling = Filling(plan.form, datetime.now(), plan.hidden)  # noqa: DTZ005
            self._shapes[form, version] = Shape(plan), filling
        return self._shapes[form, version]

    def _facts(self, connection: Connection, row: Any) -> Facts | None:
        known = self._shape(row.form, row.version)
        if known is None or row.clean is None:
            return None
        shape, filling = known
        answers: Mapping[str, Any] = json.loads(row.clean)["answers"]
        if row.corrected:
            answers = effective(answers, overlay_of(connection, row.instance)).answers
        consent = json.loads(row.consent)["consent"] if row.consent else {}
        asked, broken = filling.judged(answers)
        return Facts(
            row.instance,
            shape,
            row.version,
            row.enumerator or row.person,
            moment(row.received) or datetime.now(UTC),
            _said(shape.plan, answers, "start"),
            _said(shape.plan, answers, "end"),
            asked,
            _timeline(row.paradata or row.late),
            consent.get("reading_seconds"),
            json.loads(row.flags or "{}"),
            _published(connection, row.form),
            broken,
            json.loads(row.derived)["derived"] if row.derived else {},
        )


def _rows(connection: Connection, where: Any, limit: int) -> Sequence[Any]:
    """Interviews with their readable parts, and whether anything was corrected, by one query."""
    columns: list[Any] = [*SUBMISSION.c]
    joined: Any = SUBMISSION
    for part in PARTS:
        body = BODY.alias(part)
        joined = joined.outerjoin(body, and_(body.c.event == SUBMISSION.c.event, body.c.part == part))
        columns.append(body.c.data.label(part))
    # A phone may send its log in a later request: then its timeline lies beside that event.
    late = BODY.alias("late")
    sent_later = (FILE.c.instance == SUBMISSION.c.instance) & (FILE.c.event != SUBMISSION.c.event)
    joined = joined.outerjoin(FILE, sent_later & FILE.c.path.endswith("/audit"))
    joined = joined.outerjoin(late, and_(late.c.event == FILE.c.event, late.c.part == "paradata"))
    columns.append(late.c.data.label("late"))
    corrected = select(DECISION.c.id).where(
        DECISION.c.about == SUBMISSION.c.instance, DECISION.c.kind == "corrected"
    )
    edited = SUBMISSION.c.replaces.is_not(None)
    query = (
        select(*columns, (corrected.exists() | edited).label("corrected")).select_from(joined).where(where)
    )
    return connection.execute(query.order_by(SUBMISSION.c.event).limit(limit)).all()


def _published(connection: Connection, form: str) -> Mapping[str, datetime]:
    query = select(FORM.c.version, FORM.c.published).where(FORM.c.id == form)
    found = {row.version: moment(row.published) for row in connection.execute(query)}
    return {version: at_ for version, at_ in found.items() if at_ is not None}


def _said(plan: Plan, answers: Mapping[str, Any], name: str) -> datetime | None:
    """When the phone says that the interview started or ended."""
    for question in plan.form.questions:
        if question.preload == "timestamp" and question.name == name:
            return moment(at(answers, question.path))
    return None


def _timeline(data: bytes | None) -> Timeline | None:
    if not data:
        return None
    said = json.loads(data)
    return Timeline(tuple((path, start, length) for path, start, length in said["visits"]), said["events"])
