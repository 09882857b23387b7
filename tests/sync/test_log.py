"""The log: numbered without gaps, chained, signed, and never wiser than what was committed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text, update
from sqlalchemy.exc import DatabaseError
from support.postgres import cluster

from sync import log
from sync.db import DatabaseGone, connect, reading, sqlite_url, writing
from sync.event import Draft, digest, statement
from sync.keys import new_node_keys, verified
from sync.tables import Durable, Node, table_of

KEYS = new_node_keys()
AT = "2026-11-23T10:00:00.000Z"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    in_a_file = request.param == "sqlite"
    address = sqlite_url(tmp_path / "log.db") if in_a_file else cluster().database()
    engine = connect(address, create=True)
    with writing(engine) as connection:
        Durable.metadata.create_all(connection)
        connection.execute(
            insert(table_of(Node)).values(origin=KEYS.origin, clock=0, views=0, schema_version=1)
        )
    yield engine
    engine.dispose()


def draft(subject: str, **parts: bytes) -> Draft:
    return Draft("submitted", subject, {"form": "f"}, AT, "enq01", parts)


def test_each_event_names_the_one_before_it_and_is_signed_by_its_node(engine: Engine) -> None:
    with writing(engine) as connection:
        log.append(connection, KEYS, [draft("a"), draft("b")])
    with writing(engine) as connection:
        log.append(connection, KEYS, [draft("c")])
    with reading(engine) as connection:
        events = [event for _, event in log.told(connection, page=1)]
    assert [event.seq for event in events] == [1, 2, 3]
    assert [event.prev for event in events] == ["", events[0].id, events[1].id]
    assert events[0].clock == events[1].clock < events[2].clock
    assert all(verified(KEYS.public, event.id, event.sig) for event in events)


def test_an_events_id_is_the_digest_of_what_it_says(engine: Engine) -> None:
    with writing(engine) as connection:
        [(place, event)] = log.append(connection, KEYS, [draft("a", clean=b"{}")])
    fields = ("origin", "seq", "prev", "clock", "at", "by", "kind", "subject", "body", "blobs")
    assert event.id == digest(statement({name: getattr(event, name) for name in fields}))
    assert event.blobs == {"clean": digest(b"{}")}
    with reading(engine) as connection:
        assert log.body(connection, place, "clean") == b"{}"
        assert log.event_at(connection, place) == event


def test_what_is_rolled_back_leaves_no_gap(engine: Engine) -> None:
    def interrupted() -> None:
        with writing(engine) as connection:
            log.append(connection, KEYS, [draft("lost")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with writing(engine) as connection:
        [(_, event)] = log.append(connection, KEYS, [draft("kept")])
    assert event.seq == 1


def test_writers_at_the_same_time_number_without_gaps(engine: Engine) -> None:
    def say(name: str) -> None:
        for turn in range(10):
            with writing(engine) as connection:
                log.append(connection, KEYS, [draft(f"{name}{turn}")])

    threads = [threading.Thread(target=say, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        events = [event for _, event in log.told(connection)]
    assert [event.seq for event in events] == list(range(1, 41))
    assert [event.prev for event in events[1:]] == [event.id for event in events[:-1]]


def test_a_signature_of_another_node_does_not_hold() -> None:
    other = new_node_keys()
    assert not verified(KEYS.public, "a" * 64, other.sign("a" * 64))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_vanished_database_is_an_error_and_not_a_new_empty_one(engine: Engine, tmp_path: Path) -> None:
    engine.dispose()
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(DatabaseGone), reading(engine):
        pass
    with pytest.raises(DatabaseGone), writing(engine):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_reader_sees_one_moment_while_others_write(engine: Engine) -> None:
    with reading(engine) as reader:
        before = reader.execute(text("SELECT count(*) FROM event")).scalar()
        with writing(engine) as connection:
            log.append(connection, KEYS, [draft("a")])
        assert reader.execute(text("SELECT count(*) FROM event")).scalar() == before


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_reader_cannot_write(engine: Engine) -> None:
    with pytest.raises(DatabaseError), reading(engine) as connection:
        log.append(connection, KEYS, [draft("a")])


def test_numbers_have_room_for_every_clock(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(table_of(Node)).values(clock=2**53 - 2))
        [(place, event)] = log.append(connection, KEYS, [draft("a")])
    with reading(engine) as connection:
        assert log.event_at(connection, place) == event
