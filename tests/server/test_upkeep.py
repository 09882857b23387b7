"""A campaign's life: made, opened, examined, rebuilt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.world import AT, MEDIA, Person, Server, person, serving, small_form

from server.core.problem import Conflict, Refused
from server.store.decisions import decide
from server.store.doctor import examine
from server.store.forms import NewForm, publish
from server.store.home import HomeProblem, create, open_campaign, views_are_current
from server.store.rebuild import rebuild
from server.store.tables import View
from server.store.withdraw import withdraw_by_code
from server.web.admission import drop
from sync.db import writing


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def views(server: Server) -> dict[str, list[dict[str, Any]]]:
    return {
        name: sorted(server.rows(name), key=lambda row: json.dumps(row, sort_keys=True))
        for name in View.metadata.tables
    }


def fill(server: Server) -> None:
    first = person(photo="a.jpg", voice="b.m4a")
    server.post(first)
    server.post(first, {"a.jpg": b"A" * 99})
    server.post(first, {"b.m4a": b"B" * 700_000})
    server.post(Person({"age": "40"}, replaces=first.instance))
    server.post(Person({"age": "41"}, instance=first.instance))
    server.post(person(consent="no", reason="no_time"))
    server.post(Person(version="9"))
    server.post(person(code="48559668677"))
    withdraw_by_code(server.campaign, "48559668677", by="", at=AT)
    server.post(person(code="12345678903", photo="c.jpg"))
    withdraw_by_code(server.campaign, "12345678903", by="", at=AT, scope="photo")
    server.post(Person(version="8", instance="uuid:dropped"))
    drop(server.campaign, "uuid:dropped", why="sent by mistake", at=AT)
    decide(server.campaign, "linked", "uuid:a|uuid:b", "same", by="sup01", at=AT)
    publish(server.campaign, NewForm(small_form("2"), MEDIA), by="", at=AT)


def test_rebuilding_gives_the_same_views(server: Server) -> None:
    fill(server)
    before = views(server)
    assert all(before.values())
    assert rebuild(server.campaign) == len(server.rows("event"))
    assert views(server) == before


def test_the_order_of_events_makes_no_difference_to_the_views(server: Server) -> None:
    fill(server)
    before = views(server)
    with writing(server.campaign.engine) as connection:
        last = connection.exec_driver_sql("SELECT max(n) FROM event").scalar() or 0
        for table, column in (("event", "n"), ("body", "event")):
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = -{column}")
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {column} + {last + 1}")
    rebuild(server.campaign)
    after = views(server)
    for rows in (*before.values(), *after.values()):
        for row in rows:
            if row.get("event"):
                row["event"] = "moved"
    key = json.dumps
    assert {n: sorted(map(key, r)) for n, r in after.items()} == {
        n: sorted(map(key, r)) for n, r in before.items()
    }


def test_views_of_another_version_are_noticed(server: Server) -> None:
    assert views_are_current(server.campaign)
    with writing(server.campaign.engine) as connection:
        connection.exec_driver_sql("UPDATE node SET views = 0")
    assert not views_are_current(server.campaign)
    assert "views" in {finding.code for finding in examine(server.campaign)}
    rebuild(server.campaign)
    assert views_are_current(server.campaign)


def errors(server: Server) -> set[str]:
    return {finding.code for finding in examine(server.campaign) if finding.level == "error"}


def test_a_sound_campaign_has_no_errors(server: Server) -> None:
    fill(server)
    assert errors(server) == set()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE event SET body = replace(body, '\"size\"', '\"sise\"') WHERE n = 2",
        "UPDATE event SET sig = zeroblob(64) WHERE n = 2",
        "DELETE FROM event WHERE n = 2",
        "UPDATE event SET by = 'enq99' WHERE n = 2",
    ],
)
def test_an_altered_log_is_noticed(server: Server, damage: str) -> None:
    fill(server)
    with writing(server.campaign.engine) as connection:
        connection.exec_driver_sql(damage)
    assert errors(server) == {"log"}


def test_a_missing_attachment_is_noticed(server: Server) -> None:
    fill(server)
    for file in server.campaign.blobs.folder.rglob("*"):
        if file.is_file():
            file.unlink()
    assert errors(server) == {"files"}


def test_a_lost_key_store_is_noticed(server: Server) -> None:
    for file in server.campaign.folder.glob("keys.db*"):
        file.unlink()
    assert errors(server) == {"database"}
    assert server.post(person()).status_code == 503
    assert server.rows("submission") == []


def test_the_officers_key_on_this_machine_is_noticed(tmp_path: Path) -> None:
    key = create(tmp_path / "home", "Essai").officer_file
    campaign = open_campaign(tmp_path / "home")
    assert "officer_key" in {finding.code for finding in examine(campaign)}
    key.unlink()
    assert "officer_key" not in {finding.code for finding in examine(campaign)}
    campaign.close()


def test_the_officers_private_key_is_not_in_the_campaigns_folder(tmp_path: Path) -> None:
    key = create(tmp_path / "home", "Essai").officer_file
    assert tmp_path / "home" not in key.parents
    private = json.loads(key.read_text(encoding="utf-8"))["private"]
    for file in (tmp_path / "home").rglob("*"):
        if file.is_file():
            assert private.encode() not in file.read_bytes()
            assert bytes.fromhex(private) not in file.read_bytes()


def test_a_campaign_is_not_made_over_another(tmp_path: Path) -> None:
    create(tmp_path / "home", "Essai")
    with pytest.raises(HomeProblem, match="already"):
        create(tmp_path / "home", "Autre")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(HomeProblem, match="not empty"):
        create(tmp_path / "full", "Essai")


def test_a_campaign_without_a_sealing_key_does_not_open(tmp_path: Path) -> None:
    create(tmp_path / "home", "Essai")
    (tmp_path / "home" / "keys" / "officer.pub").unlink()
    with pytest.raises(HomeProblem, match="protection officer"):
        open_campaign(tmp_path / "home")


def test_no_campaign_here_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(HomeProblem, match="taama init"):
        open_campaign(tmp_path / "nowhere")


def test_the_same_version_with_other_bytes_is_refused(server: Server) -> None:
    again = publish(server.campaign, NewForm(small_form(), MEDIA), by="", at=AT)
    assert again.again
    for new in (
        NewForm(small_form().replace(b"Petit", b"Grand"), MEDIA),
        NewForm(small_form(), MEDIA | {"enumerators.csv": b"name,label\nE009,E009\n"}),
        NewForm(small_form(), {}),
    ):
        with pytest.raises(Conflict) as raised:
            publish(server.campaign, new, by="", at=AT)
        assert raised.value.code == "version_exists"
    assert len(server.rows("form_version")) == 1


def test_a_form_that_asks_nobodys_consent_needs_a_reason(server: Server) -> None:
    xform = small_form("3").replace(b'dp:role="consent"', b"")
    with pytest.raises(Refused) as raised:
        publish(server.campaign, NewForm(xform, MEDIA), by="", at=AT)
    assert raised.value.code == "form_without_consent"
    publish(server.campaign, NewForm(xform, MEDIA, "visite de site"), by="", at=AT)
    assert server.post(Person({"consent": "no"}, version="3")).status_code == 201
    assert len(server.rows("submission")) == 1
