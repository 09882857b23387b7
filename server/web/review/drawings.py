"""Small drawings (SVG) of what a table beside them says in numbers: bars by day, and a scheme of places.

Attributes and classes only, so that the strictest content policy shows them; what is written in them is
escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

WIDE, HIGH, LEFT, FOOT = 640, 170, 36, 30
TILE, GAP, FEW = 92, 8, 3
# Where the regions lie to each other, by column and row: a scheme from general knowledge, no boundaries.
PLACES: dict[str, tuple[int, int]] = {
    "nioro": (1, 2), "kayes": (0, 3), "kita": (1, 3), "nara": (2, 2), "koulikoro": (2, 3), "dioila": (2, 4),
    "bamako": (1, 4), "bougouni": (2, 5), "sikasso": (3, 5), "koutiala": (3, 4), "segou": (3, 3),
    "san": (4, 4), "mopti": (4, 3), "bandiagara": (5, 3), "douentza": (5, 2), "tombouctou": (4, 1),
    "taoudenit": (4, 0), "gao": (6, 2), "menaka": (7, 2), "kidal": (6, 1),
}  # fmt: skip


def bars(rows: Sequence[tuple[str, str, int]], labelled: str) -> Markup:
    """Bars by (short name, long name, count); `labelled` is the id of the heading that names the drawing."""
    most = max((count for *_, count in rows), default=0) or 1
    step = (WIDE - LEFT) / max(1, len(rows))
    parts = [
        f'<line x1="{LEFT}" x2="{WIDE}" y1="{HIGH - FOOT}" y2="{HIGH - FOOT}" class="axis"/>',
        f'<text x="{LEFT - 6}" y="26" class="mark end">{most}</text>',
        f'<text x="{LEFT - 6}" y="{HIGH - FOOT}" class="mark end">0</text>',
    ]
    for number, (name, whole, count) in enumerate(rows):
        high = (HIGH - FOOT - 20) * count / most
        x, y = LEFT + step * number, HIGH - FOOT - high
        width = min(48.0, step * 0.72)
        parts.append(
            f'<rect x="{x + (step - width) / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{high:.1f}" '
            f'class="bar">'
            f"<title>{escape(whole)} : {count}</title></rect>"
            f'<text x="{x + step / 2:.1f}" y="{HIGH - 10}" class="mark mid">{escape(name)}</text>'
        )
    return _svg("".join(parts), WIDE, HIGH, labelled)


def scheme(counts: Sequence[tuple[str, str, int]], labelled: str) -> Markup:
    """A tile for each region by (code, name, count); regions that the scheme does not know stand below.

    Counts below three are drawn as `<3`: one dot in one place could point at one person.
    """
    placed = [(PLACES[code], name, count) for code, name, count in counts if code in PLACES]
    others = [(name, count) for code, name, count in counts if code not in PLACES]
    top = min((row for (_, row), *_ in placed), default=0)
    low = max((row for (_, row), *_ in placed), default=-1)
    placed = [((column, row - top), name, count) for (column, row), name, count in placed]
    placed += [
        ((number % 7, low - top + 1 + number // 7), name, count)
        for number, (name, count) in enumerate(others)
    ]
    most = max((count for *_, count in placed), default=0) or 1
    first = min((column for (column, _), *_ in placed), default=0)
    last = max((column for (column, _), *_ in placed), default=0)
    rows = max((row for (_, row), *_ in placed), default=0) + 1
    parts = [_tile(column - first, row, name, count, most) for (column, row), name, count in placed]
    return _svg("".join(parts), (last - first + 1) * (TILE + GAP), rows * (TILE + GAP), labelled)


def few(count: int) -> str:
    """A count as it may be drawn."""
    return str(count) if count >= FEW or not count else f"<{FEW}"


def _tile(column: int, row: int, name: str, count: int, most: int) -> str:
    x, y = column * (TILE + GAP), row * (TILE + GAP)
    radius = 6 + 22 * (max(count, FEW) / most) ** 0.5 if count else 0
    dot = (
        f'<circle cx="{x + TILE / 2}" cy="{y + 54}" r="{min(radius, 28):.1f}" class="part"/>' if count else ""
    )
    name = name.removeprefix("District de ")
    short = name if len(name) <= 13 else name[:12] + "…"
    return (
        f"<g><title>{escape(name)} : {escape(few(count))}</title>"
        f'<rect x="{x}" y="{y}" width="{TILE}" height="{TILE}" rx="6" class="place"/>{dot}'
        f'<text x="{x + TILE / 2}" y="{y + 18}" class="mid">{escape(short)}</text>'
        f'<text x="{x + TILE / 2}" y="{y + 59}" class="mid">{escape(few(count))}</text></g>'
    )


def _svg(parts: str, width: float, height: float, labelled: str) -> Markup:
    # What is put in was escaped above.
    return Markup(  # noqa: S704
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{escape(labelled)}">{parts}</svg>'
    )
