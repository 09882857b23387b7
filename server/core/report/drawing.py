"""A figure in words and numbers: its finding, the question, who answered, the text for those who cannot see
it.

All that a picture, a table or a document shows is here; drawing only places it.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.core.report.counted import SMALL, Cell, Counted, Line
from server.core.report.declared import Figure
from server.core.report.numbers import HARD, percent, points, share, whole
from server.core.report.words import WORDS


@dataclass(frozen=True, slots=True)
class Edition:
    """What stands under every figure: language, the day of release, place and days of the interviews."""

    lang: str
    day: str
    met: str  # "Bamako, Kayes ; octobre 2020"
    release: str = "internal"


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure ready to be drawn; `table` is its twin, the header first."""

    figure: Figure
    lines: tuple[Line, ...]
    title: str
    question: str
    base: str
    notes: tuple[str, ...]
    source: str
    alt: str
    table: tuple[tuple[str, ...], ...]


def drawings(counted: Counted, edition: Edition, figures: tuple[Figure, ...]) -> list[Drawing]:
    """The figures of the form that have anything to draw."""
    mine = [one for one in figures if one.form == counted.frame.form and counted.knows(one)]
    made = [drawing(one, counted, edition) for one in mine]
    return [one for one in made if any(line.cells for line in one.lines)]


def drawing(figure: Figure, counted: Counted, edition: Edition) -> Drawing:
    """The figure with all its words."""
    lang, lines = edition.lang, counted.lines(figure)
    title = headline(figure, lines, lang)
    asked = list(dict.fromkeys(line.question for line in lines if line.question))
    table = twin(figure, lines, lang)
    return Drawing(
        figure=figure,
        lines=lines,
        title=title,
        source=source(edition),
        question=" / ".join(f"«{HARD}{one}{HARD}»" if lang == "fr" else f"“{one}”" for one in asked),
        base=base_line(lines, edition),
        notes=notes(figure, lines, edition),
        alt=alt(figure, title, lines, lang),
        table=table,
    )


def headline(figure: Figure, lines: tuple[Line, ...], lang: str) -> str:
    """The finding, from the numbers; only the subject where too few answered to find anything."""
    wanted = {figure.said, *(figure.points or ())}
    if any(lines[at].mark for at in wanted) or not lines[figure.said].n:
        return figure.topic[lang]
    line = lines[figure.said]
    facts: dict[str, str] = {}
    if figure.points:
        before, after = (lines[at].percent(figure.finding) for at in figure.points)
        facts = {"from": percent(before, lang), "to": percent(after, lang)}
    elif figure.kind in ("mentions", "convinced"):
        top = max(line.cells, key=lambda cell: cell.count)
        facts = {"top": short(top.label), "percent": percent(top.percent, lang)}
        facts["count"] = whole(top.count, lang)
        won = lines[-1].cell(top.code) if figure.kind == "convinced" else None
        if figure.kind == "convinced" and won is None:
            return figure.topic[lang]
        facts["other"] = percent(won.percent, lang) if won else ""
    else:
        facts["share"] = share(line.percent(figure.finding), figure.noun[lang], lang)
    return figure.title[lang].format(**facts)


def short(label: str) -> str:
    """A label without what stands in brackets."""
    return label.partition(" (")[0]


def base_line(lines: tuple[Line, ...], edition: Edition) -> str:
    """`Parmi 211 répondants (Bamako, Kayes ; octobre 2020)`; from to where lines differ."""
    words, lang = WORDS[edition.lang], edition.lang
    told = [line.n for line in lines if line.n]
    least, most = min(told, default=0), max(told, default=0)
    amount = (
        whole(most, lang) if least == most else words["between"].format(whole(least, lang), whole(most, lang))
    )
    return words["among"].format(amount, edition.met)


def notes(figure: Figure, lines: tuple[Line, ...], edition: Edition) -> tuple[str, ...]:
    """What a reader must know: recollection, few answers, what is not shown."""
    words, marks = WORDS[edition.lang], {line.mark for line in lines}
    found = [words["memory"]] if figure.memory else []
    found += [words["several"]] if figure.kind in ("mentions", "convinced") else []
    found += [words["change"]] if figure.kind == "dumbbell" else []
    rare = figure.kind == "convinced" and any(0 < cell.count < SMALL for cell in lines[0].cells)
    found += [words["few"]] if "small" in marks or rare else []
    found += [words["suppressed"]] if "suppressed" in marks else []
    found += [words["rounded"]] if edition.release != "internal" else []
    return tuple(found)


def source(edition: Edition) -> str:
    """Where the numbers come from and what they cannot tell."""
    return WORDS[edition.lang]["source"].format(edition.day)


def named(line: Line, lang: str) -> str:
    """A line's label with its base: `Au retour (n = 211)`, a star after the number when they are few."""
    if line.n is None:
        return f"{line.label} ({WORDS[lang]['too_few']})".strip()
    base = f"n{HARD}={HARD}{whole(line.n, lang)}{'*' if line.mark == 'small' else ''}"
    return f"{line.label} ({base})" if line.label else base


def value(cell: Cell, lang: str) -> str:
    """`81 % (170)`."""
    return f"{percent(cell.percent, lang)} ({whole(cell.count, lang)})"


def alt(figure: Figure, title: str, lines: tuple[Line, ...], lang: str) -> str:
    """The figure told in sentences."""
    told = []
    for line in lines:
        cells = "; ".join(f"{short(cell.label)}: {value(cell, lang)}" for cell in line.cells if cell.count)
        if cells:
            told.append(f"{named(line, lang)}: {cells}." if line.label else f"{cells}.")
    text = " ".join([f"Figure{HARD}{figure.number}. {title}.", *told])
    return french_colons(text) if lang == "fr" else text


def french_colons(text: str) -> str:
    """French sets an unbreakable space before a colon or semicolon."""
    return text.replace(": ", f"{HARD}: ").replace("; ", f"{HARD}; ")


def twin(figure: Figure, lines: tuple[Line, ...], lang: str) -> tuple[tuple[str, ...], ...]:
    """The same numbers as a table: answers as rows, lines as columns; a share a line where that is drawn."""
    words = WORDS[lang]
    if figure.kind == "shares":
        header = ("", words["share"], words["count"], words["base"])
        return (header, *(_share(figure, line, lang) for line in lines if line.cells))
    if figure.kind == "convinced":
        return _convinced(lines, lang)
    shown = [line for line in lines if line.cells]
    heads = ["", *(named(line, lang) for line in shown)]
    change = figure.kind == "dumbbell"
    rows = []
    for cell in shown[0].cells if shown else ():
        found = [line.cell(cell.code) for line in shown]
        row = [cell.label, *(value(one, lang) if one else "" for one in found)]
        rows.append((*row, difference(figure, lines, cell.code, lang)) if change else tuple(row))
    return (tuple([*heads, words["difference"]] if change else heads), *rows)


def _share(figure: Figure, line: Line, lang: str) -> tuple[str, ...]:
    found = percent(line.percent(figure.finding), lang)
    return line.label, found, whole(line.count(figure.finding), lang), whole(line.n or 0, lang)


def difference(figure: Figure, lines: tuple[Line, ...], code: str, lang: str) -> str:
    """The points between two moments for an answer, empty where one is not told."""
    first, last = (lines[at].cell(code) for at in figure.points or (0, 0))
    return points(last.percent - first.percent, lang) if first and last else ""


def _convinced(lines: tuple[Line, ...], lang: str) -> tuple[tuple[str, ...], ...]:
    words, won = WORDS[lang], lines[-1]
    rows = []
    for cell in lines[0].cells:
        decided = won.cell(cell.code)
        rows.append((cell.label, value(cell, lang), value(decided, lang) if decided else "–"))
    return (("", words["mentions"], words["decided"]), *rows)
