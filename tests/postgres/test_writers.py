"""Several processes write to one centre: numbers have no gap, and what was acknowledged stays."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from support.command import served, told
from support.crowd import centre_with_a_phone, send
from support.postgres import Cluster, cluster
from support.world import person

from server.store.home import open_campaign
from server.store.project import SUBMISSION
from sync import log
from sync.db import connect, reading, writing
from sync.event import Draft
from sync.keys import new_node_keys
from sync.postgres import Lead
from sync.tables import Durable, Node, table_of

pytestmark = pytest.mark.postgres
AT = "2026-11-23T10:00:00.000Z"


def test_eight_writers_leave_no_gap_and_no_reader_sees_one() -> None:
    address, keys = cluster().database(), new_node_keys()
    first = connect(address)
    with writing(first) as connection:
        Durable.metadata.create_all(connection)
        mine = {"origin": keys.origin, "clock": 0, "views": 0, "schema_version": 1}
        connection.execute(insert(table_of(Node)), mine)

    def say(name: str) -> None:
        own = connect(address)  # as another process has it
        for turn in range(25):
            with writing(own) as connection:
                drafts = [Draft("submitted", f"{name}{turn}{n}", {}, AT, "", {}) for n in range(2)]
                log.append(connection, keys, drafts)
        own.dispose()

    threads = [threading.Thread(target=say, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    seen, sound = 0, True
    while any(thread.is_alive() for thread in threads) or seen < 400:
        with reading(first) as connection:
            told_of = list(log.told(connection, page=70))
        numbers = [event.seq for _, event in told_of]
        sound &= numbers == [place for place, _ in told_of] == list(range(1, len(numbers) + 1))
        sound &= len(numbers) >= seen
        sound &= len(numbers) % 2 == 0  # never half of a transaction
        seen = len(numbers)
    first.dispose()
    assert (sound, seen) == (True, 400)
    assert [event.prev for _, event in told_of[1:]] == [event.id for _, event in told_of[:-1]]
    assert len({event.clock for _, event in told_of}) == 200
    assert [event.clock for _, event in told_of] == sorted(event.clock for _, event in told_of)


def stored(home: Path) -> Counter[str]:
    campaign = open_campaign(home)
    with reading(campaign.engine) as connection:
        found = Counter(connection.execute(select(SUBMISSION.c.instance)).scalars())
    campaign.close()
    return found


@pytest.mark.timeout(120)
def test_killed_workers_and_a_killed_database_lose_no_acknowledged_interview(tmp_path: Path) -> None:
    home, own = tmp_path / "home", Cluster()
    url, port = centre_with_a_phone(home, "--role", "central", "--database", own.database())
    people = [person(voice="v.m4a") if n % 9 == 0 else person() for n in range(150)]
    arrived = set[str]()
    with served(home, port, "--workers", "2") as server:
        threads = send(url, [*people, *people[:20]], arrived, phones=12)
        _until(lambda: len(arrived) > 30)
        server.kill_all()
        for thread in threads:
            thread.join()
    assert 30 < len(arrived) < len(people)
    assert arrived <= stored(home).keys()
    with served(home, port, "--workers", "2") as server:
        before = len(arrived)
        left = [who for who in people if who.instance not in arrived]
        threads = send(url, left, arrived, phones=12)
        _until(lambda: len(arrived) > before + 30)
        own.stop()
        own.start()
        for thread in threads:
            thread.join()
        assert arrived <= stored(home).keys()
        for thread in send(url, people, arrived, phones=12):
            thread.join()
        server.popen.terminate()
        assert server.popen.wait(30) == 0
    assert stored(home) == dict.fromkeys((who.instance for who in people), 1)
    found = told("doctor", "--home", str(home))
    assert found["ok"], found
    own.close()


def _until(true: Callable[[], bool]) -> None:
    while not true():
        threading.Event().wait(0.005)


def test_one_process_leads_until_it_is_gone() -> None:
    address = cluster().database()
    first, second = (connect(address) for _ in range(2))
    one, other = Lead(first), Lead(second)
    assert (one.mine(), other.mine(), one.mine()) == (True, False, True)
    one.leave()
    assert (other.mine(), one.mine()) == (True, False)
    with first.connect() as connection:  # as when a process dies: the database notices
        ending = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        connection.exec_driver_sql(ending)
    assert not other.mine()
    assert one.mine()
    one.leave()
    first.dispose()
    second.dispose()
