"""The checks: by which thresholds they judge, where these are changed, and what they have found."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.core.access import may_open
from server.core.checks.parameters import shipped
from server.core.problem import Problem
from server.store.checking import FILE, parameters_of
from server.store.team import open_by_check
from server.web import messages, render
from server.web.review.desk import ReviewDesk, reviewer
from sync.db import reading

HERE = "/checks"


class CheckPages:
    """The page of checks."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk = desk

    def add(self, routes: APIRouter) -> None:
        """Puts the address."""
        routes.add_api_route(HERE, self.show, methods=["GET"])

    def show(self, request: Request) -> Response:
        """Open flags by check, and the thresholds with what this campaign has changed."""
        session = self._desk.admit(request, HERE)
        trouble = ""
        try:
            parameters = parameters_of(self._desk.campaign)
        except Problem as problem:
            parameters, trouble = shipped(), messages.problem(render.language_of(request), problem)
        with reading(self._desk.site.engine) as connection:
            found = open_by_check(connection, reviewer(session).zone)
        rows = [
            (section, name, _written(value), value != shipped()[section][name])
            for section, values in parameters.sections.items()
            for name, value in values.items()
        ]
        return self._desk.page(
            request,
            "checks.html",
            session,
            file=FILE,
            trouble=trouble,
            found=found,
            rows=rows,
            using=parameters,
            may_list=may_open(session.who.role, "/queue"),
        )


def _written(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
