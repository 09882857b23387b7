"""Where the interviews come from: a scheme of regions with counts, and the same as a table.

There are no boundaries here, and no place finer than a region; counts below three are not told.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.store.places import Places
from server.web import render
from server.web.review.desk import ReviewDesk, reviewer
from server.web.review.drawings import few, scheme

HERE = "/map"


class MapPages:
    """The page of places."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk, self._places = desk, Places(desk.campaign, desk.forms)

    def add(self, routes: APIRouter) -> None:
        """Puts the address."""
        routes.add_api_route(HERE, self.show, methods=["GET"])

    def show(self, request: Request) -> Response:
        """The regions of the reader's zone."""
        session = self._desk.admit(request, HERE)
        rows = self._places.regions(reviewer(session).zone, render.language_of(request))
        drawn = scheme([(row.code, row.name, row.interviews) for row in rows], "map-title") if rows else ""
        return self._desk.page(request, "map.html", session, rows=rows, drawing=drawn, few=few)
