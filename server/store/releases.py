"""What was given out: each release is an event with its recipient and purpose, and whom it holds as keyed
digests.

So a withdrawal tells which recipients must erase someone, and a list that is seized names nobody by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from server.store.home import Campaign
from server.store.project import ALL, WITHDRAWN
from sync import log
from sync.db import reading, writing
from sync.event import Draft

MARK = 8
# Taking back one of these concerns what others hold; the rest never left.
GIVEN_OUT = frozenset({ALL, "share", "quote"})


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release; `withdrawn` of its people have taken back consent since: its recipient must be told."""

    id: str
    at: str
    form: str
    audience: str
    recipient: str
    purpose: str
    rows: int
    withdrawn: int


def note_release(
    campaign: Campaign,
    *,
    release: str,
    facts: dict[str, object],
    instances: Iterable[str],
    at: str,
    by: str = "",
) -> None:
    """Says in the log that a release was made: `facts` are form, audience, recipient, purpose, rows,
    sha256."""
    marks = b"".join(sorted(_mark(release, instance) for instance in instances))
    with writing(campaign.engine) as connection:
        log.append(connection, campaign.keys, [Draft("released", release, facts, at, by, {"people": marks})])


def releases(campaign: Campaign) -> list[ReleaseRow]:
    """Every release, newest first."""
    found = []
    with reading(campaign.engine) as connection:
        query = select(WITHDRAWN.c.subject).where(WITHDRAWN.c.scope.in_(GIVEN_OUT))
        gone = set(connection.execute(query).scalars())
        for place, event in log.of_kind(connection, "released"):
            marks = log.body(connection, place, "people") or b""
            held = {marks[start : start + MARK] for start in range(0, len(marks), MARK)}
            row = {name: event.body[name] for name in ("form", "audience", "recipient", "purpose", "rows")}
            count = sum(_mark(event.subject, instance) in held for instance in gone)
            found.append(ReleaseRow(event.subject, event.at, **row, withdrawn=count))
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Holding:
    """Whom a release holds, and the digest of its manifest."""

    release: str
    sha256: str
    marks: frozenset[bytes]

    def holds(self, instance: str) -> bool:
        """Whether an interview is in it."""
        return _mark(self.release, instance) in self.marks


def holding(campaign: Campaign, release: str) -> Holding | None:
    """What the log says of a release; None if it does not know it."""
    with reading(campaign.engine) as connection:
        for place, event in log.of_kind(connection, "released"):
            if event.subject == release:
                marks = log.body(connection, place, "people") or b""
                held = frozenset(marks[start : start + MARK] for start in range(0, len(marks), MARK))
                return Holding(release, event.body["sha256"], held)
    return None


def _mark(release: str, instance: str) -> bytes:
    return hashlib.blake2b(instance.encode(), key=release.encode()[:64], digest_size=MARK).digest()
