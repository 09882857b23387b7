"""The record of one person's consent: which text, in which language, how it was asked, what was granted.

It is kept beside the answers, not in the log: whoever withdraws takes the record of her age and language
along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forms.schema import Form
from server.core.consent import ADULT, YES, Consent, years_of
from server.core.plan import Plan

YOUNGEST = 15
ROLES = ("interview_mode", "language", "assent", "guardian", "guardian_role", "no_guardian_reason")


def consent_record(
    plan: Plan, values: Mapping[str, Sequence[str]], consent: Consent, text: str
) -> dict[str, Any]:
    """What is kept of how consent was asked and given; `text` is the version that the phone showed."""
    interpreter = plan.listed(values, "interpreter")
    return {role: plan.listed(values, role) for role in ROLES} | {
        "decision": consent.verdict,
        "text": text,
        "delivered_by": {YES: "interpreter", "": ""}.get(interpreter, "read_aloud"),
        "age_band": age_band(plan.form, values),
        "scopes": asked_scopes(plan.form, values, consent),
        "legal_basis": "consent",
    }


def age_band(form: Form, values: Mapping[str, Sequence[str]]) -> str:
    """`adult`, `15-17`, `under_15`, or `unknown` when no age was given or the answers differ."""
    ages = {text for q in form.with_role("age") for text in values.get(q.path, ()) if text}
    years = years_of(ages.pop()) if len(ages) == 1 else None
    if years is None or years < 0:
        return "unknown"
    if years >= ADULT:
        return "adult"
    return "15-17" if years >= YOUNGEST else "under_15"


def asked_scopes(form: Form, values: Mapping[str, Sequence[str]], consent: Consent) -> dict[str, str]:
    """Each scope: `yes`, `no`, or `not_asked` when nothing was answered."""
    said: dict[str, str] = {}
    for question in form.scopes:
        asked = any(values.get(question.path, ()))
        scope = question.scope or ""
        if said.get(scope) != "no":
            said[scope] = ("yes" if scope in consent.scopes else "no") if asked else "not_asked"
    return said
