"""Erases what has been kept long enough, class by class, and says in the log what went: the certificate.

There is no bin from which it could come back: keys and bytes go at once, and the journal is emptied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select

from server.core.ingest import IDENTITY, ORIGINAL
from server.core.retention import RULES, Policy, policy
from server.store.access import ACCESS, last_until
from server.store.flags import forget_flags
from server.store.forget import BODY, EVENT, empty_journal, forget_keys
from server.store.home import Campaign
from server.store.parcel import READABLE
from server.store.project import FILE, project
from sync import log
from sync.db import reading, writing
from sync.event import Draft, Event

PAGE = 500
FILES = "file:%"
SEALED = or_(
    BODY.c.part.in_((IDENTITY, ORIGINAL)), BODY.c.part.like(f"{IDENTITY}:%"), BODY.c.part.like(FILES)
)


@dataclass(slots=True)
class Due:
    """What goes of one class: rows of bodies, keys, files; `until` is the moment up to which it arrived."""

    kind: str
    until: str
    rows: list[int] = field(default_factory=list)
    shas: list[str] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)
    records: int = 0

    def as_json(self) -> dict[str, Any]:
        """The certificate: counts, and a digest over the hashes of what went."""
        digest = hashlib.sha256("\n".join(sorted([*self.shas, *self.files])).encode()).hexdigest()
        parts = len(self.rows) + len(self.files)
        return {
            "class": self.kind,
            "until": self.until,
            "records": self.records,
            "parts": parts,
            "sha256": digest,
        }


def policy_of(campaign: Campaign) -> Policy:
    """The campaign's retention."""
    return policy(campaign.settings.retention, campaign.settings.ends)


def due(campaign: Campaign, now: datetime) -> list[Due]:
    """What would go now, by class; classes with nothing due are left out."""
    rules = policy_of(campaign)
    with reading(campaign.engine) as connection:
        found = [
            _due(connection, kind, until) for kind in RULES if (until := rules.cutoff(kind, now)) and until
        ]
    return [one for one in found if one.records]


def purge(campaign: Campaign, now: datetime, *, at: str) -> list[dict[str, Any]]:
    """Erases what is due and returns the certificates; done twice it finds nothing the second time."""
    certificates = []
    for one in due(campaign, now):
        forget_keys(campaign, one.keys)
        for sha in one.files:
            campaign.blobs.forget(sha)
        with writing(campaign.engine) as connection:
            certificate = one.as_json()
            for start in range(0, len(one.rows), PAGE):
                connection.execute(delete(BODY).where(BODY.c.n.in_(one.rows[start : start + PAGE])))
            _forget_findings(connection, one)
            if one.kind == "access":
                certificate["line"], certificate["hash"] = last_until(connection, one.until)
                connection.execute(delete(ACCESS).where(ACCESS.c.at <= one.until))
            draft = Draft("purged", one.kind, certificate, at)
            project(connection, log.append(connection, campaign.keys, [draft]))
        empty_journal(campaign.engine)
        certificates.append(certificate)
    return certificates


def certificates(campaign: Campaign) -> list[dict[str, Any]]:
    """Every purge so far, oldest first."""
    with reading(campaign.engine) as connection:
        return [{"at": event.at, **event.body} for _, event in log.of_kind(connection, "purged")]


def _due(connection: Connection, kind: str, until: str) -> Due:
    found = Due(kind, until)
    if kind == "access":
        count = select(func.count()).select_from(ACCESS).where(ACCESS.c.at <= until)
        found.records = int(connection.execute(count).scalar_one())
        return found
    places = set()
    for row in _bodies(connection, kind, until):
        places.add(row.event)
        found.rows.append(row.n)
        found.shas.append(row.sha)
    for place, sha in _files(connection, kind, until):
        places.add(place)
        found.files.append(sha)
    for place in sorted(places):
        event = log.event_at(connection, place)
        if event is not None:
            found.keys += _keys(kind, event.body)
            found.instances.append(event.subject)
    found.records = len(places)
    return found


def _forget_findings(connection: Connection, one: Due) -> None:
    """With the answers goes what checks, people and corrections say of them: their values stand there."""
    if one.kind != "answers":
        return
    for start in range(0, len(one.instances), PAGE):
        some = one.instances[start : start + PAGE]
        about = select(EVENT.c.n).where(
            EVENT.c.subject.in_(some), EVENT.c.kind.in_(("explained", "corrected"))
        )
        connection.execute(delete(BODY).where(BODY.c.event.in_(about)))
        forget_flags(connection, some)


def _bodies(connection: Connection, kind: str, until: str) -> Iterator[Any]:
    kinds: Sequence[str] = ("held",) if kind == "held" else ("submitted", "attached")
    part: dict[str, Any] = {
        "identity": SEALED,
        "media": BODY.c.part.like(FILES),
        "original": BODY.c.part == ORIGINAL,
        "held": BODY.c.part != "",
        "answers": BODY.c.part.in_(READABLE) & ~_of_refusal(),
        "refusals": BODY.c.part.in_(READABLE) & _of_refusal(),
    }
    query = select(BODY.c.n, BODY.c.event, BODY.c.sha).where(
        EVENT.c.n == BODY.c.event, EVENT.c.kind.in_(kinds), EVENT.c.at <= until, part[kind]
    )
    yield from connection.execute(query)


def _of_refusal() -> Any:
    return EVENT.c.body.like('%"verdict":"refused"%')


def _keys(kind: str, body: Any) -> list[bytes]:
    """Which keys go: the base takes all under it along."""
    names: dict[str, str] = body.get("keys", {})
    if kind in ("identity", "held"):
        return [bytes.fromhex(body["key"])] if "key" in body else []
    if kind == "original":
        return [bytes.fromhex(names[ORIGINAL])] if ORIGINAL in names else []
    if kind == "media":
        gone = {"media", *body.get("needs", {}).values()}
        return [bytes.fromhex(key) for name, key in names.items() if name in gone]
    return []


def _files(connection: Connection, kind: str, until: str) -> list[tuple[int, str]]:
    """Attachments that lie in the folder, with the place of their event."""
    if kind == "held":
        query = select(EVENT.c.n).where(EVENT.c.kind == "held", EVENT.c.at <= until, _has_bodies())
        events = [(n, log.event_at(connection, n)) for n in connection.execute(query).scalars().all()]
        return [(n, sha) for n, event in events if event for sha in _elsewhere(connection, n, event)]
    if kind not in ("media", "identity"):
        return []
    inline = select(BODY.c.n).where(BODY.c.event == FILE.c.event, BODY.c.sha == FILE.c.sha).exists()
    query = select(FILE.c.event, FILE.c.sha).where(
        FILE.c.state == "here", FILE.c.event == EVENT.c.n, EVENT.c.at <= until, ~inline
    )
    return [(place, sha) for place, sha in connection.execute(query)]


def _has_bodies() -> Any:
    return select(BODY.c.n).where(BODY.c.event == EVENT.c.n).exists()


def _elsewhere(connection: Connection, place: int, event: Event) -> list[str]:
    inline = set(log.bodies(connection, place))
    return [sha for part, sha in event.blobs.items() if part.startswith("file:") and part not in inline]
