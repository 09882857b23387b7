"""What a campaign does by itself once a day, also without a network: purge, and witness the access log."""

from __future__ import annotations

from datetime import datetime

from server.store.access import witness
from server.store.forget import rewrite_cleared
from server.store.home import Campaign
from server.store.purge import purge


class Daily:
    """Does the day's work once, at the first occasion of each day."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._done = ""

    def once(self, now: datetime, *, at: str) -> bool:
        """Does the day's work unless it is done; returns whether it did."""
        if self._done == at[:10]:
            return False
        purge(self._campaign, now, at=at)
        witness(self._campaign, at=at)
        rewrite_cleared(self._campaign)
        self._done = at[:10]
        return True
