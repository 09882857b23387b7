"""Who is at the door: a phone by the token in its address or by Digest, a script by its passphrase.

A wrong token is refused outright, because a 401 would make phones ask their user for a password. A passphrase
in clear is taken only where nobody can listen: over https, or from this very machine.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from server.core.problem import Problem, Refused
from server.store import people
from server.store.attempts import check_password
from server.store.people import REALM, Who
from server.web import digest
from server.web.digest import Seen
from server.web.session import session_of
from server.web.site import Site
from sync.db import reading


class Unidentified(Problem):
    """Nobody has said who they are, or not well enough; `challenges` are offered, a header line each."""

    def __init__(self, challenges: list[str]) -> None:
        super().__init__("sign_in_needed")
        self.challenges = challenges


@dataclass(frozen=True, slots=True)
class Knock:
    """A request as the door sees it; `target` is its path and query exactly as sent, `address` its sender."""

    method: str
    target: str
    authorization: str = field(default="", repr=False)
    scheme: str = "http"
    address: str = ""


# A phone that sends its interviews one after the other is looked up once in this time. So long, at the most,
# does a token still open the door after its account was removed.
REMEMBERED = timedelta(seconds=0.5)
MOST_REMEMBERED = 1_000


@dataclass(frozen=True)
class Door:
    """What recognising takes: the accounts, the key that signs nonces, the clock, and what was seen."""

    engine: Engine
    key: bytes = field(repr=False)
    clock: Callable[[], datetime]
    seen: Seen
    known: dict[str, tuple[Who, datetime]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, site: Site) -> Door:
        """The door of a site, which has seen nothing yet."""
        return cls(site.engine, site.door_key, site.clock, Seen(site.clock()))


def by_token(door: Door, token: str) -> Who:
    """Whose phone carries `token`; raises Refused for any other."""
    now = door.clock()
    who, until = door.known.get(token, (None, now))
    if who is not None and now < until:
        return who
    with reading(door.engine) as connection:
        who = people.by_token(connection, token)
    if who is None:
        door.known.pop(token, None)
        raise Refused("wrong_token")
    if len(door.known) >= MOST_REMEMBERED:
        door.known.clear()
    door.known[token] = (who, now + REMEMBERED)
    return who


def by_header(door: Door, knock: Knock) -> Who:
    """Who signed the `Authorization` header (Digest, a session's token, or Basic where it is safe).

    Raises Unidentified.
    """
    kind = knock.authorization.strip().partition(" ")[0].lower()
    stale = False
    if kind == "digest":
        who, stale = _by_digest(door, knock)
    elif kind == "basic" and unheard(knock.scheme, knock.address):
        who = _by_passphrase(door, knock)
    elif kind == "bearer":
        session = session_of(door.engine, knock.authorization.strip().partition(" ")[2].strip(), door.clock())
        who = session.who if session else None
    else:
        who = None
    if who is None:
        raise Unidentified(_challenges(door, knock, stale=stale))
    return who


def unheard(scheme: str, address: str) -> bool:
    """Whether what is sent in clear can be heard by nobody: it came over https, or never left the machine."""
    if scheme == "https":
        return True
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _by_digest(door: Door, knock: Knock) -> tuple[Who | None, bool]:
    with reading(door.engine) as connection:
        outcome = digest.check(
            knock.authorization,
            knock.method,
            knock.target,
            lambda login: people.digest_of(connection, login),
            door.key,
            door.clock(),
            door.seen,
        )
        who = people.by_login(connection, outcome.login) if outcome.kind == "ok" else None
    return who, outcome.kind == "stale"


def _by_passphrase(door: Door, knock: Knock) -> Who | None:
    coded = knock.authorization.strip().partition(" ")[2]
    try:
        login, colon, passphrase = base64.b64decode(coded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    if not colon:
        return None
    return check_password(door.engine, login, passphrase, address=knock.address, now=door.clock())


def _challenges(door: Door, knock: Knock, *, stale: bool) -> list[str]:
    """Digest first: Collect looks for it at the start of a line of its own."""
    offered = digest.challenge(door.key, door.clock(), stale=stale)
    if unheard(knock.scheme, knock.address):
        offered.append(f'Basic realm="{REALM}", charset="UTF-8"')
    return offered
