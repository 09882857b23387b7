"""What every page asks at its start: who is there, may he, is the form his; and the log that remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from server.core.access import STAFF, may_open
from server.core.problem import Malformed, Problem, Refused, TooLarge
from server.store.access import Entry, note
from server.web.session import Session, cookie_name, is_ours, session_of
from server.web.site import Site

LONGEST_FORM = 65_536
MOST_FIELDS = 200


class SignInFirst(Problem):
    """Nobody has signed in: the page to do so is shown instead."""

    def __init__(self) -> None:
        super().__init__("sign_in_needed")


async def fields(request: Request) -> Mapping[str, str]:
    """The fields of a submitted form; raises TooLarge or Malformed."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise TooLarge("too_large")
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Malformed("bad_request")
    try:
        return dict(
            parse_qsl(
                body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
            )
        )
    except ValueError:
        raise Malformed("bad_request") from None


Fields = Annotated[Mapping[str, str], Depends(fields)]


class Desk:
    """Recognises the people of the pages."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def session(self, request: Request) -> Session | None:
        """Who has signed in, if anyone whom the pages are for."""
        session = session_of(self.site.engine, self.cookie(request), self.site.clock())
        return session if session and session.who.role in STAFF else None

    def cookie(self, request: Request) -> str:
        """The session's cookie as the browser sent it."""
        return request.cookies.get(cookie_name(secure=self.secure(request)), "")

    def secure(self, request: Request) -> bool:
        """Whether cookies may be kept to https; a proxy may speak it for a server that does not know."""
        return self.site.secure or request.url.scheme == "https"

    def admit(self, request: Request, page: str) -> Session:
        """The session of someone who may open `page`; raises SignInFirst, or Refused and notes it."""
        session = self.session(request)
        if session is None:
            raise SignInFirst
        if not may_open(session.who.role, page):
            self.note(session, "open", page, result="refused")
            raise Refused("not_allowed")
        return session

    def admit_form(self, request: Request, page: str, form: Mapping[str, str]) -> Session:
        """The same for a submitted form, which must come from our own page."""
        session = self.admit(request, page)
        if not is_ours(session, request.headers, form.get("csrf", "")):
            raise Refused("form_expired")
        return session

    def note(
        self,
        session: Session | None,
        action: str,
        subject: str = "",
        *,
        fields: str = "",
        result: str = "done",
    ) -> None:
        """Writes a line into the access log."""
        who, role = (session.who.login, session.who.role) if session else ("", "")
        note(self.site.engine, Entry(self.site.now(), who, role, action, subject, fields, result=result))


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""
