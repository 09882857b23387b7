"""A full disk, a locked database: the phone is told, keeps its copy, and nothing is half there."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.world import Server, person, serving

from server.web.multipart import SealedFile
from sync import db


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def test_a_database_that_may_not_grow_takes_nothing_and_says_that_the_disk_is_full(server: Server) -> None:
    who = person()
    with db.writing(server.campaign.engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    server.campaign.engine.dispose()
    limited = [*db.PRAGMAS, f"max_page_count={pages}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "PRAGMAS", limited)
        answers = [server.post(person(story="x" * 4_000)) for _ in range(30)]
        assert {answer.status_code for answer in answers} <= {201, 503}
        refused = [answer for answer in answers if answer.status_code == 503]
        assert refused
        assert "disque" in refused[0].text
        taken = len(answers) - len(refused)
        assert len(server.rows("submission")) == taken
    server.campaign.engine.dispose()
    assert server.post(who).status_code == 201
    assert len(server.rows("submission")) == taken + 1


def test_a_full_disk_during_an_upload_keeps_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SealedFile, "_write", full)
    answer = server.post(person(photo="a.jpg"), {"a.jpg": b"A" * 300_000})
    assert answer.status_code == 503
    assert "disque" in answer.text
    monkeypatch.undo()
    assert server.rows("submission") == []
    assert [p for p in server.campaign.blobs.folder.rglob("*") if p.is_file()] == []


def test_a_database_locked_by_another_program_is_busy_and_nothing_is_lost(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = [p if "busy_timeout" not in p else "busy_timeout=100" for p in db.PRAGMAS]
    monkeypatch.setattr(db, "PRAGMAS", impatient)
    server.campaign.engine.dispose()
    who = person()
    other = sqlite3.connect(server.campaign.folder / "taama.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = server.post(who)
    assert answer.status_code == 503
    assert "Rien n’est perdu" in answer.text
    assert server.http.get(f"{server.key}/formList").status_code == 200
    other.execute("ROLLBACK")
    other.close()
    assert server.post(who).status_code == 201


def test_one_interview_that_cannot_be_written_does_not_take_others_with_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.store import writer

    keep = writer.keep

    def poisoned(parcel: writer.Parcel) -> writer.Step:
        if parcel.receipt.subject == "uuid:poison":
            raise ValueError("Bakary Tounkara")
        return keep(parcel)

    monkeypatch.setattr(writer, "keep", poisoned)
    from support.world import Person

    answer = server.post(Person(instance="uuid:poison"))
    assert answer.status_code == 500
    assert "Bakary" not in answer.text
    assert server.post(person()).status_code == 201
    assert [row["instance"] != "uuid:poison" for row in server.rows("submission")] == [True]
