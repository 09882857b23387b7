"""Lays interviews out as tables in ODK Central's column layout, one for the form and one for each repeat.

Only what may be read has a column: a question that goes to the vault leaves none, not even an empty one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.schema import MEDIA, NUMBER_KINDS, PLACE_KINDS, Form, Question
from server.core.plan import Plan

FRONT = ("SubmissionDate",)
BACK = (
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
)
GEO = ("Latitude", "Longitude", "Altitude", "Accuracy")
# A cell that begins like a formula is run by a spreadsheet; an apostrophe makes it text again.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\x00")


@dataclass(frozen=True, slots=True)
class Interview:
    """A consented interview as the export needs it; `system` holds the values of FRONT and BACK."""

    instance: str
    system: Mapping[str, str]
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One question's column; `steps` lead from its table's row to the answer."""

    header: str
    steps: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table's shape: `repeat` is the path of its repeat, empty for the form's own table."""

    name: str
    repeat: str
    parent: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The column names in order."""
        fields = _headers(self.columns)
        return (*fields, "PARENT_KEY", "KEY") if self.repeat else (*FRONT, *fields, *BACK)


def tables(plans: Sequence[Plan]) -> list[Table]:
    """The tables of a form over all its versions, oldest first: a column once asked stays."""
    form = plans[-1].form.id
    repeats: dict[str, str] = {}
    for plan in plans:
        for path in plan.form.repeats:
            repeats.setdefault(path, _repeat_above(plan.form, path))
    taken: dict[str, int] = {}
    found = [Table(form, "", "", _columns(plans, ""))]
    for path, above in repeats.items():
        name = path.rpartition("/")[2]
        taken[name] = taken.get(name, 0) + 1
        suffix = f"~{taken[name]}" if taken[name] > 1 else ""
        found.append(Table(f"{form}-{name}{suffix}", path, above, _columns(plans, path)))
    return found


def _columns(plans: Sequence[Plan], repeat: str) -> tuple[Column, ...]:
    found: dict[str, Column] = {}
    for plan in plans:
        for question in plan.form.questions:
            if (question.repeat or "") != repeat or not _has_column(plan, question):
                continue
            steps = tuple(question.path.removeprefix(repeat).strip("/").split("/"))
            found.setdefault(question.path, Column("-".join(steps), steps, question.kind))
    return tuple(found.values())


def _has_column(plan: Plan, question: Question) -> bool:
    return question.kind not in (MEDIA, "note") and plan.reads(question)


def _repeat_above(form: Form, path: str) -> str:
    above = [other for other in form.repeats if path.startswith(other + "/")]
    return max(above, key=len, default="")


def _headers(columns: Sequence[Column]) -> tuple[str, ...]:
    names: list[str] = []
    for column in columns:
        if column.kind == "geopoint":
            names += [f"{column.header}-{part}" for part in GEO]
        else:
            names.append(column.header)
    return tuple(names)


def rows(found: Sequence[Table], interview: Interview) -> Iterator[tuple[int, list[str]]]:
    """The interview's rows, each with the number of its table."""
    system = interview.system
    for number, table in enumerate(found):
        if not table.repeat:
            cells = _cells(table.columns, interview.answers)
            yield number, [*(system[k] for k in FRONT), *cells, *(system[k] for k in BACK)]
            continue
        for key, parent, answers in _turns(found, table, interview):
            yield number, [*_cells(table.columns, answers), parent, key]


def _turns(
    found: Sequence[Table], table: Table, interview: Interview
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each turn of a repeat: its key, its parent's key, its answers (`uuid:x/group/people[2]`, from 1)."""
    if table.parent:
        above = next(other for other in found if other.repeat == table.parent)
        parents = [(key, answers) for key, _, answers in _turns(found, above, interview)]
    else:
        parents = [(interview.instance, interview.answers)]
    inside = table.repeat.removeprefix(table.parent).strip("/")
    steps = inside.split("/")
    for parent, answers in parents:
        group = _descend(answers, steps[:-1])
        for turn, one in enumerate(group.get(steps[-1]) or (), 1):
            yield f"{parent}/{inside}[{turn}]", parent, one


def _descend(answers: Mapping[str, Any], steps: Sequence[str]) -> Mapping[str, Any]:
    for step in steps:
        answers = answers.get(step) or {}
    return answers


def _cells(columns: Sequence[Column], answers: Mapping[str, Any]) -> list[str]:
    cells: list[str] = []
    for column in columns:
        value = str(_descend(answers, column.steps[:-1]).get(column.steps[-1]) or "")
        if column.kind == "geopoint":
            cells += [*value.split(), "", "", "", ""][:4]
        else:
            cells.append(value if column.kind in NUMBER_KINDS | PLACE_KINDS else harmless(value))
    return cells


def harmless(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet would take it for a formula."""
    return "'" + text if text.lstrip(" ").startswith(FORMULA) else text


def choice_rows(plans: Sequence[Plan]) -> Iterator[tuple[str, str, str, str]]:
    """`question, choice, language, label` for every listed answer that has a column."""
    said: set[tuple[str, str, str]] = set()
    for plan in reversed(plans):
        for question in plan.form.questions:
            if question.choices is None or not _has_column(plan, question):
                continue
            header = question.path.removeprefix(question.repeat or "").strip("/").replace("/", "-")
            for choice in question.choices:
                for language, label in choice.labels.items():
                    row = (header, choice.name, language)
                    if row not in said:
                        said.add(row)
                        yield header, choice.name, language, harmless(label)
