"""Cures a hub that was restored from an old backup: a new name, under which it says again what only it knows.

The rows of the log keep their places, so that all that refers to them holds; ids change, and so do the
decisions that name them. What the centre had heard under the old name is heard back from it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from server.store.home import Campaign, open_campaign
from server.store.meet import Met, meet
from server.store.meeting import here
from server.store.nodes import centre_of
from server.store.rebuild import rebuild
from sync import log
from sync.client import Remote
from sync.db import reading, writing
from sync.event import Event, digest, stated, statement
from sync.hear import HUB, enrol, known
from sync.keys import NodeKeys, new_node_keys, read_node_keys, write_node_keys
from sync.log import EVENT, HEAD, NODE
from sync.peer import PAGE

NAMED = ("admits", "drops")  # besides `replaces`, what names an event by its id


def renew(campaign: Campaign, remote: Remote, *, at: str) -> tuple[Campaign, Met]:
    """Gives the hub a new name and meets the centre; returns the campaign as it is open now.

    Interrupted anywhere it is done again: the new keys wait in a file until the log bears them.
    """
    following = campaign.folder / "keys" / "node-next.json"
    if following.exists():
        keys = read_node_keys(following)
    else:
        fresh = new_node_keys()
        # What was locked under the node's own keys stays readable: only name and signature change.
        keys = NodeKeys(fresh.origin, fresh.signing, campaign.keys.refusal, campaign.keys.door)
        write_node_keys(following, keys)
    remote.renew(keys.origin, keys.public, keys.sign(digest(keys.origin.encode())))
    _say_again(campaign, keys, _agreed(campaign, remote))
    campaign.close()
    renewed = open_campaign(campaign.folder)
    met = meet(renewed, remote, at=at)
    rebuild(renewed)
    return renewed, met


def _agreed(campaign: Campaign, remote: Remote) -> int:
    """The last number of this node's old name under which the centre heard the same."""
    old = campaign.keys.origin
    mine = dict(here(campaign, centre_of(campaign)).vector())
    with reading(campaign.engine) as connection:
        query = select(EVENT.c.seq, EVENT.c.id).where(EVENT.c.origin == old)
        ids = {row.seq: row.id for row in connection.execute(query)}
    heard: dict[str, tuple[int, str]] = {o: one for o, one in mine.items() if o != old}
    agreed = 0
    while said := remote.since(heard, PAGE):
        for one in said:
            event = one.event
            heard[event.origin] = (event.seq, event.id)
            if event.origin == old and ids.get(event.seq) == event.id and agreed == event.seq - 1:
                agreed = event.seq
    return agreed


def _say_again(campaign: Campaign, keys: NodeKeys, agreed: int) -> None:
    old = campaign.keys.origin
    with writing(campaign.engine) as connection:
        clock = log.tick(connection, old)
        query = select(EVENT).where(EVENT.c.origin == old, EVENT.c.seq > agreed).order_by(EVENT.c.seq)
        rows = connection.execute(query).all()
        names: dict[str, str] = {}
        seq, prev = 0, ""
        for row in rows:
            place, before = row.n, log.event_of(row._asdict())
            seq += 1
            event = _again(before, keys, seq, prev, clock, names)
            names[before.id], prev = event.id, event.id
            values = log.row_of(place, event)
            connection.execute(update(EVENT).where(EVENT.c.n == place).values(**values))
        label = known(connection)[old].label
        enrol(connection, keys.origin, HUB, label, keys.public)
        connection.execute(update(NODE).values(origin=keys.origin))
        if seq:
            log.move_head(connection, keys.origin, seq, prev)
        at = select(EVENT.c.id).where(EVENT.c.origin == old, EVENT.c.seq == agreed)
        connection.execute(delete(HEAD).where(HEAD.c.origin == old))
        if agreed:
            log.move_head(connection, old, agreed, str(connection.execute(at).scalar_one()))
    (campaign.folder / "keys" / "node-next.json").replace(campaign.folder / "keys" / "node.json")


def _again(before: Event, keys: NodeKeys, seq: int, prev: str, clock: int, names: dict[str, str]) -> Event:
    body: dict[str, Any] = dict(before.body)
    replaces = body.get("replaces")
    if isinstance(replaces, list):
        body["replaces"] = sorted(names.get(one, one) for one in replaces)
    for name in NAMED:
        if name in body:
            body[name] = names.get(body[name], body[name])
    said = stated(before) | {"origin": keys.origin, "seq": seq, "prev": prev, "clock": clock, "body": body}
    name = digest(statement(said))
    return Event(**said, id=name, sig=keys.sign(name))
