"""Takes back consent: first the tombstone, then the keys, then everything that can be forgotten.

The tombstone is an event like any other: signed, numbered, told to other nodes, kept for ever, and without
identity. Once it is on disk the rest may be interrupted at any point: it is finished at the next start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count

from sqlalchemy import Connection, Engine, delete, or_, select

from server.core.codes import as_typed, is_code
from server.core.problem import Malformed
from server.store import codes
from server.store.codes import CODE
from server.store.home import Campaign
from server.store.project import SUBMISSION, WITHDRAWN, project
from server.store.tables import Arrival
from sync import log
from sync.db import insert_once, reading, writing
from sync.event import Draft
from sync.tables import Body, EventRow, KeyBox, Tombstone, WrappedKey, table_of

ARRIVAL, BODY, EVENT, WRAPPED, TOMBSTONE = (
    table_of(model) for model in (Arrival, Body, EventRow, WrappedKey, Tombstone)
)
BY_CODE = "code:"


def withdraw_by_code(
    campaign: Campaign, code: str, *, by: str, at: str, step: Callable[[int], None] = lambda _: None
) -> int:
    """Withdraws the interviews behind a card's code, now or when they arrive; returns how many were here.

    Raises Malformed when the check digit is wrong, before anything is looked up. Codes that wait for their
    digest are digested first, which `step` is told of.
    """
    code = as_typed(code)
    if not is_code(code):
        raise Malformed("bad_code")
    for done in count(1):
        if not codes.digest_one(campaign):
            break
        step(done)
    digest = codes.digest_of(campaign, code)
    found = _whole_person(campaign, codes.behind(campaign, digest))
    _entomb(campaign, [BY_CODE + digest, *found], by=by, at=at)
    return len(found)


def digest_waiting(campaign: Campaign, *, at: str) -> bool:
    """Digests one waiting code, and withdraws its interview if that was asked before; False if none waits."""
    instance = codes.digest_one(campaign)
    if not instance:
        return False
    with reading(campaign.engine) as connection:
        digest = connection.execute(select(CODE.c.digest).where(CODE.c.instance == instance)).scalar()
        asked = select(WITHDRAWN.c.subject).where(WITHDRAWN.c.subject == f"{BY_CODE}{digest}")
        gone = connection.execute(asked).first() is not None
    if gone:
        _entomb(campaign, _whole_person(campaign, [instance]), by="", at=at)
    return True


def finish(campaign: Campaign) -> int:
    """Erases what an interrupted withdrawal, or a restored backup, has left; returns how many it found."""
    _remind(campaign)
    with reading(campaign.engine) as connection:
        places = select(EVENT.c.n).where(EVENT.c.subject == WITHDRAWN.c.subject, EVENT.c.kind != "withdrawn")
        kept = select(BODY.c.n).where(BODY.c.event.in_(places)).exists()
        subjects = list(connection.execute(select(WITHDRAWN.c.subject).where(kept)).scalars())
    _erase(campaign, subjects)
    return len(subjects)


def _remind(campaign: Campaign) -> None:
    """Says again in the log what the key store remembers and a restored log does not."""
    KeyBox.metadata.create_all(campaign.vault)
    with reading(campaign.vault) as connection:
        noted = {row.subject: row.at for row in connection.execute(select(TOMBSTONE))}
    for subject, at in noted.items():
        _entomb(campaign, [subject], by="", at=at)


def _entomb(campaign: Campaign, subjects: Sequence[str], *, by: str, at: str) -> None:
    with writing(campaign.engine) as connection:
        there = select(WITHDRAWN.c.subject).where(WITHDRAWN.c.subject.in_(subjects))
        known = set(connection.execute(there).scalars())
        new = [one for one in subjects if one not in known]
        drafts = [Draft("withdrawn", one, {"scope": "all"}, at, by) for one in new]
        project(connection, log.append(connection, campaign.keys, drafts))
    with writing(campaign.vault) as connection:
        insert_once(connection, TOMBSTONE, [{"subject": one, "at": at} for one in subjects])
    _erase(campaign, [one for one in new if not one.startswith(BY_CODE)])


def _whole_person(campaign: Campaign, instances: Iterable[str]) -> list[str]:
    """The interviews, with those that they replace and that replace them: edits are of the same person."""
    found = set(instances)
    with reading(campaign.engine) as connection:
        while found:
            near = or_(SUBMISSION.c.instance.in_(found), SUBMISSION.c.replaces.in_(found))
            rows = connection.execute(select(SUBMISSION.c.instance, SUBMISSION.c.replaces).where(near)).all()
            wider = found | {name for row in rows for name in row if name}
            if wider == found:
                break
            found = wider
    return sorted(found)


def _erase(campaign: Campaign, instances: Sequence[str]) -> None:
    """Keys first: without them everything else is noise. Every step may be done twice."""
    if not instances:
        return
    with reading(campaign.engine) as connection:
        keys, files = _belongings(connection, instances)
    with writing(campaign.vault) as connection:
        connection.execute(delete(WRAPPED).where(WRAPPED.c.id.in_(keys)))
    _empty_journal(campaign.vault)
    for sha in files:
        campaign.blobs.forget(sha)
    with writing(campaign.engine) as connection:
        mine = select(EVENT.c.n).where(EVENT.c.subject.in_(instances), EVENT.c.kind != "withdrawn")
        connection.execute(delete(BODY).where(BODY.c.event.in_(mine)))
        connection.execute(delete(ARRIVAL).where(ARRIVAL.c.subject.in_(instances)))
        connection.execute(delete(CODE).where(CODE.c.instance.in_(instances)))
    _empty_journal(campaign.engine)


def _belongings(connection: Connection, instances: Sequence[str]) -> tuple[list[bytes], list[str]]:
    """The ids of the keys that these interviews were sealed under, and the names of their files."""
    keys: list[bytes] = []
    files: list[str] = []
    places = select(EVENT.c.n).where(EVENT.c.subject.in_(instances)).order_by(EVENT.c.n)
    for place in connection.execute(places).scalars().all():
        event = log.event_at(connection, place)
        if event is not None:
            keys += [bytes.fromhex(event.body["key"])] if event.body.get("key") else []
            files += [sha for part, sha in event.blobs.items() if part.startswith("file:")]
    return keys, files


def _empty_journal(engine: Engine) -> None:
    """Empties SQLite's journal: what was deleted would stay readable there."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
