"""What a form itself says about the protection of data: which questions are of which class, and where they
go.

The record of processing, the impact assessment and the breach pack are made of it, so that none of them can
drift from the questionnaire.
"""

from __future__ import annotations

from dataclasses import dataclass

from forms.consented import fingerprints
from forms.schema import MEDIA, Question
from server.core.plan import META, Plan
from server.core.retention import RULES, Policy

CLASSES = ("direct", "quasi", "sensitive", "free_text", "media", "public", "consent", "operational")
# Which retention a class falls under.
KEPT_AS = {"direct": "identity", "free_text": "identity", "media": "media"}


@dataclass(frozen=True, slots=True)
class ClassRow:
    """The questions of one class: how many, how many of them are sealed on arrival, their names, how long
    kept."""

    name: str
    questions: tuple[str, ...]
    sealed: int
    period: str
    from_end: bool


@dataclass(frozen=True, slots=True)
class FormSheet:
    """One form for the dossiers: `scopes` by question, `text` the consent text's version and hashes."""

    id: str
    version: str
    title: str
    languages: tuple[str, ...]
    classes: tuple[ClassRow, ...]
    scopes: tuple[tuple[str, str], ...]
    text: str
    hashes: tuple[tuple[str, str], ...]
    minors: bool
    undeclared: tuple[str, ...]


def form_sheet(plan: Plan, policy: Policy) -> FormSheet:
    """What a form collects, by class."""
    form = plan.form
    asked = [q for q in form.questions if q.kind != "note" and q.path not in META]
    rows = []
    for name in CLASSES:
        mine = [question for question in asked if class_of(question) == name]
        if mine:
            kept = KEPT_AS.get(name, "answers")
            rows.append(
                ClassRow(
                    name,
                    tuple(question.name for question in mine),
                    sum(not plan.reads(question) for question in mine),
                    policy.period(kept),
                    RULES[kept].from_end,
                )
            )
    return FormSheet(
        form.id,
        form.version,
        form.title,
        form.languages,
        tuple(rows),
        tuple((question.scope or "", question.name) for question in form.scopes),
        form.consent_text or "",
        tuple(sorted(fingerprints(form).items())),
        bool(form.with_role("assent")),
        tuple(question.name for question in asked if not question.declared),
    )


def class_of(question: Question) -> str:
    """The one class under which a question is listed: the most delicate of its own."""
    if question.kind == MEDIA:
        return "media"
    return next((name for name in CLASSES if name in question.classes), "quasi")
