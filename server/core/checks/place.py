"""Where an interview took place, as far as is known without its position (see `derived` and `positions`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.parameters import Parameters


def where_it_was(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """GPS-missing, -accuracy, -mock, -place, -cluster, -same and TRAVEL; silent where no position was asked
    for."""
    place = facts.derived
    if "cell" not in place:
        if place.get("missing"):
            yield Flag("GPS-missing", "warning", "no_position")
        return
    said = parameters["gps"]
    yield from _exact(place, said, by_hand=facts.shape.points_on_map)
    yield from _outside(place, said)
    yield from _together(place, said)
    speed = place.get("kmh")
    if speed is not None and speed > said["warning_kmh"] and place["km"] >= said["least_km"]:
        words = {"kmh": f"{speed:.0f}", "km": f"{place['km']:.0f}"}
        severity, expected = graded(critical=speed > said["critical_kmh"]), f"≤ {said['warning_kmh']:g}"
        yield Flag("TRAVEL", severity, "too_far_too_soon", "", words["kmh"], expected, words)


def _exact(place: Mapping[str, Any], said: Mapping[str, Any], *, by_hand: bool) -> Iterator[Flag]:
    """Accuracy 0 is how Collect marks what another program made up; pointing on a map gives 0 as well."""
    metres = place.get("accuracy")
    if metres == 0 and not by_hand:
        yield Flag("GPS-mock", "critical", "mock_position", "", "0", "> 0")
    elif metres is not None and metres > said["warning_metres"]:
        words, expected = {"metres": f"{metres:.0f}"}, f"≤ {said['warning_metres']:g}"
        severity = graded(critical=metres > said["critical_metres"])
        yield Flag("GPS-accuracy", severity, "position_vague", "", words["metres"], expected, words)


def _outside(place: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Flag]:
    """How far outside the place that the interview names (see `sites`)."""
    beyond = place.get("beyond", 0)
    if beyond >= said["site_warning_km"]:
        words, expected = {"km": str(beyond)}, f"< {said['site_warning_km']:g}"
        severity = graded(critical=beyond >= said["site_critical_km"])
        yield Flag("GPS-place", severity, "outside_place", "", words["km"], expected, words)


def _together(place: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Flag]:
    near = place.get("near", 0)
    if near >= said["near_interviews"] and not said["centres"]:
        words = {"count": str(near), "metres": f"{said['near_metres']:g}", "hours": f"{said['near_hours']:g}"}
        yield Flag(
            "GPS-cluster", "warning", "same_spot", "", str(near), f"< {said['near_interviews']}", words
        )
    if place.get("same"):
        yield Flag("GPS-same", "warning", "identical_position")


def unplaced(everyone: Sequence[Facts]) -> Iterator[str]:
    """What could not be judged of positions, where they are asked for."""
    asking = [facts for facts in everyone if facts.shape.asks_where]
    if asking and not any(facts.derived.get("compared") for facts in asking):
        yield "travel_cannot_judge"
    if asking and not any("beyond" in facts.derived for facts in asking):
        yield "no_sites"
