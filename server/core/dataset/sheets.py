"""A table's cells as they will be written: columns of texts, and beside each why its cells are empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from server.core.dataset.asked import Asked
from server.core.dataset.fields import Field, Multiple, columns, fields
from server.core.dataset.pages import Interview, read_pages
from server.core.dataset.shape import Dataset


@dataclass
class Sheet:
    """One table: `columns[i][row]` is the text of `fields[i]`, `reasons[i]` says why it is "", if asked
    for."""

    name: str
    fields: tuple[Field, ...]
    columns: list[list[str]]
    reasons: list[list[str] | None]

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.columns[0]) if self.columns else 0

    def column(self, name: str) -> list[str]:
        """The texts of the field called `name`."""
        return self.columns[[field.name for field in self.fields].index(name)]


def sheets(
    dataset: Dataset, interviews: Sequence[Interview], multiple: Multiple = "both", *, reasons: bool = False
) -> list[Sheet]:
    """The tables of some interviews; `reasons` costs about as much again as the texts."""
    pages = read_pages(dataset, interviews)
    asked = Asked(dataset, pages, interviews) if reasons else None
    found = []
    for page in pages:
        shown = fields(page.table, multiple)
        texts = list(columns(page, interviews, shown))
        why: list[list[str] | None] = [None] * len(shown)
        if asked is not None:
            known: dict[str, list[str]] = {}
            for number, field in enumerate(shown):
                if field.variable is None:
                    continue
                if field.variable.path not in known:
                    whole = page.texts(field.variable.steps)
                    known[field.variable.path] = asked.reasons(page, field.variable, whole)
                why[number] = known[field.variable.path]
        found.append(Sheet(page.table.name, shown, texts, why))
    return found


def joined(parts: Sequence[Sequence[Sheet]]) -> list[Sheet]:
    """Tables read page by page as one each."""
    return [_joined(list(pieces)) for pieces in zip(*parts, strict=True)]


def _joined(pieces: list[Sheet]) -> Sheet:
    first = pieces[0]
    texts = [list(chain.from_iterable(one)) for one in zip(*(piece.columns for piece in pieces), strict=True)]
    whys: list[list[str] | None] = []
    for one in zip(*(piece.reasons for piece in pieces), strict=True):
        told = [why for why in one if why is not None]
        whys.append(list(chain.from_iterable(told)) if len(told) == len(one) else None)
    return Sheet(first.name, first.fields, texts, whys)
