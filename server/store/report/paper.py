"""The report as a tagged PDF: the same words, pictures and tables as the page, set for A4."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from forms import typeset
from server.core.report.drawing import Drawing
from server.core.report.text import Chapter
from server.store.report.document import Part, Report
from server.store.report.layout import FOLDER

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"


def pdf(report: Report) -> bytes:
    """The document, dated by its release; the same report gives the same bytes."""
    beside = {f"{name}.svg": picture.inner.encode("utf-8") for name, picture in report.pictures.items()}
    at = int(datetime.combine(report.day, time(), UTC).timestamp())
    return typeset.pages(TEMPLATE, _data(report), fonts=FOLDER, beside=beside, at=at)[0]


def _data(report: Report) -> dict[str, Any]:
    return {
        "lang": report.lang,
        "title": report.title,
        "campaign": report.campaign,
        "made": report.made,
        "cautions": report.cautions,
        "method": report.method,
        "words": report.words,
        "parts": [_part(report, one) for one in report.parts],
    }


def _part(report: Report, part: Part) -> dict[str, Any]:
    return {
        "title": part.title,
        "respondents": part.respondents,
        "cautions": part.cautions,
        "left_out": part.left_out,
        "chapters": [_chapter(report, one) for one in part.chapters],
    }


def _chapter(report: Report, chapter: Chapter) -> dict[str, Any]:
    return {
        "title": chapter.title,
        "sentences": chapter.sentences,
        "drawings": [_drawing(report, one) for one in chapter.drawings],
    }


def _drawing(report: Report, drawing: Drawing) -> dict[str, Any]:
    name = drawing.figure.name
    return {
        "number": drawing.figure.number,
        "title": drawing.title,
        "question": drawing.question,
        "base": drawing.base,
        "notes": drawing.notes,
        "source": drawing.source,
        "alt": drawing.alt,
        "table": drawing.table,
        "file": f"{name}.svg",
        "width": report.pictures[name].width,
    }
