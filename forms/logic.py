"""Finds questions that nobody can ever be asked, and answers that no list has.

Only what is certain is told: a condition that is not a plain comparison of answers is left alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from forms.conditions import Any, Condition, Test, condition, meaning
from forms.findings import Fault
from forms.schema import NUMBER_KINDS, SELECT_KINDS, Form, Question
from forms.wording import last_step

WAYS = 200  # a condition with more alternatives is not followed
DEPTH = 6
QUOTED = r"""(?:'([^'"]*)'|"([^'"]*)")"""
NODE = r"(\.|(?:current\(\)/)?(?:\.\./|/)[\w./-]+)"
QUOTED_TEXT = re.compile(QUOTED)
SAID = (
    re.compile(rf"selected\(\s*{NODE}\s*,\s*{QUOTED}\s*\)"),
    re.compile(rf"(?<![\w/.]){NODE}\s*!?=\s*{QUOTED}"),
)
Way = tuple[Test, ...]


def logic_faults(form: Form) -> Iterator[Fault]:
    """Codes that no list has, and questions or groups whose relevance can never hold."""
    order = {question.path: place for place, question in enumerate(form.questions)}
    for question in form.questions:
        for expression in (question.relevant, question.constraint, question.calculate, question.required):
            yield from _unknown_codes(form, expression, question.path)
        yield from _later(form, question, order)
        if question.relevant and _never(form, question.relevant, question.path):
            yield Fault("never_asked", question.path)
    yield from _circles(form)
    for group in form.groups:
        yield from _unknown_codes(form, group.relevant, group.path)
        if group.relevant and _never(form, group.relevant, group.path):
            yield Fault("never_asked", group.path)


def _unknown_codes(form: Form, expression: str, path: str) -> Iterator[Fault]:
    """Comparisons with a code that is not in the list of the question it is compared with."""
    found = {
        (match[1], match[2] or match[3] or "") for pattern in SAID for match in pattern.finditer(expression)
    }
    for node, code in sorted(found):
        question = form.by_path.get(path) if node == "." else _named(form, last_step(node))
        if question is None or question.kind not in SELECT_KINDS or not question.choices or not code:
            continue
        if question.choices_file is None and code not in {choice.name for choice in question.choices}:
            yield Fault("code_unknown", path, {"code": code, "other": question.name})


def _circles(form: Form) -> Iterator[Fault]:
    """Calculations that wait for each other: a phone refuses the whole form."""
    needs = {
        question.path: [
            other.path
            for node in dict.fromkeys(re.findall(NODE, QUOTED_TEXT.sub("''", question.calculate)))
            if node != "." and (other := _named(form, last_step(node))) and other.calculate
        ]
        for question in form.questions
        if question.calculate
    }
    for path in needs:
        below, waiting = set[str](), [one for one in needs[path] if one != path]
        while waiting:
            one = waiting.pop()
            if one not in below:
                below.add(one)
                waiting += needs.get(one, [])
        if path in below:
            yield Fault("circle", path, {"others": ", ".join(sorted(map(last_step, below - {path})))})


def _named(form: Form, name: str) -> Question | None:
    """The only question of that name."""
    same = [question for question in form.questions if question.name == name]
    return same[0] if len(same) == 1 else None


def _later(form: Form, question: Question, order: dict[str, int]) -> Iterator[Fault]:
    """Relevance that waits for an answer asked further down: on a phone it is empty when it matters."""
    for node in set(re.findall(NODE, question.relevant)):
        other = _named(form, last_step(node))
        if other is not None and other.asked and order[other.path] > order[question.path]:
            yield Fault("asked_later", question.path, {"other": other.name})


def _never(form: Form, expression: str, path: str) -> bool:
    """Whether the relevance, with that of every group around it, contradicts itself in every way."""
    steps = path.split("/")
    above = ("/".join(steps[:n]) for n in range(2, len(steps)))
    around = [(form.group_by_path[one].relevant, one) for one in above if one in form.group_by_path]
    ways: list[Way] = [()]
    for text, where in [*around, (expression, path)]:
        found = _ways(form, condition(text, where, form), DEPTH) if text else [()]
        if found is None:
            continue
        ways = [(*one, *other) for one in ways for other in found]
        if len(ways) > WAYS:
            return False
    return not any(_possible(form, way) for way in ways)


def _ways(form: Form, found: Condition | None, depth: int) -> list[Way] | None:
    """The alternatives in which a condition holds, each with all it asks; None when there are too many."""
    if found is None:
        return None
    if isinstance(found, Test):
        return _needed(form, found, depth)
    parts = [_ways(form, part, depth) for part in found.parts]
    if isinstance(found, Any):
        if any(part is None for part in parts):
            return None
        return _few([way for part in parts for way in part or []])
    ways: list[Way] = [()]
    for part in parts:
        ways = [(*one, *other) for one in ways for other in (part if part is not None else [()])]
        if len(ways) > WAYS:
            return None
    return ways


def _few(ways: list[Way]) -> list[Way] | None:
    return ways if len(ways) <= WAYS else None


def _needed(form: Form, test: Test, depth: int) -> list[Way] | None:
    """A test, with what must hold so that the answer it tests is there at all."""
    behind = meaning(test, form)
    if behind is not test:
        return _ways(form, behind, depth - 1) if depth else None
    question = form.by_path.get(test.path)
    filled = (
        test.yes
        and not test.missing
        and (test.op in ("<", ">", "<=", ">=", "selected") or (test.op == "=" and test.value != ""))
    )
    if question is None or not filled or not question.relevant or not depth:
        return [(test,)]
    more = _ways(form, condition(question.relevant, question.path, form), depth - 1)
    return [(test,)] if more is None else [(test, *way) for way in more]


def _possible(form: Form, way: Way) -> bool:
    """Whether all tests of a way may hold together."""
    by_path: dict[str, list[Test]] = defaultdict(list)
    for test in way:
        by_path[test.path].append(test)
    return all(_together(form.by_path.get(path), tests) for path, tests in by_path.items())


def _together(question: Question | None, tests: Sequence[Test]) -> bool:
    if question is None:
        return True
    if question.kind in NUMBER_KINDS:
        return _numbers(tests)
    if question.kind == "select_one" and question.choices and question.choices_file is None:
        return any(_holds(code, tests) for code in ["", *(choice.name for choice in question.choices)])
    if question.kind == "select_one":
        return any(_holds(code, tests) for code in ["", *_values(tests)])
    ticked = {test.value for test in tests if test.op == "selected" and test.yes}
    barred = {test.value for test in tests if test.op == "selected" and not test.yes}
    return not ticked & barred


def _values(tests: Iterable[Test]) -> list[str]:
    return [*dict.fromkeys(test.value for test in tests), "?"]


def _holds(code: str, tests: Sequence[Test]) -> bool:
    """Whether one answer passes every test of it that is understood."""
    for test in tests:
        if test.op in ("=", "selected"):
            passed = code == test.value
        elif test.op == "!=":
            passed = code != test.value
        elif test.op == "starts-with":
            passed = code.startswith(test.value)
        else:
            continue
        if passed != test.yes:
            return False
    return True


def _numbers(tests: Sequence[Test]) -> bool:
    """Whether a number, or none at all, passes every comparison: tried between and at all the bounds."""
    try:
        bounds = sorted({float(test.value) for test in tests if test.value})
    except ValueError:
        return True
    between = [(one + other) / 2 for one, other in pairwise(bounds)]
    ends = [bounds[0] - 1, bounds[-1] + 1] if bounds else [0.0]
    return any(_passes(number, tests) for number in (None, *bounds, *between, *ends))


def _passes(number: float | None, tests: Sequence[Test]) -> bool:
    for test in tests:
        if number is None and test.missing:
            continue
        if number is None or not test.value:
            same = number is None and not test.value
            passed = same if test.op == "=" else test.op == "!=" and not same
        else:
            bound = float(test.value)
            passed = {
                "=": number == bound,
                "!=": number != bound,
                "<": number < bound,
                ">": number > bound,
                "<=": number <= bound,
                ">=": number >= bound,
            }.get(test.op, True)
        if not passed:
            return False
    return True
