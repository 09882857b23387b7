"""Checks a passphrase, and makes whoever guesses wait longer and longer without locking anyone else out.

Waiting is counted by login *and* address together, and more generously by address: someone who guesses at a
colleague's account from elsewhere does not keep the colleague out.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select

from server.core.plan import LOGIN
from server.core.problem import Refused
from server.store import people
from server.store.local import Failure
from server.store.passwords import matches
from server.store.people import PERSON, Who
from sync.db import reading, writing
from sync.tables import table_of

FAILURE = table_of(Failure)
_FAILED = select(FAILURE.c.key, FAILURE.c.count, FAILURE.c.until)
FREE_BY_LOGIN, FREE_BY_ADDRESS = 5, 30
LONGEST = 900  # seconds
FORGOTTEN_AFTER = timedelta(days=1)


def check_password(engine: Engine, login: str, passphrase: str, *, address: str, now: datetime) -> Who | None:
    """Who `login` is, if `passphrase` is right; raises Refused while the caller has to wait.

    Enumerators' random secrets are taken too (Basic over TLS); what they may do is for the caller to say.
    """
    login = login.strip()[:200]
    keys = _keys(login, address)
    with reading(engine) as connection:
        before = _failures(connection, keys, now)
    who = _recognised(engine, login, passphrase)
    if who is None:
        with writing(engine) as connection:
            _count(connection, keys, now)
    elif before:
        with writing(engine) as connection:
            _forgive(connection, keys)
    return who


def _recognised(engine: Engine, login: str, passphrase: str) -> Who | None:
    with reading(engine) as connection:
        query = select(PERSON.c.digest, PERSON.c.password).where(
            PERSON.c.login == login, PERSON.c.removed == ""
        )
        row = connection.execute(query).first()
        who = people.by_login(connection, login)
    digest, password = row or ("", "")
    if LOGIN.fullmatch(login):  # random secrets need no slow hash, whether the login exists or not
        right = hmac.compare_digest(people.ha1(login, passphrase), digest or "-" * 32)
    else:
        right = matches(password, passphrase)
    return who if right else None


def wait_of(count: int, free: int) -> int:
    """Seconds to wait after `count` failures in a row: none at first, then 2, 4, 8 ... up to 900."""
    return 0 if count < free else int(min(LONGEST, 2 ** min(count - free + 1, 20)))


def _keys(login: str, address: str) -> Mapping[str, int]:
    """The two counters of a try, and how many failures each lets pass.

    The login goes in as 20 bits of its digest: people type passphrases into the wrong box, and this table
    must not help to find them.
    """
    shadow = hashlib.sha256(login.encode("utf-8", "replace")).hexdigest()[:5]
    return {f"{address} {shadow}": FREE_BY_LOGIN, address: FREE_BY_ADDRESS}


def _failures(connection: Connection, keys: Mapping[str, int], now: datetime) -> dict[str, int]:
    """How many failures stand against each key; raises Refused while one of them still has to wait."""
    counts = {}
    for key, count, stamp in connection.execute(_FAILED.where(FAILURE.c.key.in_(keys))):
        until = datetime.fromisoformat(stamp)
        if until > now:
            # whole seconds, rounded up, so that following the advice works
            raise Refused("too_many_tries", seconds=str(int((until - now).total_seconds()) + 1))
        if now - until < FORGOTTEN_AFTER:
            counts[key] = count
    return counts


def _count(connection: Connection, keys: Mapping[str, int], now: datetime) -> None:
    counts = _failures(connection, keys, now)
    past = FAILURE.c.until < _stamp(now - FORGOTTEN_AFTER)
    connection.execute(delete(FAILURE).where(past | FAILURE.c.key.in_(keys)))
    rows = []
    for key, free in keys.items():
        count = counts.get(key, 0) + 1
        until = now + timedelta(seconds=wait_of(count, free))
        rows.append({"key": key, "count": count, "until": _stamp(until)})
    connection.execute(insert(FAILURE), rows)


def _forgive(connection: Connection, keys: Mapping[str, int]) -> None:
    """Forgets the account's failures but not the address's.

    Otherwise one right passphrase between guesses would let someone guess at others for ever.
    """
    pair, _ = keys
    connection.execute(delete(FAILURE).where(FAILURE.c.key == pair))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
