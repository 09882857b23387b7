"""What PostgreSQL does otherwise than SQLite: how it is reached, how writers take turns, how deleted rows go.

Texts are compared by their bytes, whatever the database's language: a list stands in the same order, and an
export has the same bytes, wherever a campaign lies.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn

DRIVER = "postgresql+psycopg"
NAMES = ("postgresql", "postgres", DRIVER)
# Writers of a database queue for this number: the first eight letters of "taama log".
TURN = int.from_bytes(b"taama lo")
# The process that does what is to be done once holds this one.
LEAD = TURN + 1
# In a process: as many connections are open, and so many more when it is busy.
POOL, MORE = 10, 10
SETTINGS = (
    "SET synchronous_commit = on",  # a commit is on disk or it is not a commit
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '1h'",  # whoever was forgotten must not hold the others up
)
DEFAULTS = {"connect_timeout": 5, "application_name": "taama", "client_encoding": "utf8"}


class BadAddress(Exception):
    """The address of a database that nobody can use; says what one looks like, and never repeats it."""


def is_postgres(address: str) -> bool:
    """Whether `address` means a PostgreSQL database."""
    return address.partition("://")[0].lower() in NAMES


def postgres_url(address: str) -> URL:
    """The address with our driver's name; raises BadAddress, which repeats nothing of it."""
    try:
        url = make_url(address).set(drivername=DRIVER)
    except (ArgumentError, ValueError):
        raise BadAddress(
            "The database's address cannot be read. It looks like this: postgresql://user@host:5432/name"
        ) from None
    if not url.database:
        raise BadAddress("The database's address names no database: postgresql://user@host:5432/name")
    return url


def shown(engine: Engine) -> str:
    """Where the database is, for people: host, port and name, never a password."""
    url = engine.url
    host = url.host or url.query.get("host") or "this machine"
    return f"{url.database} on {host if isinstance(host, str) else host[0]}"


def postgres(address: str) -> Engine:
    """An engine for a PostgreSQL database; raises BadAddress, or ModuleNotFoundError without the driver."""
    url = postgres_url(address)
    given = {name: value for name, value in DEFAULTS.items() if name not in url.query}
    engine = create_engine(
        url,
        connect_args=given,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=POOL,
        max_overflow=MORE,
        pool_timeout=10,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(connection: Any, _: Any) -> None:
    connection.autocommit = True
    for setting in SETTINGS:
        connection.execute(setting)
    connection.autocommit = False


def take_turn(connection: Connection) -> None:
    """Waits until no other transaction writes, in any process; the turn ends with the transaction.

    Under READ COMMITTED the statements that follow see all that was committed before: the lock is given back
    after a commit can be seen. A stricter level would have fixed its view before it waited.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")


def clear_deleted(engine: Engine, tables: Sequence[str], *, rewrite: bool = False) -> None:
    """Takes deleted rows out of the tables' files, so far as no reader still sees them.

    Their room is used again, but until then bytes may stand in it; `rewrite` makes the files anew, during
    which nobody reads or writes these tables.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        how = "(FULL) " if rewrite else ""
        connection.exec_driver_sql(f"VACUUM {how}{', '.join(tables)}")


class Lead:
    """Which of several processes does what is to be done once: whoever came first, for as long as it lives.

    A process that is gone loses its connection, and with that the lead. There is one process on SQLite.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: Connection | None = None
        self._asking = threading.Lock()

    def mine(self) -> bool:
        """Whether this process has the lead, which it takes if nobody has."""
        if self._engine.dialect.name == "sqlite":
            return True
        with self._asking:
            if self._held is None:
                return self._take()
            try:
                self._held.exec_driver_sql("SELECT 1")
            except DBAPIError:
                self.leave()
            return self._held is not None

    def leave(self) -> None:
        """Gives the lead to others."""
        held, self._held = self._held, None
        if held is not None:
            held.invalidate()  # a connection that goes back to the pool would keep the lock
            held.close()

    def _take(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LEAD})").scalar():
            self._held = connection
            return True
        connection.close()
        return False


@compiles(CreateColumn, "postgresql")
def _by_bytes(create: CreateColumn, compiler: Any, **options: Any) -> str:
    text: str = compiler.visit_create_column(create, **options)
    kind = create.element.type.compile(compiler.dialect)
    return f'{text} COLLATE "C"' if kind in ("VARCHAR", "TEXT") else text
