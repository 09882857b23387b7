"""Where interviews come from, by region only: no place finer than that leaves the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from forms.wording import language_code, pick
from server.core.plan import Plan
from server.core.problem import NotFound, Problem
from server.core.recode import region_of
from server.store.forms import Forms, newest
from server.store.home import Campaign
from server.store.kept import Kept, gone, newest_event
from server.store.team import logins_of
from server.store.teamwork import interviews, plan_of
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
        self._begun = False
        self._kept = Kept(self._count, partial(gone, campaign), partial(newest_event, campaign), now)

    def regions(self, zone: str, lang: str) -> tuple[list[Region], str]:
        """The regions of the interviews of a zone (empty: of all), by name; and when they were counted."""
        made = self._kept.get(zone)
        names: dict[str, str] = {}
        with reading(self._campaign.engine) as connection:
            for plan in self._plans(connection):
                names |= _names(plan, lang)
        found = [Region(code, names.get(code, code), count) for code, count in made.value.items()]
        return sorted(found, key=lambda region: region.name), made.at

    def renew(self) -> None:
        """Counts anew what has changed since, and for the first time what will be asked for."""
        if not self._begun:
            self._begun = True
            with suppress(Problem):
                self._kept.get("")
        self._kept.renew()

    def _plans(self, connection: Connection) -> Iterator[Plan]:
        """The newest version of each form that asks where people are."""
        for form, _ in newest(connection):
            with suppress(NotFound):
                plan = plan_of(connection, self._forms, form)
                if plan.form.with_role("stratum"):
                    yield plan

    def _count(self, zone: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        with reading(self._campaign.engine) as connection:
            people = logins_of(connection, zone) if zone else None
            for plan in self._plans(connection):
                everyone = interviews(connection, plan, people)
                counts.update(region_of(plan.form, one.stratum) for one in everyone)
        return counts


def _names(plan: Plan, lang: str) -> dict[str, str]:
    """The words of every choice, by code."""
    form = plan.form
    language = next((one for one in form.languages if language_code(one) == lang), form.default_language)
    return {
        choice.name: pick(choice.labels, language) or choice.name
        for question in form.questions
        for choice in question.choices or ()
    }
