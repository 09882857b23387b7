"""Planned recodes: coarser answers, decided with the questionnaire (`dp:recode`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor

from server.core.disclosure.keys import BLANK
from server.core.problem import Malformed

DATE = re.compile(r"(\d{4})-(\d{2})(?:-\d{2}.*)?")
NUMBERED = ("range", "topcode")
PLAIN = ("month", "year", "drop")


@dataclass(frozen=True, slots=True)
class Recode:
    """What becomes of one column: `kind`, its `number`, and for a coarser list the parent of each answer."""

    kind: str
    number: int = 0
    parents: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it is written in a form or a command."""
        return f"{self.kind}:{self.number}" if self.kind in NUMBERED else self.kind


def parse(said: str, parents: Mapping[str, str] | None = None) -> Recode:
    """Reads `range:5`, `topcode:65`, `month`, `year` or `drop`; another word, as `adm2`, needs `parents`."""
    kind, _, number = said.strip().partition(":")
    if kind in NUMBERED:
        if not number.isdecimal() or int(number) == 0:
            raise Malformed("bad_recode", recode=said)
        return Recode(kind, int(number))
    if said in PLAIN:
        return Recode(said)
    if parents is None:
        raise Malformed("bad_recode", recode=said)
    return Recode(said, 0, parents)


def recoded(column: str, values: Sequence[str], recode: Recode) -> list[str]:
    """The coarser answers; blanks stay blank. An answer that cannot be recoded is refused, not lost."""
    change = _changes(column, recode)
    seen = {value: value if value in BLANK else change(value) for value in set(values)}
    return [seen[value] for value in values]


def _changes(column: str, recode: Recode) -> Callable[[str], str]:
    """What to do with one answer."""
    if recode.kind == "drop":
        return lambda _: ""
    if recode.kind in NUMBERED:
        rule = _ranged if recode.kind == "range" else _topped
        return lambda value: rule(_number(column, value), recode.number, value)
    if recode.kind in PLAIN:
        return lambda value: _dated(column, value, recode.kind)
    return lambda value: _parent(column, value, recode.parents)


def _number(column: str, value: str) -> float:
    try:
        return float(value.replace(",", "."))
    except ValueError:
        raise Malformed("key_not_a_number", column=column) from None


def _ranged(number: float, width: int, _: str) -> str:
    low = floor(number / width) * width
    if width == 1:
        return str(low)
    return f"{low}-{low + width - 1}" if low >= 0 else f"{low} to {low + width - 1}"


def _topped(number: float, top: int, value: str) -> str:
    return f"{top}+" if number >= top else value


def _dated(column: str, value: str, kind: str) -> str:
    found = DATE.fullmatch(value)
    if not found:
        raise Malformed("key_not_a_date", column=column)
    return f"{found[1]}-{found[2]}" if kind == "month" else found[1]


def _parent(column: str, value: str, parents: Mapping[str, str]) -> str:
    if value not in parents:
        raise Malformed("no_parent", column=column)
    return parents[value]
