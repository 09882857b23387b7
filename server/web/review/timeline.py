"""How an interview's time was spent, as a drawing and as numbers: a bar for each visit, a row for each
module."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from babel.numbers import format_decimal

from forms.schema import Form
from forms.wording import language_code, pick, spoken
from server.core.paradata import Timeline

LEFT, WIDE, ROW, TOP = 220, 640, 22, 8
LONGEST = 30  # signs of a module's name beside its row


@dataclass(frozen=True, slots=True)
class Spent:
    """A module: its name, minutes on the screen, and the visits (start and length in minutes)."""

    title: str
    minutes: float
    visits: tuple[tuple[float, float], ...]


def modules_of(form: Form, timeline: Timeline, lang: str) -> list[Spent]:
    """The modules in the order in which they were first shown."""
    language = next((one for one in form.languages if language_code(one) == lang), form.default_language)
    found: dict[str, list[tuple[float, float]]] = {}
    for path, start, length in timeline.visits:
        found.setdefault(_title(form, path, language), []).append((start / 60_000, length / 60_000))
    return [
        Spent(title, sum(length for _, length in visits), tuple(visits)) for title, visits in found.items()
    ]


def picture(spent: list[Spent], lang: str) -> str:
    """The drawing as SVG; the same numbers stand in the table beside it."""
    whole = max((start + length for one in spent for start, length in one.visits), default=0) or 1
    high = TOP + ROW * len(spent) + 24
    rows = []
    for number, one in enumerate(spent):
        y = TOP + ROW * number
        name = one.title if len(one.title) <= LONGEST else one.title[: LONGEST - 1] + "…"
        rows.append(f'<text x="0" y="{y + 15}" class="name">{escape(name)}</text>')
        rows += [
            f'<rect x="{LEFT + WIDE * start / whole:.1f}" y="{y + 3}" '
            f'width="{max(1.5, WIDE * length / whole):.1f}" height="{ROW - 7}" class="bar"/>'
            for start, length in one.visits
        ]
    base = TOP + ROW * len(spent)
    marks = [
        f'<text x="{LEFT + WIDE * part:.0f}" y="{base + 18}" class="mark">'
        f"{format_decimal(round(whole * part), locale=lang)} min</text>"
        for part in (0, 0.5, 1)
    ]
    axis = f'<line x1="{LEFT}" x2="{LEFT + WIDE}" y1="{base + 2}" y2="{base + 2}" class="axis"/>'
    return (
        f'<svg class="chart" viewBox="0 0 {LEFT + WIDE + 40} {high}" role="img" '
        f'aria-labelledby="time-title" xmlns="http://www.w3.org/2000/svg">{"".join(rows)}{axis}{"".join(marks)}</svg>'
    )


def _title(form: Form, path: str, language: str) -> str:
    while path:
        path = path.rpartition("/")[0]
        group = form.group_by_path.get(path)
        if group and (words := pick(group.labels, language)):
            return spoken(words, lambda _: "…")
    return "–"
