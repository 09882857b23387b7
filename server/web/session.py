"""Remembers who signed in to the pages: a random cookie, kept here as a digest, that dies of age or idleness.

Cookies are strict, so that another site cannot borrow them; a form must also carry a word that only our own
pages know, and come from the same origin as far as the browser says.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Engine, delete, insert, or_, select, update
from starlette.responses import Response

from server.store import people
from server.store.people import SIGN_IN, Who, fingerprint
from sync.db import reading, writing

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
NOTED_EVERY = timedelta(minutes=1)  # each look at a page would otherwise be a write


@dataclass(frozen=True, slots=True)
class Session:
    """Someone signed in. `csrf` goes into every form of his pages, `started` is when he signed in."""

    who: Who
    csrf: str = field(repr=False)
    started: datetime


def open_session(
    engine: Engine, login: str, now: datetime, random: Callable[[int], bytes], *, old: str = ""
) -> str:
    """Starts a session for `login` and returns its cookie; a cookie that was there before stops working."""
    token = random(32).hex()
    row = {"token": fingerprint(token), "login": login, "csrf": random(16).hex()}
    with writing(engine) as connection:
        gone = or_(
            SIGN_IN.c.token == fingerprint(old),
            SIGN_IN.c.seen < _stamp(now - IDLE),
            SIGN_IN.c.started < _stamp(now - LONGEST),
        )
        connection.execute(delete(SIGN_IN).where(gone))
        connection.execute(insert(SIGN_IN), row | {"started": _stamp(now), "seen": _stamp(now)})
    return token


def session_of(engine: Engine, token: str, now: datetime) -> Session | None:
    """The session behind a cookie, if it is neither too old nor too long idle and its account is open."""
    if not token:
        return None
    mine = SIGN_IN.c.token == fingerprint(token)
    with reading(engine) as connection:
        row = connection.execute(select(SIGN_IN).where(mine)).first()
        who = people.by_login(connection, row.login) if row else None
    if row is None or who is None:
        return None
    started, seen = datetime.fromisoformat(row.started), datetime.fromisoformat(row.seen)
    if now - seen > IDLE or now - started > LONGEST:
        return None
    if now - seen > NOTED_EVERY:
        with writing(engine) as connection:
            connection.execute(update(SIGN_IN).where(mine).values(seen=_stamp(now)))
    return Session(who, row.csrf, started)


def close_session(engine: Engine, token: str) -> None:
    """Ends a session; the cookie is worth nothing from now on."""
    with writing(engine) as connection:
        connection.execute(delete(SIGN_IN).where(SIGN_IN.c.token == fingerprint(token)))


def is_ours(session: Session | None, headers: Mapping[str, str], csrf: str) -> bool:
    """Whether a POST was meant by the person: it comes from our own page and carries the session's word."""
    if not same_origin(headers):
        return False
    return session is None or hmac.compare_digest(session.csrf.encode(), csrf.encode("utf-8", "replace"))


def same_origin(headers: Mapping[str, str]) -> bool:
    """What the browser says of where a POST comes from.

    It may say nothing (plain http) or `null` (our pages send no referrer): then the form's word decides.
    """
    site = headers.get("sec-fetch-site", "")
    if site:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "null")
    return origin == "null" or urlsplit(origin).netloc == headers.get("host", "")


def cookie_name(*, secure: bool) -> str:
    """The cookie's name; over https the browser itself then sees to it that no other host set it."""
    return "__Host-taama" if secure else "taama"


def give_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Hands the session's cookie to the browser, which forgets it when it closes."""
    response.set_cookie(
        cookie_name(secure=secure), token, path="/", secure=secure, httponly=True, samesite="strict"
    )


def drop_cookie(response: Response, *, secure: bool) -> None:
    """Tells the browser to forget the session."""
    response.delete_cookie(
        cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="strict"
    )


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
