"""The survey's indicators: who is counted (`base`) and who among them (`numerator`), as a table beside.

A line counts respondents, or the turns of a repeat (`activity`, `theme`); a `mention` is a respondent who
ticked one answer of several. The numerator `others` is everyone of the base in no other line of its id.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from server.core.expression import Record, Test, compiled

OTHERS = "others"
REPEATS = {"activity": "activity", "theme": "theme_item"}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line: the category of an indicator. `id` and `category` name it in tables and files."""

    id: str
    category: str
    form: str
    unit: str
    base: str
    numerator: str
    section: str
    figure: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the base a line found; both are whole numbers of its unit."""

    indicator: Indicator
    base: int
    count: int

    @property
    def percent(self) -> float:
        """Per hundred of the base, zero when the base is empty."""
        return 100 * self.count / self.base if self.base else 0.0


@cache
def definitions() -> tuple[Indicator, ...]:
    """Every line of the shipped table, in its order."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return tuple(Indicator(**row) for row in csv.DictReader(file))


def counts(lines: Sequence[Indicator], form: str, people: Sequence[Record]) -> Iterator[Count]:
    """The lines of one form counted over its respondents, one record a person and wave."""
    for line in lines:
        if line.form == form:
            base, test = compiled(line.base), _numerator(line, lines)
            members = [record for record in _units(line, people) if base(record)]
            yield Count(line, len(members), sum(map(test, members)))


def _units(line: Indicator, people: Sequence[Record]) -> Iterable[Record]:
    repeat = REPEATS.get(line.unit)
    return people if repeat is None else (turn for one in people for turn in one.below(repeat))


def _numerator(line: Indicator, lines: Sequence[Indicator]) -> Test:
    if line.numerator != OTHERS:
        return compiled(line.numerator)
    tests = [compiled(one.numerator) for one in lines if one.id == line.id and one.numerator != OTHERS]
    return lambda record: not any(test(record) for test in tests)
