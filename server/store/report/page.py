"""The report as one web page that needs nothing else: to read on a phone, to send, to print, to keep."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from server.store.report.document import Report
from server.store.report.layout import Font

TEMPLATES = Path(__file__).parent / "templates"


def page(report: Report) -> str:
    """The page; the same report gives the same bytes."""
    fonts = {
        weight: base64.b64encode(path.read_bytes()).decode("ascii")
        for weight, path in ((400, Font.REGULAR), (700, Font.BOLD))
    }
    # The drawings are our own, made from escaped words.
    drawings = {name: Markup(picture.inner) for name, picture in report.pictures.items()}  # noqa: S704
    return _template().render(report=report, words=report.words, fonts=fonts, drawings=drawings)


@cache
def _template() -> Template:
    loader = FileSystemLoader(TEMPLATES)
    found = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return found.get_template("report.html")
