"""The columns of a released table, in ODK Central's order and with its names, and their texts.

A question with several answers becomes one column, a column of 0 and 1 for each choice, or both; a position
becomes four columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from forms.schema import Choice
from server.core.dataset.pages import Interview, Page
from server.core.dataset.shape import Table, Variable

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
LINKS = ("PARENT_KEY", "KEY")
GEO = ("Latitude", "Longitude", "Altitude", "Accuracy")
# A cell that begins like a formula is run by a spreadsheet; an apostrophe makes it text again.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\x00")

Multiple = Literal["one", "split", "both"]
Kind = Literal["text", "code", "whole", "number", "day", "moment", "tick"]
KINDS: dict[str, Kind] = {
    "select_one": "code",
    "integer": "whole",
    "decimal": "number",
    "date": "day",
    "datetime": "moment",
}
SYSTEM: dict[str, Kind] = {
    "SubmissionDate": "moment",
    "AttachmentsPresent": "whole",
    "AttachmentsExpected": "whole",
    "Edits": "whole",
}


@dataclass(frozen=True)
class Field:
    """One column. `variable` is None where it is no question's; `option` is the choice that a tick is for.

    `part` is the place of a number in a position.
    """

    name: str
    kind: Kind
    variable: Variable | None = None
    option: Choice | None = None
    part: int = 0

    @property
    def short(self) -> str:
        """Its name without the groups that the question stands in."""
        if self.variable is None:
            return self.name
        return self.variable.steps[-1] + self.name.removeprefix(self.variable.name)


def fields(table: Table, multiple: Multiple = "both") -> tuple[Field, ...]:
    """The columns of a table in order."""
    asked = [field for variable in table.variables for field in _of(variable, multiple)]
    if table.repeat:
        return (*asked, *(Field(name, "text") for name in LINKS))
    front, back = ([Field(name, SYSTEM.get(name, "text")) for name in names] for names in (FRONT, BACK))
    return (*front, *asked, *back)


def _of(variable: Variable, multiple: Multiple) -> Iterator[Field]:
    if variable.kind == "geopoint":
        for part, name in enumerate(GEO):
            yield Field(f"{variable.name}-{name}", "number", variable, part=part)
        return
    several = variable.kind == "select_multiple" and bool(variable.choices)
    if not several or multiple != "split":
        yield Field(variable.name, KINDS.get(variable.kind, "text"), variable)
    if several and multiple != "one":
        for choice in variable.choices:
            yield Field(f"{variable.name}/{choice.name}", "tick", variable, choice)


def columns(page: Page, interviews: Sequence[Interview], shown: Sequence[Field]) -> Iterator[list[str]]:
    """The texts of each field, row by row; `interviews` are those that the page was read from."""
    for field in shown:
        if field.variable is None:
            yield _system(page, interviews, field.name)
        else:
            yield _cells(field, page.texts(field.variable.steps))


def _system(page: Page, interviews: Sequence[Interview], name: str) -> list[str]:
    if name == "KEY":
        return list(page.keys)
    if name == "PARENT_KEY":
        return list(page.parents)
    return [interview.system.get(name, "") for interview in interviews]


def _part(text: str, part: int) -> str:
    parts = text.split()
    return parts[part] if part < len(parts) else ""


def harmless(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet would take it for a formula."""
    return "'" + text if text.lstrip(" ").startswith(FORMULA) else text


def expanded(variable: Variable, texts: list[str], multiple: Multiple) -> list[tuple[Field, list[str]]]:
    """The columns of one question whose answers are given, for tables that were changed after reading."""
    return [(field, _cells(field, texts)) for field in _of(variable, multiple)]


def _cells(field: Field, texts: list[str]) -> list[str]:
    """The texts of one of a question's columns."""
    if field.option is not None:
        name = field.option.name
        marks = {text: "" if not text else "1" if name in text.split() else "0" for text in set(texts)}
        return [marks[text] for text in texts]
    if field.variable is not None and field.variable.kind == "geopoint":
        return [_part(text, field.part) for text in texts]
    return texts
