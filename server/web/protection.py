"""The pages of protection: taking back consent for someone who calls, releases to notify, the access log."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.core.codes import as_typed, is_code
from server.core.problem import Malformed, Problem
from server.store import access
from server.store.home import Campaign
from server.store.limits import count_try
from server.store.releases import releases
from server.store.withdraw import SCOPES, ask_by_code
from server.web import errors, messages, render
from server.web.desk import Desk, Fields, address_of
from server.web.session import Session
from server.web.site import Site

BY_ADDRESS, BY_ALL = 5, 30  # codes a minute


def router(site: Site, campaign: Campaign) -> APIRouter:
    """The pages of protection."""
    pages = Protection(site, campaign)
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/withdrawal", pages.withdrawal, methods=["GET"])
    routes.add_api_route("/withdrawal", pages.withdraw, methods=["POST"])
    routes.add_api_route("/releases", pages.releases, methods=["GET"])
    routes.add_api_route("/access", pages.access, methods=["GET"])
    return routes


class Protection:
    """One method a page."""

    def __init__(self, site: Site, campaign: Campaign) -> None:
        self._site, self._campaign, self._desk = site, campaign, Desk(site)

    def withdrawal(self, request: Request) -> Response:
        """The form for the operator of the hotline."""
        session = self._desk.admit(request, "/withdrawal")
        return self._withdrawal(request, session, done="done" in request.query_params)

    def withdraw(self, request: Request, form: Fields) -> Response:
        """Notes the request. Nobody learns from the answer, or from its time, whether the code is known."""
        session = self._desk.admit_form(request, "/withdrawal", form)
        code, scope = form.get("code", ""), form.get("scope", "")
        try:
            if not is_code(as_typed(code)):  # a slip of the pen: no try is counted for it
                raise Malformed("bad_code")
            limits = {f"withdrawal {address_of(request)}": BY_ADDRESS, "withdrawal": BY_ALL}
            count_try(self._site.engine, limits, self._site.clock())
            who = session.who.login
            ask_by_code(self._campaign, code, by=who, at=self._site.now(), scope=scope)
        except Problem as problem:
            self._desk.note(session, "withdrawal", result="refused")
            return self._withdrawal(request, session, problem)
        self._desk.note(session, "withdrawal", fields=scope)
        return RedirectResponse("/withdrawal?done", 303, {"Cache-Control": "no-store"})

    def releases(self, request: Request) -> Response:
        """What was given out, to whom, and who must be told that people have withdrawn since."""
        session = self._desk.admit(request, "/releases")
        found = releases(self._campaign)
        return self._page(request, "releases.html", session, releases=found)

    def access(self, request: Request) -> Response:
        """The newest lines of the access log, and whether its chain holds."""
        session = self._desk.admit(request, "/access")
        self._desk.note(session, "read the access log")
        facts: dict[str, Any] = {
            "lines": access.lines(self._site.engine),
            "broken": access.broken_at(self._campaign),
        }
        return self._page(request, "access.html", session, **facts)

    def _withdrawal(
        self, request: Request, session: Session, problem: Problem | None = None, *, done: bool = False
    ) -> Response:
        lang = render.language_of(request)
        facts: dict[str, Any] = {
            "trouble": messages.problem(lang, problem) if problem else "",
            "done": done,
            "scopes": {scope: messages.SCOPES[scope] for scope in SCOPES},
            "status": errors.status_of(problem) if problem else 200,
        }
        page = self._page(request, "withdrawal.html", session, **facts)
        return errors.with_hints(page, problem) if problem else page

    def _page(
        self, request: Request, template: str, session: Session, *, status: int = 200, **facts: Any
    ) -> Response:
        lang = render.language_of(request)
        return render.page(self._site, template, lang, status=status, session=session, **facts)
