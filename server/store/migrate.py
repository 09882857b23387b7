"""Brings a campaign that an earlier version made up to date, after a dated copy of its database.

Steps only go forward, one for each number of the layout; a hub does it by itself when it is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import DatabaseError

from server.store.problems import HomeProblem
from sync.db import DatabaseGone, reading, writing
from sync.hear import KNOWN, enrol
from sync.keys import NodeKeys
from sync.log import NODE
from sync.tables import SCHEMA


def migrate(engine: Engine, folder: Path, role: str, name: str, keys: NodeKeys) -> int:
    """Takes the steps that are missing; returns how many. Raises HomeProblem for a layout it does not
    know."""
    found = SCHEMA
    with suppress(DatabaseGone, DatabaseError), reading(engine) as connection:
        found = int(connection.execute(select(NODE.c.schema_version)).scalar() or 0)
    if found == SCHEMA:
        return 0
    missing = range(found, SCHEMA)
    if not missing or any(number not in STEPS for number in missing):
        engine.dispose()
        raise HomeProblem(f"The campaign in {folder} was made by another version of Taama. Use that one.")
    _copy(engine, folder, found)
    with writing(engine) as connection:
        for number in missing:
            STEPS[number](connection, role, name, keys)
        connection.execute(update(NODE).values(schema_version=SCHEMA))
    return len(missing)


def _copy(engine: Engine, folder: Path, number: int) -> None:
    """A whole copy beside the database, as only SQLite can make one by itself."""
    if engine.dialect.name != "sqlite":
        return
    day = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    target = folder / f"taama-before-{number}-{day}.db"
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute("VACUUM INTO ?", (str(target),))


def _nodes(connection: Connection, role: str, name: str, keys: NodeKeys) -> None:
    """From 2 to 3: nodes know each other."""
    KNOWN.create(connection, checkfirst=True)
    enrol(connection, keys.origin, role, name, keys.public)


STEPS: dict[int, Callable[[Connection, str, str, NodeKeys], None]] = {2: _nodes}
