"""Writes whole tables in one of the formats; what needs more than a hub has says what to install."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from server.core.dataset.codebook import Book
from server.core.dataset.shape import Dataset
from server.core.dataset.sheets import Sheet
from server.core.problem import Unavailable
from server.store.release.books import HEADER, lines
from server.store.release.options import Options
from server.store.release.workbook import Book as Workbook


def write_all(
    folder: Path,
    shape: Dataset,
    sheets: Sequence[Sheet],
    options: Options,
    at: str,
    dictionary: Book | None = None,
) -> None:
    """The files of `options.format` in `folder`, dated `at`; a workbook has the `dictionary` as its last
    sheet."""
    moment, language = datetime.fromisoformat(at), shape.language(options.language)
    try:
        if options.format == "xlsx":
            workbook = Workbook(folder / f"{shape.form}.xlsx", moment)
            for sheet in sheets:
                workbook.table(sheet, language if options.labels else None)
            if dictionary is not None:
                workbook.rows("codebook", HEADER, lines(dictionary))
            workbook.close()
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
