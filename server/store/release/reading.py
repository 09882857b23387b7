"""Reads the tables of a release back from its files, whatever their format, to compare them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Rows = dict[str, dict[str, Any]]  # by the row's key: column to cell
ARCHIVE = "submissions.csv.zip"


def read_tables(folder: Path, names: Sequence[str]) -> dict[str, Rows]:
    """The tables called `names` in a release's folder; those that are not there are left out."""
    books = [path for path in folder.glob("*.xlsx") if path.name != "codebook.xlsx"]
    if books:
        return _workbook(books[0], names)
    return {name: rows for name in names if (rows := _table(folder, name)) is not None}


def _table(folder: Path, name: str) -> Rows | None:
    archive = folder / ARCHIVE
    if archive.is_file():
        with zipfile.ZipFile(archive) as files:
            if f"{name}.csv" not in files.namelist():
                return None
            return _csv(io.StringIO(files.read(f"{name}.csv").decode("utf-8-sig"), newline=""))
    path = folder / f"{name}.csv"
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _csv(file)
    return _typed(folder, name)


def _csv(lines: Iterable[str]) -> Rows:
    reader = csv.reader(lines)
    header = next(reader)
    return _rows(header, reader)


def _typed(folder: Path, name: str) -> Rows | None:
    """Stata, SPSS or Parquet."""
    import polars as pl
    import pyreadstat

    for suffix, read in ((".dta", pyreadstat.read_dta), (".sav", pyreadstat.read_sav)):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            frame, _ = read(str(path), user_missing=True, output_format="polars")
            return _rows(frame.columns, frame.iter_rows())
    path = folder / f"{name}.parquet"
    if not path.is_file():
        return None
    frame = pl.read_parquet(path)
    return _rows(frame.columns, frame.iter_rows())


def _workbook(path: Path, names: Sequence[str]) -> dict[str, Rows]:
    """Sheets in the order of the tables; a table that Excel's limit parts goes on in the next sheets."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    found: dict[str, Rows] = {}
    for sheet in book.worksheets:
        name = next((one for one in names if one[:28] == sheet.title[:28]), "")
        if not name:
            continue  # the dictionary
        rows = sheet.iter_rows(values_only=True)
        header = [str(cell) for cell in next(rows, ())]
        found.setdefault(name, {}).update(_rows(header, rows))
    book.close()
    return found


def _rows(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Rows:
    place = list(header).index("KEY")
    return {str(row[place]): dict(zip(header, row, strict=False)) for row in rows}
