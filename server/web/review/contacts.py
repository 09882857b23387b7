"""The partners' contacts: whom to find in which zone, without their names; choosing and marking them.

Names and telephones stay encrypted and go to the phones of the zone only; no page needs them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.core.problem import Malformed, NotFound, Problem, Refused, Unavailable
from server.store.contacts import CLOSED, OPEN, ContactRow, choose, contacts, mark
from server.store.matcher import Station
from server.web import errors, render
from server.web.desk import Fields
from server.web.review.desk import ReviewDesk, reviewer, trouble
from server.web.review.words import CONTACTS
from server.web.session import Session

HERE = "/contacts"
SHOWN, MOST = 100, 500
Deed = Callable[[Fields, Session], None]


class ContactPages:
    """The page of contacts."""

    def __init__(self, desk: ReviewDesk, station: Station) -> None:
        self._desk, self._station = desk, station

    def add(self, routes: APIRouter) -> None:
        """Puts the addresses."""
        routes.add_api_route(HERE, self.show, methods=["GET"])
        routes.add_api_route(f"{HERE}/choose", self._doing(self._choose), methods=["POST"])
        routes.add_api_route(f"{HERE}/mark", self._doing(self._mark), methods=["POST"])

    def show(self, request: Request) -> Response:
        """The contacts of the reader's zone."""
        return self._page(request, self._desk.admit(request, HERE))

    def _doing(self, deed: Deed) -> Callable[[Request, Fields], Response]:
        def route(request: Request, form: Fields) -> Response:
            session = self._desk.admit_form(request, HERE, form)
            try:
                deed(form, session)
            except Problem as problem:
                return self._page(request, session, problem)
            self._desk.note(session, "decide on contacts", fields="state")
            return RedirectResponse(HERE, 303, {"Cache-Control": "no-store"})

        return route

    def _choose(self, form: Fields, session: Session) -> None:
        zone, count = form.get("zone", ""), form.get("count", "")
        if zone not in {row.zone for row in self._mine(session)}:
            raise Refused("other_zone")
        if not (count.isascii() and count.isdigit() and len(count) < 4 and 0 < int(count) <= MOST):
            raise Malformed("bad_count", most=str(MOST))
        rng = random.SystemRandom()
        choose(self._desk.campaign, zone, int(count), at=self._desk.site.now(), rng=rng)

    def _mark(self, form: Fields, session: Session) -> None:
        opened = self._station.opened()
        if opened is None:
            raise Unavailable("contacts_locked")
        identity = form.get("contact", "")
        row = next((one for one in self._mine(session) if one.id == identity), None)
        if row is None:
            raise NotFound("no_contact")
        if row.state != form.get("seen", row.state) or row.state in (*CLOSED, "double"):
            raise Refused("contact_meanwhile")
        now, chance = self._desk.site.now(), self._desk.site.random
        mark(self._desk.campaign, identity, form.get("state", ""), at=now, unlocked=opened, random=chance)

    def _mine(self, session: Session) -> list[ContactRow]:
        return contacts(self._desk.campaign, reviewer(session).zone or None)

    def _page(self, request: Request, session: Session, problem: Problem | None = None) -> Response:
        rows = self._mine(session)
        zone, state = (request.query_params.get(name, "") for name in ("zone", "state"))
        shown = [one for one in rows if zone in ("", one.zone) and state in ("", one.state)]
        return self._desk.page(
            request,
            "contacts.html",
            session,
            status=errors.status_of(problem) if problem else 200,
            rows=shown[:SHOWN],
            count=len(shown),
            zones=sorted({one.zone for one in rows}),
            states=(*OPEN, *CLOSED, "double"),
            counts=Counter((one.zone, one.state) for one in rows),
            marks=(*OPEN[1:], *CLOSED),
            closed=(*CLOSED, "double"),
            unlocked=self._station.is_unlocked,
            contact_states=CONTACTS,
            zone=zone,
            state=state,
            most=MOST,
            trouble=trouble(render.language_of(request), problem),
        )
