"""The server's own tables: views, which are read from the log and can be rebuilt, and local ones.

No view holds an answer that may not be read by a supervisor; identities are in no table at all.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, MetaData, text
from sqlmodel import Field, SQLModel

VIEWS = 4  # raise it when a view's layout or meaning changes: the views are rebuilt at the next start


class View(SQLModel):
    """What the log means. Dropped and read again by `taama rebuild`."""

    metadata = MetaData()


class FormVersion(View, table=True):
    """A published version of a form; `event` is the place of the event that holds its XForm and media.

    `md5` is the digest of the XForm's bytes, which Collect asks for. `said` orders versions (clock, origin).
    """

    __tablename__ = "form_version"

    id: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    title: str
    md5: str
    event: int
    clock: int
    origin: str
    published: str
    consented: bool = True  # False: a form without consent question, published with a reason


class FormMedia(View, table=True):
    """A file that phones fetch with a form version."""

    __tablename__ = "form_media"

    form: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    md5: str
    size: int
    event: int


class Submission(View, table=True):
    """A consented interview. `instance` is the phone's id; answers lie in the event's `clean` body.

    `person` is the login that sent it; `enumerator` and `wave` are what the form says of itself.
    `replaces` is the instance that an edit on the phone takes the place of.
    """

    __table_args__ = (
        Index("submission_instance", "instance", unique=True),
        Index("submission_form", "form", "event"),
        Index(
            "submission_replaces",
            "replaces",
            sqlite_where=text("replaces IS NOT NULL"),
        ),
    )

    event: int = Field(primary_key=True)
    instance: str
    form: str
    version: str
    received: str
    person: str
    device: str
    verdict: str
    scopes: str
    flags: str
    enumerator: str
    wave: str
    replaces: str | None = None


class Refusal(View, table=True):
    """All that a refusal leaves: there is no other column, on purpose."""

    id: str = Field(primary_key=True)
    form: str
    version: str
    day: str
    stratum: str
    enumerator: str
    reason: str
    mode: str
    contact_source: str


class FileRow(View, table=True):
    """A photo, recording or log that belongs to an interview: `here` or `awaited`, always sealed.

    `scope` is the consent that it needs beside the interview's own.
    """

    __tablename__ = "file"

    instance: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    event: int = 0
    sha: str = ""
    size: int = 0
    state: str = "awaited"
    scope: str = ""


class Held(View, table=True):
    """Something that could not be taken as it is: kept sealed until a person decides."""

    id: str = Field(primary_key=True)
    reason: str
    form: str
    version: str
    instance: str
    received: str
    person: str
    device: str
    event: int
    size: int
    open: bool = True


class DecisionRow(View, table=True):
    """What somebody decided on a pair of interviews; `replaces` names earlier decisions, by event id."""

    __tablename__ = "decision"
    __table_args__ = (Index("decision_subject", "kind", "subject"),)

    id: str = Field(primary_key=True)
    kind: str
    subject: str
    verdict: str
    by: str
    at: str
    replaces: str


class Settled(View, table=True):
    """What was in quarantine and was let in or dropped; it may be told before the thing itself."""

    __tablename__ = "settled"

    id: str = Field(primary_key=True)


class Withdrawn(View, table=True):
    """Someone who took back consent: an instance's id, or `code:` and the digest of a withdrawal code.

    `scope` is `all`, or the one thing whose consent was taken back. It outlasts everything it erased, so that
    nothing of it comes in again.
    """

    __tablename__ = "withdrawn"

    subject: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    at: str


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
