"""What positions tell at arrival; they themselves lie nowhere on disk and are gone with the process."""

from __future__ import annotations

import csv
import json
import math
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.command import taama, told
from support.facts import facts_of, found, shape_of
from support.world import Person, Server, serving

from server.core.checks.facts import Shape
from server.core.checks.place import unplaced
from server.core.positions import Fix, Recollection, Visit, metres
from server.core.problem import Malformed
from server.core.sites import COLUMNS, Sites, sites_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEGREE = math.pi * 6_371_008.8 / 180  # metres of a degree of latitude
PLACED = """
| survey |
| | type | name | label | appearance | bind::dp:class |
| | geopoint | where | Où ? | APPEARANCE | direct |
| settings |
| | form_id | version | namespaces |
| | placed | 1 | dp="https://taama.org/data-protection/1" |
"""
Told = dict[str, Any]


@cache
def shape(appearance: str = "") -> Shape:
    return shape_of(PLACED.replace("APPEARANCE", appearance))


def north(by: float, hours: float = 0) -> Fix:
    """So many metres north of Kayes, from so many hours after noon, for half an hour."""
    start = NOON + timedelta(hours=hours)
    return Fix(14.45 + by / DEGREE, -11.43, start, start + timedelta(minutes=30))


def place(memory: Recollection, name: str, fix: Fix, replaces: str = "", who: str = "enq01") -> Told:
    assert fix.start is not None
    return memory.note(fix, Visit(name, replaces, who), fix.start)


def recollection() -> Recollection:
    return Recollection((20, 4))


def checks(told: Told, appearance: str = "") -> dict[str, str]:
    facts = facts_of(shape(appearance), {}, derived={"cell": [14.4, -11.4]} | told)
    names = ("GPS-missing", "GPS-mock", "GPS-accuracy", "GPS-place", "GPS-cluster", "GPS-same", "TRAVEL")
    return {flag.check: flag.severity for name in names for flag in found(facts, name)}


def test_a_distance_follows_the_earth() -> None:
    assert metres(north(0), north(1000)) == pytest.approx(1000)
    # one degree of longitude at 60 degrees is half of one at the equator
    assert metres(Fix(60, 0), Fix(60, 1)) == pytest.approx(DEGREE / 2, rel=1e-4)


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [
        (30, {}),
        (31, {"GPS-accuracy": "warning"}),
        (100, {"GPS-accuracy": "warning"}),
        (101, {"GPS-accuracy": "critical"}),
        (0, {"GPS-mock": "critical"}),
    ],
)
def test_how_exact_a_position_is_and_whether_it_was_made_up(accuracy: float, said: dict[str, str]) -> None:
    assert checks({"accuracy": accuracy}) == said


def test_a_position_that_was_pointed_at_on_a_map_was_not_made_up() -> None:
    assert checks({"accuracy": 0}, "placement-map") == {}


def test_without_earlier_positions_and_regions_that_is_said() -> None:
    assert list(unplaced([facts_of(shape(), {}, derived={"compared": 0})])) == [
        "travel_cannot_judge",
        "no_sites",
    ]
    assert list(unplaced([facts_of(shape(), {}, derived={"compared": 1})])) == ["no_sites"]
    assert list(unplaced([facts_of(shape(), {}, derived={"compared": 1, "beyond": 0})])) == []


@pytest.mark.parametrize(
    ("km", "said"),
    [
        (60, {}),
        (61, {"TRAVEL": "warning"}),
        (120, {"TRAVEL": "warning"}),
        (121, {"TRAVEL": "critical"}),
    ],
)
def test_a_speed_is_the_way_by_the_time_since_the_last_interview_ended(
    km: float, said: dict[str, str]
) -> None:
    memory = recollection()
    place(memory, "a", north(0))  # until 12:30
    told = place(memory, "b", north(km * 1000, hours=1.5))
    assert (told["kmh"], checks(told)) == (pytest.approx(km, abs=0.1), said)


def test_another_enumerator_or_a_few_hundred_metres_are_no_travel() -> None:
    memory = recollection()
    place(memory, "a", north(0))
    assert "kmh" not in place(memory, "b", north(90_000, hours=1.5), who="enq02")
    assert checks(place(memory, "c", north(900, hours=0.501))) == {}


def test_a_fourth_interview_at_one_spot_within_four_hours_is_told() -> None:
    memory = recollection()
    for number in range(3):
        assert checks(place(memory, str(number), north(5 * number, hours=number))) == {}
    assert checks(place(memory, "fourth", north(17, hours=3.5))) == {"GPS-cluster": "warning"}
    assert place(memory, "late", north(12, hours=4.5))["near"] == 4, "the first is over four hours ago"
    assert place(memory, "away", north(45, hours=3.6))["near"] == 1


def test_the_very_same_position_is_told_but_not_of_an_edit_or_a_repetition() -> None:
    memory = recollection()
    place(memory, "a", north(0))
    assert checks(place(memory, "b", north(0, hours=1))) == {"GPS-same": "warning"}
    memory = recollection()
    place(memory, "a", north(0))
    assert checks(place(memory, "a", north(0))) == {}
    assert checks(place(memory, "edit", north(0, hours=0.1), replaces="a")) == {}
    assert checks(place(memory, "again", north(0, hours=0.2), replaces="edit")) == {}


@pytest.mark.parametrize(("hours", "compared"), [(24, 1), (24.1, 0)])
def test_positions_are_forgotten_after_a_day(hours: float, compared: int) -> None:
    memory = recollection()
    place(memory, "a", north(0))
    assert place(memory, "b", north(0, hours=hours))["compared"] == compared


def derived(server: Server, number: int) -> Told:
    found: Told = json.loads(server.body("submission", "derived", number) or b"{}")["derived"]
    return found


def test_a_server_compares_positions_until_it_is_stopped_and_writes_none(tmp_path: Path) -> None:
    here = {"place": "14.4512345 -11.4398765 30 0", "story": ""}
    with serving(tmp_path) as server:
        for _ in range(2):
            assert server.post(Person(here).xml).status_code == 201
        assert derived(server, 0)["compared"] == 0
        assert derived(server, 1) == {
            "accuracy": 0.0,
            "cell": [14.5, -11.4],
            "compared": 1,
            "near": 2,
            "same": True,
        }
    with serving(tmp_path) as server:
        assert server.post(Person(here).xml).status_code == 201
        assert derived(server, 2)["compared"] == 0
        disk = server.bytes_on_disk()
        assert (b"14.4512" in disk, b"11.4398" in disk) == (False, False)


def sites(*rows: str) -> Sites:
    known = {"region": {"kayes", "gao"}, "village": {"diamou"}}
    return sites_of(csv.DictReader([",".join(COLUMNS), *rows]), lambda question: known.get(question, set()))


@pytest.mark.parametrize(
    ("metres_away", "said"),
    [
        (11_999, {}),
        (12_001, {"GPS-place": "warning"}),
        (29_999, {"GPS-place": "warning"}),
        (30_001, {"GPS-place": "critical"}),
    ],
)
def test_an_interview_outside_the_place_that_it_names_is_told(
    metres_away: float, said: dict[str, str]
) -> None:
    beyond = sites("region,kayes,14.45,-11.43,10").beyond(north(metres_away), {"region": "kayes"})
    assert checks({"beyond": beyond}) == said


def test_the_nearest_point_of_the_finest_known_place_judges() -> None:
    known = sites(
        "region,kayes,14.45,-11.43,300", "village,diamou,14.45,-11.43,5", 'village,diamou,"14,9",-11.43,5'
    )
    said = {"region": "kayes", "village": "diamou"}
    assert known.beyond(north(14_999), said) == 5, "ten kilometres less a metre, in steps that are kept"
    assert known.beyond(north(0.45 * DEGREE), said) == 0
    assert known.beyond(north(14_999), {"region": "kayes", "village": "other"}) == 0
    assert known.beyond(north(0), {"region": "gao"}) is None


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("region,bamako,14,-11,5", "sites_place"),
        ("name,kayes,14,-11,5", "sites_place"),
        ("region,kayes,91,-11,5", "sites_number"),
        ("region,kayes,14,west,5", "sites_number"),
        ("region,kayes,14,-11,", "sites_number"),
        ("region,kayes,14,-11,nan", "sites_number"),
    ],
)
def test_a_wrong_row_of_sites_is_named(row: str, code: str) -> None:
    with pytest.raises(Malformed) as found:
        sites("region,gao,16.3,-0.05,50", row)
    assert (found.value.code, found.value.facts["row"]) == (code, "3")


def test_sites_are_taken_in_whole_and_judge_what_arrives(tmp_path: Path) -> None:
    file, home = tmp_path / "sites.csv", str(tmp_path / "home")
    file.write_text("\ufeffquestion,place,latitude,longitude,km\ncommune,kayes,14.45,-11.43,10\n", "utf-8")
    with serving(tmp_path) as server:
        assert told("check", "sites", str(file), "--home", home) == {"sites": 1}
        file.write_text("question,place\n", "utf-8")
        assert taama("check", "sites", str(file), "--home", home).returncode == 1
    with serving(tmp_path) as server:
        server.post(Person({"place": "15.45 -11.43 30 5"}).xml)
        server.post(Person({"commune": "kita"}).xml)
        assert derived(server, 0)["beyond"] == 100
        assert "beyond" not in derived(server, 1)
        assert b"15.45" not in server.bytes_on_disk()
