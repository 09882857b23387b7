"""Lets a phone prove that it knows its secret without sending it: HTTP Digest (RFC 7616, MD5, qop `auth`).

A nonce names its time of birth and is signed with the door's key, so that nothing need be stored to issue
one. Collect numbers its requests and sends several at once: a window of numbers tells a late one from a
repeated one. Whatever cannot be judged is answered `stale`, which makes the phone ask for a new nonce by
itself.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from server.store.people import REALM, ha1

VALID = timedelta(hours=12)
AHEAD = timedelta(minutes=5)
WINDOW = 128
REMEMBERED = 20_000
PARAMETER = re.compile(r'\s*([a-zA-Z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')
NONCE = re.compile(r"([0-9a-f]{14})([0-9a-f]{16})([0-9a-f]{32})")
NEEDED = ("username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce")
NOBODY = ha1("", "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ok` and whose secret it was; `stale`: right or not, a new nonce is needed; or `wrong`."""

    kind: Literal["ok", "stale", "wrong"]
    login: str = ""


WRONG, STALE = Outcome("wrong"), Outcome("stale")


class Seen:
    """The request numbers used with each nonce; forgets the oldest, and then distrusts all as old as those.

    `since` is when the server started: what was used before cannot be known any more.
    """

    def __init__(self, since: datetime, size: int = REMEMBERED) -> None:
        self._floor = _micros(since)
        self._size = size
        self._used: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def first_use(self, nonce: str, issued: int, number: int) -> bool:
        """Notes that `number` was used with `nonce`; False when it was before, or may have been."""
        with self._lock:
            known = self._used.get(nonce)
            if known is None and issued < self._floor:
                return False
            highest, bits = known or (0, 0)
            if number > highest:
                bits = (bits << min(number - highest, WINDOW) | 1) & ((1 << WINDOW) - 1)
                highest = number
            else:
                bit = 1 << (highest - number) if highest - number < WINDOW else 0
                if not bit or bits & bit:
                    return False
                bits |= bit
            self._used[nonce] = (highest, bits)
            self._used.move_to_end(nonce)
            if len(self._used) > self._size:
                self._forget_one()
            return True

    def _forget_one(self) -> None:
        nonce, _ = self._used.popitem(last=False)
        self._floor = max(self._floor, int(nonce[:14], 16) + 1)


def challenge(
    door_key: bytes, now: datetime, *, stale: bool = False, random: Callable[[int], bytes] = os.urandom
) -> list[str]:
    """The values of `WWW-Authenticate`, each for a header line of its own."""
    born = f"{_micros(now):014x}{random(8).hex()}"
    parts = f'Digest realm="{REALM}", qop="auth", algorithm=MD5, nonce="{born}{_sign(door_key, born)}"'
    return [parts + (", stale=true" if stale else "")]


def check(
    header: str,
    method: str,
    uri: str,
    ha1_of: Callable[[str], str | None],
    door_key: bytes,
    now: datetime,
    seen: Seen,
) -> Outcome:
    """Judges an `Authorization` header against the request's method and its path with query, as sent."""
    said = _read(header)
    if said is None or said["uri"] != uri:
        return WRONG
    kept = ha1_of(said["username"])
    response = expected(kept or NOBODY, method, said)
    if not hmac.compare_digest(response, said["response"].lower().encode()) or kept is None:
        return WRONG
    issued = _issued(said["nonce"], door_key, now)
    if issued is None or not seen.first_use(said["nonce"], issued, int(said["nc"], 16)):
        return STALE
    return Outcome("ok", said["username"])


def expected(kept: str, method: str, said: dict[str, str]) -> bytes:
    """The response that the holder of the secret gives (RFC 7616 §3.4.1)."""
    request = _md5(f"{method}:{said['uri']}")
    return _md5(":".join((kept, said["nonce"], said["nc"], said["cnonce"], said["qop"], request))).encode()


def _read(header: str) -> dict[str, str] | None:
    kind, _, rest = header.strip().partition(" ")
    if kind.lower() != "digest" or len(rest) > 8_192:
        return None
    said: dict[str, str] = {}
    place = 0
    while place < len(rest):
        found = PARAMETER.match(rest, place)
        if found is None or found[1].lower() in said:
            return None
        quoted = found[2]
        said[found[1].lower()] = found[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        place = found.end()
    return said if _understood(said) else None


def _understood(said: dict[str, str]) -> bool:
    return (
        all(said.get(name) for name in NEEDED)
        and said["realm"] == REALM
        and said["qop"] == "auth"
        and said.get("algorithm", "MD5").upper() == "MD5"
        and re.fullmatch(r"[0-9a-fA-F]{8}", said["nc"]) is not None
    )


def _issued(nonce: str, door_key: bytes, now: datetime) -> int | None:
    """When the door issued `nonce`, in microseconds; None when it did not, or too long ago."""
    found = NONCE.fullmatch(nonce)
    if found is None or not hmac.compare_digest(_sign(door_key, found[1] + found[2]), found[3]):
        return None
    issued = int(found[1], 16)
    age = timedelta(microseconds=_micros(now) - issued)
    return issued if -AHEAD <= age <= VALID else None


def _sign(door_key: bytes, born: str) -> str:
    return hmac.new(door_key, b"digest nonce " + born.encode(), "sha256").hexdigest()[:32]


def _micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
