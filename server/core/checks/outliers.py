"""Numbers that lie far from what the others answered."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.parameters import Parameters
from server.core.checks.robust import Fences, fences

Key = tuple[str, str]  # a question's path, and the group that it is judged in


@dataclass(frozen=True, slots=True)
class Bounds:
    """The fences of a question, and the lowest and highest answers within them (Tukey's adjacent values)."""

    inner: Fences
    outer: Fences
    lowest: float
    highest: float


def bounds(everyone: Sequence[Facts], parameters: Parameters) -> Mapping[Key, Bounds]:
    """The fences of each question with enough answers, all turns and versions together."""
    said = parameters["outlier"]
    values: dict[Key, list[float]] = defaultdict(list)
    for facts in everyone:
        for key, _, number in _given(facts, parameters):
            values[key].append(number)
    found = {}
    for key, numbers in values.items():
        if len(numbers) < said["least"]:
            continue
        inner, outer = (fences(numbers, said[k], said["skewness"]) for k in ("warning", "critical"))
        if inner is not None and outer is not None:
            within = [number for number in numbers if inner.low <= number <= inner.high]
            found[key] = Bounds(inner, outer, min(within), max(within))
    return found


def far_out(facts: Facts, known: Mapping[Key, Bounds], parameters: Parameters) -> Iterator[Flag]:
    """OUTLIER: numbers beyond Tukey's fences."""
    for key, place, number in _given(facts, parameters):
        limits = known.get(key)
        if limits is None or limits.inner.low <= number <= limits.inner.high:
            continue
        severity = graded(critical=not limits.outer.low <= number <= limits.outer.high)
        expected = f"{limits.inner.low:.4g}–{limits.inner.high:.4g}"
        words = {"value": _plain(number), "low": _plain(limits.lowest), "high": _plain(limits.highest)}
        yield Flag("OUTLIER", severity, "far_out", place, words["value"], expected, words)


def _given(facts: Facts, parameters: Parameters) -> Iterator[tuple[Key, str, float]]:
    codes = {*parameters["dont_know"]["codes"], *parameters["refused"]["codes"]}
    wanted = facts.shape.numbers
    group = _group(facts, parameters["outlier"]["by"])
    for met in facts.met:
        if met.text and met.question.path in wanted and met.text not in codes:
            number = _number(met.text)
            if number is not None:
                yield (met.question.path, group), met.place, number


def _group(facts: Facts, name: str) -> str:
    return next((met.text for met in facts.met if met.question.name == name), "") if name else ""


def _plain(number: float) -> str:
    """A number as people write it: 1200000, not 1.2e+06."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:g}"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
