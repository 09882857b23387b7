"""With TAAMA_TEST_POSTGRES set, every campaign of the suite is kept in PostgreSQL rather than in a file.

Tests that look at the file itself, or copy it, fail then; the others must not.
"""

from __future__ import annotations

from pathlib import Path

from support.postgres import EVERYWHERE, cluster

if EVERYWHERE:
    import sync.db

    in_a_file = sync.db.sqlite_url
    addresses: dict[Path, str] = {}

    def in_postgres(path: Path) -> str:
        """The address of the database that stands for the file."""
        if path.name == "keys.db":
            return in_a_file(path)
        if path not in addresses:
            addresses[path] = cluster().database()
        return addresses[path]

    sync.db.sqlite_url = in_postgres
