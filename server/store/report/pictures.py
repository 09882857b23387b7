"""Makes each figure's pictures: once without words around it, for pages; once whole, to be sent alone.

Vega draws once, as SVG; title, question, base and source are set around that drawing, and PNG is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from server.core.problem import Unavailable
from server.core.report.drawing import Drawing
from server.store.report.layout import FOLDER, Font, wrapped

MARGIN, WIDTH = 24, 760
SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"')
CLIP = re.compile(r'(id="|url\(#)(clip|gradient_)(\d+)')


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure drawn. `inner` is the drawing alone, `whole` has its words too; PNGs are twice as large."""

    drawing: Drawing
    inner: str
    whole: str
    inner_png: bytes
    whole_png: bytes
    width: float
    height: float


def pictures(
    drawings: Sequence[Drawing], lang: str, step: Callable[[int, int], None] = lambda *_: None
) -> list[Picture]:
    """Each figure drawn; says to install `analysis` where the drawing library is missing."""
    made = []
    for done, drawing in enumerate(drawings, 1):
        made.append(picture(drawing, lang))
        step(done, len(drawings))
    return made


def picture(drawing: Drawing, lang: str) -> Picture:
    """One figure drawn; the same numbers give the same bytes."""
    vega = _vega()
    from server.store.report.charts import spec

    inner = _settled(vega.vegalite_to_svg(spec(drawing, lang)), drawing.figure.name)
    found = SIZE.search(inner)
    width, height = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    whole = framed(drawing, inner, width, height)
    png = [bytes(vega.svg_to_png(svg, scale=2)) for svg in (inner, whole)]
    return Picture(drawing, inner, whole, png[0], png[1], width, height)


@cache
def _vega() -> Any:
    try:
        import altair  # noqa: F401 (charts draw with it; told here, before any work)
        import vl_convert
    except ImportError:
        raise Unavailable("analysis_missing") from None
    vl_convert.register_font_directory(str(FOLDER))
    return vl_convert


def _settled(svg: str, name: str) -> str:
    """The drawing with names of its own for parts that it refers to, so that many fit on one page."""
    numbers: dict[str, int] = {}

    def renamed(found: re.Match[str]) -> str:
        number = numbers.setdefault(found[2] + found[3], len(numbers))
        return f"{found[1]}{name}-{number}"

    return CLIP.sub(renamed, svg)


def framed(drawing: Drawing, inner: str, width: float, height: float) -> str:
    """The drawing with its title and question above, its base, notes and source below."""
    room, y = WIDTH - 2 * MARGIN, float(MARGIN)
    parts: list[str] = []

    def lines(text: str, size: float, *, bold: bool = False, colour: str = "#1a1a1a") -> None:
        nonlocal y
        for line in wrapped(text, room, size, bold=bold):
            y += size * 1.32
            weight = "700" if bold else "400"
            parts.append(
                f'<text x="{MARGIN}" y="{y:.1f}" font-family="{Font.FAMILY}, sans-serif" font-size="{size}" '
                f'font-weight="{weight}" fill="{colour}">{escape(line)}</text>'
            )

    lines(f"Figure\u00a0{drawing.figure.number}", 12, colour="#5f5f5f")
    lines(drawing.title, 19, bold=True)
    y += 4
    lines(drawing.question, 13, colour="#444444")
    y += 18
    scale = min(1.0, room / width) if width else 1.0
    parts.append(f'<g transform="translate({MARGIN} {y:.1f}) scale({scale:.4f})">{inner}</g>')
    y += height * scale + 14
    lines(drawing.base, 12)
    for note in drawing.notes:
        lines(note, 12)
    lines(drawing.source, 12, colour="#5f5f5f")
    total = y + MARGIN
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{WIDTH}" height="{total:.0f}" viewBox="0 0 {WIDTH} {total:.0f}" role="img" '
        f'aria-label="{_quoted(drawing.alt)}">'
    )
    paper = f'<rect width="{WIDTH}" height="{total:.0f}" fill="#ffffff"/>'
    return head + paper + "".join(parts) + "</svg>\n"


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})
