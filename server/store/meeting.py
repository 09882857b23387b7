"""What a campaign tells another node and takes from it: answers go up only, forms and accounts come down.

Identities travel as they lie here: sealed to the protection officer, whom no node can read for. Whoever took
back consent is neither sent nor taken in again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from server.store import field
from server.store.codes import CODE, digest_one
from server.store.field import concerns, zone_of_node
from server.store.forget import empty_journal
from server.store.home import Campaign
from server.store.local import Arrival, Encoding
from server.store.project import ALL, limits, project
from server.store.withdraw import erase, erase_left, remember
from sync import log
from sync.db import insert_once, reading, writing
from sync.event import Event, Said
from sync.hear import CENTRAL, May, Placed, known
from sync.peer import Local
from sync.tables import EventRow, WrappedKey, table_of

ARRIVAL, ENCODING, EVENT, WRAPPED = (table_of(m) for m in (Arrival, Encoding, EventRow, WrappedKey))
FOR_CENTRE = frozenset({"published", "account", "rekeyed"})
FOR_EVERYONE = frozenset({"published", *field.OF_A_ZONE})
DECISIONS = frozenset({"reviewed", "remarked", "corrected", "explained"})
BOX = 512  # bytes: a wrapped key is smaller


def may(role: str, kind: str) -> bool:
    """Whether a node of this role may say this kind: forms and accounts come from the centre alone."""
    return role == CENTRAL or kind not in FOR_CENTRE


def here(campaign: Campaign, other: str) -> Local:
    """This campaign as a peer of the node `other`."""
    return Local(campaign.engine, campaign.blobs, Exchange(campaign, other))


class Exchange:
    """The campaign's side of a meeting with the node named `other`."""

    def __init__(self, campaign: Campaign, other: str) -> None:
        self.campaign, self.other = campaign, other
        self.may: May = may
        self.up = campaign.settings.role != CENTRAL

    def pack(self, connection: Connection, placed: Sequence[Placed]) -> list[Said]:
        """Everything for the centre; for a hub forms, accounts and contacts of its zone, and what was decided
        on its own interviews."""
        if not self.up:
            own = self._theirs(connection, [e.subject for _, e in placed if e.kind in DECISIONS])
            zone = zone_of_node(connection, self.other)
            wanted = [e.kind in FOR_EVERYONE or (e.kind in DECISIONS and e.subject in own) for _, e in placed]
            said = []
            for (place, event), send in zip(placed, wanted, strict=True):
                parts = log.bodies(connection, place) if send else {}
                said.append(Said(event, parts if concerns(event.kind, parts, zone) else {}))
            return said
        beside = self._beside(connection, placed)
        return [self._whole(connection, place, event, beside.get(place, {})) for place, event in placed]

    def _whole(self, connection: Connection, place: int, event: Event, beside: Mapping[str, bytes]) -> Said:
        parts = log.bodies(connection, place) if event.blobs else {}
        apart = [sha for part, sha in event.blobs.items() if part.startswith("file:") and part not in parts]
        files = tuple(sha for sha in apart if self.campaign.blobs.path(sha).exists())
        return Said(event, parts, beside, files)

    def _beside(self, connection: Connection, placed: Sequence[Placed]) -> dict[int, dict[str, bytes]]:
        """Wrapped keys, encodings and digests of withdrawal codes, by the place of their event."""
        keys = {name: place for place, event in placed for name in _key_ids(event)}
        found: dict[int, dict[str, bytes]] = defaultdict(dict)
        with reading(self.campaign.vault) as vault:
            for row in vault.execute(select(WRAPPED).where(WRAPPED.c.id.in_(list(keys)))):
                kept = {"officer": row.officer, "under": bytes(row.under).hex(), "box": bytes(row.box).hex()}
                found[keys[bytes(row.id)]]["key:" + bytes(row.id).hex()] = json.dumps(kept).encode()
        places = {event.subject: place for place, event in placed if event.kind == "submitted"}
        for row in connection.execute(select(ENCODING).where(ENCODING.c.event.in_(places.values()))):
            found[row.event]["encoding"] = (b"1" if row.waiting else b"0") + bytes(row.data)
        mine = CODE.c.instance.in_(list(places)) & (CODE.c.digest != "")
        for row in connection.execute(select(CODE.c.instance, CODE.c.digest).where(mine)):
            found[places[row.instance]]["code"] = row.digest.encode()
        return found

    def _theirs(self, connection: Connection, subjects: Sequence[str]) -> set[str]:
        """Which of these interviews the other node sent, under whatever name."""
        nodes = known(connection)
        label = nodes[self.other].label if self.other in nodes else ""
        names = [origin for origin, node in nodes.items() if node.label == label]
        sent = EVENT.c.subject.in_(list(subjects)) & EVENT.c.origin.in_(names)
        return set(
            connection.execute(select(EVENT.c.subject).where(sent, EVENT.c.kind == "submitted")).scalars()
        )

    def accept(self, said: Sequence[Said]) -> list[Said]:
        """Takes off what may not stay; puts keys away, which must be on disk before their interviews."""
        if self.up:
            return [replace(one, beside={}) for one in said]
        with reading(self.campaign.engine) as connection:
            gone = limits(connection, [one.event.subject for one in said])
            lost = {o for o, node in known(connection).items() if node.until >= 0}
        kept = [
            replace(one, parts={}, beside={}) if ALL in gone.get(one.event.subject, ()) else one
            for one in said
        ]
        rows = [row for one in kept if one.event.origin not in lost for row in _key_rows(one)]
        if rows:
            with writing(self.campaign.vault) as connection:
                insert_once(connection, WRAPPED, rows)
        return kept

    def take(self, connection: Connection, new: Sequence[Placed], said: Sequence[Said]) -> None:
        """The views, and what only this node keeps of an interview."""
        project(connection, new)
        field.take(connection, new)
        if self.up:
            return
        sent = {one.event.id: one for one in said}
        arrivals, encodings, codes = [], [], []
        for place, event in new:
            one = sent[event.id]
            subject = event.subject
            if event.kind == "submitted" and event.body["verdict"] != "refused" and one.parts:
                row = {"subject": subject, "kind": "interview", "epoch": "", "mark": b"", "event": place}
                arrivals.append(row | {"size": event.body.get("size", 0)})
            if "encoding" in one.beside:
                box = one.beside["encoding"]
                waiting = box[:1] == b"1"
                encodings.append({"instance": subject, "event": place, "waiting": waiting, "data": box[1:]})
            if "code" in one.beside:
                codes.append({"instance": subject, "digest": one.beside["code"].decode(), "waiting": b""})
        if arrivals:
            connection.execute(ARRIVAL.insert(), arrivals)
        insert_once(connection, ENCODING, encodings)
        insert_once(connection, CODE, codes)

    def settle(self, new: Sequence[Placed]) -> None:
        """Erases what was taken back, by what was told or before it came."""
        subjects = [event.subject for _, event in new]
        with reading(self.campaign.engine) as connection:
            gone = limits(connection, subjects)
        remember(self.campaign, [event for _, event in new if event.kind == "withdrawn"])
        by_scope: dict[str, list[str]] = defaultdict(list)
        for subject, scopes in gone.items():
            for scope in scopes:
                by_scope[scope].append(subject)
        for scope, some in by_scope.items():
            erase(self.campaign, some, scope)
        if any(event.kind == "withdrawn" for _, event in new):
            erase_left(self.campaign)
        if any(event.kind == field.LISTED for _, event in new):
            empty_journal(self.campaign.engine)

    def welcome(self, shas: Sequence[str]) -> list[str]:
        """Only the centre takes bodies."""
        return [] if self.up else list(shas)

    def may_fetch(self, sha: str) -> bool:
        """Only the centre is given bodies."""
        return self.up and bool(sha)


def digest_codes(campaign: Campaign) -> None:
    """Makes all waiting withdrawal codes fit to travel: the centre must find whom a code leads to."""
    while digest_one(campaign):
        pass


def _key_ids(event: Event) -> list[bytes]:
    names = [event.body.get("key"), *event.body.get("keys", {}).values()]
    return [bytes.fromhex(name) for name in names if name]


def _key_rows(one: Said) -> list[dict[str, Any]]:
    """The wrapped keys beside an event: those that it names, and nothing else."""
    rows = []
    for name in _key_ids(one.event):
        data = one.beside.get("key:" + name.hex())
        if data is None:
            continue
        found = json.loads(data)
        box, under = bytes.fromhex(found["box"]), bytes.fromhex(found["under"])
        if len(box) <= BOX and len(under) <= BOX:
            rows.append({"id": name, "officer": str(found["officer"]), "under": under, "box": box})
    return rows
