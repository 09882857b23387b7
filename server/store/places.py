"""Where interviews come from, by region only: no place finer than that leaves the answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from forms.wording import language_code, pick
from server.core.plan import Plan
from server.core.problem import NotFound
from server.core.recode import region_of
from server.store.forms import Forms, newest
from server.store.home import Campaign
from server.store.team import logins_of
from server.store.teamwork import EVENT, interviews, plan_of
from sync.db import reading


@dataclass(frozen=True, slots=True)
class Region:
    """A region with the interviews that came from it; `code` is empty where none was said."""

    code: str
    name: str
    interviews: int


class Places:
    """Counts by region, worked out once for what is in the log."""

    def __init__(self, campaign: Campaign, forms: Forms) -> None:
        self._campaign, self._forms = campaign, forms
        self._made: dict[tuple[str, str], tuple[int, list[Region]]] = {}

    def regions(self, zone: str, lang: str) -> list[Region]:
        """The regions of the interviews of a zone (empty: of all), by name."""
        with reading(self._campaign.engine) as connection:
            last = connection.execute(select(func.max(EVENT.c.n))).scalar() or 0
            known = self._made.get((zone, lang))
            if known is None or known[0] != last:
                known = self._made[zone, lang] = (last, self._count(connection, zone, lang))
        return known[1]

    def _count(self, connection: Connection, zone: str, lang: str) -> list[Region]:
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
