"""Writes tables for Stata and SPSS: labels of variables and of values, and why an answer is missing.

Both formats note the moment of writing in their header; it is set to the release's own, so that the same
release has the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import pyreadstat

from server.core.dataset.coded import Coded, for_spss, for_stata, in_stata
from server.core.dataset.coding import HIGH, LOW, WORDS
from server.core.dataset.shape import Dataset
from server.core.dataset.sheets import Sheet

TYPES: dict[str, pl.DataType] = {"text": pl.String(), "day": pl.Date(), "moment": pl.Datetime("ms")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STAMP = b"<timestamp>\x11"
# Date and time stand in these bytes of an SPSS header.
SPSS_DATE = slice(84, 101)
MEASURES = {"whole": "scale", "number": "scale", "day": "scale", "moment": "scale"}


def words(language: str) -> dict[str, str]:
    """The labels of missing values, by letter."""
    return {letter: said[language if language in said else "fr"] for letter, said in WORDS.items()}


def write_stata(folder: Path, shape: Dataset, sheets: Sequence[Sheet], language: str, at: datetime) -> None:
    """A .dta file a table, and beside it a .do file that gives it labels in each of the form's languages."""
    for sheet in sheets:
        columns = for_stata(sheet, shape.language(language), words(language))
        path = folder / f"{sheet.name}.dta"
        pyreadstat.write_dta(
            _frame(columns, letters=True),
            str(path),
            file_label=shape.title[:80],
            column_labels=[one.label for one in columns],
            variable_value_labels=_labels(columns),
            missing_user_values={one.name: list(WORDS) for one in columns if one.reserved},
        )
        _set_stata_time(path, at)
        text = _do_file(sheet, shape, columns)
        path.with_suffix(".do").write_text(text, encoding="utf-8", newline="\n")


def write_spss(folder: Path, shape: Dataset, sheets: Sequence[Sheet], language: str, at: datetime) -> None:
    """A .sav file a table."""
    for sheet in sheets:
        columns = for_spss(sheet, shape.language(language), words(language))
        path = folder / f"{sheet.name}.sav"
        pyreadstat.write_sav(
            _frame(columns, letters=False),
            str(path),
            file_label=shape.title[:60],
            column_labels=[one.label for one in columns],
            variable_value_labels=_labels(columns),
            missing_ranges={one.name: [{"lo": LOW, "hi": HIGH}] for one in columns if one.reserved},
            variable_measure={one.name: MEASURES.get(one.field.kind, "nominal") for one in columns},
        )
        _set_spss_time(path, at)


def _frame(columns: Sequence[Coded], *, letters: bool) -> pl.DataFrame:
    return pl.DataFrame([_series(one, letters=letters) for one in columns])


def _series(column: Coded, *, letters: bool) -> pl.Series:
    dtype = TYPES.get(column.field.kind)
    if dtype is None:
        dtype = pl.Object() if letters and column.reserved else pl.Float64()
    return pl.Series(column.name, list(column.cells), dtype=dtype, strict=False)


def _labels(columns: Sequence[Coded]) -> dict[str, dict[int | float, str]]:
    return {one.name: dict(one.labels) for one in columns if one.labels}  # type: ignore[arg-type]  # letters are allowed for Stata


def _set_stata_time(path: Path, at: datetime) -> None:
    stamp = f"{at.day:02d} {MONTHS[at.month - 1]} {at:%Y %H:%M}".encode()
    with path.open("r+b") as file:
        place = file.read(4096).index(STAMP) + len(STAMP)
        file.seek(place)
        file.write(stamp)


def _set_spss_time(path: Path, at: datetime) -> None:
    stamp = f"{at.day:02d} {MONTHS[at.month - 1]} {at:%y%H:%M:%S}".encode()
    with path.open("r+b") as file:
        file.seek(SPSS_DATE.start)
        file.write(stamp)


def _do_file(sheet: Sheet, shape: Dataset, columns: Sequence[Coded]) -> str:
    """Stata keeps labels in several languages, but no library writes them: this file adds them."""
    lines = [
        f"* {shape.title}: {sheet.name}.dta",
        f'use "{sheet.name}.dta", clear',
    ]
    for code in WORDS["d"]:
        lines += ["", f"capture label language {code}, new", f"label language {code}"]
        for column in columns:
            lines += _do_lines(in_stata(column, sheet, shape.language(code), words(code)), code)
    return "\n".join([*lines, "", "label language fr", ""])


def _do_lines(column: Coded, code: str) -> list[str]:
    lines = [f"label variable {column.name} {_quoted(column.label)}"]
    if column.labels:
        listed = " ".join(f"{_value(one)} {_quoted(text)}" for one, text in column.labels.items())
        name = f"{column.name[:29]}_{code}"
        lines += [f"label define {name} {listed}, replace", f"label values {column.name} {name}"]
    return lines


def _value(number: int | str) -> str:
    return f".{number}" if isinstance(number, str) else str(number)


def _quoted(text: str) -> str:
    """A Stata string; what would be a macro is made harmless."""
    return '`"' + text.replace("`", "'").replace("$", "\\$").replace('"', "”") + "\"'"


def moment(at: str) -> datetime:
    """The release's time as headers need it."""
    return datetime.fromisoformat(at)
