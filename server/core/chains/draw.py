"""The chains as a picture (SVG) and as an indented list that says the same.

The layout is tidy (Reingold and Tilford 1981): a parent stands over the middle of its recruits, and
neighbouring trees lie as close as their outlines allow. Colour and shape both tell the wave. Attributes
only: no style, no script, so that the strictest content policy shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import cos, pi, sin

from server.core.chains.forest import Forest
from server.core.chains.tidy import Place, places

# Okabe and Ito's colours, told apart by the colour-blind; with five shapes a pair returns after 35 waves.
SEED_COLOUR = "#000000"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#6b5b95")
# Corners of each shape and the angle of the first, in eighths of a turn; none is a circle.
SHAPES: tuple[tuple[int, float], ...] = ((0, 0), (3, -2), (4, -2), (5, -2), (3, 2))
ACROSS, DOWN, MARGIN, RADIUS = 34, 52, 24, 8
WIDEST = 48  # columns in a row of trees, unless one tree is wider
LEGEND, LEGEND_STEP = 24, 104
DEEPEST_INDENT = 40
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Referral chains",
        "desc": "{n} respondents in {trees} chains, {waves} waves after the seeds. "
        "Colour and shape show the wave.",
        "seed": "seed",
        "wave": "wave {wave}",
        "by": "recruited by {label}",
    },
    "fr": {
        "title": "Chaînes de recrutement",
        "desc": "{n} répondants en {trees} chaînes, {waves} vagues après les graines. "
        "La couleur et la forme montrent la vague.",
        "seed": "graine",
        "wave": "vague {wave}",
        "by": "recruté par {label}",
    },
}


def draw(forest: Forest, labels: Sequence[str], lang: str = "en") -> str:
    """The forest as a whole SVG document; `labels` name the people in it, by position."""
    words = WORDS[lang]
    at, columns, rows = places(forest, WIDEST)
    waves = max(forest.waves, default=-1) + 1
    steps = max(1, int(columns * ACROSS) // LEGEND_STEP, 4)
    top = MARGIN + LEGEND * ((waves + steps - 1) // steps) + RADIUS
    width = max(columns * ACROSS, min(waves, steps) * LEGEND_STEP) + 2 * MARGIN
    height = top + rows * DOWN + MARGIN
    desc = words["desc"].format(n=len(labels), trees=len(forest.roots), waves=max(waves - 1, 0))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="chains-title chains-desc" '
        'font-family="sans-serif" font-size="11">',
        f'<title id="chains-title">{escape(words["title"])}</title>',
        f'<desc id="chains-desc">{escape(desc)}</desc>',
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        *_legend(forest, steps, words),
        *_lines(forest, at, top),
        *_people(forest, at, top, labels, words),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def outline(forest: Forest, labels: Sequence[str] | None = None, lang: str = "en") -> str:
    """The forest as an indented list, one line a respondent; without `labels` by number in the file."""
    words = WORDS[lang]
    names = [str(place + 1) for place in range(len(forest.people))] if labels is None else labels
    lines = []
    waiting = forest.roots[::-1]
    while waiting:
        place = waiting.pop()
        wave = forest.waves[place]
        lines.append(f"{'  ' * min(wave, DEEPEST_INDENT)}- {names[place]} ({_wave(wave, words)})")
        waiting += forest.children[place][::-1]
    return "\n".join(lines) + "\n"


def _wave(wave: int, words: Mapping[str, str]) -> str:
    return words["wave"].format(wave=wave) if wave else words["seed"]


def _legend(forest: Forest, steps: int, words: Mapping[str, str]) -> Iterator[str]:
    for wave, count in enumerate(forest.by_wave):
        x = MARGIN + RADIUS + wave % steps * LEGEND_STEP
        y = MARGIN + wave // steps * LEGEND
        yield _mark(wave, x, y)
        yield f'<text x="{x + 13:g}" y="{y + 4:g}" fill="#222222">{_wave(wave, words)} ({count})</text>'


def _lines(forest: Forest, at: Sequence[Place], top: float) -> Iterator[str]:
    yield '<g stroke="#767676" stroke-width="1.2">'
    for place, parent in enumerate(forest.parents):
        if parent >= 0:
            (x1, y1), (x2, y2) = (_point(at[one], top) for one in (parent, place))
            yield f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'
    yield "</g>"


def _people(
    forest: Forest, at: Sequence[Place], top: float, labels: Sequence[str], words: Mapping[str, str]
) -> Iterator[str]:
    for place, label in enumerate(labels):
        x, y = _point(at[place], top)
        wave, parent = forest.waves[place], forest.parents[place]
        said = f"{label}, {_wave(wave, words)}"
        if parent >= 0:
            said += ", " + words["by"].format(label=labels[parent])
        yield f"<g><title>{escape(said)}</title>{_mark(wave, x, y)}"
        yield (
            f'<text x="{x:g}" y="{y + RADIUS + 11:g}" text-anchor="middle" font-size="9" fill="#222222" '
            f'stroke="#ffffff" stroke-width="3" paint-order="stroke">{escape(label)}</text></g>'
        )


def _point(place: Place, top: float) -> tuple[float, float]:
    return round(MARGIN + (place[0] + 0.5) * ACROSS, 1), round(top + (place[1] + 0.5) * DOWN, 1)


def _mark(wave: int, x: float, y: float) -> str:
    """A seed is a black square, each wave a shape and a colour of its own."""
    if wave == 0:
        x, y, side = x - RADIUS + 0.5, y - RADIUS + 0.5, 2 * RADIUS - 1
        return f'<rect x="{x:g}" y="{y:g}" width="{side}" height="{side}" fill="{SEED_COLOUR}"/>'
    # The dark edge keeps the light colours visible on white.
    edge = f'fill="{COLOURS[(wave - 1) % len(COLOURS)]}" stroke="#222222" stroke-width="0.8"'
    corners, first = SHAPES[(wave - 1) % len(SHAPES)]
    if not corners:
        return f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS - 1}" {edge}/>'
    turn = [first * pi / 4 + 2 * pi * corner / corners for corner in range(corners)]
    points = " ".join(f"{x + RADIUS * cos(each):.1f},{y + RADIUS * sin(each):.1f}" for each in turn)
    return f'<polygon points="{points}" {edge}/>'
