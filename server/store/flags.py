"""The flags of interviews as they are kept: what checks found, and what people said of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.core.canonical import canonical
from server.core.checks.chain import OF_COUPONS
from server.core.checks.flag import SEVERITIES, Flag, risk
from server.core.checks.parameters import Parameters
from server.core.problem import Malformed, NotFound
from server.core.review import note
from server.core.standing import FLAGS, standing
from server.store.home import Campaign
from server.store.judged import DECISION, decision_of
from server.store.local import FlagRow, RiskRow
from server.store.project import SUBMISSION, project
from server.store.reviewing import Reviewer, reached
from sync import log
from sync.db import writing
from sync.event import Draft
from sync.tables import Body, table_of

FLAG, RISK, BODY = table_of(FlagRow), table_of(RiskRow), table_of(Body)
PART, PAGE = "flag", 400
NAMING = (
    "GAP-between",
    "NEARDUP",
    "TEXT",
    "CHAIN-twice",
    "CHAIN-before",
)  # flags that name another interview


@dataclass(frozen=True, slots=True)
class Stored:
    """A flag as pages show it; `status` is `open` or what somebody said of it."""

    instance: str
    flag: Flag
    parameters: str
    status: str


def store(
    connection: Connection,
    found: Mapping[str, Sequence[Flag]],
    parameters: Parameters,
    *,
    keep: Iterable[str] = (),
    only: Iterable[str] = (),
) -> None:
    """Puts the flags of interviews in place of what was found before; `keep` names checks that stay as they
    are, `only` those that are replaced. What is found of coupons stays unless it is named.

    An interview whose answers went while it was looked at gets none.
    """
    names, named = _still_here(connection, list(found)), list(only)
    replaced = FLAG.c.check.in_(named) if named else FLAG.c.check.not_in([*keep, *OF_COUPONS])
    for start in range(0, len(names), PAGE):
        some = names[start : start + PAGE]
        connection.execute(delete(FLAG).where(FLAG.c.instance.in_(some), replaced))
        said = _said(connection, some)
        rows = [
            {
                "instance": one,
                "check": flag.check,
                "place": flag.place,
                "severity": flag.severity,
                "message": flag.message,
                "words": canonical(flag.words).decode(),
                "value": flag.value,
                "expected": flag.expected,
                "parameters": parameters.digest,
                "status": said.get((one, flag.check, flag.place, flag.value), "open"),
            }
            for one in some
            for flag in found[one]
        ]
        if rows:
            connection.execute(insert(FLAG), rows)
        weigh(connection, some, parameters)


def _still_here(connection: Connection, instances: Sequence[str]) -> list[str]:
    here: set[str] = set()
    readable = (BODY.c.event == SUBMISSION.c.event) & (BODY.c.part == "clean")
    for start in range(0, len(instances), PAGE):
        some = SUBMISSION.c.instance.in_(instances[start : start + PAGE])
        here.update(connection.execute(select(SUBMISSION.c.instance).where(some, readable)).scalars())
    return [one for one in instances if one in here]


def weigh(connection: Connection, instances: Sequence[str], parameters: Parameters) -> None:
    """Works the risk of interviews out anew, by their open flags."""
    weights: dict[str, int] = {severity: int(parameters["risk"][severity]) for severity in SEVERITIES}
    by_instance: dict[str, list[Flag]] = {instance: [] for instance in instances}
    for one in flags_of(connection, instances):
        if one.status == "open":
            by_instance[one.instance].append(one.flag)
    rows = []
    for instance, flags in by_instance.items():
        found = risk(flags, weights, int(parameters["risk"]["most"]))
        rows.append({"instance": instance, "score": found.score, "reasons": " ".join(found.reasons)})
    connection.execute(delete(RISK).where(RISK.c.instance.in_(list(instances))))
    if rows:
        connection.execute(insert(RISK), rows)


def flags_of(connection: Connection, instances: Sequence[str]) -> list[Stored]:
    """The flags of interviews, the gravest first."""
    rows = connection.execute(select(FLAG).where(FLAG.c.instance.in_(list(instances)))).all()
    found = [
        Stored(
            row.instance,
            Flag(
                row.check,
                row.severity,
                row.message,
                row.place,
                row.value,
                row.expected,
                json.loads(row.words),
            ),
            row.parameters,
            row.status,
        )
        for row in rows
    ]
    return sorted(
        found, key=lambda one: (-SEVERITIES.index(one.flag.severity), one.flag.check, one.flag.place)
    )


def checks_of(connection: Connection) -> list[str]:
    """The checks that have an open flag anywhere."""
    query = select(FLAG.c.check).where(FLAG.c.status == "open").distinct().order_by(FLAG.c.check)
    return list(connection.execute(query).scalars())


def score_of(connection: Connection, instance: str) -> int:
    """The risk of an interview."""
    return connection.execute(select(RISK.c.score).where(RISK.c.instance == instance)).scalar() or 0


def listed(connection: Connection, form: str = "") -> list[Stored]:
    """The flags of a form's interviews, or of all."""
    query = select(SUBMISSION.c.instance).join(RISK, RISK.c.instance == SUBMISSION.c.instance)
    query = query.where(SUBMISSION.c.form == form) if form else query
    names = list(connection.execute(query.order_by(RISK.c.score.desc(), SUBMISSION.c.event)).scalars())
    found: list[Stored] = []
    for start in range(0, len(names), PAGE):
        found += flags_of(connection, names[start : start + PAGE])
    return found


@dataclass(frozen=True, slots=True)
class Which:
    """One flag of an interview: the check, and the place of the question (empty: the whole)."""

    instance: str
    check: str
    place: str = ""


def explain(
    campaign: Campaign, which: Which, verdict: str, parameters: Parameters, *, why: str, by: Reviewer, at: str
) -> None:
    """Says what a flag is about, or opens it again; raises Malformed or NotFound.

    It holds as long as the value stays: the same check with another value is open again.
    """
    if verdict not in FLAGS:
        raise Malformed("bad_verdict", verdicts=", ".join(FLAGS))
    said = note(why)
    mine = (FLAG.c.instance == which.instance) & (FLAG.c.check == which.check) & (FLAG.c.place == which.place)
    with writing(campaign.engine) as connection:
        reached(connection, which.instance, by.zone)
        row = connection.execute(select(FLAG).where(mine)).first()
        if row is None:
            raise NotFound("unknown_flag")
        subject = f"{which.instance}|{which.check}|{which.place}"
        before = select(DECISION).where(DECISION.c.kind == "explained", DECISION.c.subject == subject)
        heads = standing(map(decision_of, connection.execute(before).all()), FLAGS).heads
        replaces = sorted(head.id for head in heads)
        body = {"check": which.check, "question": which.place, "verdict": verdict, "replaces": replaces}
        # The log keeps a digest of the part for ever: without salt the value could be guessed from it.
        part = canonical({"salt": os.urandom(16).hex(), "text": said.text, "value": row.value})
        draft = Draft("explained", which.instance, body, at, by.login, {PART: part})
        project(connection, log.append(connection, campaign.keys, [draft]))
        connection.execute(update(FLAG).where(mine).values(status=verdict))
        weigh(connection, [which.instance], parameters)


def forget_flags(connection: Connection, instances: Sequence[str]) -> None:
    """Takes away what was found in interviews whose answers go, and what others' flags say of them."""
    for table in (FLAG, RISK):
        connection.execute(delete(table).where(table.c.instance.in_(list(instances))))
    told = select(FLAG.c.instance, FLAG.c.check, FLAG.c.place, FLAG.c.words)
    gone = set(instances)
    for row in connection.execute(told.where(FLAG.c.check.in_(NAMING))).all():
        if json.loads(row.words).get("other") in gone:
            this = (
                (FLAG.c.instance == row.instance) & (FLAG.c.check == row.check) & (FLAG.c.place == row.place)
            )
            connection.execute(delete(FLAG).where(this))


def _said(connection: Connection, instances: Sequence[str]) -> dict[tuple[str, str, str, str], str]:
    """What people said of flags, by interview, check, place and the value that they saw."""
    mine = DECISION.c.about.in_(list(instances)) & (DECISION.c.kind == "explained")
    by_subject: dict[str, list[Any]] = {}
    for row in connection.execute(select(DECISION).where(mine)):
        by_subject.setdefault(row.subject, []).append(row)
    found = {}
    for subject, rows in by_subject.items():
        instance, check, place = subject.split("|", 2)
        stands = standing(map(decision_of, rows), FLAGS)
        heads = {head.id for head in stands.heads}
        for row in rows:
            if row.id in heads:
                part = log.body(connection, row.event, PART)
                value = json.loads(part)["value"] if part else ""
                found[instance, check, place, value] = stands.verdict
    return found
