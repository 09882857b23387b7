"""Tells whether an expression of relevance holds only when the person agreed to the interview.

Only a plain comparison with the yes of the consent question, joined to others by `and`, counts: whatever is
cleverer than that cannot be checked by reading it, and a wrong guess would record answers after a refusal.
"""

from __future__ import annotations

import re

from forms.schema import Form, Question

REFERENCE = re.compile(r"(?:current\(\)|\.{1,2}|)(?:/[\w.-]+|/\.\.)+")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
AND, OR = re.compile(r"\band\b"), re.compile(r"\bor\b")
SHAPES = (
    r"(?P<path>[^\s=()']+)\s*=\s*['\"](?P<yes>[^'\"]*)['\"]",
    r"['\"](?P<yes>[^'\"]*)['\"]\s*=\s*(?P<path>[^\s=()']+)",
    r"selected\(\s*(?P<path>[^\s,]+)\s*,\s*['\"](?P<yes>[^'\"]*)['\"]\s*\)",
)
COMPARISONS = tuple(re.compile(shape) for shape in SHAPES)


def gated(form: Form, question: Question, consent: Question) -> bool:
    """Whether `question` can only be answered after a yes to `consent`, by itself or by a group around it."""
    steps = question.path.split("/")
    above = ("/".join(steps[:n]) for n in range(2, len(steps)))
    around = [form.group_by_path[path].relevant for path in above if path in form.group_by_path]
    return any(_needs_yes(relevant, form, consent) for relevant in (*around, question.relevant))


def referred(expression: str) -> frozenset[str]:
    """The names of the questions that an expression refers to: the last steps of its paths."""
    return frozenset(path.rpartition("/")[2] for path in REFERENCE.findall(QUOTED.sub(" ", expression)))


def _needs_yes(relevant: str, form: Form, consent: Question) -> bool:
    for part in _conjuncts(relevant):
        for shape in COMPARISONS:
            match = shape.fullmatch(part)
            if match and _leads_to(match["path"], form, consent):
                return match["yes"] == (consent.yes or "yes")
    return False


def _leads_to(path: str, form: Form, question: Question) -> bool:
    """Whether a path is that of `question`; of a relative one the last step is all that can be compared."""
    if path.startswith("/"):
        return path == f"/{form.root}{question.path}"
    return path.rpartition("/")[2] == question.name


def _conjuncts(expression: str) -> list[str]:
    """The parts of an expression that must all hold: split at each `and` outside brackets and quotes.

    `or` binds less than `and`, so an expression with one outside brackets has no such parts.
    """
    bare = _unwrapped(expression.strip())
    # Quoted words are blanked at equal length, so that positions stay those of the expression.
    blank = QUOTED.sub(lambda quoted: "_" * len(quoted[0]), bare)
    cuts = [m.span() for m in AND.finditer(blank) if _depth(blank[: m.start()]) == 0]
    if not cuts or any(_depth(blank[: m.start()]) == 0 for m in OR.finditer(blank)):
        return [bare]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(bare)]
    return [part for a, b in zip(starts, ends, strict=True) for part in _conjuncts(bare[a:b])]


def _unwrapped(expression: str) -> str:
    """Without the brackets that enclose the whole expression."""
    while expression.startswith("(") and expression.endswith(")"):
        inner = expression[1:-1]
        blank = QUOTED.sub("", inner)
        if any(_depth(blank[:n]) < 0 for n in range(1, len(blank) + 1)):
            return expression
        expression = inner.strip()
    return expression


def _depth(text: str) -> int:
    return text.count("(") - text.count(")")
