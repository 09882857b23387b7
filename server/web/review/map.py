"""Where the interviews come from: a scheme of regions with counts, and the same as a table.

There are no boundaries here, and no place finer than a region; counts below three are not told.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.core.problem import Problem
from server.store.places import Places
from server.web import errors, render
from server.web.review.desk import ReviewDesk, reviewer, trouble
from server.web.review.drawings import few, scheme

HERE = "/map"


class MapPages:
    """The page of places."""

    def __init__(self, desk: ReviewDesk, places: Places) -> None:
        self._desk, self._places = desk, places

    def add(self, routes: APIRouter) -> None:
        """Puts the address."""
        routes.add_api_route(HERE, self.show, methods=["GET"])

    def show(self, request: Request) -> Response:
        """The regions of the reader's zone."""
        session = self._desk.admit(request, HERE)
        lang, problem, rows, at = render.language_of(request), None, [], ""
        try:
            made = self._places.regions(reviewer(session).zone, lang)
            rows, at = made.value, made.at
        except Problem as found:
            problem = found
        drawn = scheme([(row.code, row.name, row.interviews) for row in rows], "map-title") if rows else ""
        return self._desk.page(
            request,
            "map.html",
            session,
            status=errors.status_of(problem) if problem else 200,
            rows=rows,
            at=at,
            drawing=drawn,
            few=few,
            trouble=trouble(lang, problem),
        )
