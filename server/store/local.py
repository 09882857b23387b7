"""The tables that concern this node alone: accounts, sessions, what was compared, how it is to be found
again.

They are never told to other nodes, and cannot be rebuilt from the log.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, MetaData
from sqlmodel import Field, SQLModel


class Local(SQLModel):
    """What concerns this node alone and is never told to others."""

    metadata = MetaData()


class Arrival(Local, table=True):
    """What is known of each instance that arrived, to tell a repetition from a conflict.

    `mark` is a keyed digest of the bytes under a key that lives in memory only (`epoch` names it): a lasting
    digest would let whoever takes the laptop confirm a guessed name or phone number.
    """

    __table_args__ = (Index("arrival_subject", "subject"),)

    n: int | None = Field(default=None, primary_key=True)
    subject: str
    kind: str
    epoch: str
    mark: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int
    event: int


class Code(Local, table=True):
    """The way from a withdrawal code to its interview: an Argon2id digest, which takes a while to make.

    Until it is made, `waiting` holds the code under this node's own key.
    """

    __table_args__ = (Index("code_digest", "digest"),)

    instance: str = Field(primary_key=True)
    digest: str = ""
    waiting: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Encoding(Local, table=True):
    """What compares an interview's person with others: sealed while it waits, then encoded and encrypted."""

    instance: str = Field(primary_key=True)
    event: int
    waiting: bool
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


SAME_TIME = "same_time"  # among the reasons: held at the same time by two people


class Suggestion(Local, table=True):
    """Two interviews that may be of one person; `reasons` tell which fields agree, never their values.

    `kind` is `duplicate` (one wave) or `follow_up` (several); `p` is the chance that they are one person.
    """

    subject: str = Field(primary_key=True)
    one: str
    other: str
    kind: str
    p: float
    reasons: str
    at: str


class PersonOf(Local, table=True):
    """Which person an interview is of: a number that stays when clusters change; `given` tells its age."""

    __tablename__ = "person_of"

    instance: str = Field(primary_key=True)
    person: str
    given: int


class FlagRow(Local, table=True):
    """What a check found in an interview; it is computed anew, only what people said of it lasts.

    `status` is `open`, or what was said of it. `parameters` is the digest of the thresholds. `words` is JSON.
    """

    __tablename__ = "flag"

    instance: str = Field(primary_key=True)
    check: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    severity: str
    message: str
    words: str
    value: str
    expected: str
    parameters: str
    status: str = "open"


class RiskRow(Local, table=True):
    """How urgently an interview wants to be looked at, by its open flags; `reasons` names their checks."""

    __tablename__ = "risk"
    __table_args__ = (Index("risk_score", "score"),)

    instance: str = Field(primary_key=True)
    score: int
    reasons: str


class Contact(Local, table=True):
    """Someone on a partner's list; `data` holds who it is, encrypted under the matching key until it is
    closed."""

    id: str = Field(primary_key=True)
    partner: str
    zone: str
    state: str
    same_as: str
    changed: str
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Person(Local, table=True):
    """Who may come in. Secrets are kept as digests only; `removed` is empty while the account is open.

    `digest` is RFC 2617's HA1 of an enumerator's random secret, `token` the SHA-256 of his URL token,
    `password` an Argon2id hash (everyone but enumerators).
    """

    __table_args__ = (
        Index("person_token", "token"),
        Index("person_login", "login", unique=True),
    )

    number: int | None = Field(default=None, primary_key=True)
    login: str
    name: str
    role: str
    zone: str = ""
    email: str = ""
    password: str = ""
    digest: str = ""
    token: str = ""
    created: str = ""
    removed: str = ""


class SignIn(Local, table=True):
    """A session of the pages; `token` is the SHA-256 of the cookie."""

    __tablename__ = "sign_in"

    token: str = Field(primary_key=True)
    login: str
    csrf: str
    started: str
    seen: str


class Tries(Local, table=True):
    """How often something that must not be tried out was tried in the present minute."""

    key: str = Field(primary_key=True)
    minute: str
    count: int


class Access(Local, table=True):
    """The access log; `hash` is over the line and the hash of the line before it."""

    n: int = Field(primary_key=True)
    at: str
    who: str
    role: str
    action: str
    subject: str
    fields: str
    purpose: str
    result: str
    prev: str
    hash: str


class Failure(Local, table=True):
    """Failed sign-ins by account and by address, for growing delays."""

    __tablename__ = "failure"

    key: str = Field(primary_key=True)
    count: int
    until: str
