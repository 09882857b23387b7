"""What PostgreSQL does otherwise than SQLite: how it is reached, how writers take turns, how deleted rows go.

Texts are compared by their bytes, whatever the database's language: a list stands in the same order, and an
export has the same bytes, wherever a campaign lies.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn

DRIVER = "postgresql+psycopg"
NAMES = ("postgresql", "postgres", DRIVER)
# Writers of a database queue for this number: the first eight letters of "taama log".
TURN = int.from_bytes(b"taama lo")
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


def clear_deleted(engine: Engine, tables: list[str]) -> None:
    """Takes deleted rows out of the tables' files, so far as no reader still sees them."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM {', '.join(tables)}")


@compiles(CreateColumn, "postgresql")
def _by_bytes(create: CreateColumn, compiler: Any, **options: Any) -> str:
    text: str = compiler.visit_create_column(create, **options)
    kind = create.element.type.compile(compiler.dialect)
    return f'{text} COLLATE "C"' if kind in ("VARCHAR", "TEXT") else text
