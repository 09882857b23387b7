"""The page on which a supervisor decides whether two interviews are of one person, without seeing who it
is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.core.problem import NotFound, Problem
from server.store.decisions import decide
from server.store.home import Campaign
from server.store.limits import count_try
from server.store.matcher import Station
from server.store.persons import Pair, decided, pairs, suggested
from server.store.read import short
from server.web import errors, messages, render
from server.web.desk import Desk, Fields, address_of
from server.web.session import Session
from server.web.site import Site
from sync.db import reading

SHOWN, LAST = 50, 10
TRIES = 5  # passphrases a minute
HERE = "/duplicates"


def router(site: Site, campaign: Campaign, station: Station) -> APIRouter:
    """The page of pairs."""
    pages = Duplicates(site, campaign, station)
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route(HERE, pages.show, methods=["GET"])
    routes.add_api_route(HERE, pages.decide, methods=["POST"])
    routes.add_api_route(f"{HERE}/unlock", pages.unlock, methods=["POST"])
    return routes


class Duplicates:
    """One method a request."""

    def __init__(self, site: Site, campaign: Campaign, station: Station) -> None:
        self._site, self._campaign, self._station, self._desk = site, campaign, station, Desk(site)

    def show(self, request: Request) -> Response:
        """The pairs that wait, the contested and the likeliest first."""
        return self._page(request, self._desk.admit(request, HERE))

    def decide(self, request: Request, form: Fields) -> Response:
        """Notes a decision; whoever decides later sees the page as it is then."""
        session = self._desk.admit_form(request, HERE, form)
        subject, verdict = form.get("pair", ""), form.get("verdict", "")
        try:
            with reading(self._campaign.engine) as connection:
                if not suggested(connection, subject, session.who.reach):
                    raise NotFound("not_found")
            why, who = form.get("why", "")[:500], session.who.login
            decide(self._campaign, "linked", subject, verdict, by=who, why=why, at=self._site.now())
        except Problem as problem:
            return self._page(request, session, problem)
        self._desk.note(session, "decide on a pair", fields=verdict)
        return RedirectResponse(HERE, 303, {"Cache-Control": "no-store"})

    def unlock(self, request: Request, form: Fields) -> Response:
        """Opens the matching key for as long as the server runs."""
        session = self._desk.admit_form(request, HERE, form)
        try:
            count_try(self._site.engine, {f"unlock {address_of(request)}": TRIES}, self._site.clock())
            self._station.unlock(form.get("passphrase", ""))
        except Problem as problem:
            self._desk.note(session, "unlock comparisons", result="refused")
            return self._page(request, session, problem)
        self._desk.note(session, "unlock comparisons")
        return RedirectResponse(HERE, 303, {"Cache-Control": "no-store"})

    def _page(self, request: Request, session: Session, problem: Problem | None = None) -> Response:
        lang = render.language_of(request)
        zone = session.who.reach
        found = pairs(self._campaign, zone=zone)
        facts: dict[str, Any] = {
            "pairs": [_row(pair) for pair in found[:SHOWN]],
            "waiting": len(found),
            "zone": zone,
            "decided": [_row(pair) for pair in decided(self._campaign, LAST, zone)],
            "unlocked": self._station.is_unlocked,
            "trouble": messages.problem(lang, problem) if problem else "",
            "fields": messages.FIELDS,
            "hows": messages.HOWS,
            "contradictions": messages.CONTRADICTIONS,
        }
        status = errors.status_of(problem) if problem else 200
        page = render.page(self._site, "duplicates.html", lang, status=status, session=session, **facts)
        return errors.with_hints(page, problem) if problem else page


def _row(pair: Pair) -> dict[str, Any]:
    by_how: dict[str, list[str]] = {}
    for name, how in pair.reasons.items():
        by_how.setdefault(how, []).append(name)
    return {
        "subject": pair.subject,
        "one": short(pair.one),
        "other": short(pair.other),
        "kind": pair.kind,
        "percent": round(100 * pair.p),
        "contested": pair.contested,
        "verdict": pair.verdict,
        "contradictions": pair.contradictions,
        "by_how": by_how,
    }
