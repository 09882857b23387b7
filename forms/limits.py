"""Tries each constraint on answers it might meet: one that takes none, or stops none, is a mistake.

A constraint is tried when it looks at nothing but its own answer. Numbers are tried at and around every
number it names, ticked answers alone, in pairs and as runs of the list, so that no case of it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from random import Random

from lxml import etree

from forms.findings import Fault
from forms.schema import NUMBER_KINDS, Form, Question
from forms.xpath import Expressions, World

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
REGEX = re.compile(r"""regex\(\s*[^,]+,\s*(?:'([^']*)'|"([^"]*)")\s*\)""")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
OTHER = re.compile(r"/\w|\$\{|\.\.")
FUNCTION = re.compile(r"([a-z][\w:-]*)\s*\(")
PLAIN = {"not", "selected", "count-selected", "and", "or"}
FAR = 10.0**7
PAIRS = 40  # of longer lists, only this many choices are paired


def constraint_faults(form: Form) -> Iterator[Fault]:
    """Constraints that nothing passes, or everything; patterns that do not read; numbers without bounds."""
    engine = Expressions(World(datetime(2026, 1, 1), Random(0)))  # noqa: DTZ001, S311 (nothing made here is kept)
    for question in form.questions:
        if not question.asked:
            continue
        patterns = [found[1] or found[2] for found in REGEX.finditer(question.constraint)]
        for pattern in patterns:
            if not _readable(pattern):
                yield Fault("pattern_broken", question.path, {"pattern": pattern})
        if question.kind in NUMBER_KINDS and not question.constraint:
            yield Fault("number_open", question.path)
        if question.constraint and all(map(_readable, patterns)):
            yield from _tried(engine, question)


def _readable(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _tried(engine: Expressions, question: Question) -> Iterator[Fault]:
    answers = list(_answers(question))
    if not answers:
        return
    element = etree.Element(question.name)
    passed = set()
    for answer in answers:
        element.text = answer
        passed.add(engine.true(question.constraint, element))
    if passed == {False}:
        yield Fault("constraint_impossible", question.path)
    elif passed == {True}:
        yield Fault("constraint_idle", question.path)


def _answers(question: Question) -> Iterator[str]:
    """Answers that are sure to meet every case of the constraint; none when that cannot be told."""
    bare = QUOTED.sub("''", question.constraint)
    if OTHER.search(bare) or set(FUNCTION.findall(bare)) - PLAIN:
        return
    if question.kind in NUMBER_KINDS:
        step = 1.0 if question.kind == "integer" else 0.001
        for number in sorted({0.0, FAR, -FAR, *(float(n) for n in NUMBER.findall(bare))}):
            for near in (number - step, number, number + step):
                yield str(int(near)) if near.is_integer() else repr(near)
    elif question.kind == "select_one" and question.choices:
        yield from (choice.name for choice in question.choices)
    elif question.kind == "select_multiple" and question.choices:
        names = [choice.name for choice in question.choices]
        yield from names
        yield from (" ".join(pair) for pair in combinations(names[:PAIRS], 2))
        yield from (" ".join(names[:count]) for count in range(3, len(names) + 1))
