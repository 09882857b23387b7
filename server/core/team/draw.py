"""A funnel and a small trend line as pictures (SVG), each with a text that says the same.

Attributes only: no style, no script, so that the strictest content policy shows them. Words are handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from server.core.team.funnel import Funnel, Point

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 280, 48, 16, 16, 40
RADIUS = 5
INK, GREY, USUAL, ODD = "#222222", "#767676", "#0072b2", "#d55e00"
TREND_WIDTH, TREND_HEIGHT = 120, 28
# The words that both pictures need, by key.
WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "across": "Nombre de réponses",
        "up": "Part",
        "point": "{who} : {share} % ({k} sur {n}), attendu {expected} %",
        "odd": "à vérifier",
        "few": "trop peu pour juger",
        "desc": "{n} enquêteurs ; {odd} à vérifier. Traits : limites à 95 % et 99,8 %.",
    },
    "en": {
        "across": "Number of answers",
        "up": "Share",
        "point": "{who}: {share}% ({k} of {n}), expected {expected}%",
        "odd": "to be checked",
        "few": "too few to judge",
        "desc": "{n} enumerators; {odd} to be checked. Lines: limits at 95% and 99.8%.",
    },
}


def draw_funnel(one: Funnel, title: str, words: Mapping[str, str], number: int = 1) -> str:
    """The funnel as an SVG document; `number` keeps ids apart on a page with several."""
    most = max((point.n for point in one.points), default=1) or 1
    top = max([0.05, *(point.share for point in one.points), *(row[4] for row in one.limits)])
    desc = words["desc"].format(n=len(one.points), odd=len(one.flagged))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" aria-labelledby="funnel-{number}-title funnel-{number}-desc" '
        'font-family="sans-serif" font-size="11">',
        f'<title id="funnel-{number}-title">{escape(title)}</title>',
        f'<desc id="funnel-{number}-desc">{escape(desc)}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_axes(most, top, words),
        *_limits(one, most, top),
        *(_mark(point, most, top, words) for point in one.points if point.n),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def told_funnel(one: Funnel, words: Mapping[str, str]) -> list[str]:
    """The funnel in words, one line an enumerator, those to be checked first."""
    return [_said(point, words) for point in sorted(one.points, key=lambda p: (not p.flagged, p.enumerator))]


def draw_trend(values: Sequence[float], title: str) -> str:
    """A small line through `values`, from the oldest to the newest."""
    top = max([*values, 1e-9])
    step = (TREND_WIDTH - 8) / max(1, len(values) - 1)
    at = [(4 + i * step, TREND_HEIGHT - 4 - (TREND_HEIGHT - 8) * v / top) for i, v in enumerate(values)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    last = f'<circle cx="{at[-1][0]:.1f}" cy="{at[-1][1]:.1f}" r="3" fill="{INK}"/>' if at else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {TREND_WIDTH} {TREND_HEIGHT}" '
        f'width="{TREND_WIDTH}" height="{TREND_HEIGHT}" role="img"><title>{escape(title)}</title>'
        f'<polyline points="{points}" fill="none" stroke="{USUAL}" stroke-width="2"/>{last}</svg>\n'
    )


def _x(n: float, most: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * n / (most * 1.05), 1)


def _y(share: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / (top * 1.05), 1)


def _axes(most: int, top: float, words: Mapping[str, str]) -> list[str]:
    floor, wall = HEIGHT - BOTTOM, LEFT
    lines = [
        f'<line x1="{wall}" y1="{floor}" x2="{WIDTH - RIGHT}" y2="{floor}" stroke="{INK}"/>',
        f'<line x1="{wall}" y1="{TOP}" x2="{wall}" y2="{floor}" stroke="{INK}"/>',
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end" fill="{INK}">'
        f"{escape(words['across'])}</text>",
        f'<text x="4" y="{TOP - 4}" fill="{INK}">{escape(words["up"])}</text>',
    ]
    for part in (0.0, 0.5, 1.0):
        y, x = _y(top * part, top), _x(most * part, most)
        lines.append(
            f'<text x="{wall - 4}" y="{y + 4:g}" text-anchor="end" fill="{INK}">{top * part:.0%}</text>'
        )
        lines.append(
            f'<text x="{x:g}" y="{floor + 14}" text-anchor="middle" fill="{INK}">{most * part:.0f}</text>'
        )
    return lines


def _limits(one: Funnel, most: int, top: float) -> list[str]:
    mean = _y(one.mean, top)
    lines = [f'<line x1="{LEFT}" y1="{mean:g}" x2="{WIDTH - RIGHT}" y2="{mean:g}" stroke="{GREY}"/>']
    for column, dashes in ((1, "6 3"), (2, "6 3"), (3, "2 3"), (4, "2 3")):
        points = " ".join(f"{_x(row[0], most):g},{_y(row[column], top):g}" for row in one.limits)
        lines.append(f'<polyline points="{points}" fill="none" stroke="{GREY}" stroke-dasharray="{dashes}"/>')
    return lines


def _mark(point: Point, most: int, top: float, words: Mapping[str, str]) -> str:
    """A circle where all is usual, an open one where there are too few, a named square to be checked."""
    x, y = _x(point.n, most), _y(point.share, top)
    title = f"<title>{escape(_said(point, words))}</title>"
    if point.flagged:
        side = 2 * RADIUS
        return (
            f'<g>{title}<rect x="{x - RADIUS:g}" y="{y - RADIUS:g}" width="{side}" height="{side}" '
            f'fill="{ODD}" stroke="{INK}"/><text x="{x - 8:g}" y="{y + 4:g}" text-anchor="end" '
            f'fill="{INK}">{escape(point.enumerator)}</text></g>'
        )
    fill = "none" if point.too_few else USUAL
    return f'<g>{title}<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}" fill="{fill}" stroke="{INK}"/></g>'


def _said(point: Point, words: Mapping[str, str]) -> str:
    said = words["point"].format(
        who=point.enumerator,
        share=round(100 * point.share),
        k=point.k,
        n=point.n,
        expected=round(100 * point.expected),
    )
    word = words["odd"] if point.flagged else words["few"] if point.too_few else ""
    return f"{said}, {word}" if word else said
