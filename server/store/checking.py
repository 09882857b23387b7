"""Runs the checks: on an interview once it has come in, and on all of them when there is time.

An interview is looked at within a second of its arrival, alone and beside what was here when all were last
looked at together. That is done by the server while nothing arrives, and by `taama check run` at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from server.core.checks.among import AMONG, Norms
from server.core.checks.flag import Flag
from server.core.checks.parameters import Parameters, changed, shipped
from server.core.checks.run import alone, together
from server.core.problem import Malformed, NotFound
from server.store.facts import Facing
from server.store.flags import RISK, forget_flags, store
from server.store.forms import Forms, newest
from server.store.home import Campaign
from server.store.project import SUBMISSION
from sync.db import reading, writing

FILE = "checks.toml"
PAGE = 50


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of looking at all interviews of a form; `unjudged` names what could not be told, and why."""

    form: str
    interviews: int
    flags: dict[str, int]
    unjudged: tuple[str, ...]
    norms: Norms = field(default_factory=Norms, repr=False)


class Interrupted(Exception):
    """Something arrived while all were looked at: it goes first."""


def parameters_of(campaign: Campaign) -> Parameters:
    """The thresholds of this campaign; raises Malformed when its file is not right."""
    path = campaign.folder / FILE
    return changed(path.read_text(encoding="utf-8-sig")) if path.exists() else shipped()


def parameters_or_shipped(campaign: Campaign) -> Parameters:
    """The thresholds in force, or those shipped while the campaign's file is not right: whoever runs the
    checks is told."""
    try:
        return parameters_of(campaign)
    except Malformed:
        return shipped()


def near(campaign: Campaign) -> tuple[float, float]:
    """Within how many metres and hours interviews are together."""
    said = parameters_or_shipped(campaign)["gps"]
    return said["near_metres"], said["near_hours"]


def check_all(
    campaign: Campaign, forms: Forms, form: str = "", *, step: Callable[[int], None] = lambda _: None
) -> list[Ran]:
    """Looks at all interviews of a form, or of every form; what was found before is replaced.

    `step` is told of progress, form by form; raises NotFound for a form that is not here.
    """
    parameters = parameters_of(campaign)
    facing = Facing(campaign, forms)
    with reading(campaign.engine) as connection:
        names = [name for name, _ in newest(connection)]
    if form and form not in names:
        raise NotFound("unknown_form_here", form=form)
    done, before = [], 0
    for name in [form] if form else names:
        everyone = []
        for facts in facing.of_form(name):
            everyone.append(facts)
            if len(everyone) % PAGE == 0:
                step(before + len(everyone))
        before += len(everyone)
        step(before)
        checked, norms = together(everyone, parameters)
        with writing(campaign.engine) as connection:
            _forget_replaced(connection, name)
            store(connection, checked.flags, parameters)
        counts: dict[str, int] = {}
        for flags in checked.flags.values():
            for flag in flags:
                counts[flag.check] = counts.get(flag.check, 0) + 1
        done.append(Ran(name, len(everyone), dict(sorted(counts.items())), checked.unjudged, norms))
    return done


def check_some(campaign: Campaign, forms: Forms, instances: Sequence[str]) -> int:
    """Looks at single interviews; what they showed beside others stays. Returns how many there were."""
    return _check(campaign, Facing(campaign, forms), instances, {})


def _check(campaign: Campaign, facing: Facing, instances: Sequence[str], known: Mapping[str, Norms]) -> int:
    """Looks at single interviews, beside others as far as it is known what is usual among them (by form)."""
    parameters = parameters_of(campaign)
    everyone = facing.of(instances)
    apart: dict[bool, dict[str, list[Flag]]] = {True: {}, False: {}}
    for facts in everyone:
        beside = known.get(facts.shape.plan.form.id)
        flags = alone(facts, parameters)
        if beside is not None:
            flags += beside.judge(facts, parameters)
        apart[beside is not None][facts.instance] = flags
    with writing(campaign.engine) as connection:
        for judged, found in apart.items():
            store(connection, found, parameters, keep=() if judged else AMONG)
    return len(everyone)


class Arrivals:
    """Checks what comes in, beside the server."""

    def __init__(self, campaign: Campaign, forms: Forms) -> None:
        self._campaign, self._forms = campaign, forms
        self._facing = Facing(campaign, forms)
        self._last = 0
        self._unseen = 1  # what is usual among those that are here is not known yet
        self._norms: dict[str, Norms] = {}

    def work(self) -> int:
        """Checks what nobody has looked at yet, a page of interviews at most; returns how many."""
        mine = RISK.c.instance == SUBMISSION.c.instance
        with reading(self._campaign.engine) as connection:
            query = select(SUBMISSION.c.event, SUBMISSION.c.instance, SUBMISSION.c.replaces)
            new = (SUBMISSION.c.event > self._last) & ~select(RISK).where(mine).exists()
            query = query.where(new).order_by(SUBMISSION.c.event).limit(PAGE)
            rows = connection.execute(query).all()
        if not rows:
            return 0
        _check(self._campaign, self._facing, [row.instance for row in rows], self._norms)
        replaced = [row.replaces for row in rows if row.replaces]
        if replaced:
            with writing(self._campaign.engine) as connection:
                forget_flags(connection, replaced)
        self._last = rows[-1].event
        self._unseen += len(rows)
        return len(rows)

    def compare(self, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Looks at all together if anything has come since; returns whether it did.

        It is broken off, to be done another time, as soon as `go_on` says no.
        """
        if not self._unseen:
            return False

        def step(_: int) -> None:
            if not go_on():
                raise Interrupted

        unseen = self._unseen
        try:
            ran = check_all(self._campaign, self._forms, step=step)
        except Interrupted:
            return False
        self._norms = {one.form: one.norms for one in ran}
        self._unseen -= unseen
        return True


def _forget_replaced(connection: Connection, form: str) -> None:
    replaced = select(SUBMISSION.c.instance).where(SUBMISSION.c.form == form, ~SUBMISSION.c.latest)
    forget_flags(connection, list(connection.execute(replaced).scalars()))
