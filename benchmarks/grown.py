"""A campaign as large as a benchmark needs: the demonstration's, its interviews copied under new numbers.

Copies are written straight into the database, as sending 100,000 interviews would take an hour. They have
answers, consent records, views and flags as the real ones, but no keys and no sealed parts.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from server.store.checking import check_all
from server.store.forms import Forms
from server.store.home import Campaign, open_campaign


def grown(folder: Path, form: str, interviews: int) -> Campaign:
    """The campaign in `folder`, made if need be, with at least so many interviews of `form`."""
    home = folder / "home"
    if not home.exists():
        command = [sys.executable, "-m", "server", "demo", "--no-serve", "--home", str(home), "--json"]
        subprocess.run(command, check=True, capture_output=True)
        campaign = open_campaign(home)
        check_all(campaign, Forms(campaign))
        campaign.close()
    with sqlite3.connect(home / "taama.db") as database:
        database.row_factory = sqlite3.Row
        _copy(database, form, interviews)
    return open_campaign(home)


def _copy(database: sqlite3.Connection, form: str, interviews: int) -> None:
    events = [dict(row) for row in database.execute(_EVENTS, (form,))]
    views = {
        row["event"]: dict(row)
        for row in database.execute("SELECT * FROM submission WHERE form = ?", (form,))
    }
    bodies: dict[int, list[dict[str, Any]]] = {}
    for row in database.execute(_PARTS):
        bodies.setdefault(row["event"], []).append(dict(row))
    judged = {
        table: _by_instance(database.execute(f"SELECT * FROM {table}"))  # noqa: S608 (our own names)
        for table in ("flag", "risk")
    }
    place = database.execute("SELECT max(n) FROM event").fetchone()[0]
    rows: dict[str, list[dict[str, Any]]] = {
        "event": [],
        "submission": [],
        "body": [],
        "flag": [],
        "risk": [],
    }
    for copy in range(max(0, interviews - len(events))):
        before = events[copy % len(events)]
        place += 1
        name = f"uuid:{copy:08x}-0000-4000-8000-{place:012x}"
        rows["event"].append(
            before | {"n": place, "origin": "copies", "seq": place, "id": f"copy {place}", "subject": name}
        )
        rows["submission"].append(views[before["n"]] | {"event": place, "instance": name, "replaces": None})
        rows["body"] += [one | {"event": place} for one in bodies.get(before["n"], ())]
        for table, known in judged.items():
            rows[table] += [one | {"instance": name} for one in known.get(before["subject"], ())]
    for table, made in rows.items():
        for some in _pages(made):
            names = ", ".join(f'"{name}"' for name in some[0])
            marks = ", ".join(f":{name}" for name in some[0])
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 (our own names)
            database.executemany(statement, some)


_PARTS = "SELECT event, part, sha, data FROM body WHERE part IN ('clean', 'consent', 'paradata')"
_EVENTS = "SELECT event.* FROM event JOIN submission ON submission.event = event.n WHERE form = ?"


def _by_instance(found: Iterable[sqlite3.Row]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        rows.setdefault(row["instance"], []).append(dict(row))
    return rows


def _pages(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), 5_000):
        yield rows[start : start + 5_000]
