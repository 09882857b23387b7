"""How long an interview takes and how hard it is to follow, module by module: estimates for its author.

Time: the words an enumerator reads aloud, and the time a respondent takes to answer. Where an interpreter
repeats everything, count the reading twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forms.findings import Fault
from forms.schema import Form
from forms.wording import language_code, pick

WORDS_A_MINUTE = 130  # read aloud at the pace of a conversation, not of a newsreader
# Seconds to think and to answer, by kind of question; ours, to be set right by the pilot's audit logs.
SECONDS = {"select_one": 6.0, "select_multiple": 8.0, "integer": 7.0, "decimal": 7.0, "text": 12.0}
OTHER_SECONDS = 8.0
LONGEST_SENTENCE, LONGEST_LABEL = 25, 40
SENTENCE = re.compile(r"[.!?…]+(?:\s|$)")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Module:
    """A group that asks questions: how many, the words read aloud, minutes, and reading ease (0 to 100)."""

    name: str
    title: str
    questions: int
    words: int
    minutes: float
    ease: float


def modules(form: Form, language: str = "") -> list[Module]:
    """Every group that holds questions itself, in order; a repeat counts one turn.

    Everything that could be asked is counted, so an interview with skips is shorter.
    """
    language = language or form.default_language
    found: list[Module] = []
    for group in form.groups:
        inside = [q for q in form.questions if q.path.rpartition("/")[0] == group.path]
        heard = [q for q in inside if q.labels and (q.asked or q.kind == "note")]
        asked = [q for q in heard if q.kind != "note"]
        if heard:
            texts = [pick(question.labels, language) for question in heard]
            words = sum(len(WORD.findall(text)) for text in texts)
            seconds = 60 * words / WORDS_A_MINUTE + sum(SECONDS.get(q.kind, OTHER_SECONDS) for q in asked)
            title = pick(group.labels, language) or group.path.rpartition("/")[2]
            ease = reading_ease(" ".join(texts), language_code(language))
            name = group.path.rpartition("/")[2]
            found.append(Module(name, title, len(asked), words, seconds / 60, ease))
    return found


def reading_ease(text: str, language: str) -> float:
    """0 (hard) to 100 (easy): Flesch (1948) for English, Kandel and Moles (1958) for French and others."""
    words = WORD.findall(text)
    if not words:
        return 100.0
    sentences = max(1, len([part for part in SENTENCE.split(text) if part.strip()]))
    length = len(words) / sentences
    syllables = 100 * sum(max(1, len(VOWELS.findall(word))) for word in words) / len(words)
    if language == "en":
        score = 206.835 - 1.015 * length - 0.846 * syllables
    else:
        score = 207 - 1.015 * length - 0.736 * syllables
    return round(min(100.0, max(0.0, score)), 1)


def reading_faults(form: Form) -> Iterator[Fault]:
    """Questions too long to be understood when they are heard once."""
    for question in form.questions:
        if not question.asked:
            continue
        for language, text in question.labels.items():
            sentences = [len(WORD.findall(part)) for part in SENTENCE.split(text)]
            if max(sentences) > LONGEST_SENTENCE or sum(sentences) > LONGEST_LABEL:
                yield Fault("words_many", question.path, {"language": language, "words": str(sum(sentences))})
