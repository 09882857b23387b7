"""Runs the checks: on an interview once it has come in, and on all of them when there is time.

What an interview shows alone is told within a second of its arrival; what it shows beside the others is told
when all are looked at together, which the server does while nothing arrives and `taama check run` at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.core.checks.parameters import Parameters, changed, shipped
from server.core.checks.run import alone, together
from server.store.facts import Facing
from server.store.flags import forget_flags, store
from server.store.forms import Forms, newest
from server.store.home import Campaign
from server.store.project import SUBMISSION
from sync.db import reading, writing

FILE = "checks.toml"
# These are judged among all interviews: a single one's checks leave them as they are.
AMONG = ("DUR-active", "OUTLIER", "GAP-between", "NEARDUP", "TEXT")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of looking at all interviews of a form; `unjudged` names what could not be told, and why."""

    form: str
    interviews: int
    flags: dict[str, int]
    unjudged: tuple[str, ...]


def parameters_of(campaign: Campaign) -> Parameters:
    """The thresholds of this campaign; raises Malformed when its file is not right."""
    path = campaign.folder / FILE
    return changed(path.read_text(encoding="utf-8-sig")) if path.exists() else shipped()


def check_all(
    campaign: Campaign, forms: Forms, form: str = "", *, step: Callable[[int], None] = lambda _: None
) -> list[Ran]:
    """Looks at all interviews of a form, or of every form; what was found before is replaced."""
    parameters = parameters_of(campaign)
    facing = Facing(campaign, forms)
    with reading(campaign.engine) as connection:
        names = [form] if form else [name for name, _ in newest(connection)]
    done = []
    for name in names:
        everyone = list(facing.of_form(name, step))
        checked = together(everyone, parameters)
        with writing(campaign.engine) as connection:
            _forget_replaced(connection, name)
            store(connection, checked.flags, parameters)
        counts: dict[str, int] = {}
        for flags in checked.flags.values():
            for flag in flags:
                counts[flag.check] = counts.get(flag.check, 0) + 1
        done.append(Ran(name, len(everyone), dict(sorted(counts.items())), checked.unjudged))
    return done


def check_some(campaign: Campaign, forms: Forms, instances: Sequence[str]) -> int:
    """Looks at single interviews; what they showed beside others stays. Returns how many there were."""
    parameters = parameters_of(campaign)
    everyone = Facing(campaign, forms).of(instances)
    found = {facts.instance: alone(facts, parameters) for facts in everyone}
    if found:
        with writing(campaign.engine) as connection:
            store(connection, found, parameters, keep=AMONG)
    return len(found)


class Arrivals:
    """Checks what comes in, beside the server."""

    def __init__(self, campaign: Campaign, forms: Forms) -> None:
        self._campaign, self._forms = campaign, forms
        self._last = 0
        self._unseen = 0

    def work(self) -> int:
        """Checks what has come since the last time, a page of interviews at most; returns how many."""
        with reading(self._campaign.engine) as connection:
            query = select(SUBMISSION.c.event, SUBMISSION.c.instance, SUBMISSION.c.replaces)
            query = query.where(SUBMISSION.c.event > self._last).order_by(SUBMISSION.c.event).limit(PAGE)
            rows = connection.execute(query).all()
        if not rows:
            return 0
        check_some(self._campaign, self._forms, [row.instance for row in rows])
        replaced = [row.replaces for row in rows if row.replaces]
        if replaced:
            with writing(self._campaign.engine) as connection:
                forget_flags(connection, replaced)
        self._last = rows[-1].event
        self._unseen += len(rows)
        return len(rows)

    def compare(self) -> bool:
        """Looks at all together if anything has come since; returns whether it did."""
        if not self._unseen:
            return False
        self._unseen = 0
        check_all(self._campaign, self._forms)
        return True


def _forget_replaced(connection: Connection, form: str) -> None:
    replaced = select(SUBMISSION.c.instance).where(SUBMISSION.c.form == form, ~SUBMISSION.c.latest)
    forget_flags(connection, list(connection.execute(replaced).scalars()))
