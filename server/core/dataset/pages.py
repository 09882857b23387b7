"""Reads many interviews at once as columns: for each table its rows, their keys, and a list of texts a
variable.

Columns are read whole, since looking up one answer in thousands of interviews costs less than looking up
thousands of answers in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any

from server.core.dataset.shape import Dataset, Table

Tree = Mapping[str, Any]
NOTHING: Tree = {}
TEXT = {str}


@dataclass(frozen=True, slots=True)
class Interview:
    """A consented interview; `system` holds the values of the columns that are no question's."""

    instance: str
    version: str
    system: Mapping[str, str]
    answers: Tree


@dataclass
class Page:
    """The rows of one table, from some interviews.

    `owner` is the number of each row's interview, `above` that of its row in the parent's page; `keys` and
    `parents` are as ODK Central writes them (`uuid:x/group/people[2]`, turns from 1).
    """

    table: Table
    rows: Sequence[Tree]
    keys: Sequence[str]
    parents: Sequence[str]
    owner: Sequence[int]
    above: Sequence[int]
    _groups: dict[tuple[str, ...], Sequence[Tree]] = field(default_factory=dict, repr=False)
    _texts: dict[tuple[str, ...], list[str]] = field(default_factory=dict, repr=False)

    def texts(self, steps: tuple[str, ...]) -> list[str]:
        """The answers at `steps` from each row, "" where there is none."""
        found = self._texts.get(steps)
        if found is None:
            said = list(map(methodcaller("get", steps[-1], ""), self.group(steps[:-1])))
            # Another version may have a group where this one has a question.
            plain = {*map(type, said)} <= TEXT
            found = said if plain else [one if one.__class__ is str else "" for one in said]
            self._texts[steps] = found
        return found

    def group(self, steps: tuple[str, ...]) -> Sequence[Tree]:
        """The group at `steps` of each row; empty where there is none."""
        if not steps:
            return self.rows
        found = self._groups.get(steps)
        if found is None:
            below = map(methodcaller("get", steps[-1]), self.group(steps[:-1]))
            found = self._groups[steps] = [one if one.__class__ is dict else NOTHING for one in below]
        return found


def read_pages(dataset: Dataset, interviews: Sequence[Interview]) -> list[Page]:
    """One page for each table, in the order of the tables."""
    numbers = range(len(interviews))
    keys = [interview.instance for interview in interviews]
    first = Page(dataset.tables[0], [one.answers for one in interviews], keys, [], numbers, numbers)
    found = {"": first}
    for table in dataset.tables[1:]:
        found[table.repeat] = _turns(table, found[table.parent])
    return list(found.values())


def _turns(table: Table, parent: Page) -> Page:
    inside = table.repeat.removeprefix(table.parent).strip("/")
    *groups, name = inside.split("/")
    page = Page(table, rows := [], keys := [], parents := [], owner := [], above := [])
    for number, group in enumerate(parent.group(tuple(groups))):
        turns = group.get(name)
        if turns.__class__ is not list:
            continue
        key, count = parent.keys[number], len(turns)
        rows += turns
        keys += [f"{key}/{inside}[{turn}]" for turn in range(1, count + 1)]
        parents += [key] * count
        owner += [parent.owner[number]] * count
        above += [number] * count
    return page
