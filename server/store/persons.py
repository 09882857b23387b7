"""Persons over waves: what was found alike, under what people decided, with numbers that stay.

A decision always wins and is never undone here; two interviews that contradict each other (another sex,
another identity number, held at the same time by two people) are never one person unless somebody said so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, select

from server.core.linkage.cluster import Clusters, clusters
from server.core.linkage.identity import Assigned, assigned
from server.core.standing import Standing
from server.store.decisions import standings
from server.store.home import Campaign
from server.store.local import SAME_TIME, PersonOf
from server.store.matcher import SUGGESTION
from server.store.project import DECISION, FORM, SUBMISSION
from server.store.reviewing import PERSON
from sync.db import reading, writing
from sync.tables import table_of

PERSON_OF = table_of(PersonOf)
SURE = 2.2  # log odds from which interviews count as one person although nobody has decided: p = 0.9
LIKELY = 0.0  # log odds from which they are likelier one person than two
CERTAIN = 1 - 1e-9
AGAINST = ("sex", "id_number", SAME_TIME)


@dataclass(frozen=True, slots=True)
class Persons:
    """What came of a recomputation: how many interviews and persons, and which numbers merged or split.

    `unmet` are decisions that contradict one another: somebody has to look at them.
    """

    interviews: int
    persons: int
    merged: dict[str, str]
    split: dict[str, list[str]]
    unmet: list[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two interviews that may be of one person, as people see them; `verdict` is empty while it is open."""

    subject: str
    one: str
    other: str
    kind: str
    p: float
    reasons: dict[str, str]
    verdict: str
    contested: bool

    @property
    def contradictions(self) -> list[str]:
        """What forbids that a machine takes the two for one person."""
        return [name for name in AGAINST if self.reasons.get(name) == "differ"]


def pairs(campaign: Campaign, *, all_of_them: bool = False, zone: str = "") -> list[Pair]:
    """What is to be decided, the likeliest first; with `all_of_them` also what is decided.

    With a zone only pairs that lie in it wholly: the rest is for those who see all zones.
    """
    with reading(campaign.engine) as connection:
        rows = connection.execute(select(SUGGESTION).where(*_within(zone))).all()
        stands = standings(connection, "linked")
    found = [_pair(row, stands.get(row.subject, Standing())) for row in rows]
    waiting = [pair for pair in found if all_of_them or not pair.verdict or pair.contested]
    return sorted(waiting, key=lambda pair: (not pair.contested, -pair.p, pair.subject))


def suggested(connection: Connection, subject: str, zone: str = "") -> bool:
    """Whether the two interviews of a pair were found alike, and lie in the zone."""
    query = select(SUGGESTION.c.subject).where(SUGGESTION.c.subject == subject, *_within(zone))
    return connection.execute(query).first() is not None


def decided(campaign: Campaign, limit: int, zone: str = "") -> list[Pair]:
    """The pairs (of a zone) that people decided last, the newest first, so that a slip can be taken back."""
    at = func.max(DECISION.c.at)
    mine = select(SUGGESTION.c.subject).where(*_within(zone))
    query = select(DECISION.c.subject).where(DECISION.c.kind == "linked", DECISION.c.subject.in_(mine))
    query = query.group_by(DECISION.c.subject)
    with reading(campaign.engine) as connection:
        subjects = list(connection.scalars(query.order_by(at.desc()).limit(limit)))
        rows = connection.execute(select(SUGGESTION).where(SUGGESTION.c.subject.in_(subjects))).all()
        stands = standings(connection, "linked", subjects) if subjects else {}
    found = {row.subject: _pair(row, stands[row.subject]) for row in rows}
    return [found[one] for one in subjects if one in found and found[one].verdict]


def _pair(row: Row[Any], stand: Standing) -> Pair:
    reasons = json.loads(row.reasons)
    verdict = "" if stand.verdict == "open" else stand.verdict
    return Pair(row.subject, row.one, row.other, row.kind, row.p, reasons, verdict, stand.contested)


def groups(campaign: Campaign, threshold: float) -> list[list[str]]:
    """Interviews by person, where those count as one whose mean log odds are at least `threshold`."""
    with reading(campaign.engine) as connection:
        rows, chained = _interviews(connection)
    labels = _clustered(campaign, {name: at for at, name in enumerate(rows)}, chained, threshold).labels
    return _by_label(rows, labels)


def _by_label(rows: Sequence[str], labels: Sequence[int]) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for name, label in zip(rows, labels, strict=True):
        found.setdefault(label, []).append(name)
    return list(found.values())


def open_pairs(connection: Connection, zone: str = "") -> int:
    """How many pairs (of a zone) wait for a decision."""
    stands = standings(connection, "linked")
    subjects = connection.execute(select(SUGGESTION.c.subject).where(*_within(zone))).scalars()
    found = [stands.get(subject, Standing()) for subject in subjects]
    return sum(not stand.verdict or stand.contested for stand in found)


def pairs_of(connection: Connection, instance: str, zone: str = "") -> list[Pair]:
    """The pairs that one interview is in (within a zone), the likeliest first."""
    mine = (SUGGESTION.c.one == instance) | (SUGGESTION.c.other == instance)
    rows = connection.execute(select(SUGGESTION).where(mine, *_within(zone))).all()
    stands = standings(connection, "linked", [row.subject for row in rows]) if rows else {}
    found = [_pair(row, stands.get(row.subject, Standing())) for row in rows]
    return sorted(found, key=lambda pair: -pair.p)


def _within(zone: str) -> tuple[ColumnElement[bool], ...]:
    """That both interviews of a pair lie in the zone; nothing is asked without one."""
    if not zone:
        return ()
    joined = SUBMISSION.join(PERSON, PERSON.c.login == SUBMISSION.c.person)
    mine = select(SUBMISSION.c.instance).select_from(joined).where(PERSON.c.zone == zone)
    return SUGGESTION.c.one.in_(mine), SUGGESTION.c.other.in_(mine)


def recompute(campaign: Campaign, mint: Callable[[], str]) -> Persons:
    """Numbers every interview's person anew from what is known now; `mint` gives a fresh number."""
    with reading(campaign.engine) as connection:
        rows, chained = _interviews(connection)
        former = {row.instance: row for row in connection.execute(select(PERSON_OF))}
    place = {instance: at for at, instance in enumerate(rows)}
    found = _clustered(campaign, place, chained, SURE)
    numbers = {instance: row.person for instance, row in former.items()}
    age = {row.person: row.given for row in former.values()}
    made = assigned(_by_label(rows, found.labels), numbers, age, mint)
    _write(campaign, made, age)
    names = list(place)
    unmet = [f"{names[one]}|{names[other]}" for one, other in found.unmet]
    return Persons(len(rows), len(set(made.person.values())), made.merged, made.split, unmet)


def persons_of(campaign: Campaign) -> dict[str, str]:
    """The number of each interview's person, as it was last computed."""
    with reading(campaign.engine) as connection:
        return {row.instance: row.person for row in connection.execute(select(PERSON_OF))}


def _interviews(connection: Connection) -> tuple[list[str], list[tuple[str, str]]]:
    """Every interview, and which is an edit of which: those are of one person by their making.

    What came by a form that asks nobody is no interview.
    """
    form = (FORM.c.id == SUBMISSION.c.form) & (FORM.c.version == SUBMISSION.c.version) & ~FORM.c.consented
    query = select(SUBMISSION.c.instance, SUBMISSION.c.replaces).where(~exists().where(form))
    query = query.order_by(SUBMISSION.c.instance)
    rows = connection.execute(query).all()
    known = {row.instance for row in rows}
    return [row.instance for row in rows], [(r.instance, r.replaces) for r in rows if r.replaces in known]


def _clustered(
    campaign: Campaign, place: dict[str, int], chained: list[tuple[str, str]], threshold: float
) -> Clusters:
    odds: dict[tuple[int, int], float] = {}
    said: dict[str, list[tuple[int, int]]] = {"same": [], "different": []}
    against = []
    with reading(campaign.engine) as connection:
        stands = standings(connection, "linked")
    for pair in pairs(campaign, all_of_them=True):
        if pair.one in place and pair.other in place:
            ends = _ends(place, pair.one, pair.other)
            odds[ends] = _log_odds(pair.p)
            if pair.contradictions:
                against.append(ends)
    for subject, stand in stands.items():
        one, _, other = subject.partition("|")
        if stand.verdict in said and one in place and other in place:
            said[stand.verdict].append(_ends(place, one, other))
    same = [*said["same"], *(_ends(place, one, other) for one, other in chained)]
    return clusters(len(place), odds, same, said["different"], against, threshold)


def _ends(place: dict[str, int], one: str, other: str) -> tuple[int, int]:
    low, high = sorted((place[one], place[other]))
    return low, high


def _log_odds(p: float) -> float:
    p = min(max(p, 1 - CERTAIN), CERTAIN)
    return math.log(p / (1 - p))


def _write(campaign: Campaign, made: Assigned, age: dict[str, int]) -> None:
    newest = max(age.values(), default=0)
    fresh = {
        number: newest + 1 + at for at, number in enumerate(sorted(set(made.person.values()) - age.keys()))
    }
    rows = [
        {"instance": instance, "person": person, "given": age.get(person, fresh.get(person, 0))}
        for instance, person in made.person.items()
    ]
    with writing(campaign.engine) as connection:
        connection.execute(delete(PERSON_OF))
        if rows:
            connection.execute(insert(PERSON_OF), rows)
