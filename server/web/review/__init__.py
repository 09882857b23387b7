"""The supervisor's desk: which interviews want to be looked at, why, and what to do with them."""

from __future__ import annotations

from fastapi import APIRouter

from server.store.matcher import Station
from server.store.places import Places
from server.store.teamwork import Teams
from server.web.review.accounts import AccountPages
from server.web.review.backchecks import BackcheckPages
from server.web.review.checks import CheckPages
from server.web.review.contacts import ContactPages
from server.web.review.desk import ReviewDesk as ReviewDesk
from server.web.review.interview import InterviewPages
from server.web.review.map import MapPages
from server.web.review.quarantine import QuarantinePages
from server.web.review.queue import QueuePages
from server.web.review.team import TeamPages


def router(desk: ReviewDesk, teams: Teams, places: Places, station: Station) -> APIRouter:
    """All pages of review."""
    routes = APIRouter(include_in_schema=False)
    all_pages = (
        *(QueuePages(desk), InterviewPages(desk, station), TeamPages(desk, teams), MapPages(desk, places)),
        *(CheckPages(desk), BackcheckPages(desk), ContactPages(desk, station)),
        *(QuarantinePages(desk), AccountPages(desk)),
    )
    for pages in all_pages:
        pages.add(routes)
    return routes
