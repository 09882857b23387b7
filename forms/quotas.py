"""Hands out answers so that exactly as many people give each as a table says; the rest of a life is free.

A table has a line for each answer: `unit` (respondent or a repeat), `where` (who), `question`, `answer`,
`count`, `most`. Lines that share who and question are one deal. An answer may name alternatives (`a|b`), of
which each person draws one; `+code` is one of several that a person ticks, `most` at most. The count may be
`rest` (all who got nothing in this deal) or `room` (all who may tick one more). A name that begins with `_`
is not a question: it marks people for later lines.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from random import Random

ALL = 10**9


@dataclass
class Unit:
    """A respondent, or one turn of a repeat (then `above` is whom or what it belongs to)."""

    said: dict[str, str] = field(default_factory=dict)
    above: Unit | None = field(default=None, repr=False)
    turns: list[Unit] = field(default_factory=list)

    def get(self, name: str) -> str:
        """What was said here or above; nothing when it was not."""
        if name in self.said or self.above is None:
            return self.said.get(name, "")
        return self.above.get(name)

    def turn(self, **said: str) -> Unit:
        """One more turn of the repeat below this."""
        self.turns.append(Unit(dict(said), self))
        return self.turns[-1]


@dataclass(frozen=True, slots=True)
class Quota:
    """One line of a table."""

    unit: str
    where: str
    question: str
    answer: str
    count: str
    most: str = ""

    @property
    def deal(self) -> tuple[str, str, str]:
        """Lines with the same are dealt together."""
        return self.unit, self.where, self.question

    def holds(self, unit: Unit) -> bool:
        """Whether the line is about `unit`: terms `name=a|b` or `name!=a|b`, joined by `and`."""
        return all(_term(term.strip(), unit) for term in self.where.split(" and ") if term.strip())


class QuotaError(ValueError):
    """A table whose counts cannot be met; says which line."""


def read_quotas(path: Path) -> list[Quota]:
    """The lines of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Quota(**row) for row in csv.DictReader(file)]


def deal(quotas: Iterable[Quota], kind: str, units: Sequence[Unit], rng: Random) -> None:
    """Gives the units of one kind their answers, deal after deal; raises QuotaError."""
    mine = (quota for quota in quotas if quota.unit == kind)
    for _, group in groupby(mine, key=lambda quota: quota.deal):
        lines = list(group)
        members = [unit for unit in units if lines[0].holds(unit)]
        rng.shuffle(members)
        if lines[0].answer.startswith("+"):
            _several(lines, members, rng)
        else:
            _one(lines, members, rng)


def _term(term: str, unit: Unit) -> bool:
    name, equals, wanted = term.partition("=")
    if not equals:
        raise QuotaError(f"“{term}” is no condition; write name=value.")
    said = set(unit.get(name.removesuffix("!")).split() or [""])
    return bool(said & set(wanted.split("|"))) != name.endswith("!")


def _one(lines: Sequence[Quota], members: Sequence[Unit], rng: Random) -> None:
    """Each member gets one answer; nobody is left without."""
    left = list(members)
    for line in lines:
        count = len(left) if line.count == "rest" else int(line.count)
        if count > len(left):
            raise QuotaError(f"{line}: {count} of {len(left)} who are left.")
        for unit in left[:count]:
            unit.said[line.question] = rng.choice(line.answer.split("|"))
        del left[:count]
    if left:
        raise QuotaError(f"{lines[-1]}: {len(left)} people are left without an answer.")


def _several(lines: Sequence[Quota], members: Sequence[Unit], rng: Random) -> None:
    """Each member ticks some of the codes, beside those of earlier deals; a line's code exactly as often."""
    ticked = {id(unit): unit.said.get(lines[0].question, "").split() for unit in members}
    for line in lines:
        codes = line.answer.replace("+", "").split("|")
        able = [u for u in members if len(ticked[id(u)]) < _most(line, u)]
        if line.count == "rest":
            able = [unit for unit in able if not ticked[id(unit)]]
        count = len(able) if line.count in ("rest", "room") else int(line.count)
        if count > len(able):
            raise QuotaError(f"{line}: {count} of {len(able)} who may tick one more.")
        for unit in rng.sample(able, count):
            ticked[id(unit)].append(rng.choice(codes))
    for unit in members:
        if ticked[id(unit)]:
            unit.said[lines[0].question] = " ".join(ticked[id(unit)])


def _most(line: Quota, unit: Unit) -> int:
    return int(unit.get(line.most) or line.most) if line.most else ALL


def questions(unit: Unit) -> Mapping[str, str]:
    """What the unit answers in the form: without the marks."""
    return {name: said for name, said in unit.said.items() if not name.startswith("_")}
