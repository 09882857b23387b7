"""Reads many interviews at once as columns: for each table its rows, their keys, and a list of texts a variable.

Columns are read whole, since looking up one answer in thousands of interviews costs less than looking up
thousands of answers in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.core.dataset.shape import Dataset, Table

Tree = Mapping[str, Any]
NOTHING: Tree = {}


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

    def texts(self, steps: tuple[str, ...]) -> list[str]:
        """The answers at `steps` from each row, "" where there is none."""
        name = steps[-1]
        said = (group.get(name) for group in self.group(steps[:-1]))
        return [value if value.__class__ is str else "" for value in said]

    def group(self, steps: tuple[str, ...]) -> Sequence[Tree]:
        """The group at `steps` of each row; empty where there is none."""
        if not steps:
            return self.rows
        found = self._groups.get(steps)
        if found is None:
            name = steps[-1]
            below = (group.get(name) for group in self.group(steps[:-1]))
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
        key = parent.keys[number]
        for turn, answers in enumerate(turns or (), 1):
            rows.append(answers)
            keys.append(f"{key}/{inside}[{turn}]")
            parents.append(key)
            owner.append(parent.owner[number])
            above.append(number)
    return page
