"""Where a campaign's database is: a file in its folder, or PostgreSQL for a centre that has outgrown one.

What is wrong with an address is said before anything is made, in a sentence that does not repeat the address:
there may be a password in it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect

from server.store.local import Local
from server.store.problems import HomeProblem
from server.store.tables import View
from sync.db import connect, reading, sqlite_url
from sync.postgres import BadAddress, is_postgres, shown
from sync.tables import Durable

TABLES = (Durable.metadata, View.metadata, Local.metadata)


def engine_of(folder: Path, address: str, *, create: bool = False) -> Engine:
    """The engine of the campaign in `folder`, kept at `address` or else in a file there."""
    try:
        return connect(address or sqlite_url(folder / "taama.db"), create=create)
    except BadAddress as bad:
        raise HomeProblem(str(bad)) from None
    except ModuleNotFoundError:
        raise HomeProblem('PostgreSQL needs a driver: pip install "taama[postgres]"') from None


def check_new(address: str, role: str) -> None:
    """Refuses, with HomeProblem or DatabaseGone, a database in which no campaign can be made."""
    if not address or address.startswith("sqlite:"):
        return
    if not is_postgres(address):
        raise HomeProblem(
            "A campaign is kept in SQLite (leave --database out) or at a postgresql:// address."
        )
    if role != "central":
        raise HomeProblem("Only a centre is kept in PostgreSQL: add --role central, or leave --database out.")
    engine = engine_of(Path(), address)
    try:
        _check(engine)
    finally:
        engine.dispose()


def _check(engine: Engine) -> None:
    with reading(engine) as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        may = "SELECT has_schema_privilege(current_schema(), 'CREATE')"
        allowed = connection.exec_driver_sql(may).scalar()
        there = set(inspect(connection).get_table_names())
    if encoding != "UTF8":
        raise HomeProblem(
            f"The database {shown(engine)} does not keep UTF-8. Make one with: createdb -E UTF8"
        )
    if not allowed:
        raise HomeProblem(
            f"This account may make no tables in {shown(engine)}. Make it the database's owner."
        )
    if there & {name for metadata in TABLES for name in metadata.tables}:
        raise HomeProblem(
            f"There is a campaign in {shown(engine)} already. Give the address of an empty one."
        )
