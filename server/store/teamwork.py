"""Reads what the team's checks need from the views and the readable answers; nothing is stored.

A report is kept in memory and worked out beside the pages (see `kept`).
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, func, select

from server.core.overlay import effective
from server.core.plan import Plan
from server.core.problem import Malformed, NotFound, Problem
from server.core.team.asks import asks_of
from server.core.team.report import TeamReport, team_report_of
from server.core.team.rows import Declined, Met, Target
from server.store.corrections import overlay_of
from server.store.forms import Forms, newest
from server.store.home import Campaign
from server.store.kept import Kept, Made
from server.store.local import FlagRow, RiskRow
from server.store.project import DECISION, REFUSAL, SUBMISSION, WITHDRAWN
from sync.db import reading
from sync.tables import Body, EventRow, table_of

BODY, EVENT, FLAG, RISK = (table_of(model) for model in (Body, EventRow, FlagRow, RiskRow))
TARGETS = "targets.csv"
COLUMNS = ("form", "stratum", "target", "from", "until")


class Teams:
    """Team reports of a campaign's forms; `people` are the logins whose interviews one may see (None:
    all)."""

    def __init__(self, campaign: Campaign, forms: Forms, now: Callable[[], str]) -> None:
        def make(key: tuple[str, frozenset[str] | None]) -> TeamReport:
            return team_report(campaign, key[0], today=now()[:10], forms=forms, people=key[1])

        def state() -> tuple[Any, ...]:
            with reading(campaign.engine) as connection:
                return now()[:10], *_state(connection)

        self._campaign = campaign
        self._first: set[str] = set()
        self._kept = Kept(make, partial(gone, campaign), state, now)

    def report(self, form: str, people: frozenset[str] | None = None) -> Made[TeamReport]:
        """The report of a form, with when it was worked out; raises NotFound for an unknown form."""
        return self._kept.get((form, people))

    def renew(self) -> None:
        """Works out anew what has changed since, and for the first time what will be asked for."""
        with reading(self._campaign.engine) as connection:
            forms = [form for form, _ in newest(connection)]
        for form in forms:
            if form not in self._first:
                self._first.add(form)
                with suppress(Problem):
                    self.report(form)
        self._kept.renew()


def gone(campaign: Campaign) -> int:
    """How many withdrawals there were."""
    with reading(campaign.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(WITHDRAWN)).scalar_one())


def team_report(
    campaign: Campaign,
    form: str,
    *,
    today: str,
    forms: Forms | None = None,
    people: frozenset[str] | None = None,
) -> TeamReport:
    """Everything about the team that works with a form; raises NotFound for an unknown form."""
    with reading(campaign.engine) as connection:
        plan = plan_of(connection, forms or Forms(campaign), form)
        met = list(interviews(connection, plan, people))
        refusals = list(_declined(connection, form)) if people is None else _of(connection, form, met)
        flags = _open_flags(connection)
    targets = read_targets(campaign.folder / TARGETS, plan) if (campaign.folder / TARGETS).exists() else []
    return team_report_of(form, met, refusals, asks_of(plan), today=today, targets=targets, flags=flags)


def plan_of(connection: Connection, forms: Forms, form: str) -> Plan:
    """The newest version of a form; raises NotFound."""
    version = dict(newest(connection)).get(form)
    plan = forms.find(form, version) if version else None
    if plan is None:
        raise NotFound("no_form", form=form)
    return plan


def interviews(connection: Connection, plan: Plan, people: frozenset[str] | None = None) -> Iterator[Met]:
    """Every interview that no edit replaced, with its readable answers, corrected."""
    clean, paradata = BODY.alias("clean"), BODY.alias("paradata")
    joined = SUBMISSION.join(clean, and_(clean.c.event == SUBMISSION.c.event, clean.c.part == "clean"))
    joined = joined.outerjoin(
        paradata, and_(paradata.c.event == SUBMISSION.c.event, paradata.c.part == "paradata")
    )
    query = select(SUBMISSION, clean.c.data.label("clean"), paradata.c.data.label("paradata"))
    query = query.select_from(joined).where(SUBMISSION.c.form == plan.form.id, SUBMISSION.c.latest)
    corrected = set(
        connection.execute(select(DECISION.c.about).where(DECISION.c.kind == "corrected")).scalars()
    )
    strata = [q.path for q in plan.form.with_role("stratum")]
    for row in connection.execute(query.order_by(SUBMISSION.c.event)):
        if people is not None and row.person not in people:
            continue
        answers: Mapping[str, Any] = json.loads(row.clean)["answers"]
        if row.instance in corrected or row.replaces:
            answers = effective(answers, overlay_of(connection, row.instance)).answers
        said: dict[str, str] = {}
        flat(answers, "", said)
        stratum = next((said[path] for path in strata if path in said), "")
        day = said.get("/today") or said.get("/start", row.received)[:10]
        who = row.enumerator or row.person
        yield Met(row.instance, who, stratum, _day(day, row.received), _hours(row.paradata), said)


def flat(answers: Mapping[str, Any], above: str, said: dict[str, str]) -> None:
    """Fills `said` with the answers outside repeats, by path."""
    for name, value in answers.items():
        if isinstance(value, dict):
            flat(value, f"{above}/{name}", said)
        elif isinstance(value, str) and value:
            said[f"{above}/{name}"] = value


def _day(said: str, received: str) -> str:
    try:
        return date.fromisoformat(said[:10]).isoformat()
    except ValueError:
        return received[:10]


def _hours(paradata: bytes | None) -> float | None:
    """Active hours: each visit to a question counts ten minutes at most."""
    if not paradata:
        return None
    milliseconds = sum(min(int(length), 600_000) for _, _, length in json.loads(paradata)["visits"])
    return milliseconds / 3_600_000


def _declined(connection: Connection, form: str) -> Iterator[Declined]:
    # Who was never reached was not asked.
    query = select(REFUSAL).where(REFUSAL.c.form == form)
    for row in connection.execute(query):
        yield Declined(row.enumerator, row.stratum, row.day, row.reason)


def _of(connection: Connection, form: str, met: list[Met]) -> list[Declined]:
    """A refusal does not tell which phone sent it: those of the enumerators in sight."""
    names = {one.enumerator for one in met}
    return [one for one in _declined(connection, form) if one.enumerator in names]


def _open_flags(connection: Connection) -> dict[str, int] | None:
    """Open flags by interview; None when the checks never ran."""
    if connection.execute(select(RISK.c.instance).limit(1)).first() is None:
        return None
    query = select(FLAG.c.instance).where(FLAG.c.status == "open", FLAG.c.severity != "info")
    return dict(Counter(connection.execute(query).scalars()))


def _state(connection: Connection) -> tuple[Any, ...]:
    last = connection.execute(select(EVENT.c.n).order_by(EVENT.c.n.desc()).limit(1)).scalar()
    flags = connection.execute(
        select(func.count(), func.max(FLAG.c.parameters)).where(FLAG.c.status == "open")
    ).first()
    return last, *(flags or ())


def read_targets(path: Path, plan: Plan) -> list[Target]:
    """The targets of a form in a CSV file: form, stratum (question=code, several joined by `&`), target,
    from, until.

    Raises Malformed with the row and what to write there.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"form", "stratum", "target"} <= set(reader.fieldnames or ()):
            raise Malformed("targets_header", columns=", ".join(COLUMNS))
        rows = [(number, row) for number, row in enumerate(reader, 2) if row["form"] == plan.form.id]
    return [_target(number, row, plan) for number, row in rows]


def _target(number: int, row: Mapping[str, str | None], plan: Plan) -> Target:
    text = (row.get("stratum") or "").strip()
    where = {}
    for term in filter(None, (one.strip() for one in text.split("&"))):
        name, _, code = (one.strip() for one in term.partition("="))
        question = next((q for q in plan.form.questions if q.name == name and not q.repeat), None)
        codes = {choice.name for choice in question.choices or ()} if question else set()
        if question is None or code not in codes or not plan.reads(question):
            raise Malformed("targets_stratum", row=str(number), term=term)
        where[question.path] = code
    wanted = (row.get("target") or "").strip()
    if not wanted.isdigit() or int(wanted) < 1:
        raise Malformed("targets_number", row=str(number))
    target = Target(text or plan.form.id, where, int(wanted))
    return replace(target, until=_deadline(number, row, "until"), since=_deadline(number, row, "from"))


def _deadline(number: int, row: Mapping[str, str | None], column: str) -> str:
    text = (row.get(column) or "").strip()
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise Malformed("targets_date", row=str(number), column=column) from None


def import_targets(campaign: Campaign, source: Path, forms: Forms) -> int:
    """Checks a whole file of targets, then takes it in place of the earlier one; returns the number."""
    with reading(campaign.engine) as connection:
        plans = {form: plan_of(connection, forms, form) for form in dict(newest(connection))}
    with source.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            if "form" in row and row["form"] not in plans:
                raise Malformed("targets_form", row=str(number), forms=", ".join(sorted(plans)))
    known = next(iter(plans.values()), None)
    if known is None:
        raise NotFound("no_form", form="")
    count = sum(len(read_targets(source, plan)) for plan in plans.values())
    waiting = campaign.folder / f"{TARGETS}.part"
    waiting.write_bytes(source.read_bytes())
    waiting.replace(campaign.folder / TARGETS)
    return count
