"""An interview as it was filled in, seen through its form: which questions were asked, and what may stand
there.

The answers are laid out as the form's own instance, and its conditions are asked there. Answers that are kept
sealed are missing: a condition that needs one counts as met if it cannot be told, so that nothing looks
skipped that was not.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from forms.gate import referred
from forms.schema import Form, Group, Question
from forms.xpath import Expressions, World

DEEPEST = 1_000
TURN = re.compile(r"\[(\d+)\]$")
Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Met:
    """A question that was asked: `place` is its path with the turns of repeats (`/q/trip[2]/year`).

    `doubtful` says that the answer breaks the question's soft limit; of a calculation, that its rule is
    broken.
    """

    question: Question
    place: str
    text: str
    doubtful: bool = False


class Filling:
    """A form ready for many interviews; `now` is what its conditions take for the present."""

    def __init__(self, form: Form, now: datetime, sealed: frozenset[str] = frozenset()) -> None:
        self.form = form
        # `/data/q/nom` but not `/data/q/nombre`
        self._sealed = re.compile("|".join(rf"{re.escape(one)}(?![\w.-])" for one in sealed) or r"(?!)")
        self._closed: dict[str, bool] = {}  # expressions that need an answer that is sealed
        self._expressions = Expressions(World(now, random.Random(0), _lists(form)))  # noqa: S311 (nothing is drawn)
        self._below: dict[str, list[Question | Group]] = defaultdict(list)
        for node in _in_order(form):
            self._below[node.path.rpartition("/")[0]].append(node)

    def met(self, answers: Answers) -> list[Met]:
        """Every question that was asked, in the form's order, answered or not."""
        return [met for met, _ in self._walked(answers) if met.question.asked]

    def judged(self, answers: Answers) -> tuple[list[Met], list[Met]]:
        """Every question that was asked, and the calculations whose rule the answers break."""
        walked = [met for met, _ in self._walked(answers)]
        return [met for met in walked if met.question.asked], [
            met for met in walked if not met.question.asked
        ]

    def refusal(self, answers: Answers, place: str, new: str) -> str:
        """Why the form would not take `new` at a place: `not_asked`, `required`, `constraint`, or empty if it
        would."""
        changed = put(answers, place, new)
        for met, element in self._walked(changed):
            if met.place == place and met.question.asked:
                question = met.question
                if not new:
                    return "required" if question.required and self._true(question.required, element) else ""
                broken = question.constraint and self._true(question.constraint, element) is False
                return "constraint" if broken else ""
        return "not_asked"

    def _walked(self, answers: Answers) -> list[tuple[Met, etree._Element]]:
        root = etree.Element(self.form.root)
        laid: list[tuple[Question | Group, etree._Element, str, int]] = []
        self._lay(root, answers, "", "", 0, laid)
        found = []
        closed = doubtful = DEEPEST
        for node, element, place, depth in laid:
            if depth > closed:
                continue
            closed, doubtful = DEEPEST, doubtful if depth > doubtful else DEEPEST
            if isinstance(node, Question) and not (node.asked or node.rule):
                continue
            relevant = self._true(node.relevant, element) if node.relevant else True
            if isinstance(node, Group):
                closed = depth if relevant is False else DEEPEST
                doubtful = min(doubtful, depth) if relevant is None else doubtful
            elif (
                node.asked and (element.text or (relevant and doubtful == DEEPEST)) and relevant is not False
            ):
                doubtful_answer = bool(node.soft and element.text) and self._broken(node.soft, element)
                found.append((Met(node, place, element.text or "", doubtful_answer), element))
            elif node.rule and relevant and doubtful == DEEPEST and self._broken(node.calculate, element):
                found.append((Met(node, place, "", doubtful=True), element))
        return found

    def _broken(self, expression: str, element: etree._Element) -> bool:
        """Whether something does not hold that should; it is not judged before all that it needs was
        answered."""
        if self._true(expression, element) is not False:
            return False
        parent = element.getparent()
        root = element.getroottree().getroot()
        for name in referred(expression):
            beside = [] if parent is None else parent.findall(name)
            if not any(one.text for one in beside or root.iter(name)):
                return False
        return True

    def _lay(
        self,
        parent: etree._Element,
        answers: Answers,
        path: str,
        place: str,
        depth: int,
        laid: list[tuple[Question | Group, etree._Element, str, int]],
    ) -> None:
        """Lays out the answers below a group; all must lie there before any condition is asked."""
        for node in self._below[path]:
            name = node.path.rpartition("/")[2]
            if isinstance(node, Question):
                element = etree.SubElement(parent, name)
                element.text = str(answers.get(name) or "") or None
                laid.append((node, element, node.path if place == path else f"{place}/{name}", depth))
                continue
            said = answers.get(name)
            turns = said if node.is_repeat else [said if isinstance(said, Mapping) else {}]
            for number, turn in enumerate(turns or (), 1):
                element = etree.SubElement(parent, name)
                here = f"{place}/{name}[{number}]" if node.is_repeat else f"{place}/{name}"
                laid.append((node, element, here, depth))
                self._lay(element, turn, node.path, here, depth + 1, laid)

    def _true(self, expression: str, element: etree._Element) -> bool | None:
        """Whether a condition holds; None when it needs an answer that is sealed, or cannot be asked here."""
        closed = self._closed.get(expression)
        if closed is None:
            closed = self._closed[expression] = self._sealed.search(expression) is not None
        if closed:
            return None
        try:
            return self._expressions.true(expression, element)
        except (etree.XPathError, ValueError, IndexError, KeyError):
            return None


def at(answers: Answers, place: str) -> str:
    """The answer at a place; empty when there is none."""
    found: Any = answers
    for name, number in _steps(place):
        found = found.get(name) if isinstance(found, Mapping) else None
        if number is not None:
            found = found[number - 1] if isinstance(found, list) and 0 < number <= len(found) else None
    return found if isinstance(found, str) else ""


def put(answers: Answers, place: str, new: str) -> dict[str, Any]:
    """The answers with another one at a place; an empty one is taken out. A turn that is not there stays
    away."""
    return _put(answers, list(_steps(place)), new)


def path_of(place: str) -> str:
    """The question's path of a place: without turns."""
    return re.sub(r"\[\d+\]", "", place)


def _put(answers: Answers, steps: list[tuple[str, int | None]], new: str) -> dict[str, Any]:
    (name, number), *rest = steps
    changed = dict(answers)
    if not rest:
        changed[name] = new
        if not new:
            del changed[name]
        return changed
    below = changed.get(name)
    if number is None:
        changed[name] = _put(below if isinstance(below, Mapping) else {}, rest, new)
    elif isinstance(below, list) and 0 < number <= len(below):
        changed[name] = [*below[: number - 1], _put(below[number - 1], rest, new), *below[number:]]
    return changed


def _steps(place: str) -> Iterator[tuple[str, int | None]]:
    for step in place.strip("/").split("/"):
        turn = TURN.search(step)
        yield (step[: turn.start()], int(turn[1])) if turn else (step, None)


def _in_order(form: Form) -> list[Question | Group]:
    """Groups before what lies in them, everything else as the form has it."""
    nodes: list[Question | Group] = []
    groups = {group.path: group for group in form.groups}
    done: set[str] = set()
    for question in form.questions:
        steps = question.path.split("/")
        for length in range(2, len(steps)):
            above = "/".join(steps[:length])
            if above in groups and above not in done:
                done.add(above)
                nodes.append(groups[above])
        nodes.append(question)
    return nodes


def _lists(form: Form) -> dict[str, etree._Element]:
    """The lists of choices that came from files, as conditions look into them."""
    found = {}
    for question in form.questions:
        if question.choices_file and question.choices:
            instance = etree.Element("instance")
            items = etree.SubElement(instance, "root")
            for choice in question.choices:
                item = etree.SubElement(items, "item")
                for name, value in {"name": choice.name, **choice.extra}.items():
                    etree.SubElement(item, name).text = value
            found[question.choices_file.rpartition(".")[0]] = instance
    return found
