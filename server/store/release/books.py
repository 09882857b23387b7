"""Writes the dictionary of a release: a page to read, a workbook, and DDI for archives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.core.dataset.codebook import Book
from server.core.dataset.ddi import ddi
from server.store.release.workbook import Book as Workbook

TEMPLATES = Path(__file__).with_name("templates")
HEADER = (
    *("table", "name", "stata", "spss", "kind", "label_fr", "label_en", "question", "asked_if", "recode"),
    *("versions", "code", "number", "code_fr", "code_en", "missing", "n"),
)


def write_books(folder: Path, book: Book, files: Sequence[tuple[str, int]], at: str) -> None:
    """`codebook.html`, `codebook.xlsx` and `codebook.xml` (DDI) in `folder`."""
    folder.joinpath("codebook.xml").write_bytes(ddi(book, files, at, "Taama"))
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    page = environment.get_template("codebook.html").render(book=book, made=at)
    folder.joinpath("codebook.html").write_text(page, encoding="utf-8", newline="\n")
    workbook = Workbook(folder / "codebook.xlsx", datetime.fromisoformat(at))
    workbook.rows("codebook", HEADER, lines(book))
    workbook.close()


def lines(book: Book) -> Iterator[Sequence[str | int]]:
    """One line a column, and one for each of its codes."""
    for entry in book.entries:
        first = (entry.table, entry.name, entry.stata, entry.spss, entry.kind, *entry.labels)
        yield (*first, entry.question, entry.asked_if, entry.recode, " ".join(entry.versions))
        for code in entry.codes:
            mark = "yes" if code.missing else ""
            count = "" if code.count is None else code.count
            yield (*first[:4], "", *[""] * 6, code.name, code.number, *code.labels, mark, count)
