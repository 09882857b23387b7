"""Counts what a figure draws: a line a group or moment, a cell an answer, and how many answered.

A line of few is marked; outside the team one of fewer than ten is not told at all. Those who did not know,
refused or were not answered stand apart under `rest`, so that every line adds up to its base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.core.dataset.shape import Dataset, Variable
from server.core.expression import Record, compiled
from server.core.report.declared import Figure, LineOf, Words
from server.core.report.frame import Frame
from server.core.report.words import WORDS

SMALL, FEWEST, STEP = (
    30,
    10,
    5,
)  # marked below; not told outside the team below; what is told there is rounded to
FILTERS = {"wave": "wave", "region": "region", "partner": "pmo_main", "sex": "sex"}  # names: questions
REST = "rest"
LAST = ("other", "none", "dk", "refuse")  # among mentions, after all others


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer: how many of the line gave it, and their share in percent."""

    code: str
    label: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class Line:
    """One bar or moment. `n` is its base, None where too few answered to be told; then it has no cells.

    `mark` is empty, `small` (fewer than thirty), `suppressed` or `empty`.
    """

    label: str
    question: str
    n: int | None
    mark: str
    cells: tuple[Cell, ...]

    def cell(self, code: str) -> Cell | None:
        """The cell of an answer."""
        return next((cell for cell in self.cells if cell.code == code), None)

    def percent(self, codes: Iterable[str]) -> float:
        """The share of several answers together."""
        return sum(cell.percent for cell in self.cells if cell.code in codes)

    def count(self, codes: Iterable[str]) -> int:
        """How many gave one of several answers."""
        return sum(cell.count for cell in self.cells if cell.code in codes)


class Counted:
    """Counts the figures of one form over its respondents, in a language, for an audience."""

    def __init__(self, frame: Frame, lang: str, release: str) -> None:
        self.frame, self.lang, self.release = frame, lang, release
        self.language = frame.shape.language(lang)
        self.variables = by_name(frame.shape)

    def knows(self, figure: Figure) -> bool:
        """Whether the form has the questions that the figure draws."""
        wanted = {line.question for line in figure.lines} | ({figure.decisive} - {""})
        return wanted <= self.variables.keys()

    def asked(self, question: str) -> str:
        """The words of a question."""
        return self.variables[question].label(self.language)

    def label(self, question: str, code: str) -> str:
        """The words of an answer; the code when the form has none."""
        if code == REST:
            return WORDS[self.lang]["apart"]
        return labels_of(self.variables[question], self.language).get(code, code)

    def lines(self, figure: Figure) -> tuple[Line, ...]:
        """What the figure draws."""
        drawn, everyone = [], len(self._members(figure.lines[0].base))
        for at, line in enumerate(figure.lines):
            # A group that is everybody, because one was asked for, would only say the same again.
            if figure.kind != "shares" or at == 0 or len(self._members(line.base)) not in (0, everyone):
                drawn.append(self._line(figure, line))
        made = tuple(drawn)
        if figure.kind == "convinced" and made[0].cells:
            made = (*made, self._convinced(figure, made[0]))
        return made

    def _line(self, figure: Figure, line: LineOf) -> Line:
        said = [answers(record, figure, line.question) for record in self._members(line.base)]
        return self._told(figure, line, said)

    def _told(self, figure: Figure, line: LineOf, said: Sequence[frozenset[str]]) -> Line:
        label, asked, n = line.label.get(self.lang, ""), self.asked(line.question), len(said)
        if n < FEWEST and (self.release != "internal" or n == 0):
            return Line(label, asked, 0 if n == 0 else None, "suppressed" if n else "empty", ())
        several = figure.kind in ("mentions", "convinced")
        codes = self._ranked(figure, line.question, said) if several else figure.codes or figure.finding
        base = protected(n, self.release)
        amounts = [sum(code in one for one in said) for code in codes]
        if several or figure.kind == "shares":
            told = [min(protected(amount, self.release), base) for amount in amounts]
        else:
            rest = sum(not one & frozenset(codes) for one in said)
            codes, told = [*codes, REST], [*amounts, rest]
            told = told if self.release == "internal" else parted(told, base)
        cells = [
            Cell(code, self.label(line.question, code), amount, 100 * amount / base)
            for code, amount in zip(codes, told, strict=True)
        ]
        return Line(label, asked, base, "small" if n < SMALL else "", tuple(cells))

    def _ranked(self, figure: Figure, question: str, said: Sequence[frozenset[str]]) -> list[str]:
        """Codes named at all, most frequent first; in the order of another question where that is asked."""
        known = labels_of(self.variables[question], self.language)
        named = {code: sum(code in one for one in said) for code in known}
        rank = dict(named)
        if figure.order:
            other = [answers(record, figure, figure.order) for record in self._members(figure.lines[0].base)]
            rank = {code: sum(code in one for one in other) for code in known}
        found = [code for code in known if named[code] or rank[code]]
        return sorted(found, key=lambda code: (LAST.index(code) if code in LAST else -1, -rank[code]))

    def _convinced(self, figure: Figure, mentioned: Line) -> Line:
        """Of those to whom each thing was offered, how many it made decide."""
        people = [
            (answers(one, figure, figure.question), answers(one, figure, figure.decisive))
            for one in self._members(figure.lines[0].base)
        ]
        cells = []
        for cell in mentioned.cells:
            few = sum(cell.code in offered for offered, _ in people) < FEWEST and self.release != "internal"
            decided = sum(cell.code in offered and cell.code in won for offered, won in people)
            decided = min(protected(decided, self.release), cell.count)
            if cell.code not in LAST and cell.count and not few:
                cells.append(Cell(cell.code, cell.label, decided, 100 * decided / cell.count))
        return Line("", self.asked(figure.decisive), mentioned.n, mentioned.mark, tuple(cells))

    def _members(self, base: str) -> list[Record]:
        test = compiled(base)
        return [record for record in self.frame.records if test(record)]


def protected(count: int, release: str) -> int:
    """The count as it may be told: outside the team to the nearest five, so that no small number stands."""
    return count if release == "internal" else STEP * ((count + STEP // 2) // STEP)


def parted(amounts: Sequence[int], base: int) -> list[int]:
    """The parts of a whole as they may be told: of a base rounded to fives, the fives go to those nearest to
    one more (largest remainder), so that the parts still add up."""
    shares = [amount * base / (STEP * sum(amounts)) for amount in amounts]
    told = [int(share) for share in shares]
    order = sorted(range(len(told)), key=lambda at: told[at] - shares[at])
    for at in order[: base // STEP - sum(told)]:
        told[at] += 1
    return [STEP * one for one in told]


def answers(record: Record, figure: Figure, question: str) -> frozenset[str]:
    """What a respondent answered: the codes, of the turns that count where the question is in a repeat."""
    if not figure.turns:
        return frozenset(record.get(question).split())
    test = compiled(figure.where)
    turns = [turn for turn in record.below(figure.turns) if test(turn)]
    if figure.take == "first":
        turns = turns[:1]
    return frozenset(code for turn in turns for code in turn.get(question).split())


def by_name(shape: Dataset) -> Mapping[str, Variable]:
    """The variables of all tables by the question's own name; the form's own table wins."""
    found: dict[str, Variable] = {}
    for table in shape.tables:
        for variable in table.variables:
            found.setdefault(variable.question.name, variable)
    return found


def labels_of(variable: Variable, language: str) -> Words:
    """The words of each answer."""
    return {
        choice.name: choice.labels.get(language) or next(iter(choice.labels.values()), choice.name)
        for choice in variable.choices
    }
