"""Corrects answers without touching them: each correction is an event that can be taken back.

The texts of a correction (old, new, why) lie beside its event, so that they go when the person withdraws.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from forms.filled import Filling, at, path_of
from forms.schema import Question
from server.core.canonical import canonical
from server.core.overlay import REASONS, Corrected, Correction, change_of, effective
from server.core.plan import Plan
from server.core.problem import Conflict, Malformed, NotFound, Refused
from server.core.review import note
from server.core.standing import CORRECTIONS, standing
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.judged import decision_of
from server.store.project import DECISION, SUBMISSION, project
from server.store.reviewing import Reviewer, reached
from sync import log
from sync.db import writing
from sync.event import Draft

PART = "correction"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be corrected: the place, the new answer (empty to blank it), and why.

    `seen` are the corrections of the place that a page showed (see `shown_on`); None where there was no page.
    """

    place: str
    new: str
    reason: str
    why: str = ""
    seen: str | None = None


def correct(
    campaign: Campaign, forms: Forms, instance: str, wish: Wish, *, by: Reviewer, at_: str
) -> Correction:
    """Corrects one answer; raises NotFound, Refused, Conflict or Malformed, and then nothing has changed."""
    if wish.reason not in REASONS:
        raise Malformed("bad_reason", reasons=", ".join(REASONS))
    said = note(wish.why)
    with writing(campaign.engine) as connection:
        row, plan = _open(connection, forms, instance, by)
        _as_seen(connection, instance, wish.place, wish.seen)
        answers = answers_of(connection, row.event)
        question = _correctable(plan, wish.place)
        old, new = at(answers, wish.place), wish.new.strip()
        now = effective(answers, overlay_of(connection, instance)).answers
        _acceptable(plan, question, wish.place, new, now, datetime.fromisoformat(at_))
        return _say(connection, campaign, instance, (wish.place, old, new), (wish.reason, said.text), by, at_)


def take_back(
    campaign: Campaign, instance: str, place: str, *, by: Reviewer, at_: str, seen: str | None = None
) -> None:
    """Takes the correction of a place back: what was said counts again. Raises NotFound, Refused or
    Conflict."""
    with writing(campaign.engine) as connection:
        reached(connection, instance, by.zone)
        _unlocked(connection, instance)
        _as_seen(connection, instance, place, seen)
        heads = _heads(connection, instance).get(place, ())
        if not heads or all(row.verdict == "taken_back" for row in heads):
            raise NotFound("nothing_to_undo")
        body = {"path": place, "verdict": "taken_back", "reason": "", "replaces": sorted(r.id for r in heads)}
        draft = Draft("corrected", instance, body, at_, by.login)
        project(connection, log.append(connection, campaign.keys, [draft]))


def overlay_of(connection: Connection, instance: str) -> list[Correction]:
    """The corrections that stand on an interview and on those that it replaces, in the order of places."""
    found: dict[str, list[Correction]] = {}
    for one in reversed(_chain(connection, instance)):
        for place, heads in _heads(connection, one).items():
            found[place] = [_correction(connection, row, place) for row in heads]
    return [one for place in sorted(found) for one in found[place] if one.change != "taken_back"]


def shown_on(connection: Connection, instance: str) -> dict[str, str]:
    """The corrections that stand, by place: what a page shows, and says back when it corrects."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in overlay_of(connection, instance):
        found[one.place].append(one.id)
    return {place: " ".join(sorted(ids)) for place, ids in found.items()}


def _as_seen(connection: Connection, instance: str, place: str, seen: str | None) -> None:
    """Nobody's correction is replaced by somebody who has not seen it."""
    if seen is not None and seen != shown_on(connection, instance).get(place, ""):
        raise Conflict("corrected_meanwhile")


def corrected(connection: Connection, instance: str, event: int) -> Corrected:
    """An interview's readable answers as they count."""
    return effective(answers_of(connection, event), overlay_of(connection, instance))


def log_of(connection: Connection, form: str) -> list[tuple[str, Correction]]:
    """Every correction ever made on interviews of a form, also those taken back: the cleaning log, oldest
    first."""
    mine = select(SUBMISSION.c.instance).where(SUBMISSION.c.form == form)
    query = select(DECISION).where(DECISION.c.kind == "corrected", DECISION.c.about.in_(mine))
    rows = connection.execute(query.order_by(DECISION.c.at, DECISION.c.id)).all()
    return [(row.about, _correction(connection, row, row.subject.partition("|")[2])) for row in rows]


def answers_of(connection: Connection, event: int) -> dict[str, Any]:
    """The readable answers beside an event; none once they were forgotten."""
    clean = log.body(connection, event, "clean")
    found: dict[str, Any] = json.loads(clean)["answers"] if clean else {}
    return found


def _open(connection: Connection, forms: Forms, instance: str, by: Reviewer) -> tuple[Any, Plan]:
    reached(connection, instance, by.zone)
    row = _unlocked(connection, instance)
    plan = forms.find(row.form, row.version)
    if plan is None:
        raise NotFound("unknown_form_here", form=row.form)
    return row, plan


def _unlocked(connection: Connection, instance: str) -> Any:
    row = connection.execute(select(SUBMISSION).where(SUBMISSION.c.instance == instance)).one()
    if row.standing == "approved":
        raise Refused("approved_locked")
    if not row.latest:
        raise Refused("edited_since")
    return row


def _correctable(plan: Plan, place: str) -> Question:
    question = plan.form.by_path.get(path_of(place))
    if question is None:
        raise NotFound("unknown_question")
    if "consent" in question.classes or not question.asked:
        raise Refused("not_correctable")
    if not plan.reads(question):
        raise Refused("sealed_answer")
    return question


def _acceptable(
    plan: Plan, question: Question, place: str, new: str, answers: Mapping[str, Any], now: datetime
) -> None:
    words = new.split(" ") if question.kind == "select_multiple" else [new]
    if new and not all(plan.spots[question.path].readable(one) for one in words):
        raise Malformed("not_an_answer")
    why = Filling(plan.form, now.replace(tzinfo=None), plan.hidden).refusal(answers, place, new)
    if why:
        raise Malformed(f"answer_{why}")


def _say(
    connection: Connection,
    campaign: Campaign,
    instance: str,
    change: tuple[str, str, str],
    reason: tuple[str, str],
    by: Reviewer,
    at_: str,
) -> Correction:
    place, old, new = change
    why, kind = reason[1], change_of(old, new)
    heads = _heads(connection, instance).get(place, ())
    body = {"path": place, "verdict": kind, "reason": reason[0], "replaces": sorted(row.id for row in heads)}
    # The log keeps a digest of the part for ever: without salt the answer could be guessed from it.
    salt = os.urandom(16).hex()
    parts = {PART: canonical({"salt": salt, "old": old, "new": new, "why": why})}
    draft = Draft("corrected", instance, body, at_, by.login, parts)
    ((_, event),) = placed = log.append(connection, campaign.keys, [draft])
    project(connection, placed)
    return Correction(event.id, place, old, new, kind, reason[0], why, by.login, at_)


def _heads(connection: Connection, instance: str) -> dict[str, Sequence[Any]]:
    """The corrections of each place that nobody replaced."""
    query = select(DECISION).where(DECISION.c.about == instance, DECISION.c.kind == "corrected")
    by_place: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query.order_by(DECISION.c.event)):
        by_place[row.subject.partition("|")[2]].append(row)
    found: dict[str, Sequence[Any]] = {}
    for place, rows in by_place.items():
        heads = {head.id for head in standing(map(decision_of, rows), CORRECTIONS).heads}
        found[place] = [row for row in rows if row.id in heads]
    return found


def _correction(connection: Connection, row: Any, place: str) -> Correction:
    part = log.body(connection, row.event, PART)
    said = json.loads(part) if part else {"old": "", "new": "", "why": ""}
    return Correction(
        row.id, place, said["old"], said["new"], row.verdict, row.reason, said["why"], row.by, row.at
    )


def _chain(connection: Connection, instance: str) -> list[str]:
    """The interview and those that it replaces, the newest first."""
    found: list[str] = []
    one: str | None = instance
    while one and one not in found:
        found.append(one)
        query = select(SUBMISSION.c.replaces).where(SUBMISSION.c.instance == one)
        one = connection.execute(query).scalar()
    return found
