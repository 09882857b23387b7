"""Decisions of people on pairs and interviews: said in the log, never changed, settled by later ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from server.core.problem import Malformed
from server.core.standing import CORRECTIONS, FLAGS, LINKS, REVIEWS, Decision, Standing, standing
from server.store.home import Campaign
from server.store.judged import decision_of
from server.store.project import DECISION, project
from sync import log
from sync.db import reading, writing
from sync.event import Draft

KINDS = {"linked": LINKS, "reviewed": REVIEWS, "explained": FLAGS, "corrected": CORRECTIONS}


def pair_of(one: str, other: str) -> str:
    """The subject of a decision on two interviews, whichever is named first."""
    return "|".join(sorted((one, other)))


def decide(
    campaign: Campaign, kind: str, subject: str, verdict: str, *, by: str, why: str = "", at: str
) -> Standing:
    """Says a decision that replaces all that stood; returns what stands now. Raises Malformed."""
    if verdict not in KINDS[kind]:
        raise Malformed("bad_verdict", verdicts=", ".join(KINDS[kind]))
    with writing(campaign.engine) as connection:
        before = standing(decisions_on(connection, kind, subject), KINDS[kind])
        body = {"verdict": verdict, "replaces": sorted(head.id for head in before.heads)}
        parts = {"why": why.strip().encode()} if why.strip() else {}
        draft = Draft(kind, subject, body, at, by, parts)
        project(connection, log.append(connection, campaign.keys, [draft]))
        return standing(decisions_on(connection, kind, subject), KINDS[kind])


def decisions_on(connection: Connection, kind: str, subject: str) -> list[Decision]:
    """Every decision on one thing."""
    return _read(connection, kind, [subject]).get(subject, [])


def standings(connection: Connection, kind: str, subjects: Iterable[str] = ()) -> dict[str, Standing]:
    """What stands on each thing that was decided on; of all when no subjects are named."""
    found = _read(connection, kind, list(subjects))
    return {subject: standing(decisions, KINDS[kind]) for subject, decisions in found.items()}


def contested(campaign: Campaign, kind: str) -> dict[str, Standing]:
    """What people at several nodes decided differently."""
    with reading(campaign.engine) as connection:
        return {subject: one for subject, one in standings(connection, kind).items() if one.contested}


def _read(connection: Connection, kind: str, subjects: list[str]) -> dict[str, list[Decision]]:
    query = select(DECISION).where(DECISION.c.kind == kind)
    if subjects:
        query = query.where(DECISION.c.subject.in_(subjects))
    found: dict[str, list[Decision]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.subject].append(decision_of(row))
    return found
