"""One interview that reached two nodes, as when a phone moves from hub to hub: the earlier telling stands.

Earlier by (clock, origin, number), which all nodes agree on whatever order they hear it in. If the other says
something else, both readable answers being here, it is shown in quarantine as a conflict.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from server.store.judged import SUBMISSION
from server.store.tables import FileRow, Held, Settled
from sync import log
from sync.db import insert_once
from sync.event import Event
from sync.hear import known
from sync.log import EVENT, NODE
from sync.tables import table_of

FILE, HELD, SETTLED = (table_of(model) for model in (FileRow, Held, Settled))
Placed = tuple[int, Event]


def own_names(connection: Connection) -> set[str]:
    """The names under which this node has spoken, the present one and those before a renewal."""
    mine = connection.execute(select(NODE.c.origin)).scalar_one()
    nodes = known(connection)
    return {mine} | {o for o, node in nodes.items() if mine in nodes and node.label == nodes[mine].label}


def contend(connection: Connection, said: Mapping[str, Placed], rows: list[dict[str, Any]]) -> set[int]:
    """Decides which telling of each interview stands; returns the places of those in `rows` that do not.

    Those that stood before and do not any more are taken out of the views.
    """
    rivals: dict[str, list[Placed]] = defaultdict(list)
    by_place = dict(said.values())
    for row in rows:
        rivals[row["instance"]].append((row["event"], by_place[row["event"]]))
    standing = select(SUBMISSION.c.instance, SUBMISSION.c.event).where(
        SUBMISSION.c.instance.in_(list(rivals))
    )
    for instance, place in connection.execute(standing).all():
        event = log.event_at(connection, place)
        if event is not None:
            rivals[instance].append((place, event))
    beaten: set[int] = set()
    for instance, some in rivals.items():
        if len({place for place, _ in some}) > 1:
            beaten |= _settle(connection, instance, sorted(some, key=_order))
    return beaten


def _order(placed: Placed) -> tuple[int, str, int]:
    return placed[1].clock, placed[1].origin, placed[1].seq


def _settle(connection: Connection, instance: str, some: list[Placed]) -> set[int]:
    winner, others = some[0], some[1:]
    places = {place for place, _ in others} - {winner[0]}
    connection.execute(
        delete(SUBMISSION).where(SUBMISSION.c.instance == instance, SUBMISSION.c.event.in_(places))
    )
    connection.execute(delete(FILE).where(FILE.c.instance == instance, FILE.c.event.in_(places)))
    told = select(EVENT).where(EVENT.c.subject == instance, EVENT.c.kind == "submitted")
    everyone = [(row.n, log.event_of(row._asdict())) for row in connection.execute(told).all()]
    rows = [_conflict(place, event) for place, event in everyone if place != winner[0]]
    differing = [row for row in rows if _differs(connection, winner[0], row["event"])]
    settled = set(
        connection.execute(
            select(SETTLED.c.id).where(SETTLED.c.id.in_([row["id"] for row in rows]))
        ).scalars()
    )
    connection.execute(
        delete(HELD).where(
            HELD.c.instance == instance,
            HELD.c.reason == "conflict",
            HELD.c.event.in_([p for p, _ in everyone]),
        )
    )
    insert_once(connection, HELD, [row | {"open": row["id"] not in settled} for row in differing])
    return places


def _differs(connection: Connection, one: int, other: int) -> bool:
    said = [log.body(connection, place, "clean") for place in (one, other)]
    found = [json.loads(data)["answers"] for data in said if data]
    return len(found) > 1 and found[0] != found[1]


def _conflict(place: int, event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "reason": "conflict",
        "form": event.body["form"],
        "version": event.body["version"],
        "instance": event.subject,
        "received": event.at,
        "person": event.by,
        "device": event.body.get("device", ""),
        "event": place,
        "size": event.body.get("size", 0),
    }
