"""The page of referral chains: who brought whom, by the codes of coupons, as a picture and as a list."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from server.core.chains.checks import Finding, coupons, findings
from server.core.chains.draw import draw, outline
from server.core.chains.forest import Forest
from server.store.home import Campaign
from server.store.matcher import Station
from server.store.read import short
from server.store.team import instances_of
from server.web import messages, render
from server.web.desk import Desk
from server.web.site import Site
from sync.db import reading

HERE = "/chains"
MOST_DRAWN = 1_500
DRAWN_SIGNS = 5  # of a name under its mark, as marks stand close; the list has all of it


def router(site: Site, campaign: Campaign, station: Station) -> APIRouter:
    """The page of chains."""
    desk = Desk(site)

    def show(request: Request) -> Response:
        session = desk.admit(request, HERE)
        lang = render.language_of(request)
        found = station.forest()
        facts = (
            _facts(
                found[0],
                _labels(site, found[1], session.who.reach),
                lang,
                campaign.settings.coupon_days,
                site.clock(),
            )
            if found
            else {"unlocked": False}
        )
        return render.page(site, "chains.html", lang, session=session, **facts)

    routes = APIRouter(include_in_schema=False)
    routes.add_api_route(HERE, show, methods=["GET"])
    return routes


def _findings(forest: Forest, days: int) -> list[Finding]:
    """What is to be looked into and this page has words for: shares of an answer are not on it."""
    return [one for one in findings(forest, valid_days=days) if one.code in messages.CHAINS]


def _labels(site: Site, names: list[str], zone: str) -> list[str]:
    """How each interview is called: a chain may leave the reader's zone, but those outside stay unnamed."""
    if not zone:
        return [short(name) for name in names]
    with reading(site.engine) as connection:
        mine = instances_of(connection, zone)
    return [short(name) if name in mine else "…" for name in names]


def _facts(forest: Forest, labels: list[str], lang: str, days: int, now: datetime) -> dict[str, object]:
    accounts = coupons(forest, days, now)
    linked = any(parent >= 0 for parent in forest.parents)
    drawn = [label[:DRAWN_SIGNS] for label in labels]
    return {
        "unlocked": True,
        "people": len(labels),
        "seeds": forest.seeds,
        "by_wave": forest.by_wave,
        "issued": accounts.issued,
        "returned": accounts.returned,
        "expired": accounts.expired,
        "days": days,
        "findings": [(one, messages.CHAINS[one.code]) for one in _findings(forest, days)],
        # Made by our own code, which escapes what it is given.
        "picture": Markup(draw(forest, drawn, lang)) if linked and len(labels) <= MOST_DRAWN else "",  # noqa: S704
        "outline": outline(forest, labels, lang) if linked else "",
    }
