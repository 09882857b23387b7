"""What could not be taken as it was: why, for how long it has waited, and how it is let in or erased.

Letting in takes the protection officer's key, which never reaches the server: the page names the command.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.core.problem import Problem, Refused
from server.store import read
from server.web import errors, render
from server.web.admission import NEVER, drop
from server.web.desk import Fields
from server.web.review.desk import ReviewDesk, trouble
from server.web.session import Session
from sync.db import reading

HERE = "/quarantine"
MAY_DROP = frozenset({"protection"})


class QuarantinePages:
    """The page of quarantine."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk = desk

    def add(self, routes: APIRouter) -> None:
        """Puts the addresses."""
        routes.add_api_route(HERE, self.show, methods=["GET"])
        routes.add_api_route(f"{HERE}/drop", self.drop, methods=["POST"])

    def show(self, request: Request) -> Response:
        """What waits, the oldest first."""
        return self._page(request, self._desk.admit(request, HERE))

    def drop(self, request: Request, form: Fields) -> Response:
        """Erases one thing, with a reason that is kept."""
        session = self._desk.admit_form(request, HERE, form)
        held = form.get("held", "")
        try:
            if session.who.role not in MAY_DROP:
                raise Refused("not_allowed")
            drop(self._desk.campaign, held, why=form.get("why", "")[:1000], at=self._desk.site.now())
        except Problem as problem:
            self._desk.note(session, "drop", result="refused")
            return self._page(request, session, problem, form)
        self._desk.note(session, "drop", held)
        return RedirectResponse(f"{HERE}?done", 303, {"Cache-Control": "no-store"})

    def _page(
        self,
        request: Request,
        session: Session,
        problem: Problem | None = None,
        said: Mapping[str, str] | None = None,
    ) -> Response:
        lang = render.language_of(request)
        with reading(self._desk.site.engine) as connection:
            zone = session.who.reach
            rows = read.held(connection, 100, zone)
            totals = read.totals(connection, [], zone)
        return self._desk.page(
            request,
            "quarantine.html",
            session,
            status=errors.status_of(problem) if problem else 200,
            held=rows,
            all_held=totals.held,
            never=NEVER,
            may_drop=session.who.role in MAY_DROP,
            trouble=trouble(lang, problem),
            said=said or {},
            done="done" in request.query_params,
        )
