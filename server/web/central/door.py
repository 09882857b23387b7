"""Who reads by program: a token from `POST /v1/sessions`, or the passphrase with each request where none can
listen.

A token is a session as on the pages: it dies of age or idleness, and with its account.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import Request

from server.core.access import OPEN_TO, STAFF
from server.core.problem import Refused
from server.store.access import Entry, note
from server.store.attempts import check_password
from server.store.people import Who
from server.web.desk import address_of
from server.web.door import Door, Knock, Unidentified, by_header, unheard
from server.web.session import LONGEST, close_session, open_session
from server.web.site import Site

READERS = OPEN_TO & STAFF  # who may read answers at all, in whatever shape their role allows
CHALLENGE = 'Basic realm="Taama", charset="UTF-8"'


class Programs:
    """Recognises programs and writes down what they read."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._door = Door.of(site)

    def who(self, request: Request) -> Who:
        """Whose program this is; raises Unidentified, or Refused for enumerators."""
        address, scheme = address_of(request), request.url.scheme
        knock = Knock(request.method, "", request.headers.get("authorization", ""), scheme, address)
        try:
            found = by_header(self._door, knock)
        except Unidentified:
            # Programs try the strongest way that is offered, and staff have no secret for Digest.
            raise Unidentified([CHALLENGE] if unheard(scheme, address) else []) from None
        if found.role not in STAFF:
            raise Refused("sign_in_enumerator")
        return found

    def reader(self, request: Request, what: str, *, fields: str = "") -> Who:
        """Who reads answers; raises Refused for roles that may see none. Each reading leaves a line."""
        who = self.who(request)
        allowed = who.role in READERS
        line = Entry(self.site.now(), who.login, who.role, "read by program", what, fields)
        note(self.site.engine, line if allowed else replace_result(line))
        if not allowed:
            raise Refused("no_answers_for_role")
        return who

    def sign_in(self, request: Request, said: Mapping[str, str]) -> tuple[str, datetime, datetime]:
        """A new token, with when it was made and when it ends at the latest."""
        now, address = self.site.clock(), address_of(request)
        if not unheard(request.url.scheme, address):
            raise Refused("sign_in_unsafe")
        login = said.get("email", "")
        who = check_password(self.site.engine, login, said.get("password", ""), address=address, now=now)
        if who is None or who.role not in STAFF:
            note(self.site.engine, Entry(self.site.now(), "", "", "sign in", result="refused"))
            raise Unidentified([])
        note(self.site.engine, Entry(self.site.now(), who.login, who.role, "sign in"))
        return open_session(self.site.engine, who.login, now, self.site.random), now, now + LONGEST

    def sign_out(self, token: str) -> None:
        """Ends a token."""
        close_session(self.site.engine, token)


def replace_result(line: Entry) -> Entry:
    """The line of a reading that was refused."""
    return Entry(line.at, line.who, line.role, line.action, line.subject, line.fields, result="refused")
