"""The tables that must last: this node, the log, and the bodies that events name."""

from __future__ import annotations

from typing import cast

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text
from sqlmodel import Field, SQLModel

SCHEMA = 3  # raise it when a lasting table's layout changes


class Durable(SQLModel):
    """What cannot be recomputed. Views are rebuilt from it."""

    metadata = MetaData()


class Node(Durable, table=True):
    """This node itself: one row. `clock` orders what it says (Lamport); `views` numbers the views' layout."""

    origin: str = Field(primary_key=True)
    clock: int = Field(default=0, sa_type=BigInteger)
    views: int = 0
    schema_version: int = SCHEMA


class EventRow(Durable, table=True):
    """The log, of this node and of all it has heard; `n` counts arrivals at this node only."""

    __tablename__ = "event"
    __table_args__ = (
        Index("event_place", "origin", "seq", unique=True),
        Index("event_subject", "subject"),
        Index("event_kind", "kind"),
    )

    n: int | None = Field(default=None, primary_key=True)
    origin: str
    seq: int
    id: str
    prev: str
    clock: int = Field(sa_type=BigInteger)
    at: str
    by: str
    kind: str
    subject: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    blobs: str = Field(sa_column=Column(Text, nullable=False))
    sig: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Head(Durable, table=True):
    """How far this node has heard each origin."""

    origin: str = Field(primary_key=True)
    seq: int
    id: str


class Known(Durable, table=True):
    """A node of this campaign: who may say something, and what it had heard when we last met.

    `until` is the last number that is taken from it (-1: no end); a revoked node has one. `token` is the
    SHA-256 of what a hub shows at the centre's door, `vector` is JSON, `met` and `heard` are moments.
    """

    origin: str = Field(primary_key=True)
    role: str
    label: str
    public: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    until: int = -1
    token: str = ""
    vector: str = "{}"
    met: str = ""


class Body(Durable, table=True):
    """Bytes that an event names and that can be forgotten; large ones lie in the blob folder instead.

    They stand beside their event, in order of arrival, so that the cost of keeping one stays flat however
    many there are: an index by hash would touch a random page for each.
    """

    __table_args__ = (Index("body_place", "event", "part", unique=True),)

    n: int | None = Field(default=None, primary_key=True)
    event: int
    part: str
    sha: str
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class KeyBox(SQLModel):
    """Base of the key store, which has a database file of its own."""

    metadata = MetaData()


class WrappedKey(KeyBox, table=True):
    """A respondent's key, sealed to the protection officer; deleting the row erases the person.

    A key `under` another is wrapped in that one: it opens what may have to go alone, as a recording does. It
    lies in a file of its own, so that a restored backup of answers cannot bring a deleted key back.
    """

    __tablename__ = "wrapped_key"

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    officer: str = ""
    under: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    box: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Tombstone(KeyBox, table=True):
    """A withdrawal, noted beside the keys as well: a restored backup of the answers does not know of it.

    `scope` is `all`, or the one thing whose consent was taken back.
    """

    subject: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    at: str


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, typed."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel adds it at class creation
