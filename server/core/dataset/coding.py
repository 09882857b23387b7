"""Codes and labels as Stata and SPSS have them: whole numbers for choices, and letters or a range for what is
missing.

Stata's extended missing values tell why there is no answer: `.d` does not know, `.r` refused, `.s` skipped by
logic, `.n` not applicable, `.m` missing. SPSS takes one range, -99 to -96; what was never asked is its own
system-missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from forms.wording import pick
from server.core.dataset.asked import MISSING, NOT_APPLICABLE, PROTECTED, SKIPPED
from server.core.dataset.fields import Field
from server.core.dataset.shape import Variable, plain

DONT_KNOW, REFUSED = "d", "r"
WORDS: dict[str, dict[str, str]] = {
    DONT_KNOW: {"fr": "Ne sait pas", "en": "Does not know"},
    REFUSED: {"fr": "Refuse de répondre", "en": "Refuses to answer"},
    SKIPPED: {"fr": "Non posée (logique du questionnaire)", "en": "Not asked (skipped by logic)"},
    NOT_APPLICABLE: {
        "fr": "Sans objet ou absente de cette version",
        "en": "Not applicable, or not in this version",
    },
    MISSING: {"fr": "Posée, sans réponse", "en": "Asked, not answered"},
    PROTECTED: {"fr": "Masquée pour protéger la personne", "en": "Blanked to protect the person"},
}
# Choices that say why there is no answer, and numbers that forms of this project and of IPA let people type.
SAYING = {"dk": DONT_KNOW, "refuse": REFUSED, "refused": REFUSED, "na": NOT_APPLICABLE}
NUMBERS = {"-98": DONT_KNOW, "-99": REFUSED, "-999": DONT_KNOW, "-888": REFUSED}
# What stands for a missing value where there is only one range; what was not asked has none.
RESERVED = {REFUSED: "-99", DONT_KNOW: "-98", NOT_APPLICABLE: "-97", MISSING: "-96"}
LOW, HIGH = -99, -96
TYPED = re.compile(r"=\s*(-\d+)\b")
WHOLE = re.compile(r"-?\d{1,6}")


@dataclass(frozen=True)
class Coding:
    """How the answers to one field become numbers: `codes` for choices, `missing` for answers that are none.

    `labels` are by number. With neither, answers are numbers or texts of their own.
    """

    codes: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[int, str] = field(default_factory=dict)

    @property
    def names(self) -> dict[int, str]:
        """The form's own code of each number."""
        return {number: name for name, number in self.codes.items()}


def coding(shown: Field, language: str, others: Collection[str] = ()) -> Coding:
    """How a field is coded; `others` are answers that no version of its list names."""
    variable = shown.variable
    if variable is None or shown.kind not in ("code", "whole", "number", "tick"):
        return Coding()
    if shown.kind == "tick":
        return Coding({"0": 0, "1": 1}, {}, {0: yes_no(language)[1], 1: yes_no(language)[0]})
    if shown.kind != "code":
        return Coding(missing=_typed(variable))
    names = [choice.name for choice in variable.choices]
    names += sorted(set(others) - set(names) - {""})
    missing = {name: said for name in names if (said := SAYING.get(name) or NUMBERS.get(name))}
    kept = [name for name in names if name not in missing]
    codes = _numbers(kept)
    return Coding(codes, missing, {codes[name]: labelled(variable, name, language) for name in kept})


def _typed(variable: Variable) -> dict[str, str]:
    """Numbers that the form itself lets people type for an answer that they do not give."""
    said = {
        number for question in variable.questions.values() for number in TYPED.findall(question.constraint)
    }
    return {number: NUMBERS[number] for number in sorted(said) if number in NUMBERS}


def _numbers(names: Sequence[str]) -> dict[str, int]:
    """The names themselves where they are all numbers outside the reserved range, else 1, 2, 3."""
    if all(WHOLE.fullmatch(name) and not LOW <= int(name) <= HIGH for name in names):
        whole = {name: int(name) for name in names}
        if len(set(whole.values())) == len(names):
            return whole
    return {name: number for number, name in enumerate(names, 1)}


def labelled(variable: Variable, text: str, language: str) -> str:
    """The label of an answer, or the labels of several; what has none stays as it is."""
    words = {choice.name: plain(pick(choice.labels, language)) for choice in variable.choices}
    if text in words:
        return words[text] or text
    return " | ".join(words.get(one) or one for one in text.split(" ")) if variable.kind != "text" else text


def yes_no(language: str) -> tuple[str, str]:
    """The labels of 1 and 0."""
    return ("Oui", "Non") if language.endswith("(fr)") or language in ("fr", "default") else ("Yes", "No")


def cut(text: str, most: int, *, octets: bool = False) -> str:
    """`text` cut at a word to `most` characters, or bytes in UTF-8, an ellipsis at its end if it was."""
    if _length(text, octets) <= most:
        return text
    words, kept = text.split(" "), ""
    for word in words:
        longer = f"{kept} {word}".strip()
        if _length(longer + "…", octets) > most:
            break
        kept = longer
    if not kept:
        kept = text
        while _length(kept + "…", octets) > most:
            kept = kept[:-1]
    return kept + "…"


def _length(text: str, octets: bool) -> int:
    return len(text.encode()) if octets else len(text)
