"""Who may come in: accounts, their secrets as digests only, and what happens to someone who guesses.

A phone gets a random token of its own, which a lost phone's removal stops at once; people who sign in to the
pages get a generated passphrase, kept as a slow hash. Nobody chooses a password, so none can be guessed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from server.core.canonical import canonical
from server.core.problem import Malformed, NotFound, Refused
from server.store.local import Person, SignIn
from server.store.passwords import hashed
from server.store.passwords import passphrase as passphrase_of
from sync.db import reading, writing
from sync.hear import CENTRAL, KNOWN
from sync.tables import Node, table_of

Role = Literal["enumerator", "supervisor", "analyst", "protection", "admin"]
Secret = Callable[[int], bytes]

PERSON, SIGN_IN, NODE = table_of(Person), table_of(SignIn), table_of(Node)
REALM = "Taama"
PREFIX: dict[Role, str] = {
    "enumerator": "enq",
    "supervisor": "sup",
    "analyst": "ana",
    "protection": "pro",
    "admin": "adm",
}
URL_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
TOKEN_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is shown once: the login, the secret, and an enumerator's URL token (empty for others)."""

    login: str
    secret: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that an enumerator's phone will carry once it is put; shown once, like every secret."""

    login: str
    name: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Who:
    """Someone the door has recognised."""

    login: str
    role: str
    name: str
    zone: str

    @property
    def reach(self) -> str:
        """The zone whose interviews this person may see; empty for all. Only supervisors are bound to one."""
        return self.zone if self.role == "supervisor" else ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as lists show it; `removed` is empty while it is open."""

    login: str
    role: str
    name: str
    zone: str
    email: str
    created: str
    removed: str


_WHO = (PERSON.c.login, PERSON.c.role, PERSON.c.name, PERSON.c.zone)
_OPEN = PERSON.c.removed == ""
_BY_TOKEN = select(*_WHO).where(PERSON.c.token == bindparam("token"), _OPEN)
_BY_LOGIN = select(*_WHO).where(PERSON.c.login == bindparam("login"), _OPEN)
_DIGEST = select(PERSON.c.digest).where(PERSON.c.login == bindparam("login"), _OPEN)


def add(
    engine: Engine, name: str, role: str, *, now: str, secret: Secret, email: str = "", zone: str = ""
) -> Credentials:
    """Opens an account and returns its secrets, which are kept nowhere in clear.

    `secret(n)` gives n random bytes. The same name twice makes two accounts: two people may share a name.
    Raises Refused on a hub, whose next login could be one that the centre gives to somebody else.
    """
    if role not in get_args(Role):
        raise Malformed("unknown_role")
    name, email, zone = (_line(value) for value in (name, email, zone))
    if not name:
        raise Malformed("bad_name")
    row = {"name": name, "role": role, "email": email, "zone": zone, "created": now, "removed": ""}
    staff = role != "enumerator"
    passphrase = passphrase_of(secret) if staff else _device_secret(secret)
    token = "" if staff else _token(secret)
    password = hashed(passphrase) if staff else ""  # before the write lock: it takes a while
    with writing(engine) as connection:
        _only_at_the_centre(connection)
        login = _next_login(connection, PREFIX[role])  # type: ignore[index]  # checked against Role above
        row |= {
            "login": login,
            "password": password,
            "digest": "" if staff else ha1(login, passphrase),
            "token": "" if staff else fingerprint(token),
        }
        connection.execute(insert(PERSON), row)
    return Credentials(login, passphrase, token)


ACCOUNT = ("login", "name", "role", "zone", "email", "password", "digest", "token", "created", "removed")


def accounts(connection: Connection) -> dict[str, bytes]:
    """Every account as it is told to hubs, by login: secrets are digests."""
    rows = connection.execute(select(*(PERSON.c[name] for name in ACCOUNT))).mappings()
    return {row["login"]: canonical(dict(row)) for row in rows}


def take_account(connection: Connection, told: bytes | None) -> None:
    """Opens, changes or closes an account as the centre told it."""
    if told is None:
        return
    found = json.loads(told)
    row = {name: str(found[name]) for name in ACCOUNT}
    mine = PERSON.c.login == row["login"]
    if connection.execute(update(PERSON).where(mine).values(**row)).rowcount == 0:
        connection.execute(insert(PERSON), row)
    if row["removed"]:
        connection.execute(delete(SIGN_IN).where(SIGN_IN.c.login == row["login"]))


def listed(engine: Engine, zone: str = "") -> list[Account]:
    """Every account (of a zone), open ones first, by login."""
    columns = [*_WHO, PERSON.c.email, PERSON.c.created, PERSON.c.removed]
    mine = (PERSON.c.zone == zone,) if zone else ()
    query = select(*columns).where(*mine).order_by(PERSON.c.removed != "", PERSON.c.login)
    with reading(engine) as connection:
        return [Account(*row) for row in connection.execute(query)]


def enumerators(connection: Connection) -> list[str]:
    """The logins of those who may send interviews now: the codes by which forms know them."""
    query = select(PERSON.c.login).where(PERSON.c.role == "enumerator", _OPEN).order_by(PERSON.c.login)
    return list(connection.execute(query).scalars())


def remove(engine: Engine, login: str, *, now: str) -> None:
    """Closes an account: its token, secret and open sessions stop at once; raises NotFound."""
    closed = {"removed": now, "token": "", "digest": "", "password": ""}
    with writing(engine) as connection:
        mine = (PERSON.c.login == login) & _OPEN
        if connection.execute(update(PERSON).where(mine).values(**closed)).rowcount == 0:
            raise NotFound("unknown_person")
        connection.execute(delete(SIGN_IN).where(SIGN_IN.c.login == login))


def new_tokens(engine: Engine, logins: Sequence[str], *, secret: Secret) -> list[NewToken]:
    """A new token for each of these enumerators, or for all; nothing changes yet.

    Raises NotFound, and Refused on a hub: the centre would never learn of the token.
    """
    query = select(PERSON.c.login, PERSON.c.name).where(PERSON.c.role == "enumerator", _OPEN)
    with reading(engine) as connection:
        _only_at_the_centre(connection)
        names = {row.login: row.name for row in connection.execute(query.order_by(PERSON.c.login))}
    wanted = list(dict.fromkeys(logins)) or list(names)
    if not wanted or not names.keys() >= set(wanted):
        raise NotFound("unknown_person")
    return [NewToken(login, names[login], _token(secret)) for login in wanted]


def put_tokens(engine: Engine, new: Sequence[NewToken]) -> None:
    """Puts the new tokens in place of the old ones, which stop working: all of them or none."""
    with writing(engine) as connection:
        for one in new:
            mine = (PERSON.c.login == one.login) & _OPEN
            token = fingerprint(one.token)
            if connection.execute(update(PERSON).where(mine).values(token=token)).rowcount == 0:
                raise NotFound("unknown_person")


def by_token(connection: Connection, token: str) -> Who | None:
    """Whose phone carries `token`; one indexed look-up, as every request of every phone makes it."""
    row = connection.execute(_BY_TOKEN, {"token": fingerprint(token)}).first()
    return Who(*row) if row else None


def by_login(connection: Connection, login: str) -> Who | None:
    """The open account `login`."""
    row = connection.execute(_BY_LOGIN, {"login": login}).first()
    return Who(*row) if row else None


def digest_of(connection: Connection, login: str) -> str | None:
    """The HA1 of an enumerator's secret (RFC 7616 §3.4.2), or None."""
    return connection.execute(_DIGEST, {"login": login}).scalar() or None


def fingerprint(token: str) -> str:
    """What is kept of a random token: its SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def ha1(login: str, secret: str) -> str:
    """RFC 2617's HA1; MD5 is what phones ask for, and the secret is 128 random bits."""
    return hashlib.md5(f"{login}:{REALM}:{secret}".encode(), usedforsecurity=False).hexdigest()


def _only_at_the_centre(connection: Connection) -> None:
    """Raises Refused on a hub that belongs to a centre; a campaign of one node is its own centre."""
    centre = (KNOWN.c.role == CENTRAL) & KNOWN.c.origin.not_in(select(NODE.c.origin))
    if connection.execute(select(KNOWN.c.origin).where(centre).limit(1)).first():
        raise Refused("centre_makes_accounts")


def _line(value: str) -> str:
    value = value.strip()
    if len(value) > 200 or not value.isprintable():
        raise Malformed("bad_name")
    return value


def _next_login(connection: Connection, prefix: str) -> str:
    """The next free number; a removed account's login is never given to someone else."""
    logins = connection.execute(select(PERSON.c.login).where(PERSON.c.login.startswith(prefix))).scalars()
    numbers = [int(found[1]) for login in logins if (found := re.fullmatch(rf"{prefix}(\d+)", login))]
    return f"{prefix}{max(numbers, default=0) + 1:02}"


def _device_secret(secret: Secret) -> str:
    """128 random bits as 26 lower-case letters and digits, which Digest can carry as they are."""
    bits = int.from_bytes(secret(16), "big")
    return "".join("abcdefghijklmnopqrstuvwxyz234567"[bits >> shift & 31] for shift in range(0, 130, 5))


def _token(secret: Secret) -> str:
    """64 letters and digits, each as likely as the others (bytes from 248 up are thrown away)."""
    signs = ""
    while len(signs) < TOKEN_LENGTH:
        signs += "".join(URL_SIGNS[byte % 62] for byte in secret(TOKEN_LENGTH) if byte < 248)
    return signs[:TOKEN_LENGTH]
