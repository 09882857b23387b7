"""The referral chains of a campaign's own interviews, with each person once.

Somebody interviewed twice inflates the sample and cuts a chain: what the second interview handed out seems to
come from another tree. So interviews of one person are taken together first, once only where that is sure and
once wherever it is likelier than not; what is said of the chains is shown for both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from server.core.chains.forest import Forest, Respondent, build
from server.core.problem import Malformed
from server.store.home import Campaign
from server.store.matcher import Matcher
from server.store.persons import LIKELY, SURE, groups
from server.store.project import SUBMISSION
from sync import log
from sync.db import reading

THRESHOLDS = {"strict": SURE, "loose": LIKELY}


@dataclass(frozen=True, slots=True)
class Chains:
    """The chains under one threshold of linkage; `joined` interviews went into an earlier one."""

    forest: Forest
    joined: int


def chains(campaign: Campaign, matcher: Matcher, form: str, outcome: str) -> dict[str, Chains]:
    """The chains of a form's interviews under the strict and the loose threshold, `outcome` from its answers.

    Raises Malformed when the form has no interview that was compared, or no such answer.
    """
    with reading(campaign.engine) as connection:
        said = dict(_answers(connection, form, outcome))
    people = {
        name: replace(person, outcome=said[name])
        for name, person in matcher.respondents().items()
        if name in said
    }
    if not people:
        raise Malformed("snowball_no_interviews", form=form)
    if not any(said.values()):
        raise Malformed("snowball_no_outcome")
    found = {}
    for name, threshold in THRESHOLDS.items():
        once = _once(people, groups(campaign, threshold))
        found[name] = Chains(build(once, frozenset({""})), len(people) - len(once))
    return found


def _once(people: Mapping[str, Respondent], persons: Sequence[Sequence[str]]) -> list[Respondent]:
    """Each person at the first interview, with all that later ones add; in order of arrival."""
    order = {name: place for place, name in enumerate(people)}
    found: dict[int, Respondent] = {}
    for group in persons:
        here = sorted((name for name in group if name in people), key=order.__getitem__)
        if here:
            found[order[here[0]]] = _joined([people[name] for name in here])
    return [found[place] for place in sorted(found)]


def _joined(several: Sequence[Respondent]) -> Respondent:
    given = [code for one in several if isinstance(one.coupons, tuple) for code in one.coupons]
    return replace(
        several[0],
        recruiter=next((one.recruiter for one in several if one.recruiter), ""),
        size=next((one.size for one in several if one.size is not None), None),
        outcome=next((one.outcome for one in several if one.outcome), ""),
        coupons=tuple(dict.fromkeys(given)),
    )


def _answers(connection: Connection, form: str, question: str) -> Iterator[tuple[str, str]]:
    """Each interview of a form with its answer, "" where there is none."""
    query = select(SUBMISSION.c.instance, SUBMISSION.c.event).where(SUBMISSION.c.form == form)
    for row in connection.execute(query).all():
        clean = log.body(connection, row.event, "clean")
        if clean is not None:
            yield row.instance, _answer(json.loads(clean)["answers"], question)


def _answer(tree: Mapping[str, Any], question: str) -> str:
    for name, value in tree.items():
        if name == question and isinstance(value, str):
            return value
        found = _answer(value, question) if isinstance(value, dict) else ""
        if found:
            return found
    return ""
