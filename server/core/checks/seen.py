"""Where an interview took place and whether its texts were said before, as noted at arrival (see
`sighting`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.parameters import Parameters
from server.core.sighting import places_in


def where_it_was(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """GPS-missing, -accuracy, -mock, -cluster, -same and TRAVEL; silent where no position was asked for."""
    place = (facts.seen or {}).get("place")
    if place is None:
        return
    if place.get("missing"):
        yield Flag("GPS-missing", "warning", "no_position")
        return
    said = parameters["place"]
    yield from _exact(place, said)
    yield from _together(place, said)
    speed = place.get("kmh")
    if speed is not None and speed > said["warning_kmh"] and place["km"] >= said["least_km"]:
        words = {"kmh": f"{speed:.0f}", "km": f"{place['km']:.1f}"}
        severity = graded(critical=speed > said["critical_kmh"])
        yield Flag(
            "TRAVEL", severity, "too_far_too_soon", "", words["kmh"], f"≤ {said['warning_kmh']:g}", words
        )


def _exact(place: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Flag]:
    """Accuracy 0 is how Collect marks a position that another program made up."""
    metres = place["accuracy"]
    if metres == 0:
        yield Flag("GPS-mock", "critical", "mock_position", "", "0", "> 0")
    elif metres is not None and metres > said["warning_metres"]:
        words = {"metres": f"{metres:.0f}"}
        severity = graded(critical=metres > said["critical_metres"])
        yield Flag(
            "GPS-accuracy",
            severity,
            "position_vague",
            "",
            words["metres"],
            f"≤ {said['warning_metres']:g}",
            words,
        )


def _together(place: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Flag]:
    if place["near"] >= said["near_interviews"] and not said["centres"]:
        words = {
            "count": str(place["near"]),
            "metres": f"{said['near_metres']:g}",
            "hours": f"{said['near_hours']:g}",
        }
        expected = f"< {said['near_interviews']}"
        yield Flag("GPS-cluster", "warning", "same_spot", "", words["count"], expected, words)
    if place["same"]:
        yield Flag("GPS-same", "warning", "identical_position")


def same_texts(facts: Facts, _: Parameters) -> Iterator[Flag]:
    """TEXT: a long text that another interview had word for word. The text itself is not told."""
    for place, other in places_in(facts.seen or {}):
        yield Flag("TEXT", "warning", "same_text", place, "", "", {"other": other})


def unplaced(everyone: Sequence[Facts]) -> Iterator[str]:
    """What could not be judged of positions and texts."""
    asking = [facts for facts in everyone if facts.shape.asks_where or facts.shape.asks_words]
    if any(facts.seen is None for facts in asking):
        yield "arrived_unseen"
    if any(facts.shape.asks_where for facts in asking):
        yield "no_regions"
