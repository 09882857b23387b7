"""Looks at lists of choices: codes twice, labels that cannot be told apart, choices that never show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from forms.findings import Fault
from forms.schema import SELECT_KINDS, Form, Question
from forms.wording import last_step

CASCADE = re.compile(r"^\s*(\w+)\s*=\s*((?:current\(\)/)?(?:\.\./|/)[\w./-]+)\s*$")
SHOWN = 5


def list_faults(form: Form) -> Iterator[Fault]:
    """Each fault once, at the first question that offers the list."""
    seen: set[int] = set()
    named = {question.name: question for question in form.questions}
    for question in form.questions:
        if question.kind in SELECT_KINDS and question.choices and not question.choices_file:
            yield from _unreachable(question, named)
            if id(question.choices) not in seen:
                seen.add(id(question.choices))
                yield from _alike(question)


def _unreachable(question: Question, named: dict[str, Question]) -> Iterator[Fault]:
    """Choices of a cascade whose column names an answer that the question above does not have."""
    match = CASCADE.match(question.choice_filter)
    above = named.get(last_step(match[2])) if match else None
    if match is None or above is None or not above.choices or above.choices_file:
        return
    offered = {choice.name for choice in above.choices}
    lost = [c.name for c in question.choices or () if c.extra.get(match[1], "") not in offered]
    if lost:
        yield Fault("choice_unreachable", question.path, {"column": match[1], "choices": shown(lost)})


def _alike(question: Question) -> Iterator[Fault]:
    """Labels that stand twice where a respondent could see both: homonyms in a cascade stand apart."""
    for language in sorted({language for c in question.choices or () for language in c.labels}):
        labels = [(c.labels.get(language, ""), tuple(c.extra.values())) for c in question.choices or ()]
        twice = [
            label for (label, _), count in Counter(labels).items() if count > 1 and label not in ("", "-")
        ]
        if twice:
            yield Fault("choice_same", question.path, {"language": language, "choices": shown(twice)})


def shown(names: Sequence[str]) -> str:
    """The first few of many names."""
    return ", ".join(names[:SHOWN]) + ("…" if len(names) > SHOWN else "")
