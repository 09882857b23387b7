"""The checks: by which thresholds they judge, where these are changed, and what they have found."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.core.access import may_open
from server.core.checks.parameters import shipped
from server.core.problem import Problem, Refused
from server.store.checking import FILE, parameters_of, set_threshold
from server.store.team import open_by_check
from server.web import errors, render
from server.web.desk import Fields
from server.web.review.desk import ReviewDesk, reviewer, trouble
from server.web.session import Session
from sync.db import reading

HERE = "/checks"
MAY_CHANGE = frozenset({"supervisor", "protection"})


class CheckPages:
    """The page of checks."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk = desk

    def add(self, routes: APIRouter) -> None:
        """Puts the addresses."""
        routes.add_api_route(HERE, self.show, methods=["GET"])
        routes.add_api_route(HERE, self.change, methods=["POST"])

    def show(self, request: Request) -> Response:
        """Open flags by check, and the thresholds with what this campaign has changed."""
        return self._page(request, self._desk.admit(request, HERE))

    def change(self, request: Request, form: Fields) -> Response:
        """Changes one threshold; the interviews are looked at anew as soon as none is arriving."""
        session = self._desk.admit_form(request, HERE, form)
        place, text = form.get("place", "")[:60], form.get("value", "")
        try:
            if session.who.role not in MAY_CHANGE:
                raise Refused("not_allowed")
            if session.who.reach:
                raise Refused("thresholds_by_all")
            set_threshold(self._desk.campaign, place, text, seen=form.get("seen", ""))
        except Problem as problem:
            self._desk.note(session, "change a threshold", result="refused")
            return self._page(request, session, problem, form)
        self._desk.note(session, "change a threshold", place)
        return RedirectResponse(f"{HERE}?done=1#limits-title", 303, {"Cache-Control": "no-store"})

    def _page(
        self,
        request: Request,
        session: Session,
        problem: Problem | None = None,
        said: Mapping[str, str] | None = None,
    ) -> Response:
        lang, wrong = render.language_of(request), problem
        try:
            parameters = parameters_of(self._desk.campaign)
        except Problem as unreadable:
            parameters, wrong = shipped(), unreadable
        with reading(self._desk.site.engine) as connection:
            found = open_by_check(connection, reviewer(session).zone)
        rows = [
            (section, name, _written(value), _written(shipped()[section][name]))
            for section, values in parameters.sections.items()
            for name, value in values.items()
        ]
        return self._desk.page(
            request,
            "checks.html",
            session,
            status=errors.status_of(problem) if problem else 200,
            file=FILE,
            trouble=trouble(lang, wrong),
            may_change=session.who.role in MAY_CHANGE and not session.who.reach,
            chosen=(said or request.query_params).get("place", ""),
            said=said or {},
            done="done" in request.query_params,
            found=found,
            rows=rows,
            using=parameters,
            may_list=may_open(session.who.role, "/queue"),
        )


def _written(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
