"""Finds answers that repeat a direct identifier or the person's own words: they inherit that secrecy.

References are compared by the last step of a path, so a calculation is suspected rather too often than once
too little.
"""

from __future__ import annotations

import re

from forms.schema import Form, Question

PRIVATE = frozenset({"direct", "free_text"})
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
NAME = re.compile(r"[^\W\d][\w.-]*")


def tainted(form: Form) -> frozenset[str]:
    """The paths of answers made, however indirectly, from a `direct` or `free_text` question."""
    secret = {q.name for q in form.questions if q.classes & PRIVATE}
    found: set[str] = set()
    computed = [(q, _sources(q)) for q in form.questions]
    while True:
        more = {q.path for q, names in computed if q.path not in found and names & secret}
        if not more:
            return frozenset(found)
        found |= more
        secret |= {q.name for q, _ in computed if q.path in more}


def _sources(question: Question) -> set[str]:
    """The names that an answer is made from; choices without a list are the turns of a repeat."""
    offered = question.choice_filter if question.choices is None and not question.choices_file else ""
    return _names(question.calculate) | _names(question.default) | _names(offered)


def _names(expression: str) -> set[str]:
    return set(NAME.findall(QUOTED.sub(" ", expression))) if expression else set()
