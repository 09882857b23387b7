"""Forgets bytes so that they are gone: keys first, then files and rows, then what the journal remembers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Engine, delete, select

from server.store.database import TABLES
from server.store.home import Campaign
from sync.db import writing
from sync.postgres import clear_deleted
from sync.event import Event
from sync.tables import Body, EventRow, WrappedKey, table_of

# Copies of the database that a step to a new layout leaves beside it.
COPIES = "taama-before-*.db"
BODY, EVENT, WRAPPED = table_of(Body), table_of(EventRow), table_of(WrappedKey)
PAGE = 500


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

    PostgreSQL keeps deleted rows in the tables' files until they are cleared; its journal and copies of it are
    the administrator's (docs/centre.md).
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    clear_deleted(engine, [name for metadata in TABLES for name in metadata.tables])
