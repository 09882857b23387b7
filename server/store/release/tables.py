"""Writes the tables of a release as CSV, page by page, so that memory stays flat however many interviews."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TextIO

from server.core.dataset.coding import RESERVED, labelled
from server.core.dataset.fields import FORMULA, Field, harmless
from server.core.dataset.sheets import Sheet

SPECIAL = re.compile('[,"\r\n]')
RISKY = {*FORMULA, " "}
Change = Callable[[Sequence[str]], list[str]]


class CsvTables:
    """The open CSV files of a release: UTF-8 with a mark at the start, without which Excel breaks letters.

    `language` is the name of the language whose labels stand in place of codes; None keeps the codes.
    """

    def __init__(self, folder: Path, empty: Sequence[Sheet], language: str | None = None) -> None:
        self._changes = [[_change(field, language) for field in sheet.fields] for sheet in empty]
        self._open = ExitStack()
        self._files = [self._file(folder, sheet) for sheet in empty]

    def _file(self, folder: Path, sheet: Sheet) -> TextIO:
        file = self._open.enter_context(
            (folder / f"{sheet.name}.csv").open("w", encoding="utf-8", newline="")
        )
        file.write("\ufeff")  # once: the codec "utf-8-sig" looks for it at every line, at a third of the time
        file.write(_lines([[field.name] for field in sheet.fields]))
        return file

    def __enter__(self) -> CsvTables:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def add(self, sheets: Sequence[Sheet]) -> None:
        """Writes the rows of some interviews; reasons, where there are any, stand in empty cells."""
        for sheet, changes, file in zip(sheets, self._changes, self._files, strict=True):
            cells = []
            for change, texts, why in zip(changes, sheet.columns, sheet.reasons, strict=True):
                column = change(texts) if change else texts
                if why is not None:
                    column = [text or RESERVED.get(one, "") for text, one in zip(column, why, strict=True)]
                cells.append(column)
            file.write(_lines(cells))


def _lines(columns: Sequence[Sequence[str]]) -> str:
    """The rows of some columns as CSV: what `csv` writes, in a third of its time."""
    cells = [_quoted(column) for column in columns]
    return "".join([f"{line}\n" for line in map(",".join, zip(*cells, strict=True))])


def _quoted(column: Sequence[str]) -> Sequence[str]:
    if not SPECIAL.search("".join(column)):
        return column
    return ['"' + text.replace('"', '""') + '"' if SPECIAL.search(text) else text for text in column]


def _change(field: Field, language: str | None) -> Change | None:
    """What to do with the texts of a field: labels for codes, and nothing that a spreadsheet would run."""
    variable = field.variable
    if field.kind not in ("text", "code"):
        return None
    if variable is None or not variable.choices:
        return _all_harmless
    names = {choice.name for choice in variable.choices}
    if language is None and not any(name.startswith(FORMULA) for name in names):
        return None

    def change(texts: Sequence[str]) -> list[str]:
        said = {text: labelled(variable, text, language) if language else text for text in set(texts)}
        # A code of the form's own that looks like a negative number stays one.
        safe = {text: one if one in names and _number(one) else harmless(one) for text, one in said.items()}
        return (
            [safe[text] for text in texts] if any(text != one for text, one in safe.items()) else list(texts)
        )

    return change


def _all_harmless(texts: Sequence[str]) -> list[str]:
    """As `harmless`, quick where nothing begins like a formula."""
    if RISKY.isdisjoint({text[:1] for text in texts}):
        return list(texts)
    return [harmless(text) for text in texts]


def _number(text: str) -> bool:
    return text.lstrip("-").isdigit()
