"""The views: tables that are read from the log and can be rebuilt from it.

No view holds an answer that may not be read by a supervisor; identities are in no table at all.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, MetaData, text
from sqlmodel import Field, SQLModel

VIEWS = 6  # raise it when a view's layout or meaning changes: the views are rebuilt at the next start


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
    clock: int = Field(sa_type=BigInteger)
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

    `person` is the login that sent it; `enumerator` and `wave` are what the form says of itself. `replaces`
    is the instance that an edit on the phone takes the place of; `latest` is False once one has taken this
    one's place. `standing` is what was decided: empty, `approved`, `query`, `rejected` or `contested`.
    """

    __table_args__ = (
        Index("submission_instance", "instance", unique=True),
        Index("submission_form", "form", "event"),
        Index("submission_standing", "form", "standing", "latest"),
        Index(
            "submission_sent_back",
            "person",
            sqlite_where=text("standing = 'query'"),
            postgresql_where=text("standing = 'query'"),
        ),
        Index(
            "submission_replaces",
            "replaces",
            sqlite_where=text("replaces IS NOT NULL"),
            postgresql_where=text("replaces IS NOT NULL"),
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
    latest: bool = True
    standing: str = ""


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
    """What somebody decided or remarked; `replaces` names earlier decisions, by event id.

    `about` is the interview that it goes with (empty for pairs), `event` the place of the event that holds
    its text.
    """

    __tablename__ = "decision"
    __table_args__ = (Index("decision_subject", "kind", "subject"), Index("decision_about", "about"))

    id: str = Field(primary_key=True)
    kind: str
    subject: str
    about: str
    verdict: str
    reason: str
    by: str
    at: str
    replaces: str
    event: int


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
