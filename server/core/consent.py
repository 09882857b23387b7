"""Decides from an interview's own answers whether the person agreed, and to what.

Only a clear yes is a yes: a blank, unknown or contradictory answer counts as no. A minor needs to agree
himself and have a responsible adult's agreement, or a written reason why there is none, which a supervisor
must then look at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from forms.schema import Form, Question

Verdict = Literal["given", "refused", "minor_waits", "not_asked"]
ADULT = 18
YES = "yes"
ABSENT = "absent"

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person allowed. `scopes` are those granted by a clear yes."""

    verdict: Verdict
    scopes: frozenset[str] = frozenset()


def decide_consent(form: Form, values: Values) -> Consent:
    """The consent in an interview; `values` holds each path's answers, one per turn of a repeat."""
    questions = form.with_role("consent")
    if not questions:
        return Consent("not_asked", _scopes(form, values))
    if not all(_agreed(question, values) for question in questions):
        return Consent("refused")
    minor = _minor_verdict(form, values)
    if minor == "refused":
        return Consent("refused")
    return Consent(minor, _scopes(form, values))


def _agreed(question: Question, values: Values) -> bool:
    said = set(values.get(question.path, ()))
    return said == {question.yes or YES}


def _scopes(form: Form, values: Values) -> frozenset[str]:
    denied = {q.scope for q in form.scopes if not _agreed(q, values)}
    return frozenset(q.scope for q in form.scopes if q.scope and q.scope not in denied)


def _minor_verdict(form: Form, values: Values) -> Verdict:
    """`given` for adults; for the others after requirement C8: assent and a guardian, or a reason."""
    assent, guardian, reason = (
        _said(form, values, role) for role in ("assent", "guardian", "no_guardian_reason")
    )
    if not _is_minor(form, values) and not assent:
        return "given"
    if assent != YES:
        return "refused"
    if guardian == YES:
        return "given"
    return "minor_waits" if reason and guardian in ("", ABSENT) else "refused"


def _is_minor(form: Form, values: Values) -> bool:
    ages = [value for q in form.with_role("age") for value in values.get(q.path, ()) if value]
    return any(_counts_as_minor(years_of(age)) for age in ages)


def _counts_as_minor(years: float | None) -> bool:
    """An age that is not a number gives no right to treat anyone as an adult."""
    if years is None:
        return True
    return 0 <= years < ADULT  # -98: unknown; the form then asks for assent if in doubt


def years_of(age: str) -> float | None:
    """An age as a number of years; None when it is not a number."""
    try:
        years = float(age)
    except ValueError:
        return None
    return years if math.isfinite(years) else None


def _said(form: Form, values: Values, role: str) -> str:
    answers = {value for q in form.with_role(role) for value in values.get(q.path, ()) if value}
    return answers.pop() if len(answers) == 1 else ""
