"""The words by which a form asks for consent: what was read to a person, as a version of the form has it."""

from __future__ import annotations

import hashlib
import re

from forms.schema import Form

TAGS = re.compile(r"<[^>]*>")


def consent_text(form: Form) -> dict[str, str]:
    """By language, the notes that stand before the consent question in its group, then the question.

    Empty for a form without consent question.
    """
    if form.consent is None:
        return {}
    group = form.consent.path.rpartition("/")[0]
    place = form.questions.index(form.consent)
    before = [q for q in form.questions[:place] if q.path.rpartition("/")[0] == group and q.kind == "note"]
    said = [q.labels for q in (*before, form.consent)]
    languages = dict.fromkeys(language for labels in said for language in labels)
    return {
        language: "\n".join(text for labels in said if (text := labels.get(language, "").strip()))
        for language in languages
        if any(labels.get(language, "").strip() for labels in said)
    }


def fingerprints(form: Form) -> dict[str, str]:
    """The SHA-256 of the consent text in each language."""
    return {lang: hashlib.sha256(text.encode()).hexdigest() for lang, text in consent_text(form).items()}


def words(form: Form) -> int:
    """How many words are read aloud, in the language with the fewest."""
    counts = [len(TAGS.sub(" ", text).split()) for text in consent_text(form).values()]
    return min(counts, default=0)
