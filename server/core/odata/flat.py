"""The same tables laid flat, as ODK Central's CSV files have them: a column for each question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.core.dataset.fields import BACK, FRONT, LINKS, harmless
from server.core.odata.shape import Field, Group, Table

# What Central calls the system columns here and there.
SYSTEM = {
    "SubmissionDate": "submissionDate",
    "SubmitterID": "submitterId",
    "SubmitterName": "submitterName",
    "AttachmentsPresent": "attachmentsPresent",
    "AttachmentsExpected": "attachmentsExpected",
    "Status": "status",
    "ReviewState": "reviewState",
    "DeviceID": "deviceId",
    "Edits": "edits",
    "FormVersion": "formVersion",
}
Columns = Sequence[tuple[tuple[str, ...], Field]]


def file_name(form: str, table: Table) -> str:
    """The name of a table's file."""
    return f"{form}.csv" if table.above is None else f"{form}-{table.top.key}.csv"


def columns(table: Table) -> Columns:
    """The questions of a table, each with the steps that lead to its answer."""
    return list(_columns(table.top, ()))


def header(table: Table, shown: Columns, *, groups: bool = True) -> list[str]:
    """The names of a file's columns; without `groups` questions go by their own names."""
    names = ["-".join(steps if groups else steps[-1:]) for steps, _ in shown]
    return [*FRONT, *names, *BACK] if table.above is None else [*names, *LINKS]


def main_row(
    shown: Columns, instance: str, answers: Mapping[str, Any], system: Mapping[str, Any]
) -> list[str]:
    """An interview as a row of the form's own file."""
    given = {name: "" if system[key] is None else str(system[key]) for name, key in SYSTEM.items()} | {
        "KEY": instance
    }
    return [*(given[name] for name in FRONT), *_cells(shown, answers), *(given[name] for name in BACK)]


def turn_rows(table: Table, shown: Columns, instance: str, answers: Mapping[str, Any]) -> Iterator[list[str]]:
    """An interview's rows in a repeat's file; keys are as `uuid:x/group/people[2]`, from 1."""
    for key, parent, turn in _turns(table, instance, answers):
        yield [*_cells(shown, turn), parent, key]


def _turns(
    table: Table, instance: str, answers: Mapping[str, Any]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if table.above is None or table.above.above is None:
        holders = [(instance, answers)]
    else:
        holders = [(key, turn) for key, _, turn in _turns(table.above, instance, answers)]
    inside = "/".join(table.steps)
    for parent, holder in holders:
        for step in table.steps[:-1]:
            holder = holder.get(step) or {}
        for number, turn in enumerate(holder.get(table.steps[-1]) or (), 1):
            yield f"{parent}/{inside}[{number}]", parent, turn


def _columns(group: Group, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Field]]:
    for item in group.items:
        if isinstance(item, Field):
            yield (*steps, item.key), item
        elif not item.repeat and item.path != "/meta":
            yield from _columns(item, (*steps, item.key))


def _cells(shown: Columns, answers: Mapping[str, Any]) -> list[str]:
    cells = []
    for steps, field in shown:
        found: Any = answers
        for step in steps[:-1]:
            found = found.get(step) or {}
        text = found.get(steps[-1])
        said = field.read(text) if text else None
        cells.append(harmless(said) if isinstance(said, str) else "" if said is None else str(said))
    return cells
