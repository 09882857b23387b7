"""What phones say came of a contact is noted on the contact, so that the list follows the field by itself.

A visit form names a contact by its code and says nothing about the person. It is read once the matching key
is unlocked, as closing a contact erases a name that only this key opens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from server.core.sealing import Randomness
from server.store.contacts import CLOSED, CONTACT, mark
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.matching import Unlocked
from server.store.project import FORM, SUBMISSION
from sync import log
from sync.db import reading

# What a visit says -> what the contact becomes; who is to be called again stays on the phones.
STATES = {
    "reached": "reached",
    "call_back": "chosen",
    "refused": "refused",
    "not_found": "not_found",
    "moved": "not_found",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: the contact's code, the state that it leads to, its day, and its place in the log."""

    contact: str
    state: str
    day: str
    event: int
    received: str


class Visits:
    """Reads visits as they come in; knows how far it has read."""

    def __init__(self, campaign: Campaign, unlocked: Unlocked, random: Randomness) -> None:
        self._campaign, self._unlocked, self._random = campaign, unlocked, random
        self._forms = Forms(campaign)
        self._read = 0

    def note(self, *, at: str) -> int:
        """Notes the latest visit of each contact that had one since the last time; returns how many changed.

        A contact that is closed stays so, and what a person noted after the visit came in stands.
        """
        with reading(self._campaign.engine) as connection:
            rows = _rows(connection, self._read)
            if not rows:
                return 0
            latest: dict[str, Visit] = {}
            for visit in filter(None, (self._visit(connection, row) for row in _rows(connection, 0))):
                known = latest.get(visit.contact)
                if known is None or (visit.day, visit.event) > (known.day, known.event):
                    latest[visit.contact] = visit
            changed = [visit for visit in latest.values() if _changes(connection, visit)]
        for visit in changed:
            mark(
                self._campaign,
                visit.contact,
                visit.state,
                at=at,
                unlocked=self._unlocked,
                random=self._random,
            )
        self._read = rows[-1].event
        return len(changed)

    def _visit(self, connection: Connection, row: Any) -> Visit | None:
        plan, clean = self._forms.find(row.form, row.version), log.body(connection, row.event, "clean")
        if plan is None or clean is None:
            return None
        answers = json.loads(clean)["answers"]
        said = {
            role: _at(answers, question.path)
            for role in ("contact", "contact_result")
            for question in plan.form.with_role(role)
        }
        days = [_at(answers, question.path) for question in plan.form.questions if question.kind == "date"]
        state = STATES.get(said.get("contact_result", ""), "")
        contact = said.get("contact", "")
        day = next(iter(days), "") or row.received[:10]
        return Visit(contact, state, day, row.event, row.received) if contact and state else None


def _rows(connection: Connection, after: int) -> Sequence[Any]:
    """What came in after an event by forms that ask nobody's consent."""
    form = (FORM.c.id == SUBMISSION.c.form) & (FORM.c.version == SUBMISSION.c.version) & ~FORM.c.consented
    columns = (SUBMISSION.c.event, SUBMISSION.c.form, SUBMISSION.c.version, SUBMISSION.c.received)
    query = select(*columns).join(FORM, form).where(SUBMISSION.c.event > after).order_by(SUBMISSION.c.event)
    return connection.execute(query).all()


def _changes(connection: Connection, visit: Visit) -> bool:
    query = select(CONTACT.c.state, CONTACT.c.changed).where(CONTACT.c.id == visit.contact)
    row = connection.execute(query).first()
    open_still = row is not None and row.state not in (*CLOSED, "double")
    return open_still and row is not None and row.state != visit.state and row.changed < visit.received


def _at(answers: Mapping[str, Any], path: str) -> str:
    found: Any = answers
    for name in path.strip("/").split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
