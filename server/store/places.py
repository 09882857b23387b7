"""Where interviews come from, by region only: no place finer than that leaves the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, func, select

from forms.wording import language_code, pick
from server.core.plan import Plan
from server.core.problem import NotFound
from server.core.recode import region_of
from server.store.forms import Forms, newest
from server.store.home import Campaign
from server.store.kept import Kept, Made
from server.store.team import logins_of
from server.store.teamwork import EVENT, gone, interviews, plan_of
from sync.db import reading


@dataclass(frozen=True, slots=True)
class Region:
    """A region with the interviews that came from it; `code` is empty where none was said."""

    code: str
    name: str
    interviews: int


class Places:
    """Counts by region, worked out beside the pages (see `kept`)."""

    def __init__(self, campaign: Campaign, forms: Forms, now: Callable[[], str]) -> None:
        self._campaign, self._forms = campaign, forms

        def state() -> int:
            with reading(campaign.engine) as connection:
                return int(connection.execute(select(func.max(EVENT.c.n))).scalar() or 0)

        self._kept = Kept(self._count, partial(gone, campaign), state, now)

    def regions(self, zone: str, lang: str) -> Made[list[Region]]:
        """The regions of the interviews of a zone (empty: of all), by name; with when they were counted."""
        return self._kept.get((zone, lang))

    def renew(self) -> None:
        """Counts anew what has changed since."""
        self._kept.renew()

    def _count(self, key: tuple[str, str]) -> list[Region]:
        zone, lang = key
        with reading(self._campaign.engine) as connection:
            return self._in_zone(connection, zone, lang)

    def _in_zone(self, connection: Connection, zone: str, lang: str) -> list[Region]:
        people = logins_of(connection, zone) if zone else None
        counts: Counter[str] = Counter()
        names: dict[str, str] = {}
        for form, _ in newest(connection):
            try:
                plan = plan_of(connection, self._forms, form)
            except NotFound:
                continue
            if not plan.form.with_role("stratum"):
                continue
            names |= _names(plan, lang)
            counts.update(region_of(plan.form, one.stratum) for one in interviews(connection, plan, people))
        found = [Region(code, names.get(code, code), count) for code, count in counts.items()]
        return sorted(found, key=lambda region: region.name)


def _names(plan: Plan, lang: str) -> dict[str, str]:
    """The words of every choice, by code."""
    form = plan.form
    language = next((one for one in form.languages if language_code(one) == lang), form.default_language)
    return {
        choice.name: pick(choice.labels, language) or choice.name
        for question in form.questions
        for choice in question.choices or ()
    }
