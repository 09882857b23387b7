"""What checks may see of an interview, and what they know of its form. Nothing here identifies anybody."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from forms.filled import Met
from forms.gate import referred
from forms.schema import NUMBER_KINDS, SELECT_KINDS, Question
from server.core.paradata import Timeline
from server.core.plan import Plan

APART = frozenset({"consent", "operational"})
POINTED = re.compile(r"\b(placement-map|maps)\b")
SECONDS = re.compile(r"\d{1,4}(\.\d{1,3})?")


@dataclass(frozen=True)
class Facts:
    """One interview: `met` are the questions that it was asked, `flags` what was odd when it came in.

    Times are aware; `start` and `end` are what the phone says. `published` is when each version went into
    use. `broken` are the calculations whose rule does not hold, `derived` what is known of sealed answers.
    """

    instance: str
    shape: Shape
    version: str
    enumerator: str
    received: datetime
    start: datetime | None
    end: datetime | None
    met: Sequence[Met]
    timeline: Timeline | None = None
    reading_seconds: float | None = None
    flags: Mapping[str, int] = field(default_factory=dict)
    published: Mapping[str, datetime] = field(default_factory=dict)
    broken: Sequence[Met] = ()
    derived: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def readable(self) -> list[Met]:
        """The questions that were asked and whose answers may be read: the base of every rate."""
        return [met for met in self.met if self.shape.plan.reads(met.question)]


@dataclass(frozen=True)
class Shape:
    """What a form's version means to checks."""

    plan: Plan

    @cached_property
    def words(self) -> Mapping[str, int]:
        """How many words each question has, in the language with the fewest."""
        found = {}
        for question in self.plan.form.questions:
            counts = [len(text.split()) for text in question.labels.values() if text.strip()]
            if question.asked and counts:
                found[question.path] = min(counts)
        return found

    @cached_property
    def seconds(self) -> Mapping[str, float]:
        """The least seconds that authors set for their questions (bind::dp:minimum_seconds)."""
        said = {question.path: question.minimum_seconds for question in self.plan.form.questions}
        return {path: float(text) for path, text in said.items() if SECONDS.fullmatch(text)}

    @cached_property
    def batteries(self) -> list[tuple[str, ...]]:
        """Runs of questions that stand together and have the same answers: where one can tick straight
        down."""
        found: list[list[Question]] = []
        last: Question | None = None
        for question in self.plan.form.questions:
            if question.kind != "select_one" or not question.choices or not self.plan.reads(question):
                # What shows on the screen parts what stands before it from what follows.
                last = None if question.asked or question.kind == "note" else last
                continue
            if last is not None and _together(last, question):
                found[-1].append(question)
            else:
                found.append([question])
            last = question
        return [tuple(question.path for question in run) for run in found if len(run[0].choices or ()) > 2]

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The paths of questions that are answered with a number."""
        return frozenset(
            q.path
            for q in self.plan.form.questions
            if q.asked and q.kind in NUMBER_KINDS and self.plan.reads(q)
        )

    @cached_property
    def asks_where(self) -> bool:
        """Whether a question asks for the position."""
        return any(q.asked and q.kind == "geopoint" and not q.scope for q in self.plan.form.questions)

    @cached_property
    def points_on_map(self) -> bool:
        """Whether positions may be pointed at on a map, which has no accuracy."""
        return any(q.kind == "geopoint" and POINTED.search(q.appearance) for q in self.plan.form.questions)

    @cached_property
    def offered(self) -> Mapping[str, frozenset[str]]:
        """The answers that each question offers, by path."""
        questions = (q for q in self.plan.form.questions if q.asked and q.kind in SELECT_KINDS)
        return {q.path: frozenset(choice.name for choice in q.choices or ()) for q in questions}

    @cached_property
    def gates(self) -> Mapping[str, tuple[str, ...]]:
        """Questions that decide whether others are asked, with the paths of those: filters on answers.

        Consent and the circumstances of the contact decide as well, but nobody shortens an interview there.
        """
        form = self.plan.form
        names = {
            q.name: q.path
            for q in form.questions
            if q.kind in SELECT_KINDS and q.asked and not q.classes & APART and not q.roles
        }
        found: dict[str, list[str]] = defaultdict(list)
        conditions = [(one.path, one.relevant) for one in form.questions]
        conditions += [(one.path, one.relevant) for one in form.groups]
        for path, relevant in conditions:
            for name in referred(relevant) & names.keys():
                found[names[name]].append(path)
        asked = [q.path for q in form.questions if q.asked]
        below = {
            gate: tuple(p for p in asked if any(p == one or p.startswith(f"{one}/") for one in paths))
            for gate, paths in found.items()
        }
        return {gate: paths for gate, paths in below.items() if paths}

    @cached_property
    def compared(self) -> list[str]:
        """The questions by which two interviews are compared: asked of everyone once, with a code or
        number."""
        kinds = SELECT_KINDS | NUMBER_KINDS
        return [
            question.path
            for question in self.plan.form.questions
            if question.asked
            and question.kind in kinds
            and not question.repeat
            and not question.roles
            and not question.classes & APART
            and self.plan.reads(question)
        ]


def _together(one: Question, other: Question) -> bool:
    if one.path.rpartition("/")[0] != other.path.rpartition("/")[0]:
        return False
    return [choice.name for choice in one.choices or ()] == [choice.name for choice in other.choices or ()]
