"""The append-only log: what this node says gets its number, its predecessor's id and a signature."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select, update

from sync.event import Draft, Event, canonical, digest, statement
from sync.keys import NodeKeys
from sync.tables import Body, EventRow, Head, Node, table_of

NODE, EVENT, HEAD, BODY = (table_of(model) for model in (Node, EventRow, Head, Body))

# Statements of the busiest path are made once: putting one together costs as much as running it.
MINE: BindParameter[str] = bindparam("mine")
TICK = update(NODE).where(NODE.c.origin == MINE).values(clock=NODE.c.clock + 1).returning(NODE.c.clock)
HEAD_OF = select(HEAD.c.seq, HEAD.c.id).where(HEAD.c.origin == MINE)
LAST_PLACE = select(EVENT.c.n).order_by(EVENT.c.n.desc()).limit(1)
MOVE_HEAD = update(HEAD).where(HEAD.c.origin == MINE).values(seq=bindparam("to_seq"), id=bindparam("to_id"))
BODY_AT = select(BODY.c.data).where(BODY.c.event == bindparam("place"), BODY.c.part == bindparam("named"))


def append(connection: Connection, keys: NodeKeys, drafts: Sequence[Draft]) -> list[tuple[int, Event]]:
    """Writes `drafts` in order within a writing transaction; returns each event with its place `n` here.

    The first statement takes the write lock, so numbers follow the order of commits and leave no gap.
    """
    clock = tick(connection, keys.origin)
    seq, prev = _head(connection, keys.origin)
    first = _next_place(connection)
    said: list[tuple[int, Event]] = []
    for offset, draft in enumerate(drafts):
        event = _place(draft, keys, seq + 1 + offset, prev, clock)
        prev = event.id
        said.append((first + offset, event))
    _write(connection, said, drafts)
    return said


def tick(connection: Connection, origin: str) -> int:
    """Moves the node's clock on by one and returns it; takes the write lock."""
    return int(connection.execute(TICK, {"mine": origin}).scalar_one())


def _head(connection: Connection, origin: str) -> tuple[int, str]:
    row = connection.execute(HEAD_OF, {"mine": origin}).first()
    return (row.seq, row.id) if row else (0, "")


def _next_place(connection: Connection) -> int:
    return int(connection.execute(LAST_PLACE).scalar() or 0) + 1


def _place(draft: Draft, keys: NodeKeys, seq: int, prev: str, clock: int) -> Event:
    blobs = {part: digest(data) for part, data in draft.parts.items()} | dict(draft.files)
    said: dict[str, Any] = {
        "origin": keys.origin,
        "seq": seq,
        "prev": prev,
        "clock": clock,
        "at": draft.at,
        "by": draft.by,
        "kind": draft.kind,
        "subject": draft.subject,
        "body": dict(draft.body),
        "blobs": blobs,
    }
    event_id = digest(statement(said))
    return Event(**said, id=event_id, sig=keys.sign(event_id))


def _write(connection: Connection, said: Sequence[tuple[int, Event]], drafts: Sequence[Draft]) -> None:
    if not said:
        return
    connection.execute(EVENT.insert(), [row_of(place, event) for place, event in said])
    bodies = [
        {"event": place, "part": part, "sha": event.blobs[part], "data": data}
        for (place, event), draft in zip(said, drafts, strict=True)
        for part, data in draft.parts.items()
    ]
    if bodies:
        connection.execute(BODY.insert(), bodies)
    last = said[-1][1]
    move_head(connection, last.origin, last.seq, last.id)


def move_head(connection: Connection, origin: str, seq: int, name: str) -> None:
    """Notes how far a node was heard."""
    if connection.execute(MOVE_HEAD, {"mine": origin, "to_seq": seq, "to_id": name}).rowcount == 0:
        connection.execute(HEAD.insert(), {"origin": origin, "seq": seq, "id": name})


def row_of(place: int, event: Event) -> dict[str, Any]:
    """An event as a row of the log."""
    return {
        "n": place,
        "origin": event.origin,
        "seq": event.seq,
        "id": event.id,
        "prev": event.prev,
        "clock": event.clock,
        "at": event.at,
        "by": event.by,
        "kind": event.kind,
        "subject": event.subject,
        "body": canonical(event.body).decode(),
        "blobs": canonical(event.blobs).decode(),
        "sig": event.sig,
    }


def told(connection: Connection, after: int = 0, page: int = 500) -> Iterator[tuple[int, Event]]:
    """Every event kept here with its place `n`, in order of arrival, read in pages."""
    while True:
        query = select(EVENT).where(EVENT.c.n > after).order_by(EVENT.c.n).limit(page)
        rows = connection.execute(query).all()
        for row in rows:
            yield row.n, event_of(row._asdict())
        if len(rows) < page:
            return
        after = rows[-1].n


def about(connection: Connection, subjects: Sequence[str]) -> Iterator[Event]:
    """Every event about one of the subjects, in order of arrival."""
    return (event for _, event in placed_about(connection, subjects))


def placed_about(connection: Connection, subjects: Sequence[str]) -> Iterator[tuple[int, Event]]:
    """The same, each with its place."""
    query = select(EVENT).where(EVENT.c.subject.in_(subjects)).order_by(EVENT.c.n)
    for row in connection.execute(query).all():
        yield row.n, event_of(row._asdict())


def of_kind(connection: Connection, kind: str) -> Iterator[tuple[int, Event]]:
    """Every event of one kind with its place, in order of arrival."""
    query = select(EVENT).where(EVENT.c.kind == kind).order_by(EVENT.c.n)
    for row in connection.execute(query).all():
        yield row.n, event_of(row._asdict())


def event_at(connection: Connection, place: int) -> Event | None:
    """The event at place `n` of this node's log."""
    row = connection.execute(select(EVENT).where(EVENT.c.n == place)).first()
    return event_of(row._asdict()) if row else None


def event_of(row: dict[str, Any]) -> Event:
    """A row of the log as an event."""
    row.pop("n")
    row["body"] = json.loads(row["body"])
    row["blobs"] = json.loads(row["blobs"])
    return Event(**row)


def bodies(connection: Connection, place: int) -> dict[str, bytes]:
    """All bytes kept beside the event at `place` in the database, by part."""
    rows = connection.execute(select(BODY.c.part, BODY.c.data).where(BODY.c.event == place))
    return {row.part: bytes(row.data) for row in rows}


def body(connection: Connection, place: int, part: str) -> bytes | None:
    """The bytes kept beside the event at `place`, or None when they are not in the database."""
    found = connection.execute(BODY_AT, {"place": place, "named": part}).scalar()
    return bytes(found) if found is not None else None
