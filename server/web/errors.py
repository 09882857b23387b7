"""Dresses a problem for whoever asked: a page for people, JSON for scripts, OpenRosa XML for phones.

Only this module knows statuses. What nobody foresaw is logged by its type and its place in the code, never by
its text, which may hold answers; therefore such errors end here and do not reach the web server's own log.
"""

from __future__ import annotations

import errno
import logging
import re
import traceback
from pathlib import PurePath
from xml.sax.saxutils import escape

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.core.problem import (
    Conflict,
    Malformed,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    Unavailable,
    Unsupported,
)
from server.web import messages, render
from server.web.desk import SignInFirst
from server.web.door import Unidentified
from server.web.site import Site
from sync.db import DatabaseGone

log = logging.getLogger("taama.web")

# What a phone puts into one request at the most: small, so that a broken upload over 2G loses little.
ACCEPT_LENGTH = 10_000_000
STATUSES: dict[type[Problem], int] = {
    Malformed: 400,
    Unidentified: 401,
    Refused: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Unavailable: 503,
    Unsupported: 501,
}
# Codes that HTTP has a finer word for, and codes that ODK Central's clients know.
FINER = {"too_many_tries": 429, "method": 405}
CENTRAL = {400: 400.1, 401: 401.2, 403: 403.1, 404: 404.1, 409: 409.3}
FINER_CENTRAL = {
    "odata_field": 501.5,
    "odata_expand": 501.6,
    "odata_option": 501.3,
    "odata_select_expand": 501.11,
    "odata_order_token": 501.12,
}
# Locked, deadlocked, overtaken, out of connections; no room.
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40", "53300")
FULL = ("SQLITE_FULL", "53100")
PHONE_PATH = re.compile(r"^/v1/(key|test)/|(^|/)(formList|submission|manifest|integrity)$")


class Unexpected(Problem):
    """What nobody foresaw."""


def status_of(problem: Problem) -> int:
    """The HTTP status that says the same as `problem`."""
    if problem.code in FINER:
        return FINER[problem.code]
    return next((STATUSES[kind] for kind in type(problem).__mro__ if kind in STATUSES), 500)


def problem_of(error: Exception) -> Problem:
    """The problem behind any exception; what is not foreseen becomes `unexpected` and is logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DatabaseGone):
        return Unavailable("database_gone")
    if isinstance(error, DBAPIError) and type(error) in (OperationalError, InterfaceError, DatabaseError):
        return Unavailable(_database_code(error))
    if isinstance(error, NoConnectionFree):
        return Unavailable("busy")
    if isinstance(error, DataError):  # what no column can hold, such as the sign NUL in an address
        return Malformed("bad_request")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Unavailable("disk_full")
    log.error("unexpected %s at %s", type(error).__name__, _place(error))
    return Unexpected("unexpected")


def openrosa_headers(lang: str) -> dict[str, str]:
    """The headers that Collect wants on every answer."""
    return {
        "X-OpenRosa-Version": "1.0",
        "X-OpenRosa-Accept-Content-Length": str(ACCEPT_LENGTH),
        "Content-Language": lang,
        "Cache-Control": "no-store",
    }


def openrosa_message(status: int, message: str, lang: str, *, nature: str = "submit_success") -> Response:
    """An OpenRosaResponse, whose message Collect shows to the enumerator."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0">'
        f'<message nature="{nature}">{escape(message)}</message></OpenRosaResponse>'
    )
    media = "text/xml; charset=utf-8"
    return Response(body, status, openrosa_headers(lang), media)


def openrosa_error(problem: Problem, lang: str) -> Response:
    """A problem for a phone."""
    answer = openrosa_message(status_of(problem), messages.problem(lang, problem), lang, nature="error")
    return with_hints(answer, problem)


def json_error(problem: Problem, lang: str) -> Response:
    """A problem for a script, in the shape of ODK Central's."""
    status = status_of(problem)
    body = {
        "message": messages.problem(lang, problem),
        "code": FINER_CENTRAL.get(problem.code, CENTRAL.get(status, status + 0.1)),
        "details": {"reason": problem.code, **problem.facts},
    }
    return with_hints(JSONResponse(body, status, {"Cache-Control": "no-store"}), problem)


def page_error(site: Site, problem: Problem, lang: str) -> Response:
    """A problem for someone with a browser."""
    said = messages.problem(lang, problem)
    page = render.page(site, "error.html", lang, status=status_of(problem), message=said)
    return with_hints(page, problem)


def answer(site: Site, request: Request, problem: Problem) -> Response:
    """A problem in the form and language that the asker understands."""
    lang = render.language_of(request)
    path = request.url.path
    if isinstance(problem, SignInFirst):
        return RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    if "x-openrosa-version" in request.headers or PHONE_PATH.search(path):
        return openrosa_error(problem, lang)
    if path.startswith(("/v1/", "/sync/")) or path in ("/v1", "/healthz"):
        return json_error(problem, lang)
    return page_error(site, problem, lang)


def install(app: FastAPI, site: Site) -> None:
    """Makes `app` answer every problem, foreseen or not, in this way."""

    def from_http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        found: Problem = Malformed("bad_request")
        if status == 404:
            found = NotFound("not_found")
        elif status == 405:
            found = Refused("method")
        response = answer(site, request, found)
        if isinstance(error, HTTPException) and status == 405:
            response.headers.update(error.headers or {})
        return response

    app.add_exception_handler(HTTPException, from_http)
    app.add_exception_handler(RequestValidationError, from_http)
    app.add_middleware(Troubles, site=site)


class Troubles:
    """The last stop of every exception: turns it into an answer, if none has begun."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app, self._site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and answers for it if that fails."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # nothing may pass: an exception's text in a log may hold an answer
            problem = problem_of(error)
            if not begun:
                await self._told(Request(scope), problem)(scope, receive, send)

    def _told(self, request: Request, problem: Problem) -> Response:
        try:
            return answer(self._site, request, problem)
        except Exception as error:  # a fault in the error page itself: the same rule holds
            problem_of(error)
            return PlainTextResponse(messages.text("fr", messages.PROBLEMS["unexpected"]), 500)


def with_hints(response: Response, problem: Problem) -> Response:
    """The answer with the headers that its problem asks for: how to sign in, when to try again."""
    if isinstance(problem, Unidentified):
        for challenge in problem.challenges:
            response.headers.append("WWW-Authenticate", challenge)
    if isinstance(problem, Unavailable):
        response.headers["Retry-After"] = "10"
    if problem.code == "too_many_tries":
        response.headers["Retry-After"] = problem.facts.get("seconds", "10")
    return response


def _database_code(error: DBAPIError) -> str:
    """SQLite tells a name, PostgreSQL five signs (its appendix A)."""
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
    if name.startswith(BUSY):
        return "busy"
    return "disk_full" if name.startswith(FULL) else "database_gone"


def _place(error: Exception) -> str:
    """Where in our code, or failing that where at all, an exception arose: file and line, no values."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
