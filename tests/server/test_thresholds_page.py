"""The thresholds of the checks on their page: changed one at a time, by who may, and nothing half."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from lxml import html
from support.desk import HOSTILE, Desk, pages, sent, words
from support.world import Server

from server.store.checking import Arrivals
from server.store.forms import Forms


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with pages(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def desk(server: Server) -> Desk:
    return Desk(server)


def change(desk: Desk, status: int = 303, seen: str = "", **fields: str) -> httpx.Response:
    page = desk.page("/checks")
    seen = seen or page.xpath("//input[@name='seen']/@value")[0]
    answer = desk.send("/checks", "/checks", seen=seen, **fields)
    assert answer.status_code == status, answer.text
    return answer


def test_a_threshold_is_changed_on_the_page_and_judges_what_is_there(server: Server, desk: Desk) -> None:
    sent(server, at_night=True)
    arrivals = Arrivals(server.campaign, Forms(server.campaign))
    arrivals.work()
    arrivals.compare()
    assert "NIGHT" in {row["check"] for row in server.rows("flag")}
    change(desk, place="night.day", value="0, 24")
    change(desk, place="night.night", value="24; 0")
    change(desk, place="gap.between_minutes", value="2,5")
    assert "between_minutes 2,5" in words(desk.page("/checks")).replace("2.5", "2,5")
    assert arrivals.compare(), "though nothing has come"
    assert not arrivals.compare()
    assert "NIGHT" not in {row["check"] for row in server.rows("flag")}
    change(desk, place="night.day", value="")
    file = (server.campaign.folder / "checks.toml").read_text(encoding="utf-8")
    assert ("day =" in file, "between_minutes = 2.5" in file) == (False, True)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"place": "night.dawn", "value": "1"}, 400),
        ({"place": "night", "value": "1"}, 400),
        ({"place": "gap.between_minutes", "value": "soon"}, 400),
        ({"place": "gap.between_minutes", "value": "nan"}, 400),
        ({"place": "gps.centres", "value": "perhaps"}, 400),
        ({"place": "night.day", "value": "7"}, 400),
        ({"place": "clock.fieldwork_from", "value": HOSTILE + "\n"}, 400),
        ({"place": "gap.between_minutes", "value": "4", "seen": "00000000"}, 409),
    ],
)
def test_a_threshold_that_makes_no_sense_changes_nothing(
    server: Server, desk: Desk, fields: dict[str, str], status: int
) -> None:
    page = html.fromstring(change(desk, status, **fields).text)
    assert page.xpath("//*[@role='alert']")
    assert not (server.campaign.folder / "checks.toml").exists()


@pytest.mark.parametrize(("role", "zone"), [("supervisor", "kayes"), ("analyst", "")])
def test_thresholds_are_changed_by_who_sees_every_zone(server: Server, role: str, zone: str) -> None:
    other = Desk(server, role, zone)
    assert not other.page("/checks").xpath("//form[@action='/checks']")
    here = "/checks"
    csrf = other.page(here).xpath("//input[@name='csrf']/@value")[0]
    data = {"csrf": csrf, "place": "gap.between_minutes", "value": "4", "seen": ""}
    assert other.http.post(here, data=data).status_code == 403


def test_two_who_change_thresholds_at_once_lose_nothing(server: Server, desk: Desk) -> None:
    seen = desk.page("/checks").xpath("//input[@name='seen']/@value")[0]
    change(desk, place="gap.between_minutes", value="4", seen=seen)
    change(Desk(server), 409, place="gap.between_minutes", value="5", seen=seen)
    assert "between_minutes = 4" in (server.campaign.folder / "checks.toml").read_text(encoding="utf-8")
