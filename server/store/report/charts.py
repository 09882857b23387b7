"""Draws a figure's bars and marks, without title or caption: those are set around it, or beside it in a page.

Colours are told apart by people who are colour-blind, and never carry meaning alone: each bar shows its
number, legends stand in the order of the bars, moments have shapes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt

from server.core.report.counted import REST, SMALL, Line
from server.core.report.drawing import Drawing, difference, named, short, value
from server.core.report.numbers import percent
from server.core.report.words import WORDS
from server.store.report.layout import Font, wrapped

ROOM, ROW, APART = 712, 46, 92  # the whole drawing; a line; the column of those without an opinion
INK, GREY, LINE = "#1a1a1a", "#5f5f5f", "#d0d0d0"
MAIN, PALE, FIRST = "#542788", "#998ec3", "#b35806"
# From dark orange over grey to dark purple; white or black numbers in them have contrast 4.5 or more.
BAD = {1: ("#f1a340",), 2: ("#b35806", "#f1a340")}
GOOD = {1: ("#542788",), 2: ("#998ec3", "#542788")}
MIDDLE = "#e0e0e0"
PLAIN = ("#542788", "#f1a340", "#d8daeb", "#998ec3", "#b35806", "#e0e0e0")
DARK = frozenset({"#542788", "#b35806"})
SHAPES = ("circle", "diamond", "square", "triangle-up")
Chart = alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart


def spec(drawing: Drawing, lang: str) -> dict[str, Any]:
    """The figure as a Vega-Lite specification."""
    chart = KINDS[drawing.figure.kind](drawing, lang)
    styled = (
        chart.configure(font=Font.FAMILY, background="#ffffff")
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=13, titleFontSize=12, labelColor=INK, titleColor=GREY, domain=False, ticks=False,
            gridColor=LINE, labelLimit=400, titleFontWeight=400,
        )
        .configure_legend(
            labelFontSize=12.5, labelColor=INK, title=None, orient="top", symbolType="square", symbolSize=130,
            labelLimit=400, columnPadding=14, offset=10, padding=0,
        )
        .configure_text(fontSize=12.5, color=INK)
    )  # fmt: skip
    made: dict[str, Any] = styled.to_dict(validate=False)
    return made


def _stacked(drawing: Drawing, lang: str) -> Chart:
    figure, shown = drawing.figure, [line for line in drawing.lines if line.cells]
    colours = dict(zip(figure.codes, _colours(drawing), strict=True))
    rows, labels = [], {}
    for line in shown:
        at = -line.percent(figure.left) - line.percent([figure.middle]) / 2
        for code in figure.codes:
            cell = line.cell(code)
            if cell is None:
                continue
            labels[code] = cell.label
            rows.append(
                {"row": _row(line, lang), "code": cell.label, "from": at, "to": at + cell.percent}
                | {"middle": at + cell.percent / 2, "dark": colours[code] in DARK}
                | {"said": percent(cell.percent, lang), "width": cell.percent}
            )
            at += cell.percent
    order = [_row(line, lang) for line in shown]
    width = _left_of(order, APART + 16)
    low, high = min(row["from"] for row in rows), max(row["to"] for row in rows)
    for row in rows:  # a number that does not fit into its part of the bar stands in the table only
        if row["width"] * width / (high - low or 1) < Font.width(row["said"], 12.5, bold=True) + 6:
            row["said"] = ""
    x = alt.X("from:Q", axis=None, scale=alt.Scale(domain=[low, high], nice=False))
    base = alt.Chart(alt.Data(values=rows)).encode(y=_rows(order))
    bars = base.mark_bar(height=28, stroke="white", strokeWidth=1.5).encode(
        x=x,
        x2="to:Q",
        color=alt.Color(
            "code:N",
            scale=alt.Scale(domain=[labels[c] for c in labels], range=[colours[c] for c in labels]),
            legend=alt.Legend(columns=_columns(list(labels.values()), width)),
        ),
    )
    numbers = base.mark_text(fontWeight=700).encode(
        x=alt.X("middle:Q"),
        text="said:N",
        color=alt.condition("datum.dark", alt.value("#ffffff"), alt.value(INK)),
    )
    layers: list[Any] = [bars, numbers, *_names(order)]
    if figure.left and not figure.middle:
        zero = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=GREY, strokeWidth=1)
        layers.insert(1, zero.encode(x="x:Q"))
    height = ROW * len(order)
    left = alt.layer(*layers).properties(width=width, height=height)
    return alt.hconcat(left, _apart(shown, order, height, lang), spacing=16).resolve_scale(color="independent")


def _apart(shown: Sequence[Line], order: Sequence[str], height: int, lang: str) -> alt.Chart:
    """Those without an opinion, in a column of their own."""
    values = [
        {"row": row, "said": percent(cell.percent, lang)}
        for line, row in zip(shown, order, strict=True)
        if (cell := line.cell(REST))
    ]
    title = wrapped(WORDS[lang]["apart"], APART, 11.5)
    return (
        alt.Chart(alt.Data(values=values), title=_head(title))
        .mark_text(color=GREY)
        .encode(y=alt.Y("row:N", sort=list(order), axis=None), text="said:N")
        .properties(width=APART, height=height)
    )


def _head(lines: Sequence[str]) -> alt.TitleParams:
    return alt.TitleParams(
        list(lines), fontSize=11.5, fontWeight=400, color=GREY, anchor="middle", offset=4, lineHeight=14
    )


def _columns_chart(drawing: Drawing, lang: str) -> Chart:
    line = drawing.lines[0]
    order = ["\n".join(wrapped(cell.label, 84, 13)) for cell in line.cells]
    rows = [
        {"code": label, "percent": cell.percent, "said": percent(cell.percent, lang), "rest": cell.code == REST}
        | {"count": str(cell.count)}
        for label, cell in zip(order, line.cells, strict=True)
    ]
    axis = alt.Axis(title=None, labelAngle=0, labelExpr="split(datum.value, '\\n')", labelLineHeight=15, domain=True)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("code:N", sort=order, axis=axis),
        y=alt.Y("percent:Q", axis=None, scale=alt.Scale(domain=[0, max(row["percent"] for row in rows) * 1.12])),
    )
    bars = base.mark_bar(size=58).encode(
        color=alt.condition("datum.rest", alt.value("#bdbdbd"), alt.value(MAIN))
    )
    numbers = base.mark_text(dy=-9, fontWeight=700).encode(text="said:N")
    return alt.layer(bars, numbers).properties(width=96 * len(order), height=200)


def _shares(drawing: Drawing, lang: str) -> Chart:
    figure = drawing.figure
    shown = [line for line in drawing.lines if line.cells]
    rows = [
        {"row": _row(line, lang), "percent": (share := line.percent(figure.finding)), "first": at == 0}
        | {"said": f"{percent(share, lang)} ({line.count(figure.finding)})"}
        for at, line in enumerate(shown)
    ]
    return _bars(rows, "datum.first", 100, 36)


def _mentions(drawing: Drawing, lang: str) -> Chart:
    line = drawing.lines[0]
    rows = [
        {"row": "\n".join(wrapped(short(cell.label), 250, 13)), "percent": cell.percent, "said": value(cell, lang)}
        | {"first": cell.code not in ("other", "none", "dk", "refuse")}
        for cell in line.cells
    ]
    return _bars(rows, "datum.first", max(row["percent"] for row in rows), 32)


def _bars(rows: Sequence[dict[str, Any]], main: str, top: float, step: int) -> alt.LayerChart:
    order = [row["row"] for row in rows]
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=_rows(order), x=alt.X("percent:Q", axis=None, scale=alt.Scale(domain=[0, top], nice=False))
    )
    bars = base.mark_bar(height=20).encode(color=alt.condition(main, alt.value(MAIN), alt.value("#b8b3cf")))
    numbers = base.mark_text(align="left", dx=6).encode(text="said:N")
    width = _left_of(order, 90)
    return alt.layer(bars, numbers, *_names(order)).properties(width=width, height=step * len(order))


def _convinced(drawing: Drawing, lang: str) -> Chart:
    offered, won = drawing.lines[0], drawing.lines[-1]
    left, words = _mentions(drawing, lang), WORDS[lang]
    names = {cell.code: "\n".join(wrapped(short(cell.label), 250, 13)) for cell in offered.cells}
    order = list(names.values())
    few = {cell.code: "*" if cell.count < SMALL else "" for cell in offered.cells}
    rows = [
        {"row": names[c.code], "percent": c.percent, "said": percent(c.percent, lang) + few[c.code]}
        for c in won.cells
    ]
    base = alt.Chart(alt.Data(values=rows), title=_head([words["decided"]])).encode(
        y=alt.Y("row:N", sort=order, axis=None, scale=alt.Scale(domain=order)),
        x=alt.X("percent:Q", axis=None, scale=alt.Scale(domain=[0, 100])),
    )
    marks = base.mark_point(filled=True, size=110, shape="diamond", color=FIRST, opacity=1)
    lines = base.transform_calculate(zero="0").mark_rule(color=LINE, strokeWidth=3).encode(
        x=alt.X("zero:Q", axis=None), x2="percent:Q"
    )
    numbers = base.mark_text(align="left", dx=9).encode(text="said:N")
    right = alt.layer(lines, marks, numbers).properties(width=110, height=32 * len(order))
    titled = left.properties(width=_left_of(order, 290), title=_head([words["mentions"]]))
    return alt.hconcat(titled, right, spacing=28).resolve_scale(x="independent", color="independent")


def _dumbbell(drawing: Drawing, lang: str) -> Chart:
    figure, shown = drawing.figure, drawing.lines
    names = [named(line, lang) for line in shown]
    rows, spans = [], []
    order = ["\n".join(wrapped(cell.label, 200, 13)) for cell in shown[0].cells]
    for at, cell in enumerate(shown[0].cells):
        found = [line.cell(cell.code) for line in shown]
        shares = [one.percent if one else 0.0 for one in found]
        spans.append(
            {"row": order[at], "from": min(shares), "to": max(shares)}
            | {"said": difference(figure, shown, cell.code, lang)}
        )
        for moment, share in enumerate(shares):
            other = shares[1 - moment]
            ahead = share > other or (share == other and moment == 1)
            rows.append(
                {"row": order[at], "moment": names[moment], "percent": share, "right": ahead}
                | {"said": percent(share, lang) if ahead or percent(share, lang) != percent(other, lang) else ""}
            )
    return _dumbbells(rows, spans, order, names)


def _dumbbells(
    rows: Sequence[dict[str, Any]], spans: Sequence[dict[str, Any]], order: Sequence[str], names: Sequence[str]
) -> Chart:
    y, height = _rows(order), 38 * len(order)
    x = alt.Scale(domain=[-13, 113], nice=False)  # room for numbers beside the marks
    lines = alt.Chart(alt.Data(values=list(spans))).mark_rule(strokeWidth=3, color=LINE)
    dots = alt.Chart(alt.Data(values=list(rows))).encode(y=y, x=alt.X("percent:Q", axis=None, scale=x))
    marks = dots.mark_point(filled=True, size=130, opacity=1).encode(
        color=alt.Color("moment:N", scale=alt.Scale(domain=list(names), range=[FIRST, MAIN])),
        shape=alt.Shape("moment:N", scale=alt.Scale(domain=list(names), range=list(SHAPES[:2]))),
    )
    right = dots.transform_filter("datum.right").mark_text(align="left", dx=10).encode(text="said:N")
    left = dots.transform_filter("!datum.right").mark_text(align="right", dx=-10).encode(text="said:N")
    gap = (
        alt.Chart(alt.Data(values=list(spans)))
        .mark_text(align="right", fontWeight=700)
        .encode(y=alt.Y("row:N", sort=list(order), axis=None), x=alt.value(90), text="said:N")
    )
    bars = lines.encode(y=y, x=alt.X("from:Q", axis=None, scale=x), x2="to:Q")
    drawn = alt.layer(bars, marks, right, left, *_names(order))
    return alt.hconcat(
        drawn.properties(width=_left_of(order, 124), height=height), gap.properties(width=90, height=height), spacing=34
    )


def _rows(order: Sequence[str]) -> alt.Y:
    return alt.Y("row:N", sort=list(order), axis=None, scale=alt.Scale(domain=list(order)))


def _names(order: Sequence[str]) -> list[alt.Chart]:
    """The labels of the lines, right before them; those of several lines are centred on their bar."""
    layers = []
    for height in sorted({label.count("\n") for label in order}):
        values = [{"row": label} for label in order if label.count("\n") == height]
        text = alt.Chart(alt.Data(values=values)).mark_text(
            align="right", dx=-10, dy=-8 * height, lineBreak="\n", lineHeight=16, fontSize=13
        )
        layers.append(text.encode(y=_rows(order), x=alt.value(0), text="row:N"))
    return layers


def _left_of(order: Sequence[str], beside: float) -> float:
    """The width that is left for bars, with their labels before them and so much beside them."""
    widest = max(Font.width(part, 13) for label in order for part in label.split("\n"))
    return ROOM - widest - 16 - beside


def _row(line: Line, lang: str) -> str:
    """The label before a line; a line alone needs none, its base stands below."""
    return "\n".join(wrapped(named(line, lang), 170, 13)) if line.label else ""


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


KINDS: dict[str, Callable[[Drawing, str], Chart]] = {
    "stacked": _stacked,
    "columns": _columns_chart,
    "shares": _shares,
    "mentions": _mentions,
    "convinced": _convinced,
    "dumbbell": _dumbbell,
}
