"""Decides on interviews: approved, queried, rejected, taken back; for one or many, and never over someone's
head.

A page says which decisions its reader saw. If others stand by now, theirs is not replaced: the reader is told
who decided what meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from server.core.problem import Conflict, NotFound, Problem, Refused
from server.core.review import UNDONE, Judgement, before_heads, check, note
from server.core.standing import REVIEWS, Standing, standing
from server.store.decisions import decisions_on, standings
from server.store.home import Campaign
from server.store.local import Person
from server.store.project import SUBMISSION, project
from sync import log
from sync.db import reading, writing
from sync.event import Draft
from sync.tables import table_of

PERSON = table_of(Person)
Seen = Mapping[str, Iterable[str]]  # the decisions that a page showed, by interview


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decides; a zone limits him to its interviews, an empty one to none."""

    login: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What came of it: the interviews decided on, why others were not, and how much of the text was
    masked."""

    done: list[str] = field(default_factory=list)
    refused: dict[str, Problem] = field(default_factory=dict)
    hidden: int = 0


def review(
    campaign: Campaign,
    instances: Sequence[str],
    judgement: Judgement,
    *,
    by: Reviewer,
    at: str,
    seen: Seen | None = None,
) -> Reviewed:
    """Decides on interviews, all in one commit; raises Malformed for a wrong verdict, reason or text.

    `seen` are the heads that a page showed for each; without it whatever stands is replaced.
    """
    check(judgement)
    said = note(judgement.why)
    facts = {"verdict": judgement.verdict, "reason": judgement.reason}
    result = Reviewed(hidden=said.hidden)
    parts = {"why": said.text.encode()} if said.text else {}
    with writing(campaign.engine) as connection:
        there = in_reach(connection, instances, by.zone)
        stands = standings(connection, "reviewed", instances)
        drafts = []
        for instance in dict.fromkeys(instances):
            now = stands.get(instance, Standing())
            problem = _hindrance(instance, there, now, seen)
            if problem is not None:
                result.refused[instance] = problem
                continue
            result.done.append(instance)
            body = facts | {"replaces": sorted(head.id for head in now.heads)}
            drafts.append(Draft("reviewed", instance, body, at, by.login, parts))
        project(connection, log.append(connection, campaign.keys, drafts))
    return result


def undo(campaign: Campaign, instance: str, *, by: Reviewer, at: str, seen: Seen | None = None) -> str:
    """Goes back to what stood before the last decision; returns it. Raises NotFound, Refused or Conflict."""
    with writing(campaign.engine) as connection:
        there = in_reach(connection, [instance], by.zone)
        decisions = decisions_on(connection, "reviewed", instance)
        now = standing(decisions, REVIEWS)
        problem = _hindrance(instance, there, now, seen)
        if problem is not None:
            raise problem
        if now.verdict in ("", UNDONE):
            raise Refused("nothing_to_undo")
        before = before_heads(decisions, now)
        body = {"verdict": before, "reason": "undone", "replaces": sorted(head.id for head in now.heads)}
        draft = Draft("reviewed", instance, body, at, by.login)
        project(connection, log.append(connection, campaign.keys, [draft]))
    return before


def remark(campaign: Campaign, instance: str, path: str, text: str, *, by: Reviewer, at: str) -> int:
    """Notes a comment on a question (or on the whole, with an empty path); returns how much was masked."""
    said = note(text)
    if not said.text:
        raise Refused("empty_note")
    with writing(campaign.engine) as connection:
        reached(connection, instance, by.zone)
        draft = Draft("remarked", instance, {"path": path}, at, by.login, {"text": said.text.encode()})
        project(connection, log.append(connection, campaign.keys, [draft]))
    return said.hidden


def in_reach(connection: Connection, instances: Sequence[str], zone: str) -> dict[str, bool]:
    """Which of the interviews are here, and whether each lies in the zone (an empty zone is everywhere)."""
    columns = (SUBMISSION.c.instance, PERSON.c.zone)
    query = select(*columns).select_from(SUBMISSION.outerjoin(PERSON, PERSON.c.login == SUBMISSION.c.person))
    rows = connection.execute(query.where(SUBMISSION.c.instance.in_(list(instances))))
    return {row.instance: not zone or row.zone == zone for row in rows}


def reached(connection: Connection, instance: str, zone: str) -> None:
    """Raises NotFound for an interview that is not here, Refused for one of another zone."""
    problem = _hindrance(instance, in_reach(connection, [instance], zone), Standing(), None)
    if problem is not None:
        raise problem


def find(connection: Connection, code: str) -> Any:
    """The interview of a code (its first signs) or whole number; raises NotFound, or Refused if several
    fit."""
    code = code.strip().removeprefix("uuid:")
    if len(code) < 6:
        raise NotFound("unknown_interview")
    exact = (SUBMISSION.c.instance == f"uuid:{code}") | (SUBMISSION.c.instance == code)
    near = SUBMISSION.c.instance.between(f"uuid:{code}", f"uuid:{code}~")
    rows = connection.execute(select(SUBMISSION).where(exact)).all()
    rows = rows or connection.execute(select(SUBMISSION).where(near).limit(2)).all()
    if not rows:
        raise NotFound("unknown_interview")
    if len(rows) > 1:
        raise Refused("several_interviews")
    return rows[0]


def heads_of(connection: Connection, instances: Sequence[str]) -> dict[str, list[str]]:
    """The decisions that stand on each interview: what a page shows, and says back when it decides."""
    found = standings(connection, "reviewed", instances) if instances else {}
    return {instance: [head.id for head in stands.heads] for instance, stands in found.items()}


def _hindrance(instance: str, there: Mapping[str, bool], now: Standing, seen: Seen | None) -> Problem | None:
    if instance not in there:
        return NotFound("unknown_interview")
    if not there[instance]:
        return Refused("other_zone")
    heads = {head.id for head in now.heads}
    if seen is not None and heads != set(seen.get(instance, ())):
        by = ", ".join(dict.fromkeys(head.by for head in now.heads)) or "–"
        return Conflict("decided_meanwhile", by=by, verdict=now.verdict or "received")
    return None


def approved(connection: Connection, form: str) -> list[str]:
    """The interviews of a form that go into a dataset: of each chain of edits the newest approved one.

    So an edit that arrives after the approval changes nothing until it is approved itself.
    """
    columns = (SUBMISSION.c.instance, SUBMISSION.c.replaces, SUBMISSION.c.standing, SUBMISSION.c.latest)
    mine = (SUBMISSION.c.form == form) & (SUBMISSION.c.standing == "approved")
    rows = connection.execute(select(*columns).where(mine).order_by(SUBMISSION.c.event)).all()
    if all(row.latest for row in rows):
        return [row.instance for row in rows]
    edits = select(SUBMISSION.c.instance, SUBMISSION.c.replaces).where(
        SUBMISSION.c.form == form, SUBMISSION.c.replaces.is_not(None)
    )
    before = {row.instance: row.replaces for row in connection.execute(edits)}
    surpassed = _surpassed(rows, before)
    return [row.instance for row in rows if row.instance not in surpassed]


def _surpassed(rows: Sequence[Any], before: Mapping[str, str]) -> set[str]:
    """Everything that an approved interview replaces, however many edits lie between."""
    found: set[str] = set()
    for row in rows:
        one = row.replaces
        while one and one not in found:
            found.add(one)
            one = before.get(one)
    return found


def counts(campaign: Campaign, form: str) -> dict[str, int]:
    """How many interviews of a form there are by standing, edits counted once; `""` is not decided."""
    mine = (SUBMISSION.c.form == form) & SUBMISSION.c.latest
    query = select(SUBMISSION.c.standing, func.count()).where(mine).group_by(SUBMISSION.c.standing)
    with reading(campaign.engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
