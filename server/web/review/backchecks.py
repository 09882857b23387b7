"""Back-checks: some people are asked again by somebody else; drawing them, and what came back."""

from __future__ import annotations

import secrets
from random import Random

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.core.problem import Malformed, Problem, Refused
from server.store import read
from server.store.backchecks import Listed, Outcome, draw_more, drawn_list, outcome
from server.store.team import logins_of
from server.web import errors, render
from server.web.desk import Fields
from server.web.review.desk import ReviewDesk, reviewer, trouble
from server.web.session import Session
from sync.db import reading

HERE = "/backchecks"
SHARES = ("5", "10", "15", "20")


class BackcheckPages:
    """The page of back-checks."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk = desk

    def add(self, routes: APIRouter) -> None:
        """Puts the addresses."""
        routes.add_api_route(HERE, self.show, methods=["GET"])
        routes.add_api_route(f"{HERE}/draw", self.draw, methods=["POST"])

    def show(self, request: Request) -> Response:
        """The drawn interviews of a form, and the comparison of those that were asked again."""
        session = self._desk.admit(request, HERE)
        return self._page(request, session, request.query_params.get("form", "")[:100])

    def draw(self, request: Request, form: Fields) -> Response:
        """Draws until a share of every enumerator's interviews is drawn; none is drawn twice."""
        session = self._desk.admit_form(request, HERE, form)
        name, share = form.get("form", "")[:100], form.get("share", "")
        try:
            if reviewer(session).zone:
                raise Refused("draw_by_all")
            if share not in SHARES:
                raise Malformed("bad_request")
            rng = Random(secrets.randbelow(10**6))  # noqa: S311  # a sample, no secret
            by, at = session.who.login, self._desk.site.now()
            draw_more(
                self._desk.campaign, self._desk.forms, name, share=int(share) / 100, rng=rng, by=by, at=at
            )
        except Problem as problem:
            return self._page(request, session, name, problem)
        self._desk.note(session, "draw back-checks", name)
        return RedirectResponse(HERE, 303, {"Cache-Control": "no-store"})

    def _page(
        self, request: Request, session: Session, form: str, problem: Problem | None = None
    ) -> Response:
        zone = reviewer(session).zone
        with reading(self._desk.site.engine) as connection:
            forms = read.titles(connection)
            people = logins_of(connection, zone) if zone else None
        form = form if form in forms else next(iter(forms), "")
        drawn: list[Listed] = []
        result: Outcome | None = None
        if form:
            drawn = drawn_list(self._desk.campaign, self._desk.forms, form, people)
            # The comparison is of the whole team; who works in a zone sees his own list only.
            result = outcome(self._desk.campaign, self._desk.forms, form) if drawn and not zone else None
        return self._desk.page(
            request,
            "backchecks.html",
            session,
            status=errors.status_of(problem) if problem else 200,
            forms=forms,
            chosen=form,
            drawn=drawn,
            result=result,
            shares=SHARES,
            may_draw=not zone,
            trouble=trouble(render.language_of(request), problem),
        )
