"""The nodes of a campaign: the centre invites a hub, takes it off when it is stolen, and knows who was heard.

An invitation is a file that holds a hub's keys, closed with a code that travels apart: a hub can so be made
without a network. What the centre says of nodes is told to all, so that all refuse the same ones.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from sqlalchemy import select, update

from server.core.problem import Conflict, Malformed, NotFound, Refused
from server.store.field import zone_of_node
from server.store.home import Campaign, Settings, make_databases, matching_file, officer_file
from server.store.passwords import passphrase
from server.store.people import fingerprint
from server.store.project import project
from sync import log
from sync.db import connect, reading, sqlite_url, writing
from sync.event import Draft
from sync.hear import CENTRAL, ENROLLED, HUB, KNOWN, REVOKED, Vector, enrol, known, learn, vector
from sync.keys import NodeKeys, new_node_keys, write_node_keys, write_private
from sync.log import HEAD
from sync.wire import as_vector

KIND = "taama invitation"
# How hard it is to try codes: operations and bytes of Argon2id.
WORK = (argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_INTERACTIVE)
SHARED = ("name", "retention", "ends", "code_salt", "demo")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A hub's file as bytes, and the code that opens it; both shown once."""

    origin: str
    data: bytes = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewNode:
    """A hub that comes to belong to the campaign; `zone` is where it works, empty for everywhere."""

    origin: str
    public: bytes
    label: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A node as lists show it. `waiting` is how many events it has not heard of here, as far as we know."""

    origin: str
    label: str
    role: str
    me: bool
    revoked: bool
    met: str
    events: int
    waiting: int
    zone: str = ""


def invite(campaign: Campaign, label: str, url: str, *, at: str, by: str = "", zone: str = "") -> Invitation:
    """Enrols a hub and makes its file; a label that a hub bears already gives that hub a new name.

    With a zone the hub is told of that zone's accounts and contacts only. Raises Refused on a hub, Malformed
    without a label.
    """
    if campaign.settings.role != CENTRAL:
        raise Refused("centre_only")
    label = label.strip()
    if not label or label == campaign.settings.name:
        raise Malformed("bad_name")
    keys, token = new_node_keys(), base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    new = NewNode(keys.origin, keys.public, label, zone.strip())
    welcome(campaign, new, token, at=at, by=by)
    code = passphrase(os.urandom)
    content = {
        "kind": KIND,
        "label": label,
        "centre": url,
        "token": token,
        "node": {name: getattr(keys, name).hex() for name in ("signing", "refusal", "door")},
        "origin": keys.origin,
        "central": {"origin": campaign.keys.origin, "public": campaign.keys.public.hex()},
        "campaign": {name: campaign.settings.model_dump()[name] for name in SHARED},
        "officer": officer_file(campaign.folder).read_text(encoding="utf-8"),
        "matching": matching_file(campaign.folder).read_text(encoding="utf-8"),
    }
    salt = os.urandom(argon2id.SALTBYTES)
    return Invitation(keys.origin, salt + bytes(_box(code, salt).encrypt(json.dumps(content).encode())), code)


def welcome(campaign: Campaign, new: NewNode, token: str, *, at: str, by: str = "") -> None:
    """Says that a node belongs to the campaign; whoever had its label before is heard no further."""
    with writing(campaign.engine) as connection:
        drafts = []
        for name, node in known(connection).items():
            if node.label == new.label and node.role == HUB and node.until < 0:
                drafts.append(_ending(connection, name, at, by))
        body = {"label": new.label, "public": new.public.hex()}
        drafts.append(Draft(ENROLLED, new.origin, body | ({"zone": new.zone} if new.zone else {}), at, by))
        placed = log.append(connection, campaign.keys, drafts)
        for _, event in placed:
            learn(connection, event)
        project(connection, placed)
        mine = KNOWN.c.origin == new.origin
        connection.execute(update(KNOWN).where(mine).values(token=fingerprint(token)))


def revoke(campaign: Campaign, label: str, *, at: str, by: str) -> list[str]:
    """Hears a hub no further, at once; returns its names. Raises Refused on a hub, NotFound."""
    if campaign.settings.role != CENTRAL:
        raise Refused("centre_only")
    with writing(campaign.engine) as connection:
        nodes = known(connection).items()
        names = [o for o, n in nodes if n.role == HUB and label in (n.label, o) and n.until < 0]
        if not names:
            raise NotFound("unknown_node")
        placed = log.append(connection, campaign.keys, [_ending(connection, o, at, by) for o in names])
        for _, event in placed:
            learn(connection, event)
        project(connection, placed)
    return names


def _ending(connection: Any, origin: str, at: str, by: str) -> Draft:
    heard = connection.execute(select(HEAD.c.seq).where(HEAD.c.origin == origin)).scalar() or 0
    return Draft(REVOKED, origin, {"until": int(heard)}, at, by)


def _box(code: str, salt: bytes) -> SecretBox:
    return SecretBox(argon2id.kdf(SecretBox.KEY_SIZE, code.strip().encode(), salt, *WORK))


def opened(data: bytes, code: str) -> dict[str, Any]:
    """What is in an invitation; raises Refused for a wrong code or file."""
    salt, box = data[: argon2id.SALTBYTES], data[argon2id.SALTBYTES :]
    try:
        found: dict[str, Any] = json.loads(_box(code, salt).decrypt(box))
    except (CryptoError, ValueError):
        raise Refused("bad_invitation") from None
    if found.get("kind") != KIND:
        raise Refused("bad_invitation")
    return found


def accept(folder: Path, found: Mapping[str, Any]) -> Settings:
    """Makes the hub of an invitation in `folder`, which must be empty. Raises Conflict."""
    if folder.exists() and any(folder.iterdir()):
        raise Conflict("home_not_empty", folder=str(folder))
    keys = keys_in(found)
    settings = Settings(**found["campaign"], role=HUB, centre=str(found["centre"]), token=str(found["token"]))
    write_node_keys(folder / "keys" / "node.json", keys)
    write_private(officer_file(folder), found["officer"])
    write_private(matching_file(folder), found["matching"])
    make_databases(folder, settings)
    engine = connect(sqlite_url(folder / "taama.db"))
    with writing(engine) as connection:
        mine = KNOWN.c.origin == keys.origin
        connection.execute(update(KNOWN).where(mine).values(label=str(found["label"])))
        centre = found["central"]
        enrol(connection, centre["origin"], CENTRAL, settings.name, bytes.fromhex(centre["public"]))
    engine.dispose()
    write_private(folder / "campaign.json", settings.model_dump_json(indent=1))
    return settings


def keys_in(found: Mapping[str, Any]) -> NodeKeys:
    """The node's keys in an invitation."""
    return NodeKeys(
        found["origin"], *(bytes.fromhex(found["node"][name]) for name in ("signing", "refusal", "door"))
    )


def centre_of(campaign: Campaign) -> str:
    """The name of the centre, for a hub that belongs to one; else nothing."""
    with reading(campaign.engine) as connection:
        nodes = known(connection)
    return next((o for o, n in nodes.items() if n.role == CENTRAL and o != campaign.keys.origin), "")


def by_token(campaign: Campaign, token: str) -> str:
    """Which hub shows this token; nothing for one that is unknown or was taken off."""
    with reading(campaign.engine) as connection:
        mine = (KNOWN.c.token == fingerprint(token)) & (KNOWN.c.until < 0) & (KNOWN.c.token != "")
        return str(connection.execute(select(KNOWN.c.origin).where(mine)).scalar() or "")


def note_meeting(campaign: Campaign, other: str, theirs: Vector, *, at: str) -> None:
    """Remembers what another node had heard when we last met."""
    kept = json.dumps({origin: list(one) for origin, one in theirs.items()})
    with writing(campaign.engine) as connection:
        connection.execute(update(KNOWN).where(KNOWN.c.origin == other).values(vector=kept, met=at))


def last_vector(campaign: Campaign, other: str) -> Vector:
    """What another node had heard when we last met."""
    with reading(campaign.engine) as connection:
        kept = connection.execute(select(KNOWN.c.vector).where(KNOWN.c.origin == other)).scalar()
    return as_vector(json.loads(kept or "{}"))


def nodes(campaign: Campaign) -> list[Node]:
    """Every node, with when it was met and how much waits here for it."""
    with reading(campaign.engine) as connection:
        mine = vector(connection)
        rows = list(known(connection).values())
        zones = {row.origin: zone_of_node(connection, row.origin) for row in rows}
    found = []
    for row in sorted(rows, key=lambda row: (row.role, row.label, row.origin)):
        heard = as_vector(json.loads(row.vector))
        me = row.origin == campaign.keys.origin
        behind = sum(max(0, seq - heard.get(o, (0, ""))[0]) for o, (seq, _) in mine.items())
        waiting = 0 if me or row.until >= 0 else behind
        events = mine.get(row.origin, (0, ""))[0]
        facts = (me, row.until >= 0, row.met, events, waiting, zones[row.origin])
        found.append(Node(row.origin, row.label, row.role, *facts))
    return found
