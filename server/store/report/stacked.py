"""Draws bars of a hundred percent: what is against lies left of zero, what is for right of it.

Those who did not know or answer stand apart in a column, so that they blur neither side.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from server.core.report.counted import REST, Line
from server.core.report.drawing import Drawing
from server.core.report.numbers import percent
from server.core.report.words import WORDS
from server.store.report.layout import Font, wrapped
from server.store.report.marks import (
    APART,
    GREY,
    INK,
    Chart,
    Row,
    chart,
    head,
    left_of,
    names,
    places,
    row_label,
)

STEP = 46  # pixels from line to line
# From dark orange over grey to dark purple; white or black numbers in them have contrast 4.5 or more.
BAD = {1: ("#f1a340",), 2: ("#b35806", "#f1a340")}
GOOD = {1: ("#542788",), 2: ("#998ec3", "#542788")}
MIDDLE = "#e0e0e0"
PLAIN = ("#542788", "#f1a340", "#d8daeb", "#998ec3", "#b35806", "#e0e0e0")
DARK = frozenset({"#542788", "#b35806"})


def stacked(drawing: Drawing, lang: str) -> Chart:
    """A bar a line, with a column of those without an opinion."""
    figure, shown = drawing.figure, [line for line in drawing.lines if line.cells]
    order = [row_label(line, lang) for line in shown]
    width, height = left_of(order, APART + 16), STEP * len(order)
    segments = _segments(drawing, shown, lang)
    low, high = min(row["from"] for row in segments), max(row["to"] for row in segments)
    for row in segments:  # a number that does not fit into its part of the bar stands in the table only
        if row["width"] * width / (high - low or 1) < Font.width(row["said"], 12.5, bold=True) + 6:
            row["said"] = ""
    x = alt.X("from:Q", axis=None, scale=alt.Scale(domain=[low, high], nice=False))
    base = chart(segments).encode(y=places(order))
    bars = base.mark_bar(height=28, stroke="white", strokeWidth=1.5)
    numbers = base.mark_text(fontWeight=700).encode(
        x=alt.X("middle:Q"),
        text="said:N",
        color=alt.condition("datum.dark", alt.value("#ffffff"), alt.value(INK)),
    )
    layers = [bars.encode(x=x, x2="to:Q", color=_legend(drawing, shown, width)), numbers, *names(order)]
    if figure.left and not figure.middle:
        zero = chart([{"x": 0}]).mark_rule(color=GREY, strokeWidth=1)
        layers.insert(1, zero.encode(x="x:Q"))
    left = alt.layer(*layers).properties(width=width, height=height)
    beside = _apart(shown, order, height, lang)
    return alt.hconcat(left, beside, spacing=16).resolve_scale(color="independent")


def _segments(drawing: Drawing, shown: Sequence[Line], lang: str) -> list[Row]:
    """Where each answer of each line begins and ends."""
    figure, colours = drawing.figure, _colours(drawing)
    found: list[Row] = []
    for line in shown:
        at = -line.percent(figure.left) - line.percent([figure.middle]) / 2
        for code, colour in zip(figure.codes, colours, strict=True):
            cell = line.cell(code)
            if cell is None:
                continue
            end = at + cell.percent
            found.append(
                {"row": row_label(line, lang), "code": cell.label, "from": at, "to": end}
                | {"middle": (at + end) / 2, "dark": colour in DARK}
                | {"said": percent(cell.percent, lang), "width": cell.percent}
            )
            at = end
    return found


def _legend(drawing: Drawing, shown: Sequence[Line], width: float) -> alt.Color:
    """Colours with the words of the answers, in the order of the bars."""
    labels = [cell.label for cell in shown[0].cells if cell.code != REST]
    return alt.Color(
        "code:N",
        scale=alt.Scale(domain=labels, range=_colours(drawing)),
        legend=alt.Legend(columns=_columns(labels, width)),
    )


def _apart(shown: Sequence[Line], order: Sequence[str], height: int, lang: str) -> Chart:
    """Those without an opinion, in a column of their own."""
    values = [
        {"row": row, "said": percent(cell.percent, lang)}
        for line, row in zip(shown, order, strict=True)
        if (cell := line.cell(REST))
    ]
    title = wrapped(WORDS[lang]["apart"], APART, 11.5)
    return (
        chart(values, title=head(title))
        .mark_text(color=GREY)
        .encode(y=alt.Y("row:N", sort=list(order), axis=None), text="said:N")
        .properties(width=APART, height=height)
    )


def _columns(labels: Sequence[str], width: float) -> int:
    """As many legend entries beside each other as fit; all of them if they can."""
    widths = [Font.width(label, 12.5) + 34 for label in labels]
    return len(labels) if sum(widths) <= width + 14 else max(1, int(width // max(widths)))


def _colours(drawing: Drawing) -> list[str]:
    """A colour for each answer in order: orange to purple where answers have sides, else plain ones."""
    figure = drawing.figure
    if not figure.left:
        return list(PLAIN[: len(figure.codes)])
    right = len(figure.codes) - len(figure.left) - bool(figure.middle)
    return [*BAD[len(figure.left)], *([MIDDLE] if figure.middle else []), *GOOD[right]]
