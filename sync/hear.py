"""Takes in what other nodes say: each event in its place, by a node that may say it, or nothing of the page.

Who carries the events does not matter: each is signed by the node where it happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from sync import log
from sync.event import Event, Said, digest, stated, statement
from sync.keys import verified
from sync.log import BODY, EVENT, HEAD, NODE
from sync.tables import Known, table_of

KNOWN = table_of(Known)
CENTRAL, HUB = "central", "hub"
ENROLLED, REVOKED = "enrolled", "revoked"
NODE_KINDS = frozenset({ENROLLED, REVOKED})
FIELDS = frozenset({"origin", "role", "label", "public", "until"})
HIGHEST_CLOCK = 2**53

Placed = tuple[int, Event]
Vector = Mapping[str, tuple[int, str]]
May = Callable[[str, str], bool]  # may a node of this role say this kind?


class NotHeard(Exception):
    """A page that was not taken in; nothing of it was kept. `origin` is the node whose event it was."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin


class Gap(NotHeard):
    """Something is missing before this event."""


class Forked(NotHeard):
    """A node said two things under one number: it was restored from an old backup."""


class NotAllowed(NotHeard):
    """The event is not by a node that may say it, or is not what was signed."""


def vector(connection: Connection) -> dict[str, tuple[int, str]]:
    """How far this node has heard each node, with the id of the last event."""
    return {row.origin: (row.seq, row.id) for row in connection.execute(select(HEAD))}


def since(connection: Connection, theirs: Vector, page: int) -> list[Placed]:
    """The first events, in order of arrival here, that someone who heard `theirs` has not heard.

    Raises Forked when both know a number under different ids.
    """
    mine = vector(connection)
    for origin, (seq, name) in theirs.items():
        if 0 < seq <= mine.get(origin, (0, ""))[0] and _id_at(connection, origin, seq) != name:
            raise Forked(origin)
    behind = {o: theirs.get(o, (0, ""))[0] for o, (seq, _) in mine.items() if seq > theirs.get(o, (0, ""))[0]}
    if not behind:
        return []
    wanted = or_(*(and_(EVENT.c.origin == o, EVENT.c.seq > seq) for o, seq in behind.items()))
    starts = [_place(connection, origin, seq + 1) for origin, seq in behind.items()]
    query = select(EVENT).where(EVENT.c.n >= min(starts), wanted).order_by(EVENT.c.n).limit(page)
    return [(row.n, log.event_of(row._asdict())) for row in connection.execute(query).all()]


def _id_at(connection: Connection, origin: str, seq: int) -> str | None:
    query = select(EVENT.c.id).where(EVENT.c.origin == origin, EVENT.c.seq == seq)
    return connection.execute(query).scalar()


def _place(connection: Connection, origin: str, seq: int) -> int:
    query = select(EVENT.c.n).where(EVENT.c.origin == origin, EVENT.c.seq == seq)
    return int(connection.execute(query).scalar_one())


def receive(
    connection: Connection,
    said: Sequence[Said],
    project: Callable[[Connection, Sequence[Placed]], None],
    may: May,
) -> list[Placed]:
    """Takes in a page within a writing transaction; returns what was new, with its place here.

    What was told already is skipped. Raises Gap, Forked or NotAllowed, and then the page must roll back.
    """
    mine = connection.execute(select(NODE.c.origin)).scalar_one()
    log.tick(connection, mine)
    heads, nodes = vector(connection), known(connection)
    place = int(connection.execute(select(func.max(EVENT.c.n))).scalar() or 0)
    new: list[Placed] = []
    bodies: list[dict[str, Any]] = []
    for one in said:
        if _told(connection, one.event, heads):
            continue
        _sound(one, nodes, may)
        place += 1
        new.append((place, one.event))
        heads[one.event.origin] = (one.event.seq, one.event.id)
        bodies += [
            {"event": place, "part": part, "sha": one.event.blobs[part], "data": data}
            for part, data in one.parts.items()
        ]
        if one.event.kind in NODE_KINDS:
            learn(connection, one.event)
            nodes = known(connection)
    _keep(connection, mine, new, bodies, heads)
    project(connection, new)
    return new


def _told(connection: Connection, event: Event, heads: Vector) -> bool:
    """Whether the event was heard before; raises Gap or Forked when it is not the next in line."""
    seq, prev = heads.get(event.origin, (0, ""))
    if event.seq <= seq:
        if _id_at(connection, event.origin, event.seq) != event.id:
            raise Forked(event.origin)
        return True
    if event.seq > seq + 1:
        raise Gap(event.origin)
    if event.prev != prev:
        raise Forked(event.origin)
    return False


def _sound(one: Said, nodes: Mapping[str, Any], may: May) -> None:
    event = one.event
    node = nodes.get(event.origin)
    if node is None or (0 <= node.until < event.seq) or not 0 < event.clock < HIGHEST_CLOCK:
        raise NotAllowed(event.origin)
    allowed = node.role == CENTRAL if event.kind in NODE_KINDS else may(node.role, event.kind)
    if not allowed or digest(statement(stated(event))) != event.id:
        raise NotAllowed(event.origin)
    if not verified(bytes(node.public), event.id, event.sig):
        raise NotAllowed(event.origin)
    if any(event.blobs.get(part) != digest(data) for part, data in one.parts.items()):
        raise NotAllowed(event.origin)


def _keep(
    connection: Connection, mine: str, new: Sequence[Placed], bodies: list[dict[str, Any]], heads: Vector
) -> None:
    if not new:
        return
    connection.execute(EVENT.insert(), [log.row_of(place, event) for place, event in new])
    if bodies:
        connection.execute(BODY.insert(), bodies)
    for origin in {event.origin for _, event in new}:
        log.move_head(connection, origin, *heads[origin])
    latest = max(event.clock for _, event in new)
    behind = (NODE.c.origin == mine) & (NODE.c.clock < latest)
    connection.execute(update(NODE).where(behind).values(clock=latest))


def known(connection: Connection) -> dict[str, Any]:
    """Every node that this one knows, by its name."""
    return {row.origin: row for row in connection.execute(select(KNOWN))}


def learn(connection: Connection, event: Event) -> None:
    """Notes what the centre said of a node: that it belongs to us, or does no more after a number."""
    origin, body = event.subject, event.body
    if event.kind == REVOKED:
        values = {"until": int(body["until"]), "token": ""}
        connection.execute(update(KNOWN).where(KNOWN.c.origin == origin).values(**values))
        return
    enrol(connection, origin, HUB, str(body["label"]), bytes.fromhex(body["public"]))


def enrol(connection: Connection, origin: str, role: str, label: str, public: bytes) -> None:
    """Notes a node; one that is known stays as it is."""
    if connection.execute(select(KNOWN.c.origin).where(KNOWN.c.origin == origin)).first() is None:
        row = {"origin": origin, "role": role, "label": label, "public": public}
        connection.execute(KNOWN.insert(), row | {"until": -1, "token": "", "vector": "{}", "met": ""})


def advanced(theirs: Vector, said: Iterable[Said]) -> dict[str, tuple[int, str]]:
    """What someone has heard after being told more."""
    return {**theirs, **{one.event.origin: (one.event.seq, one.event.id) for one in said}}
