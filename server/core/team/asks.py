"""What of a form can be compared between enumerators: closed questions, numbers, and questions that open
others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from forms.schema import Form, Group, Question
from server.core.plan import Plan
from server.core.team.rows import Asks, Indicator

CLOSED = frozenset({"select_one", "select_multiple"})
LEFT_OUT = frozenset({"consent", "operational", "direct", "free_text"})
EQUALS = re.compile(r"(/[\w/.-]+)\s*=\s*'([^']*)'")
LEAST_OPENED = 3  # questions that an answer opens, so that avoiding it pays


def asks_of(plan: Plan) -> Asks:
    """What the readable questions outside repeats let one compare."""
    mine = [q for q in plan.form.questions if _compared(plan, q)]
    closed = [q for q in mine if q.kind in CLOSED and q.choices and not q.choices_file]
    return Asks(
        tuple(
            Indicator(q.path, choice.name, q.kind == "select_multiple")
            for q in closed
            for choice in q.choices or ()
            if not q.choice_filter
        ),
        tuple(q.path for q in mine if q.kind == "integer" and _rounded(q)),
        gates_of(plan.form),
        {q.path: frozenset(choice.name for choice in q.choices or ()) for q in closed},
    )


def _compared(plan: Plan, question: Question) -> bool:
    return question.asked and not question.repeat and not question.classes & LEFT_OUT and plan.reads(question)


def _rounded(question: Question) -> bool:
    """Ages and amounts are rounded; a year is remembered."""
    return "year" not in question.name


def gates_of(form: Form) -> dict[str, frozenset[str]]:
    """The closed questions by whose answers many others are asked, with the answers that open them."""
    opened: dict[str, Counter[str]] = defaultdict(Counter)
    nodes: list[Question | Group] = [*form.questions, *form.groups]
    for node in nodes:
        inside = sum(q.asked and q.path.startswith(f"{node.path}/") for q in form.questions) or 1
        for path, code in EQUALS.findall(node.relevant):
            opened[path.removeprefix(f"/{form.root}")][code] += inside
    return {
        path: frozenset(codes)
        for path, codes in opened.items()
        if sum(codes.values()) >= LEAST_OPENED and _is_gate(form, path)
    }


def _is_gate(form: Form, path: str) -> bool:
    question = form.by_path.get(path)
    closed = question is not None and question.kind == "select_one" and not question.classes & LEFT_OUT
    return closed and question is not None and not question.repeat
