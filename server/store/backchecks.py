"""Draws interviews to be asked again, and joins what came back to them by the interview's code.

A draw is an event that names an interview and nothing of it; who withdrew, or took back being called again,
is in no list any more.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from random import Random

from sqlalchemy import Connection, select

from forms.backcheck import LINK, SUFFIX, accepted_range, marked
from server.core.backcheck.compare import Asked, Comparison, Pair, compare, pair_of
from server.core.backcheck.sample import Candidate, draw
from server.core.plan import Plan
from server.core.problem import NotFound
from server.core.team.rows import Met
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.project import SUBMISSION, project
from server.store.read import short
from server.store.teamwork import interviews, plan_of
from sync import log
from sync.db import reading, writing
from sync.event import Draft

DRAWN = "drawn"
SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Listed:
    """An interview on a supervisor's list: its code, who held it and when, and whether it was asked again."""

    code: str
    enumerator: str
    day: str
    stratum: str
    done: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A form's back-checks; `unmatched` came with a code that leads to no drawn interview, or to several."""

    comparison: Comparison
    unmatched: int
    twice: int
    same_person: int


def draw_more(
    campaign: Campaign, forms: Forms, form: str, *, share: float, rng: Random, by: str, at: str
) -> list[Listed]:
    """Draws until `share` of every enumerator's interviews is drawn; returns the new ones."""
    with writing(campaign.engine) as connection:
        plan = plan_of(connection, forms, form)
        met = {one.instance: one for one in interviews(connection, plan)}
        able = _may_be_called(connection, form)
        drawn = drawn_of(connection, form)
        codes = _codes(met)
        # Two interviews with one short code could not be told apart on paper, and a code of digits alone
        # would be taken for a telephone number when it comes back, and blanked.
        candidates = [
            Candidate(one.instance, one.enumerator, one.day)
            for one in met.values()
            if one.instance in able
            and len(codes[short(one.instance)]) == 1
            and not short(one.instance).isdigit()
        ]
        new = draw(candidates, drawn, share, rng)
        drafts = [Draft(DRAWN, one.instance, {"for": "backcheck", "form": form}, at, by) for one in new]
        project(connection, log.append(connection, campaign.keys, drafts))
    return [_listed(met[one.instance], done=False) for one in new]


def drawn_list(
    campaign: Campaign, forms: Forms, form: str, people: frozenset[str] | None = None
) -> list[Listed]:
    """Every drawn interview whose person may still be called, oldest first; of some accounts, or all."""
    with reading(campaign.engine) as connection:
        plan = plan_of(connection, forms, form)
        able = _may_be_called(connection, form) & drawn_of(connection, form)
        met = [one for one in interviews(connection, plan, people) if one.instance in able]
        done = {_link(one) for one in _checks(connection, forms, form)}
    rows = [_listed(one, done=short(one.instance) in done) for one in met]
    return sorted(rows, key=lambda row: (row.day, row.code))


def outcome(campaign: Campaign, forms: Forms, form: str) -> Outcome:
    """The comparison of everything that came back; the first back-check of an interview counts."""
    with reading(campaign.engine) as connection:
        plan = plan_of(connection, forms, form)
        met = {one.instance: one for one in interviews(connection, plan)}
        # A later withdrawal took the interview out of `met`, and with it its back-check.
        drawn = drawn_of(connection, form) & met.keys()
        checks = _checks(connection, forms, form)
    codes = _codes(drawn)
    pairs: list[Pair] = []
    seen: set[str] = set()
    unmatched = twice = same = 0
    for check in sorted(checks, key=lambda one: one.day):
        found = codes.get(_link(check), [])
        if len(found) != 1:
            unmatched += 1
        elif found[0] in seen:
            twice += 1
        else:
            seen.add(found[0])
            first = met[found[0]]
            same += first.enumerator == check.enumerator
            pairs.append(pair_of(first, check, {}))
    return Outcome(compare(pairs, asked_again(plan), len(drawn)), unmatched, twice, same)


def asked_again(plan: Plan) -> list[Asked]:
    """The questions that the form marks, as the comparison takes them."""
    found = []
    for question in marked(plan.form):
        low, high, relative = accepted_range(question.okrange) or (0.0, 0.0, False)
        kind = int(question.backcheck)
        found.append(Asked(question.name, question.path, kind, question.kind, low, high, relative))
    return found


def back_checks_of(connection: Connection, instances: Collection[str]) -> set[str]:
    """The back-checks that came back for these interviews: they are of the same people."""
    codes = {short(instance) for instance in instances}
    query = select(SUBMISSION.c.instance, SUBMISSION.c.event).where(SUBMISSION.c.form.endswith(SUFFIX))
    found = set()
    for row in connection.execute(query).all():
        clean = log.body(connection, row.event, "clean")
        if clean and json.loads(clean)["answers"].get(LINK) in codes:
            found.add(row.instance)
    return found


def drawn_of(connection: Connection, form: str) -> set[str]:
    """The interviews of a form that were drawn at any time."""
    return {event.subject for _, event in log.of_kind(connection, DRAWN) if event.body["form"] == form}


def _may_be_called(connection: Connection, form: str) -> set[str]:
    rows = connection.execute(
        select(SUBMISSION.c.instance, SUBMISSION.c.scopes).where(
            SUBMISSION.c.form == form, SUBMISSION.c.latest
        )
    )
    return {row.instance for row in rows if "recontact" in row.scopes.split()}


def _codes(instances: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for instance in instances:
        found[short(instance)].append(instance)
    return found


def _checks(connection: Connection, forms: Forms, form: str) -> list[Met]:
    try:
        plan = plan_of(connection, forms, form + SUFFIX)
    except NotFound:  # no back-check form was published: nothing can have come back
        return []
    return list(interviews(connection, plan))


def _link(check: Met) -> str:
    return check.said.get(f"/{LINK}", "")


def _listed(one: Met, *, done: bool) -> Listed:
    return Listed(short(one.instance), one.enumerator, one.day, one.stratum, done)
