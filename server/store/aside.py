"""Everything that is worked out beside the pages, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from server.store.forms import Forms
from server.store.home import Campaign
from server.store.places import Places
from server.store.queue import Choices
from server.store.teamwork import Teams


@dataclass(frozen=True)
class Aside:
    """The reports of teams, the counts by region, and what the queue can be narrowed by."""

    teams: Teams
    places: Places
    choices: Choices

    @classmethod
    def of(cls, campaign: Campaign, forms: Forms, now: Callable[[], str]) -> Aside:
        """What is kept of a campaign; `now` gives the time as it is kept."""
        known = (campaign, forms, now)
        return cls(Teams(*known), Places(*known), Choices(campaign, now))

    def renew(self, go_on: Callable[[], bool]) -> None:
        """Works out anew what has changed since, one after the other, as long as `go_on` says so."""
        for one in (self.choices, self.places, self.teams):
            if go_on():
                one.renew()
