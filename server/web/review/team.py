"""The enumerators: how many interviews of each, what became of them, and how much there is to look at."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.store.team import scorecards
from server.web.review.desk import ReviewDesk, reviewer
from sync.db import reading

HERE = "/enumerators"


class TeamPages:
    """The page of enumerators."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk = desk

    def add(self, routes: APIRouter) -> None:
        """Puts the address."""
        routes.add_api_route(HERE, self.show, methods=["GET"])

    def show(self, request: Request) -> Response:
        """A row for each enumerator of the reader's zone."""
        session = self._desk.admit(request, HERE)
        with reading(self._desk.site.engine) as connection:
            rows = scorecards(connection, reviewer(session).zone)
        return self._desk.page(request, "enumerators.html", session, rows=rows)
