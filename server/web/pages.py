"""The pages for people: signing in, and what a supervisor looks at first when the phones have come back.

Everything works without JavaScript, and nothing on these pages is an answer of a respondent.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.core.access import PAGES, STAFF
from server.core.problem import Malformed, NotFound, Refused
from server.store.access import Entry, note
from server.store.attempts import check_password
from server.web import messages, render
from server.web.desk import Desk, Fields, address_of
from server.web.door import unheard
from server.web.review.today import Targets, no_targets, overview
from server.web.session import close_session, drop_cookie, give_cookie, is_ours, open_session, same_origin
from server.web.site import Site

STATIC = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
YEAR = 31_536_000
LOCAL = re.compile(r"/|/[a-z-]+(/[\w:.-]+)?")


def router(site: Site, targets: Targets = no_targets) -> APIRouter:
    """The pages of `site`; `targets` tells how far its targets are."""
    pages = Pages(site, targets)
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/", pages.home, methods=["GET"])
    routes.add_api_route("/sign-in", pages.sign_in, methods=["POST"])
    routes.add_api_route("/sign-in", pages.to_home, methods=["GET"])
    routes.add_api_route("/sign-out", pages.sign_out, methods=["POST"])
    routes.add_api_route("/language", pages.choose_language, methods=["POST"])
    routes.add_api_route("/keys", pages.keys, methods=["GET"])
    routes.add_api_route("/static/{name}", static, methods=["GET"])
    return routes


class Pages:
    """One method a page."""

    def __init__(self, site: Site, targets: Targets) -> None:
        self._site, self._desk, self._targets = site, Desk(site), targets

    def home(self, request: Request) -> Response:
        """The overview, or the sign-in page for someone who has not signed in."""
        session = self._desk.session(request)
        lang = render.language_of(request)
        if session is None:
            return self._door(request, lang)
        facts = overview(self._site, session, lang, self._targets)
        return render.page(self._site, "home.html", lang, session=session, **facts)

    def to_home(self) -> Response:
        """Someone reloads the page that told him his passphrase was wrong."""
        return RedirectResponse("/", 303)

    def sign_in(self, request: Request, form: Fields) -> Response:
        """Checks a passphrase and opens a session; the old cookie, if any, dies."""
        if not same_origin(request.headers):
            raise Refused("form_expired")
        lang, site = render.language_of(request), self._site
        address = address_of(request)
        if not unheard(request.url.scheme, address):
            raise Refused("sign_in_unsafe")
        login, now = form.get("login", ""), site.clock()
        passphrase = form.get("passphrase", "").strip()
        try:
            who = check_password(site.engine, login, passphrase, address=address, now=now)
        except Refused as refused:
            self._desk.note(None, "sign in", result="refused")
            return self._door(request, lang, refused, status=429)
        if who is None or who.role not in STAFF:
            self._desk.note(None, "sign in", result="refused")
            code = "sign_in_wrong" if who is None else "sign_in_enumerator"
            return self._door(request, lang, Refused(code), status=403)
        token = open_session(site.engine, who.login, now, site.random, old=self._desk.cookie(request))
        note(site.engine, Entry(site.now(), who.login, who.role, "sign in"))
        answer = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
        give_cookie(answer, token, secure=self._desk.secure(request))
        return answer

    def sign_out(self, request: Request, form: Fields) -> Response:
        """Ends the session."""
        if not is_ours(self._desk.session(request), request.headers, form.get("csrf", "")):
            raise Refused("form_expired")
        self._desk.note(self._desk.session(request), "sign out")
        close_session(self._site.engine, self._desk.cookie(request))
        answer = RedirectResponse("/", 303, {"Cache-Control": "no-store", "Clear-Site-Data": '"cache"'})
        drop_cookie(answer, secure=self._desk.secure(request))
        return answer

    def choose_language(self, request: Request, form: Fields) -> Response:
        """Remembers the reader's language on this machine."""
        if not same_origin(request.headers):
            raise Refused("form_expired")
        chosen = form.get("language", "")
        if chosen not in self._site.languages:
            raise Malformed("bad_request")
        answer = RedirectResponse(_local(form.get("here", "")), 303, {"Cache-Control": "no-store"})
        secure = self._desk.secure(request)
        answer.set_cookie(
            render.LANGUAGE_COOKIE, chosen, max_age=YEAR, secure=secure, httponly=True, samesite="strict"
        )
        return answer

    def keys(self, request: Request) -> Response:
        """The keys of the keyboard."""
        session = self._desk.admit(request, "/keys")
        return render.page(self._site, "review/keys.html", render.language_of(request), session=session)

    def _door(
        self, request: Request, lang: str, refused: Refused | None = None, *, status: int = 200
    ) -> Response:
        safe = unheard(request.url.scheme, address_of(request))
        trouble = messages.problem(lang, refused) if refused else ""
        if not safe and not trouble:
            trouble = messages.problem(lang, Refused("sign_in_unsafe"))
        facts: dict[str, Any] = {"trouble": trouble, "safe": safe}
        return render.page(self._site, "sign-in.html", lang, status=status, **facts)


def static(name: str, request: Request) -> Response:
    """Our style sheet and sign; the browser asks again each time but gets them once."""
    path = STATIC / name
    if path.suffix not in KINDS or path.parent != STATIC or not path.is_file():
        raise NotFound("not_found")
    data = path.read_bytes()
    tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=KINDS[path.suffix])


def _local(path: str) -> str:
    """A path of ours to go back to; anything else leads home."""
    return path if LOCAL.fullmatch(path) and f"/{path.split('/')[1]}" in PAGES else "/"
