"""Tells each phone which interviews are to be looked at again, and why: a list that comes with the update of
forms.

It holds the interview's short number, the day, and the supervisor's words, from which personal data was
masked; nothing of the respondent's.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from forms.filled import path_of
from forms.wording import pick, spoken
from server.store.forms import Forms
from server.store.project import DECISION, SUBMISSION
from server.store.read import short
from sync import log

FILE = "corrections.csv"
LONGEST = 60  # of a question's label


@dataclass(frozen=True, slots=True)
class SentBack:
    """An interview that waits for its enumerator, with what is to be done."""

    instance: str
    form: str
    received: str
    todo: str


def waiting(connection: Connection, forms: Forms, login: str) -> list[SentBack]:
    """What waits for an enumerator: queried interviews that no edit has replaced, the oldest first."""
    mine = (SUBMISSION.c.person == login) & (SUBMISSION.c.standing == "query") & SUBMISSION.c.latest
    rows = connection.execute(select(SUBMISSION).where(mine).order_by(SUBMISSION.c.event)).all()
    return [SentBack(r.instance, r.form, r.received, _todo(connection, forms, r)) for r in rows]


def sheet(connection: Connection, forms: Forms, login: str) -> bytes:
    """The list as the phone's form reads it: `name`, `label`, `todo`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "label", "todo"))
    for one in waiting(connection, forms, login):
        code, day = short(one.instance), one.received[:10]
        writer.writerow((code, f"{code} · {day} · {one.form}", one.todo))
    return out.getvalue().encode()


def _todo(connection: Connection, forms: Forms, row: Any) -> str:
    """The words of the query and of the comments since the interview came, each with its question."""
    kinds = DECISION.c.kind.in_(("reviewed", "remarked"))
    query = select(DECISION).where(DECISION.c.about == row.instance, kinds)
    said = []
    for one in connection.execute(query.order_by(DECISION.c.at, DECISION.c.event)):
        part = log.body(connection, one.event, "text" if one.kind == "remarked" else "why")
        if part and (one.kind == "remarked" or one.verdict == "query"):
            place = one.subject.partition("|")[2]
            label = _label(forms, row, place) if place else ""
            said.append(f"{label} : {part.decode()}" if label else part.decode())
    return " — ".join(dict.fromkeys(said))


def _label(forms: Forms, row: Any, place: str) -> str:
    plan = forms.find(row.form, row.version)
    question = plan.form.by_path.get(path_of(place)) if plan else None
    if plan is None or question is None:
        return ""
    words = pick(question.labels, plan.form.default_language) or question.name
    label = spoken(words, lambda _: "…")
    return label if len(label) <= LONGEST else label[: LONGEST - 1].rstrip() + "…"
