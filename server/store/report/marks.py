"""What all kinds of figure share: colours, labels before the lines, and how much room is left for bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from server.core.report.counted import Line
from server.core.report.drawing import named
from server.store.report.layout import Font, wrapped

ROOM, APART = 712, 92  # pixels: of the whole drawing; of the column of those without an opinion
INK, GREY, LINE = "#1a1a1a", "#5f5f5f", "#d0d0d0"
MAIN, FIRST = "#542788", "#b35806"
Chart = Any  # the library's charts change their class as they are put together
Row = dict[str, Any]


def chart(values: Sequence[Row], **more: Any) -> Chart:
    """A chart of these rows."""
    data = {"values": list(values)}
    return alt.Chart(alt.Data(**data), **more)  # type: ignore[no-untyped-call]  # the library leaves it untyped


def head(lines: Sequence[str]) -> alt.TitleParams:
    """A small heading over a column."""
    return alt.TitleParams(
        list(lines), fontSize=11.5, fontWeight=400, color=GREY, anchor="middle", offset=4, lineHeight=14
    )


def places(order: Sequence[str]) -> alt.Y:
    """The place of each line, by its label."""
    return alt.Y("row:N", sort=list(order), axis=None, scale=alt.Scale(domain=list(order)))


def names(order: Sequence[str]) -> list[Chart]:
    """The labels of the lines, right before them; those of several lines are centred on their bar."""
    layers = []
    for height in sorted({label.count("\n") for label in order}):
        values = [{"row": label} for label in order if label.count("\n") == height]
        text = chart(values).mark_text(
            align="right", dx=-10, dy=-8 * height, lineBreak="\n", lineHeight=16, fontSize=13
        )
        layers.append(text.encode(y=places(order), x=alt.value(0), text="row:N"))
    return layers


def left_of(order: Sequence[str], beside: float) -> float:
    """The width that is left for bars, with their labels before them and so much beside them."""
    widest = max(Font.width(part, 13) for label in order for part in label.split("\n"))
    return ROOM - widest - 16 - beside


def row_label(line: Line, lang: str) -> str:
    """The label before a line; a line alone needs none, its base stands below."""
    return "\n".join(wrapped(named(line, lang), 170, 13)) if line.label else ""
