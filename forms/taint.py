"""Finds calculated answers that draw on a direct identifier: they inherit its secrecy.

References are compared by the last step of a path, so a calculation is suspected rather too often than once
too little.
"""

from __future__ import annotations

import re

from forms.schema import Form

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
NAME = re.compile(r"[^\W\d][\w.-]*")


def tainted(form: Form) -> frozenset[str]:
    """The paths of calculations and defaults that depend, however indirectly, on a `direct` question."""
    secret = {q.name for q in form.questions if "direct" in q.classes}
    found: set[str] = set()
    computed = [(q, _names(q.calculate) | _names(q.default)) for q in form.questions]
    while True:
        more = {q.path for q, names in computed if q.path not in found and names & secret}
        if not more:
            return frozenset(found)
        found |= more
        secret |= {q.name for q, _ in computed if q.path in more}


def _names(expression: str) -> set[str]:
    return set(NAME.findall(QUOTED.sub(" ", expression))) if expression else set()
