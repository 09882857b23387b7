"""The supervisor's desk: which interviews want to be looked at, why, and what to do with them."""

from __future__ import annotations

from fastapi import APIRouter

from server.store.forms import Forms
from server.store.home import Campaign
from server.web.review.checks import CheckPages
from server.web.review.desk import ReviewDesk
from server.web.review.interview import InterviewPages
from server.web.review.queue import QueuePages
from server.web.review.team import TeamPages
from server.web.site import Site


def router(site: Site, campaign: Campaign, forms: Forms) -> APIRouter:
    """All pages of review."""
    routes = APIRouter(include_in_schema=False)
    desk = ReviewDesk(site, campaign, forms)
    for pages in (QueuePages(desk), InterviewPages(desk), TeamPages(desk), CheckPages(desk)):
        pages.add(routes)
    return routes
