"""Changes one threshold of a campaign: reads what somebody typed, and writes the file of all that differs."""

from __future__ import annotations

import json
import math
from typing import Any

from server.core.checks.parameters import Parameters, changed, shipped
from server.core.problem import Malformed

YES, NO = frozenset({"true", "oui", "yes", "1"}), frozenset({"false", "non", "no", "0"})
HEAD = "# The thresholds that differ from those shipped. The page of checks writes this file anew.\n"
LONGEST = 500


def tuned(using: Parameters, place: str, text: str) -> Parameters:
    """The parameters with one threshold changed; `place` is `section.name`, an empty text the shipped value.

    Raises Malformed for a threshold that there is not, or a text that is no such value.
    """
    section, _, name = place.partition(".")
    if name not in shipped().sections.get(section, {}):
        raise Malformed("checks_unknown", name=place[:60])
    usual = shipped()[section][name]
    value = _value(usual, text.strip(), place) if text.strip() else usual
    sections = {one: dict(values) for one, values in using.sections.items()}
    sections[section][name] = value
    return changed(written(Parameters(sections, using.version)))


def written(using: Parameters) -> str:
    """The file of a campaign: what differs from the shipped thresholds, as TOML."""
    lines = [HEAD]
    for section, values in using.sections.items():
        differing = {name: value for name, value in values.items() if value != shipped()[section][name]}
        if differing:
            lines.append(f"[{section}]")
            # Numbers, texts, booleans and lists of these are written alike in JSON and in TOML.
            lines += [f"{name} = {json.dumps(value)}" for name, value in differing.items()]
            lines.append("")
    return "\n".join(lines)


def _value(usual: Any, text: str, place: str) -> Any:
    wrong = Malformed("threshold_value", name=place)
    if len(text) > LONGEST or not text.isprintable():
        raise wrong
    if isinstance(usual, bool):
        if text.casefold() not in YES | NO:
            raise wrong
        return text.casefold() in YES
    if isinstance(usual, int | float):
        return _number(text, wrong)
    if isinstance(usual, list):
        parts = [one.strip() for one in text.split(";" if ";" in text else ",") if one.strip()]
        return [_number(one, wrong) for one in parts] if usual and isinstance(usual[0], int) else parts
    return text


def _number(text: str, wrong: Malformed) -> int | float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise wrong from None
    if not math.isfinite(number):
        raise wrong
    return int(number) if number == int(number) else number
