"""What positions and texts tell at arrival; they themselves lie nowhere on disk and are gone with the
process."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.facts import facts_of, found, shape_of
from support.world import AT, Person, Server, serving

from server.core.checks.seen import unplaced
from server.core.sighting import Fix, Recollection, Sighting, Visit, metres, normalised
from server.store.checking import check_all
from server.store.facts import Facing
from server.store.flags import flags_of
from server.store.forms import Forms
from server.store.withdraw import withdraw_by_code
from sync.db import reading

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KAYES = Fix(14.45, -11.43, 5)
DEGREE = math.pi * 6_371_008.8 / 180  # metres of a degree of latitude
STORY = "Nous sommes restés deux mois dans la ville sans travail."
PLACED = """
| survey |
| | type | name | label | bind::dp:class |
| | geopoint | where | Où ? | direct |
| settings |
| | form_id | version | namespaces |
| | placed | 1 | dp="https://taama.org/data-protection/1" |
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as made:
        yield made


def recollection() -> Recollection:
    return Recollection(bytes(32), (20, 4))


def place(
    memory: Recollection, name: str, fix: Fix | None, hours: float = 0, replaces: str = "", who: str = "enq01"
) -> dict[str, object]:
    """What is told of an interview of half an hour that began so many hours after noon."""
    start = NOON + timedelta(hours=hours)
    seen = Sighting(True, fix, (), start, start + timedelta(minutes=30))
    return dict(memory.note(seen, Visit(name, replaces, who), start)["place"])


def north(by: float, accuracy: float = 5) -> Fix:
    """So many metres north of Kayes."""
    return Fix(KAYES.latitude + by / DEGREE, KAYES.longitude, accuracy)


def checks(told: dict[str, object] | None) -> dict[str, str]:
    facts = facts_of(shape_of(PLACED), {}, seen=None if told is None else {"place": told})
    names = ("GPS-missing", "GPS-mock", "GPS-accuracy", "GPS-cluster", "GPS-same", "TRAVEL")
    return {flag.check: flag.severity for name in names for flag in found(facts, name)}


def test_a_distance_follows_the_earth() -> None:
    assert metres(KAYES, north(1000)) == pytest.approx(1000)
    # one degree of longitude at 60 degrees is half of one at the equator
    assert metres(Fix(60, 0, 5), Fix(60, 1, 5)) == pytest.approx(DEGREE / 2, rel=1e-4)


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
    assert checks(place(recollection(), "a", north(0, accuracy))) == said


def test_no_position_is_told_and_one_that_nobody_saw_arrive_is_not_judged() -> None:
    assert checks(place(recollection(), "a", None)) == {"GPS-missing": "warning"}
    assert checks(None) == {}
    assert list(unplaced([facts_of(shape_of(PLACED), {})])) == ["arrived_unseen", "no_regions"]


@pytest.mark.parametrize(
    ("km", "said"),
    [(60, {}), (61, {"TRAVEL": "warning"}), (120, {"TRAVEL": "warning"}), (121, {"TRAVEL": "critical"})],
)
def test_a_speed_is_the_way_from_the_last_interview_by_the_time_since_it_ended(
    km: float, said: dict[str, str]
) -> None:
    memory = recollection()
    place(memory, "a", KAYES)  # ends at 12:30
    told = place(memory, "b", north(km * 1000), hours=1.5)
    assert (told["kmh"], checks(told)) == (pytest.approx(km, abs=0.1), said)


def test_another_enumerator_or_a_few_hundred_metres_are_no_travel() -> None:
    memory = recollection()
    place(memory, "a", KAYES)
    assert "kmh" not in place(memory, "b", north(90_000), hours=1.5, who="enq02")
    assert checks(place(memory, "c", north(900), hours=0.501)) == {}


def test_a_fourth_interview_at_one_spot_within_four_hours_is_told() -> None:
    memory = recollection()
    for number in range(3):
        assert checks(place(memory, str(number), north(5 * number), hours=number)) == {}
    assert checks(place(memory, "fourth", north(17), hours=3.5)) == {"GPS-cluster": "warning"}
    assert place(memory, "late", north(12), hours=4.5)["near"] == 4, "the first is over four hours ago"
    assert place(memory, "away", north(45), hours=3.6)["near"] == 1


def test_the_very_same_position_is_told_but_not_of_an_edit_or_a_repetition() -> None:
    memory = recollection()
    place(memory, "a", KAYES)
    assert checks(place(memory, "b", KAYES, hours=1)) == {"GPS-same": "warning"}
    memory = recollection()
    place(memory, "a", KAYES)
    assert checks(place(memory, "a", KAYES)) == {}
    assert place(memory, "edit", KAYES, hours=0.1, replaces="a") == place(recollection(), "x", KAYES)
    assert checks(place(memory, "again", KAYES, hours=0.2, replaces="edit")) == {}


def test_positions_are_forgotten_after_a_day() -> None:
    memory = recollection()
    place(memory, "a", KAYES)
    assert place(memory, "b", KAYES, hours=24)["compared"] == 1
    assert place(recollection(), "c", KAYES, hours=24.1)["compared"] == 0
    memory = recollection()
    place(memory, "a", KAYES)
    assert place(memory, "b", KAYES, hours=24.1)["compared"] == 0


def test_texts_are_compared_without_accents_capitals_and_signs() -> None:
    assert normalised("  Là-bas,  J’ÉTAIS seul ! ") == "la bas j etais seul"
    memory = recollection()
    memory.note(Sighting(texts=[("/story", normalised(STORY))]), Visit("a", "", "enq01"), NOON)
    other = Sighting(texts=[("/last", normalised(STORY.upper()))])
    assert memory.note(other, Visit("b", "", "enq02"), NOON)["texts"]["same"] == [["/last", "a"]]
    assert memory.note(other, Visit("c", "a", "enq02"), NOON)["texts"]["same"] == [], "an edit repeats itself"


def sent(server: Server, **answers: str | None) -> str:
    person = Person(answers)
    assert server.post(person.xml).status_code == 201
    return person.instance


def texts_told(server: Server, instance: str) -> list[tuple[str, str]]:
    with reading(server.campaign.engine) as connection:
        found = [one.flag for one in flags_of(connection, [instance])]
    return [(flag.place, flag.words["other"]) for flag in found if flag.check == "TEXT"]


def test_the_same_story_twice_is_told_and_neither_it_nor_the_position_lies_on_disk(server: Server) -> None:
    first = sent(server, story=STORY, place="14.4512 -11.4377 30 5", code="48559668677")
    second = sent(server, story=STORY.lower(), place="14.4512 -11.4377 30 45")
    short = sent(server, story="Rien à dire", place="")
    check_all(server.campaign, Forms(server.campaign))
    assert texts_told(server, second) == [("/q/story", first)]
    assert texts_told(server, first) == texts_told(server, short) == []
    disk = server.bytes_on_disk()
    for secret in (b"14.45", b"11.43", b"restes deux mois", b"deux mois"):
        assert secret not in disk
    by_instance = {
        one.instance: one for one in Facing(server.campaign, Forms(server.campaign)).of_form("small")
    }
    assert by_instance[second].seen is not None
    assert by_instance[second].seen["place"] | {"cell": 0} == {
        "accuracy": 45.0,
        "cell": 0,
        "compared": 1,
        "near": 2,
        "same": True,
    }
    withdraw_by_code(server.campaign, "48559668677", by="pro01", at=AT)
    assert texts_told(server, second) == [], "nothing points to someone who has gone"
    check_all(server.campaign, Forms(server.campaign))
    assert texts_told(server, second) == []


def test_what_was_noted_goes_with_the_interview(server: Server) -> None:
    sent(server, story=STORY, code="48559668677")
    withdraw_by_code(server.campaign, "48559668677", by="pro01", at=AT)
    assert [row for row in server.rows("body") if row["part"] == "sighting"] == []


def test_after_a_restart_nothing_is_said_of_what_came_before(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        first = sent(server, story=STORY)
    with serving(tmp_path) as server:
        second = sent(server, story=STORY)
        check_all(server.campaign, Forms(server.campaign))
        assert texts_told(server, first) == texts_told(server, second) == []


def test_a_refusal_leaves_no_sighting(server: Server) -> None:
    sent(server, consent="no", reason="no_time")
    assert [json.loads(row["data"]) for row in server.rows("body") if row["part"] == "sighting"] == []
