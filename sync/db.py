"""One recipe for SQLite and PostgreSQL: readers never wait for a writer, and what is committed is on disk.

A database that has vanished is an error, never a new empty one: an empty form list would make phones delete
their forms. SQLite is therefore opened in `rw` mode and its file is looked at before each transaction.
Writers take turns in both: SQLite has one at a time, and on PostgreSQL a lock is taken first
(`sync.postgres`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from sync.postgres import is_postgres, postgres, shown, take_turn

WRITING = "writing"
FILE = "file"
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # laptops lose power: a commit is on disk or it is not a commit
    "foreign_keys=ON",
    "busy_timeout=10000",
    "secure_delete=ON",
    "temp_store=MEMORY",  # no answer in a temporary file
    "cache_size=-16000",
    "wal_autocheckpoint=2000",
)
# On PostgreSQL a reader has to ask for one unmoving view; SQLite gives no other.
UNMOVING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class DatabaseGone(Exception):
    """The database's file is missing, or the database does not answer."""


def sqlite_url(path: Path) -> str:
    """The address of the SQLite database in `path`."""
    return f"sqlite:///{path.as_posix()}"


def connect(url: str, *, create: bool = False) -> Engine:
    """An engine for `url`; with `create` a missing SQLite file is made, else opening it fails."""
    if is_postgres(url):
        engine = postgres(url)
        event.listen(engine, "begin", _begin_on_postgres)
        return engine
    address = make_url(url)
    path = Path(address.database or "").absolute()
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    engine = create_engine(address, creator=lambda: _open(path), pool_size=10, max_overflow=40)
    event.listen(engine, "begin", _begin)
    engine.update_execution_options(**{FILE: path})
    return engine


def _open(path: Path) -> sqlite3.Connection:
    uri = f"{path.as_uri()}?mode=rw"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _begin_on_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITING):
        take_turn(connection)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one unmoving view of the data."""
    how = {} if engine.dialect.name == "sqlite" else UNMOVING
    with _connected(engine).execution_options(**how) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: alone, and durable once it ends without an error."""
    with _connected(engine).execution_options(**{WRITING: True}) as connection, connection.begin():
        yield connection


def _connected(engine: Engine) -> Connection:
    _present(engine)
    try:
        return engine.connect()
    except OperationalError:
        if engine.dialect.name == "sqlite":
            raise
        where = shown(engine)
    raise DatabaseGone(f"The database {where} does not answer or does not let us in. See that it runs.")


def _present(engine: Engine) -> None:
    """Refuses to work on a file that was deleted under us: SQLite would go on writing into nothing."""
    path = engine.get_execution_options().get(FILE)
    if path is not None and not path.exists():
        raise DatabaseGone("The database file is missing. Restore the campaign's folder, then start again.")


def insert_once(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Inserts `rows`, leaving alone those whose key is there already."""
    if not rows:
        return
    connection.execute(_insert(connection.dialect.name)(table).on_conflict_do_nothing(), rows)


@cache
def _insert(dialect: str) -> Any:
    """The dialect's own insert; only the one in use is loaded."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        return insert
    from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite

    return insert_into_sqlite
