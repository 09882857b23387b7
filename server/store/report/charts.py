"""Draws a figure's bars and marks, without title or caption: those are set around it, or beside it in a page.

Colours are told apart by people who are colour-blind, and never carry meaning alone: each bar shows its
number, legends stand in the order of the bars, moments have shapes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt

from server.core.report.counted import REST, SMALL
from server.core.report.drawing import Drawing, difference, named, short, value
from server.core.report.numbers import percent
from server.core.report.words import WORDS
from server.store.report.layout import Font, wrapped
from server.store.report.marks import (
    FIRST,
    GREY,
    INK,
    LINE,
    MAIN,
    Chart,
    Row,
    chart,
    head,
    left_of,
    names,
    places,
    row_label,
)
from server.store.report.stacked import stacked

SHAPES = ("circle", "diamond")


def spec(drawing: Drawing, lang: str) -> dict[str, Any]:
    """The figure as a Vega-Lite specification."""
    drawn = KINDS[drawing.figure.kind](drawing, lang)
    styled = (
        drawn.configure(font=Font.FAMILY, background="#ffffff")
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


def _columns_chart(drawing: Drawing, lang: str) -> Chart:
    line = drawing.lines[0]
    order = ["\n".join(wrapped(cell.label, 84, 13)) for cell in line.cells]
    rows: list[Row] = [
        {
            "code": label,
            "percent": cell.percent,
            "said": percent(cell.percent, lang),
            "rest": cell.code == REST,
        }
        | {"count": str(cell.count)}
        for label, cell in zip(order, line.cells, strict=True)
    ]
    axis = alt.Axis(
        title=None, labelAngle=0, labelExpr="split(datum.value, '\\n')", labelLineHeight=15, domain=True
    )
    base = chart(rows).encode(
        x=alt.X("code:N", sort=order, axis=axis),
        y=alt.Y(
            "percent:Q", axis=None, scale=alt.Scale(domain=[0, max(row["percent"] for row in rows) * 1.12])
        ),
    )
    bars = base.mark_bar(size=58).encode(
        color=alt.condition("datum.rest", alt.value("#bdbdbd"), alt.value(MAIN))
    )
    numbers = base.mark_text(dy=-9, fontWeight=700).encode(text="said:N")
    return alt.layer(bars, numbers).properties(width=96 * len(order), height=200)


def _shares(drawing: Drawing, lang: str) -> Chart:
    figure = drawing.figure
    shown = [line for line in drawing.lines if line.cells]
    rows: list[Row] = [
        {"row": row_label(line, lang), "percent": (share := line.percent(figure.finding)), "first": at == 0}
        | {"said": f"{percent(share, lang)} ({line.count(figure.finding)})"}
        for at, line in enumerate(shown)
    ]
    return _bars(rows, "datum.first", 100, 36)


def _mentions(drawing: Drawing, lang: str) -> Chart:
    line = drawing.lines[0]
    rows: list[Row] = [
        {
            "row": "\n".join(wrapped(short(cell.label), 250, 13)),
            "percent": cell.percent,
            "said": value(cell, lang),
        }
        | {"first": cell.code not in ("other", "none", "dk", "refuse")}
        for cell in line.cells
    ]
    return _bars(rows, "datum.first", max(row["percent"] for row in rows), 32)


def _bars(rows: Sequence[Row], main: str, top: float, step: int) -> Chart:
    order = [row["row"] for row in rows]
    base = chart(rows).encode(
        y=places(order), x=alt.X("percent:Q", axis=None, scale=alt.Scale(domain=[0, top], nice=False))
    )
    bars = base.mark_bar(height=20).encode(color=alt.condition(main, alt.value(MAIN), alt.value("#b8b3cf")))
    numbers = base.mark_text(align="left", dx=6).encode(text="said:N")
    width = left_of(order, 90)
    return alt.layer(bars, numbers, *names(order)).properties(width=width, height=step * len(order))


def _convinced(drawing: Drawing, lang: str) -> Chart:
    offered, won = drawing.lines[0], drawing.lines[-1]
    left, words = _mentions(drawing, lang), WORDS[lang]
    labels = {cell.code: "\n".join(wrapped(short(cell.label), 250, 13)) for cell in offered.cells}
    order = list(labels.values())
    few = {cell.code: "*" if cell.count < SMALL else "" for cell in offered.cells}
    rows: list[Row] = [
        {"row": labels[c.code], "percent": c.percent, "said": percent(c.percent, lang) + few[c.code]}
        for c in won.cells
    ]
    base = chart(rows, title=head([words["decided"]])).encode(
        y=alt.Y("row:N", sort=order, axis=None, scale=alt.Scale(domain=order)),
        x=alt.X("percent:Q", axis=None, scale=alt.Scale(domain=[0, 100])),
    )
    marks = base.mark_point(filled=True, size=110, shape="diamond", color=FIRST, opacity=1)
    lines = (
        base.transform_calculate(zero="0")
        .mark_rule(color=LINE, strokeWidth=3)
        .encode(x=alt.X("zero:Q", axis=None), x2="percent:Q")
    )
    numbers = base.mark_text(align="left", dx=9).encode(text="said:N")
    right = alt.layer(lines, marks, numbers).properties(width=110, height=32 * len(order))
    titled = left.properties(width=left_of(order, 290), title=head([words["mentions"]]))
    return alt.hconcat(titled, right, spacing=28).resolve_scale(x="independent", color="independent")


def _dumbbell(drawing: Drawing, lang: str) -> Chart:
    figure, shown = drawing.figure, drawing.lines
    moments = [named(line, lang) for line in shown]
    rows: list[Row] = []
    spans: list[Row] = []
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
                {"row": order[at], "moment": moments[moment], "percent": share, "right": ahead}
                | {
                    "said": percent(share, lang)
                    if ahead or percent(share, lang) != percent(other, lang)
                    else ""
                }
            )
    return _dumbbells(rows, spans, order, moments)


def _dumbbells(
    rows: Sequence[Row],
    spans: Sequence[Row],
    order: Sequence[str],
    moments: Sequence[str],
) -> Chart:
    y, height = places(order), 38 * len(order)
    x = alt.Scale(domain=[-13, 113], nice=False)  # room for numbers beside the marks
    lines = chart(spans).mark_rule(strokeWidth=3, color=LINE)
    dots = chart(rows).encode(y=y, x=alt.X("percent:Q", axis=None, scale=x))
    marks = dots.mark_point(filled=True, size=130, opacity=1).encode(
        color=alt.Color("moment:N", scale=alt.Scale(domain=list(moments), range=[FIRST, MAIN])),
        shape=alt.Shape("moment:N", scale=alt.Scale(domain=list(moments), range=list(SHAPES[:2]))),
    )
    right = dots.transform_filter("datum.right").mark_text(align="left", dx=10).encode(text="said:N")
    left = dots.transform_filter("!datum.right").mark_text(align="right", dx=-10).encode(text="said:N")
    gap = (
        chart(spans)
        .mark_text(align="right", fontWeight=700)
        .encode(y=alt.Y("row:N", sort=list(order), axis=None), x=alt.value(90), text="said:N")
    )
    bars = lines.encode(y=y, x=alt.X("from:Q", axis=None, scale=x), x2="to:Q")
    drawn = alt.layer(bars, marks, right, left, *names(order))
    return alt.hconcat(
        drawn.properties(width=left_of(order, 124), height=height),
        gap.properties(width=90, height=height),
        spacing=34,
    )


KINDS: dict[str, Callable[[Drawing, str], Chart]] = {
    "stacked": stacked,
    "columns": _columns_chart,
    "shares": _shares,
    "mentions": _mentions,
    "convinced": _convinced,
    "dumbbell": _dumbbell,
}
