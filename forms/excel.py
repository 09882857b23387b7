"""Gives a questionnaire to people who live in Excel, and takes back what they made of it.

They see one whole workbook. What they give back becomes CSV sheets again, in which every part that is still
the same as the shared one is an `include` again; a part that they changed is from then on the form's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from forms.sheets import INCLUDE, Sheets, shared_choices, shared_part

Cells = Mapping[str, str]
NOT_PARTS = ("choices", "places")


def to_excel(sheets: Sheets) -> bytes:
    """The whole questionnaire as an .xlsx workbook that any XLSForm tool reads."""
    from openpyxl import Workbook

    from forms.excel_look import dress

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in _tables(sheets).items():
        sheet = book.create_sheet(name)
        header = _header(rows)
        for number, cells in enumerate([dict(zip(header, header, strict=True)), *rows], 1):
            for column, key in enumerate(header, 1):
                if cells.get(key):
                    cell = sheet.cell(number, column, cells[key])
                    cell.data_type = "s"  # an expression that begins with = is not a formula of Excel
    dress(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def to_csv(sheets: Sheets, folder: Path, shared: Path) -> list[str]:
    """Writes the three CSV sheets into `folder`; returns the shared parts that are included again."""
    survey, included = _folded([row.cells for row in sheets.survey], _parts(shared))
    common = _by_list(row.cells for row in shared_choices(shared))
    own = {
        name: rows
        for name, rows in _by_list(r.cells for r in sheets.choices).items()
        if rows != common.get(name)
    }
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "survey.csv", survey, ("type", "name"))
    _write(folder / "choices.csv", [row for rows in own.values() for row in rows], ("list_name", "name"))
    _write(folder / "settings.csv", [sheets.settings], ())
    return included


def _tables(sheets: Sheets) -> dict[str, list[Cells]]:
    choices = [*sheets.choices, *sheets.spare]
    return {
        "survey": [row.cells for row in sheets.survey],
        "choices": [row.cells for row in choices],
        "settings": [sheets.settings],
    }


def _header(rows: Iterable[Cells]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def _parts(shared: Path) -> dict[str, list[Cells]]:
    """The shared parts, the longest first, so that a part within a part is found last."""
    names = sorted(path.stem for path in shared.glob("*.csv") if path.stem not in NOT_PARTS)
    parts: dict[str, list[Cells]] = {name: [row.cells for row in shared_part(shared, name)] for name in names}
    return dict(sorted(parts.items(), key=lambda part: -len(part[1])))


def _folded(survey: Sequence[Cells], parts: Mapping[str, Sequence[Cells]]) -> tuple[list[Cells], list[str]]:
    """The survey with each run of rows that equals a shared part written as its include."""
    rows, included = list(survey), []
    for name, part in parts.items():
        size = len(part)
        at = next((n for n in range(len(rows) - size + 1) if rows[n : n + size] == list(part)), None)
        if size and at is not None:
            rows[at : at + size] = [{"type": INCLUDE, "name": name}]
            included.append(name)
    return rows, sorted(included)


def _by_list(choices: Iterable[Cells]) -> dict[str, list[Cells]]:
    lists: dict[str, list[Cells]] = {}
    for cells in choices:
        lists.setdefault(cells.get("list_name", ""), []).append(cells)
    return lists


def _write(path: Path, rows: Sequence[Cells], first: Sequence[str]) -> None:
    """Keeps the columns of the sheet that was there, so that a difference view shows only changes."""
    header = list(dict.fromkeys((*_columns_of(path), *first, *_header(rows))))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _columns_of(path: Path) -> list[str]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file), [])
