"""The report as a Word document that people go on writing in: real headings, real tables, pictures with
words.

Word takes no SVG from this library, so pictures are PNG at twice the size.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

from server.core.problem import Unavailable
from server.core.report.drawing import Drawing
from server.store.report.document import Part, Report

WIDTH = 16.0  # centimetres between the margins
SCREEN = 712  # pixels that fill them
LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}


def docx(report: Report) -> bytes:
    """The document, dated by its release; the same report gives the same bytes."""
    try:
        from docx import Document
        from docx.shared import Cm, Pt
    except ImportError:
        raise Unavailable("analysis_missing") from None
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    document.styles["Normal"].font.name = "Noto Sans"
    document.styles["Normal"].font.size = Pt(10)
    _dated(document, report)
    document.add_heading(report.title, 0)
    document.add_paragraph(f"{report.campaign} · {report.made}")
    for line in report.cautions:
        document.add_paragraph().add_run(line).bold = True
    _sample(document, report)
    for part in report.parts:
        for chapter in part.chapters:
            document.add_heading(chapter.title, 1)
            for sentence in chapter.sentences:
                document.add_paragraph(sentence)
            for drawing in chapter.drawings:
                _figure(document, report, drawing)
    made = io.BytesIO()
    document.save(made)
    return _settled(made.getvalue(), report.day)


def _dated(document: Any, report: Report) -> None:
    from docx.oxml.ns import qn

    told, at = document.core_properties, datetime.combine(report.day, time())
    told.title, told.author, told.language = report.title, "Taama", LANGUAGES[report.lang]
    told.created = told.modified = at
    told.comments, told.last_modified_by, told.revision = "", "Taama", 1
    fonts = document.styles["Normal"].element.get_or_add_rPr()
    found = fonts.makeelement(qn("w:lang"), {qn("w:val"): LANGUAGES[report.lang]})
    fonts.append(found)


def _sample(document: Any, report: Report) -> None:
    document.add_heading(report.words["sample"], 1)
    for part in report.parts:
        for line in (part.respondents, *part.cautions):
            document.add_paragraph(line)
    for line in report.method:
        document.add_paragraph(line)
    document.add_heading(report.words["left_out"], 2)
    for part in report.parts:
        _left_out(document, report, part)


def _left_out(document: Any, report: Report, part: Part) -> None:
    if not part.left_out:
        document.add_paragraph(f"{part.title} – {report.words['nothing_left']}")
        return
    document.add_paragraph(part.title)
    _table(document, [(report.words["reason"], report.words["interviews"]), *part.left_out])


def _figure(document: Any, report: Report, drawing: Drawing) -> None:
    from docx.shared import Cm

    picture = report.pictures[drawing.figure.name]
    heading = document.add_heading(f"{report.words['figure']} {drawing.figure.number}. {drawing.title}", 2)
    question = document.add_paragraph(style="Caption")
    question.add_run(drawing.question)
    width = Cm(min(WIDTH, WIDTH * picture.width / SCREEN))
    shown = document.add_picture(io.BytesIO(picture.inner_png), width=width)
    told = shown._inline.docPr  # the library has no public way to a picture's text
    told.set("descr", drawing.alt)
    told.set("title", drawing.title)
    for block in (heading, question, document.paragraphs[-1]):
        block.paragraph_format.keep_with_next = True
    for line in (drawing.base, *drawing.notes, drawing.source):
        document.add_paragraph(line, style="Caption").paragraph_format.space_after = 0
    _table(document, drawing.table)


def _table(document: Any, rows: Any) -> None:
    """A table whose first row is its header, repeated on each page."""
    from docx.oxml.ns import qn

    table = document.add_table(rows=0, cols=len(rows[0]), style="Light List Accent 4")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(head.makeelement(qn("w:tblHeader"), {}))
    document.add_paragraph()


def _settled(content: bytes, day: date) -> bytes:
    """The same document with the day of release on every part of its archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            target.writestr(entry, source.read(name))
    return made.getvalue()
