"""Writes all tables into one Excel workbook, with the codebook as its last sheet.

Cells are typed; a text is always written as a text with Excel's own mark for one, so that nothing that begins
like a formula is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from server.core.dataset.coding import RESERVED, labelled
from server.core.dataset.fields import FORMULA
from server.core.dataset.sheets import Sheet
from server.core.dataset.typed import Value, values
from server.core.problem import TooLarge

MOST_ROWS, MOST_COLUMNS, MOST_SIGNS = 1_048_575, 16_384, 32_767
UNFIT = re.compile(r"[\[\]:*?/\\']")


class Book:
    """A workbook that is being written; `at` is its date, the same for the same release."""

    def __init__(self, path: Path, at: datetime) -> None:
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
        self._book.set_properties({"created": at.replace(tzinfo=None)})
        make = self._book.add_format
        self._head = make({"bold": True, "bottom": 1})
        self._text = make({"quote_prefix": True})
        self._wrap = make({"text_wrap": True, "valign": "top"})
        self._day = make({"num_format": "yyyy-mm-dd"})
        self._moment = make({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._names: set[str] = set()

    def close(self) -> None:
        """Writes the file."""
        self._book.close()

    def table(self, sheet: Sheet, language: str | None) -> None:
        """One table; with `language` the labels of choices in place of codes. Long ones go on in a new
        sheet."""
        if len(sheet.fields) > MOST_COLUMNS:
            raise TooLarge("too_wide_for_excel", columns=str(len(sheet.fields)))
        columns = [_values(sheet, number, language) for number in range(len(sheet.fields))]
        names = [field.name for field in sheet.fields]
        for start in range(0, max(sheet.height, 1), MOST_ROWS):
            rows = zip(*(column[start : start + MOST_ROWS] for column in columns), strict=True)
            self.rows(sheet.name, names, rows)

    def rows(self, name: str, header: Sequence[str], rows: Any) -> None:
        """A sheet with a header that stays in sight."""
        sheet = self._book.add_worksheet(self._name(name))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(header) - 1, 0), 16)
        for place, text in enumerate(header):
            sheet.write_string(0, place, text, self._head)
        write_number, numbers = sheet.write_number, (int, float)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                if type(value) in numbers:
                    write_number(number, place, value)
                elif value is not None and value != "":
                    self._write(sheet, number, place, value)

    def _write(self, sheet: Any, row: int, column: int, value: Value) -> None:
        if isinstance(value, str):
            risky = value.lstrip(" ").startswith(FORMULA)
            sheet.write_string(row, column, value[:MOST_SIGNS], self._text if risky else None)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self._moment)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._day)

    def _name(self, wanted: str) -> str:
        """A name that Excel takes: 31 signs, no two alike."""
        base = UNFIT.sub("_", wanted)[:31] or "table"
        found, number = base, 1
        while found.lower() in self._names:
            number += 1
            found = f"{base[: 31 - len(str(number)) - 1]}_{number}"
        self._names.add(found.lower())
        return found


def _values(sheet: Sheet, number: int, language: str | None) -> Sequence[Value | None]:
    field, texts, why = sheet.fields[number], sheet.columns[number], sheet.reasons[number]
    if language and field.variable and field.variable.choices and field.kind in ("code", "text"):
        said = {text: labelled(field.variable, text, language) for text in set(texts)}
        return [said[text] for text in texts]
    found = values(texts, field.kind)
    if why is None or field.kind in ("day", "moment", "text"):
        return found
    coded = {letter: int(text) if field.kind != "code" else text for letter, text in RESERVED.items()}
    return [coded.get(one) if one else cell for cell, one in zip(found, why, strict=True)]
