"""The indicators of a campaign: those that ship, and those of its own files beside campaign.json."""

from __future__ import annotations

from server.core.indicators import Book
from server.store.home import Campaign


def book_of(campaign: Campaign) -> Book:
    """The campaign's book of indicators; raises Malformed, with file and line, when its file is not right."""
    raise NotImplementedError
