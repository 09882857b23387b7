"""Writes the tables of a release as CSV, page by page, so that memory stays flat however many interviews."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from server.core.dataset.coding import RESERVED, labelled
from server.core.dataset.fields import Field, harmless
from server.core.dataset.sheets import Sheet

Change = Callable[[Sequence[str]], list[str]]


class CsvTables:
    """The open CSV files of a release: UTF-8 with a mark at the start, without which Excel breaks letters.

    `language` is the name of the language whose labels stand in place of codes; None keeps the codes.
    """

    def __init__(self, folder: Path, empty: Sequence[Sheet], language: str | None = None) -> None:
        self._changes = [[_change(field, language) for field in sheet.fields] for sheet in empty]
        self._open = ExitStack()
        self._writers = [self._writer(folder, sheet) for sheet in empty]

    def _writer(self, folder: Path, sheet: Sheet) -> Any:
        file = (folder / f"{sheet.name}.csv").open("w", encoding="utf-8-sig", newline="")
        writer = csv.writer(self._open.enter_context(file), lineterminator="\n")
        writer.writerow([field.name for field in sheet.fields])
        return writer

    def __enter__(self) -> CsvTables:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def add(self, sheets: Sequence[Sheet]) -> None:
        """Writes the rows of some interviews; reasons, where there are any, stand in empty cells."""
        for sheet, changes, writer in zip(sheets, self._changes, self._writers, strict=True):
            cells = []
            for change, texts, why in zip(changes, sheet.columns, sheet.reasons, strict=True):
                column = change(texts) if change else texts
                if why is not None:
                    column = [text or RESERVED.get(one, "") for text, one in zip(column, why, strict=True)]
                cells.append(column)
            writer.writerows(zip(*cells, strict=True))


def _change(field: Field, language: str | None) -> Change | None:
    """What to do with the texts of a field: labels for codes, and nothing that a spreadsheet would run."""
    variable = field.variable
    if field.kind not in ("text", "code"):
        return None
    if variable is None or not variable.choices:
        return lambda texts: [harmless(text) for text in texts]
    names = {choice.name for choice in variable.choices}

    def change(texts: Sequence[str]) -> list[str]:
        said = {text: labelled(variable, text, language) if language else text for text in set(texts)}
        # A code of the form's own that looks like a negative number stays one.
        safe = {text: one if one in names and _number(one) else harmless(one) for text, one in said.items()}
        return [safe[text] for text in texts]

    return change


def _number(text: str) -> bool:
    return text.lstrip("-").isdigit()
