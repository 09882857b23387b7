"""What people decided on interviews, as the views show it; decisions and interviews may come in any order.

The standing of an interview is a column of its own, so that a queue of 100,000 is read by an index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from server.core.standing import REVIEWS, Decision, standing
from server.store.tables import DecisionRow, Submission
from sync.db import insert_once
from sync.event import Event
from sync.tables import table_of

SUBMISSION, DECISION = table_of(Submission), table_of(DecisionRow)
# Put together once: every commit of interviews asks both.
REVIEWED = select(DECISION).where(
    DECISION.c.kind == "reviewed", DECISION.c.subject.in_(bindparam("subjects", expanding=True))
)
EDITED = select(SUBMISSION.c.replaces).where(
    SUBMISSION.c.replaces.in_(bindparam("subjects", expanding=True)), SUBMISSION.c.replaces.is_not(None)
)
STANDS = (
    update(SUBMISSION).where(SUBMISSION.c.instance == bindparam("mine")).values(standing=bindparam("now"))
)
REPLACED = update(SUBMISSION).where(SUBMISSION.c.instance == bindparam("mine")).values(latest=False)


def decided(connection: Connection, said: Sequence[tuple[int, Event]]) -> None:
    """Notes decisions, and what now stands on the interviews that they are about."""
    insert_once(connection, DECISION, [_row(place, event) for place, event in said])
    reviewed = sorted({event.subject for _, event in said if event.kind == "reviewed"})
    stands = verdicts(connection, reviewed)
    if reviewed:
        connection.execute(STANDS, [{"mine": one, "now": stands.get(one, "")} for one in reviewed])


def place_in_chain(connection: Connection, interviews: list[dict[str, Any]]) -> None:
    """Gives new interviews their standing and place in a chain of edits; their rows are changed."""
    if not interviews:
        return
    names = [row["instance"] for row in interviews]
    edits = {row["replaces"] for row in interviews if row["replaces"]}
    stands = verdicts(connection, names)
    replaced = set(connection.execute(EDITED, {"subjects": names}).scalars()) | edits
    for row in interviews:
        row["standing"] = stands.get(row["instance"], "")
        row["latest"] = row["instance"] not in replaced
    if edits:
        connection.execute(REPLACED, [{"mine": one} for one in sorted(edits)])


def verdicts(connection: Connection, instances: Iterable[str]) -> dict[str, str]:
    """What stands on each interview that was decided on, as the column `standing` says it."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for row in connection.execute(REVIEWED, {"subjects": list(instances)}):
        found[row.subject].append(decision_of(row))
    return {one: _told(decisions) for one, decisions in found.items()}


def decision_of(row: Any) -> Decision:
    """A row of the table as a decision."""
    return Decision(row.id, row.verdict, row.by, row.at, frozenset(row.replaces.split()))


def subject_of(event: Event) -> str:
    """What a decision is on: an interview or pair, or one question or check of an interview."""
    body = event.body
    if event.kind == "explained":
        return f"{event.subject}|{body['check']}|{body['question']}"
    return f"{event.subject}|{body['path']}" if event.kind in ("corrected", "remarked") else event.subject


def _told(decisions: Sequence[Decision]) -> str:
    stands = standing(decisions, REVIEWS)
    if stands.contested:
        return "contested"
    return "" if stands.verdict == "received" else stands.verdict


def _row(place: int, event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "kind": event.kind,
        "subject": subject_of(event),
        "about": "" if event.kind == "linked" else event.subject,
        "verdict": event.body.get("verdict", ""),
        "reason": event.body.get("reason", ""),
        "by": event.by,
        "at": event.at,
        "replaces": " ".join(event.body.get("replaces", ())),
        "event": place,
    }
