"""Writes whole tables in one of the formats; what needs more than a hub has says what to install."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from server.core.dataset.shape import Dataset
from server.core.dataset.sheets import Sheet
from server.core.problem import Unavailable
from server.store.release.options import Options


def write_all(folder: Path, shape: Dataset, sheets: Sequence[Sheet], options: Options, at: str) -> None:
    """The files of `options.format` in `folder`, dated `at`."""
    moment, language = datetime.fromisoformat(at), shape.language(options.language)
    try:
        if options.format == "xlsx":
            _workbook(folder / f"{shape.form}.xlsx", sheets, language if options.labels else None, moment)
        elif options.format == "parquet":
            from server.store.release.parquet import write_parquet

            write_parquet(folder, sheets, language, labels=options.labels)
        elif options.format == "dta":
            from server.store.release.labelled import write_stata

            write_stata(folder, shape, sheets, options.language, moment)
        elif options.format == "sav":
            from server.store.release.labelled import write_spss

            write_spss(folder, shape, sheets, options.language, moment)
    except ImportError:
        raise Unavailable("analysis_missing") from None


def _workbook(path: Path, sheets: Sequence[Sheet], language: str | None, at: datetime) -> None:
    from server.store.release.workbook import Book

    book = Book(path, at)
    for sheet in sheets:
        book.table(sheet, language)
    book.close()
