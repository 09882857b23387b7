"""Takes a centre from its file to PostgreSQL: every row, checked, in one transaction, or nothing.

The log keeps its numbers and signatures, so that hubs notice nothing. The file stays beside the campaign
under another name until the first withdrawal, as copies from before a new layout do (`server.store.forget`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from server.store.database import TABLES, check_new, engine_of
from server.store.forget import empty_journal
from server.store.home import Campaign, change_settings, views_are_current
from server.store.problems import HomeProblem
from sync import log
from sync.db import writing
from sync.event import digest, stated, statement
from sync.keys import verified

PAGE = 500
LEFT = "taama-before-postgres.db"


def move(campaign: Campaign, address: str, step: Callable[[int, int], None] = lambda *_: None) -> int:
    """Copies a centre's database to an empty one at `address` and uses that from then on; returns the rows.

    `step` is told how many rows of how many are copied. Nobody may serve the campaign meanwhile. Raises
    HomeProblem, and then everything is as it was.
    """
    if campaign.engine.dialect.name != "sqlite":
        raise HomeProblem("This campaign is in PostgreSQL already. Move it with pg_dump and pg_restore.")
    if not address or address.startswith("sqlite:"):
        raise HomeProblem("Say where to: --database postgresql://user@host/name of an empty database.")
    if not views_are_current(campaign):
        raise HomeProblem("The views are of another version. Run first: taama rebuild")
    check_new(address, campaign.settings.role)
    target = engine_of(campaign.folder, address)
    try:
        with writing(campaign.engine) as source, writing(target) as connection:  # nobody adds to it meanwhile
            rows = _copy(source, connection, step)
            _check_chain(campaign, connection)
        change_settings(campaign, database=address)
    finally:
        target.dispose()
    _put_away(campaign)
    return rows


def _copy(source: Connection, target: Connection, step: Callable[[int, int], None]) -> int:
    tables = [table for metadata in TABLES for table in metadata.sorted_tables]
    total = sum(_count(source, table) for table in tables)
    done = 0
    for metadata in TABLES:
        metadata.create_all(target)
    for table in tables:
        for page in _pages(source, table):
            target.execute(insert(table), page)
            done += len(page)
            step(done, total)
        _number_on(target, table)
        if _count(target, table) != _count(source, table):
            raise HomeProblem(f"Not every row of {table.name} arrived. Nothing was changed; try again.")
    return done


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _pages(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
    for page in rows.partitions(PAGE):
        yield [dict(row) for row in page]


def _number_on(target: Connection, table: Table) -> None:
    """New rows are numbered after those that came along."""
    column = table.autoincrement_column
    highest = target.execute(select(func.max(column))).scalar() if column is not None else None
    if column is not None and highest is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        target.execute(select(func.setval(sequence, highest)))


def _check_chain(campaign: Campaign, connection: Connection) -> None:
    """Every event arrived as it was signed, each after the one before it."""
    last: dict[str, str] = {}
    public = campaign.keys.public
    for _, event in log.told(connection):
        sound = digest(statement(stated(event))) == event.id and event.prev == last.get(event.origin, "")
        if event.origin == campaign.keys.origin:
            sound = sound and verified(public, event.id, event.sig)
        if not sound:
            raise HomeProblem("The log did not arrive as it was. Nothing was changed; see taama doctor.")
        last[event.origin] = event.id


def _put_away(campaign: Campaign) -> None:
    """Nobody must take the file for the campaign's database any more."""
    empty_journal(campaign.engine)
    campaign.engine.dispose()
    (campaign.folder / "taama.db").replace(campaign.folder / LEFT)
    for rest in ("taama.db-wal", "taama.db-shm"):
        (campaign.folder / rest).unlink(missing_ok=True)
