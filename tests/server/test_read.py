"""The rows of the overview."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, event, insert

from server.store import read
from sync.db import reading, writing


def published(
    connection: Connection, form: str, version: str, clock: int, origin: str = "a", title: str = ""
) -> None:
    row = {"id": form, "version": version, "title": title or form, "md5": "", "event": clock, "clock": clock}
    connection.execute(insert(read.FORM), row | {"origin": origin, "published": "2026-11-01T08:00:00Z"})


def number(count: int) -> str:
    return f"uuid:{UUID(int=(count << 96) + count)}"


def interview(connection: Connection, count: int, form: str = "f1", **more: Any) -> None:
    row = {
        "event": count,
        "instance": number(count),
        "form": form,
        "version": "1",
        "received": f"2026-11-23T14:{count % 60:02}:00.000Z",
        "person": "enq01",
        "device": "",
        "verdict": "given",
        "scopes": "",
        "flags": "{}",
        "enumerator": "E001",
        "wave": "c3",
        "replaces": None,
    }
    connection.execute(insert(read.SUBMISSION), row | more)


def waiting(connection: Connection, count: int, form: str = "f1", **more: Any) -> None:
    row = {
        "id": str(count),
        "reason": "conflict",
        "form": form,
        "version": "1",
        "instance": number(count),
        "received": f"2026-11-23T15:{count % 60:02}:00.000Z",
        "person": "enq02",
        "device": "",
        "event": 1000 + count,
        "size": 10,
        "open": True,
    }
    connection.execute(insert(read.HELD), row | more)


def refusal(connection: Connection, count: int, form: str = "f1") -> None:
    names = [column.name for column in read.REFUSAL.columns]
    connection.execute(insert(read.REFUSAL), dict.fromkeys(names, "") | {"id": str(count), "form": form})


def test_each_form_shows_its_newest_version_and_what_came(engine: Engine) -> None:
    with writing(engine) as connection:
        published(connection, "f1", "2026", 1, title="Ancien titre")
        published(
            connection, "f1", "2025", 7, title="Retour"
        )  # the clock decides, not the version's spelling
        published(connection, "f2", "1", 3, title="Activités")
        for count in range(3):
            interview(connection, count)
        refusal(connection, 1)
        waiting(connection, 1)
        waiting(connection, 2, open=False)
    with reading(engine) as connection:
        rows = read.forms(connection)
    assert [(r.id, r.title, r.version, r.interviews, r.refusals, r.held) for r in rows] == [
        ("f2", "Activités", "1", 0, 0, 0),
        ("f1", "Retour", "2025", 3, 1, 1),
    ]
    assert [r.last for r in rows] == ["", "2026-11-23T14:02:00.000Z"]


def test_versions_said_at_the_same_clock_are_ordered_by_origin(engine: Engine) -> None:
    with writing(engine) as connection:
        published(connection, "f1", "mine", 5, "b")
        published(connection, "f1", "theirs", 5, "a")
    with reading(engine) as connection:
        assert read.forms(connection)[0].version == "mine"


def test_an_edited_interview_counts_once_however_often_it_was_edited(engine: Engine) -> None:
    with writing(engine) as connection:
        published(connection, "f1", "1", 1)
        interview(connection, 1)
        interview(connection, 2, replaces=number(1))
        interview(connection, 3, replaces=number(2))
        interview(connection, 4, replaces=number(1))  # a second edit of the same one
        interview(connection, 5, replaces=number(99))  # what it edits has not arrived
    with reading(engine) as connection:
        assert read.forms(connection)[0].interviews == 3


def test_totals_count_what_answers_no_known_form_too(engine: Engine) -> None:
    with writing(engine) as connection:
        published(connection, "f1", "1", 1)
        interview(connection, 1)
        waiting(connection, 1)
        waiting(connection, 2, form="?", reason="unknown_form")
    with reading(engine) as connection:
        totals = read.totals(connection, read.forms(connection))
    assert totals == read.Totals(1, 0, 2, "2026-11-23T14:01:00.000Z")


def test_the_last_arrivals_come_newest_first(engine: Engine) -> None:
    with writing(engine) as connection:
        published(connection, "f1", "1", 1, title="Retour")
        for count in range(1, 6):
            interview(connection, count, flags=json.dumps({"unknown": 2} if count == 5 else {}))
    with reading(engine) as connection:
        rows = read.arrivals(connection, 2)
    assert [row.received[14:16] for row in rows] == ["05", "04"]
    assert (rows[0].title, rows[0].code, rows[0].wave, rows[0].flags) == (
        "Retour",
        "00000005",
        "c3",
        (("unknown", 2),),
    )


def test_quarantine_shows_what_is_open_oldest_first(engine: Engine) -> None:
    with writing(engine) as connection:
        waiting(connection, 2, reason="minor")
        waiting(connection, 1)
        waiting(connection, 3, open=False)
    with reading(engine) as connection:
        assert [(row.id, row.reason) for row in read.held(connection)] == [("1", "conflict"), ("2", "minor")]


@pytest.mark.parametrize(
    ("instance", "code"),
    [
        ("uuid:1a2b3c4d-0000-4000-8000-000000000000", "1a2b3c4d"),
        ("Fanta 76 12 34 56", "…"),
        ("uuid:été", "…"),
        ("", "…"),
    ],
)
def test_only_the_start_of_a_uuid_is_shown(instance: str, code: str) -> None:
    assert read.short(instance) == code


def test_no_query_reads_the_whole_table_of_interviews(engine: Engine) -> None:
    """Only counting may, and then in a covering index."""
    said: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *args: said.append((args[2], args[3])))
    with reading(engine) as connection:
        read.forms(connection)
        read.arrivals(connection)
        read.held(connection)
        queries = [query for query in said if query[0].startswith("SELECT")]
        for query, facts in queries:
            steps = [str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", facts)]
            for step in steps:
                if step.startswith("SCAN submission") and "LIMIT" not in query:
                    assert "USING COVERING INDEX" in step, step
