"""The plug is pulled again and again while phones send: what was acknowledged is there, and is there once."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import httpx
import pytest
from support.command import free_port, served, taama, told
from support.crowd import centre_with_a_phone, send
from support.world import person

from server.store.access import Entry, note
from server.store.home import open_campaign

pytestmark = pytest.mark.slow  # whole stories, with servers of their own


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_acknowledged_interview_is_lost_or_doubled_however_often_the_server_is_killed(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    url, port = centre_with_a_phone(home)
    people = [person(voice="v.m4a") if n % 7 == 0 else person() for n in range(200)]
    chance, arrived = random.Random(3), set[str]()
    for _ in range(6):
        with served(home, port) as server:
            left = [who for who in people if who.instance not in arrived]
            threads = send(url, [*left, *chance.sample(people, 20)], arrived, phones=16)
            threading.Event().wait(chance.uniform(0.1, 0.5))
            server.popen.kill()
            for thread in threads:
                thread.join()
        assert arrived <= stored(home)
    with served(home, port) as server:
        for thread in send(url, people, arrived):
            thread.join()
        server.popen.terminate()
        assert server.popen.wait(30) == 0
    assert stored(home) == arrived == {who.instance for who in people}
    assert told("doctor", "--home", str(home))["ok"]
    before = stored(home)
    told("rebuild", "--home", str(home))
    assert stored(home) == before


def stored(home: Path) -> set[str]:
    """The interviews in the store; fails if one is there twice, or an attachment that arrived is not."""
    with sqlite3.connect(home / "taama.db") as database:
        rows = [row[0] for row in database.execute("SELECT instance FROM submission")]
    database.close()
    assert len(rows) == len(set(rows))
    return set(rows)


def test_a_stopped_server_has_answered_and_ends_well(tmp_path: Path) -> None:
    home = tmp_path / "home"
    told("init", "--home", str(home), "--name", "Essai")
    with served(home, free_port()) as server:
        assert server.line == f"Taama is ready at {server.base}\n"
        assert httpx.get(f"{server.base}/healthz").json() == {"status": "ok"}
        server.popen.terminate()
        assert server.popen.wait(30) == 0
        assert server.popen.stderr is not None
        assert server.popen.stderr.read() == ""


def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    told("init", "--home", str(home), "--name", "Essai")
    with served(home, port):
        done = taama("serve", "--home", str(home), "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_altered_access_log_is_told_at_the_start_and_interviews_still_arrive(tmp_path: Path) -> None:
    home = tmp_path / "home"
    told("init", "--home", str(home), "--name", "Essai")
    campaign = open_campaign(home)
    for hour in range(3):
        note(campaign.engine, Entry(f"2026-11-23T0{hour}:00:00.000Z", "adm01", "admin", "list accounts"))
    campaign.close()
    with sqlite3.connect(home / "taama.db") as database:
        database.execute("DELETE FROM access WHERE n = 2")
    database.close()
    with served(home, free_port()) as server:
        assert httpx.get(f"{server.base}/healthz").status_code == 200
        server.popen.terminate()
        assert "altered at line 2" in server.popen.communicate()[1]
