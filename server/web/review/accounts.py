"""The accounts: who may come in; an administrator adds, renews and closes them, and shows a card once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from server.core.problem import Malformed, Problem, Refused
from server.store import people
from server.web import errors, render
from server.web.desk import Fields
from server.web.qr import payload, settings, svg, token_url
from server.web.review.desk import ReviewDesk, trouble
from server.web.session import Session

HERE = "/people"
MAY_CHANGE = frozenset({"admin"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown once: the login, and a secret or the picture of a phone's settings."""

    login: str
    secret: str = ""
    picture: Markup | str = ""


class AccountPages:
    """The page of accounts."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk = desk

    def add(self, routes: APIRouter) -> None:
        """Puts the addresses."""
        routes.add_api_route(HERE, self.show, methods=["GET"])
        for name, deed in (("add", self._add), ("renew", self._renew), ("remove", self._remove)):
            routes.add_api_route(f"{HERE}/{name}", self._doing(name, deed), methods=["POST"])

    def show(self, request: Request) -> Response:
        """Every account, without any secret."""
        session = self._desk.admit(request, HERE)
        self._desk.note(session, "list accounts", fields="login, name, role, zone")
        return self._page(request, session)

    def _doing(
        self, name: str, deed: Callable[[Fields, Session], Shown | None]
    ) -> Callable[[Request, Fields], Response]:
        def route(request: Request, form: Fields) -> Response:
            session = self._desk.admit_form(request, HERE, form)
            try:
                if session.who.role not in MAY_CHANGE:
                    raise Refused("not_allowed")
                shown = deed(form, session)
            except Problem as problem:
                self._desk.note(session, f"account {name}", result="refused")
                return self._page(request, session, problem=problem)
            self._desk.note(session, f"account {name}", shown.login if shown else form.get("login", "")[:40])
            return self._page(request, session, shown=shown, done=True)

        return route

    def _add(self, form: Fields, _: Session) -> Shown:
        base = _base(form)
        now, secret = self._desk.site.now(), self._desk.site.random
        zone, role = form.get("zone", ""), form.get("role", "")
        engine = self._desk.site.engine
        made = people.add(engine, form.get("name", ""), role, now=now, secret=secret, zone=zone)
        if made.token:
            return Shown(made.login, picture=self._card(base, made.token, made.login))
        return Shown(made.login, made.secret)

    def _renew(self, form: Fields, _: Session) -> Shown:
        base, login = _base(form), form.get("login", "")
        new = people.new_tokens(self._desk.site.engine, [login], secret=self._desk.site.random)
        people.put_tokens(self._desk.site.engine, new)
        return Shown(login, picture=self._card(base, new[0].token, login))

    def _remove(self, form: Fields, session: Session) -> None:
        login = form.get("login", "")
        if login == session.who.login:
            raise Refused("own_account")
        people.remove(self._desk.site.engine, login, now=self._desk.site.now())

    def _card(self, base: str, token: str, login: str) -> Markup:
        drawn = svg(payload(settings(token_url(base, token), login, self._desk.site.campaign)))
        # Drawn by our own code; the declaration before it is no part of a page.
        return Markup(drawn[drawn.index("<svg") :].replace("<svg", '<svg role="img" aria-label="QR"', 1))  # noqa: S704

    def _page(
        self,
        request: Request,
        session: Session,
        *,
        problem: Problem | None = None,
        shown: Shown | None = None,
        done: bool = False,
    ) -> Response:
        return self._desk.page(
            request,
            "people.html",
            session,
            status=errors.status_of(problem) if problem else 200,
            accounts=people.listed(self._desk.site.engine, session.who.reach),
            all_roles=get_args(people.Role),
            may_change=session.who.role in MAY_CHANGE,
            trouble=trouble(render.language_of(request), problem),
            shown=shown,
            done=done,
            base=f"{request.url.scheme}://{request.url.netloc}",
        )


def _base(form: Fields) -> str:
    """How phones reach this server; raises Malformed before anything has changed."""
    base = form.get("base", "").strip().rstrip("/")
    if not base.startswith(("http://", "https://")) or len(base) > 200 or not base.isprintable():
        raise Malformed("bad_base")
    return base
