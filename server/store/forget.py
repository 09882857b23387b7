"""Forgets bytes so that they are gone: keys first, then files and rows, then what the journal remembers."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import Engine, delete, select

from server.store.database import TABLES
from server.store.home import Campaign
from sync.db import reading, writing
from sync.event import Event
from sync.postgres import clear_deleted
from sync.tables import Body, EventRow, WrappedKey, table_of

# Copies of the database that a step to a new layout leaves beside it.
COPIES = "taama-before-*.db"
BODY, EVENT, WRAPPED = table_of(Body), table_of(EventRow), table_of(WrappedKey)
PAGE = 500
NAMES = [name for metadata in TABLES for name in metadata.tables]


def forget_keys(campaign: Campaign, keys: Sequence[bytes]) -> int:
    """Deletes these keys and those under them; what they sealed is noise from then on. Returns how many."""
    count = 0
    with writing(campaign.vault) as connection:
        for start in range(0, len(keys), PAGE):
            some = keys[start : start + PAGE]
            gone = WRAPPED.c.id.in_(some) | WRAPPED.c.under.in_(some)
            count += connection.execute(delete(WRAPPED).where(gone)).rowcount
    empty_journal(campaign.vault)
    return count


def forget_parts(
    campaign: Campaign, subjects: Sequence[str], parts: Collection[str] | None, files: Sequence[str] = ()
) -> None:
    """Deletes these parts (all when None) of what the log says of the subjects, and these files.

    The officer's reasons for opening an identity are parts as well: they go with the person.
    """
    for sha in files:
        campaign.blobs.forget(sha)
    with writing(campaign.engine) as connection:
        for start in range(0, len(subjects), PAGE):
            some = subjects[start : start + PAGE]
            places = select(EVENT.c.n).where(EVENT.c.subject.in_(some), EVENT.c.kind != "withdrawn")
            conditions = [BODY.c.event.in_(places)]
            if parts is not None:
                conditions.append(BODY.c.part.in_(parts))
            connection.execute(delete(BODY).where(*conditions))
    _drop_copies(campaign)
    empty_journal(campaign.engine)


def forget_event(campaign: Campaign, place: int, event: Event) -> None:
    """Forgets the bytes beside one event, and the key that they were sealed under."""
    forget_keys(campaign, [bytes.fromhex(event.body["key"])] if "key" in event.body else [])
    for part, sha in event.blobs.items():
        if part.startswith("file:"):
            campaign.blobs.forget(sha)
    with writing(campaign.engine) as connection:
        connection.execute(delete(BODY).where(BODY.c.event == place))
    _drop_copies(campaign)
    empty_journal(campaign.engine)


def _drop_copies(campaign: Campaign) -> None:
    """Deletes copies of the database from before: what is forgotten would stay readable in them."""
    for copy in campaign.folder.glob(COPIES):
        copy.unlink(missing_ok=True)


def empty_journal(engine: Engine) -> None:
    """Empties SQLite's journal: what was deleted would stay readable there.

    PostgreSQL keeps deleted rows in the tables' files until they are cleared.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    clear_deleted(engine, NAMES)
    _note(engine, f"deleted {secrets.token_hex(8)}")


def rewrite_cleared(campaign: Campaign) -> bool:
    """Makes PostgreSQL's tables anew if anything was deleted since the last time; returns whether it did.

    In the room of deleted rows bytes stay until others come to stand there. That it is due is noted at the
    table itself, as it is true of this database's files only: no copy of the rows takes it along.
    """
    engine = campaign.engine
    due = "" if engine.dialect.name == "sqlite" else _noted(engine)
    if due:
        clear_deleted(engine, NAMES, rewrite=True)
        if _noted(engine) == due:  # nothing was deleted meanwhile
            _note(engine, "")
    return bool(due)


def _noted(engine: Engine) -> str:
    with reading(engine) as connection:
        return connection.exec_driver_sql("SELECT obj_description('body'::regclass)").scalar() or ""


def _note(engine: Engine, words: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(f"COMMENT ON TABLE body IS '{words}'")
