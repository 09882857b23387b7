"""Makes the short questionnaire of a back-check from the questions that a form marks for it.

Names, words and answers are those of the form, so that both interviews compare. Consent is asked again, the
form's own withdrawal code is drawn anew, and the interview's code is all that links it to the first one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forms.problems import FormError
from forms.schema import Form, Question

SUFFIX = "_backcheck"
LINK = "original_code"
PATH = re.compile(r"\s*(/[\w/.-]+)\s*")
OKRANGE = re.compile(r"\[\s*([+-]?\d+(?:\.\d+)?)(%?)\s*,\s*([+-]?\d+(?:\.\d+)?)(%?)\s*\]")
FR, EN = "Français (fr)", "English (en)"
CARD = ("wc_a", "wc_b", "wc_ten", "withdrawal_code")
ADULT = 18
Row = dict[str, str]


def accepted_range(text: str) -> tuple[float, float, bool] | None:
    """The range that `[-1,1]` or `[-5%,5%]` writes: low, high, whether in percent; None when it is no
    range."""
    match = OKRANGE.fullmatch(text.strip())
    if match is None or match[2] != match[4] or float(match[1]) > float(match[3]):
        return None
    return float(match[1]), float(match[3]), bool(match[2])


def marked(form: Form) -> list[Question]:
    """The questions that are asked again, in order."""
    return [question for question in form.questions if question.backcheck]


def backcheck_workbook(form: Form, version: str) -> dict[str, Any]:
    """The sheets of the back-check as pyxform takes them; raises FormError when nothing is marked."""
    questions = marked(form)
    if not questions:
        raise FormError(
            [f"{form.id} marks no question for back-checks. Fill bind::dp:backcheck with 1, 2 or 3."]
        )
    languages = [one for one in form.languages if one] or [FR]
    survey = [*_front(languages), *_consent(form, languages)]
    known = {question.name for question in questions}
    survey += [_asked(form, question, known) for question in questions if "age" not in question.roles]
    survey += [{"type": "end_group"}]
    settings = {
        "form_id": f"{form.id}{SUFFIX}",
        "form_title": f"{form.title} — contre-enquête",
        "version": version,
        "default_language": form.default_language or languages[0],
        "namespaces": 'dp="https://taama.org/data-protection/1"',
        "attribute::dp:consent_text": "bc-1",
    }
    return {
        "survey": survey,
        "choices": list(_choices(questions, languages)),
        "settings": [settings],
        "fallback_form_name": "data",
    }


def _words(languages: Sequence[str], fr: str, en: str, column: str = "label") -> Row:
    return {f"{column}::{language}": en if language == EN else fr for language in languages}


def _front(languages: Sequence[str]) -> Iterator[Row]:
    for name in ("start", "end", "today"):
        yield {"type": name, "name": name, "bind::dp:class": "operational"}
    yield {
        "type": "select_one_from_file enumerators.csv",
        "name": "enumerator",
        "required": "yes",
        "bind::dp:class": "operational",
        "bind::dp:role": "enumerator",
        **_words(languages, "Votre code de contre-enquêteur", "Your back-checker code"),
        **_needed(languages),
    }
    yield {
        "type": "text",
        "name": LINK,
        "required": "yes",
        "constraint": "regex(., '^[0-9a-f]{8}$')",
        "bind::dp:class": "operational",
        **_words(languages, "Code de l’entretien (sur la liste)", "Code of the interview (on the list)"),
        **_words(
            languages, "Huit signes : 0 à 9, a à f.", "Eight signs: 0 to 9, a to f.", "constraint_message"
        ),
        **_needed(languages),
    }


def _needed(languages: Sequence[str]) -> Row:
    return _words(languages, "Il faut une réponse ici.", "An answer is needed here.", "required_message")


def _consent(form: Form, languages: Sequence[str]) -> Iterator[Row]:
    yield {
        "type": "note",
        "name": "consent_text",
        **_words(
            languages,
            "Bonjour. Vous avez répondu à une enquête et accepté d’être recontacté. Pour vérifier "
            "notre travail, je voudrais vous reposer quelques questions, pendant dix minutes. Vos réponses "
            "restent secrètes. Vous pouvez refuser ou arrêter : rien ne change pour vous.",
            "Hello. You answered a survey and agreed to be called again. To check our work I should "
            "like to ask you a few questions again, for ten minutes. Your answers stay secret. You "
            "may refuse or stop: "
            "nothing changes for you.",
        ),
    }
    yield {
        "type": "select_one yn",
        "name": "consent",
        "required": "yes",
        "bind::dp:class": "consent",
        "bind::dp:role": "consent",
        "bind::dp:yes": "yes",
        **_words(languages, "Acceptez-vous de répondre ?", "Do you agree to answer?"),
        **_needed(languages),
    }
    yield {"type": "begin_group", "name": "consented", "relevant": "${consent} = 'yes'"} | _words(
        languages, "Entretien", "Interview"
    )
    for name in CARD:
        question = next((q for q in form.questions if q.name == name), None)
        if question is not None:
            role = {"bind::dp:role": "withdrawal_code"} if name == CARD[-1] else {}
            calculation = _named(question.calculate)
            yield {
                "type": "calculate",
                "name": name,
                "calculation": calculation,
                "bind::dp:class": "consent",
            } | role
    yield {
        "type": "note",
        "name": "withdrawal_note",
        **_words(
            languages,
            "Recopiez ce code sur la carte de la personne : ${withdrawal_code}.",
            "Copy this code on the person’s card: ${withdrawal_code}.",
        ),
    }
    yield {
        "type": "integer",
        "name": "age",
        "required": "yes",
        "constraint": f". >= {ADULT} and . <= 120",
        "bind::dp:class": "quasi",
        "bind::dp:role": "age",
        **_words(languages, "Quel âge avez-vous ?", "How old are you?"),
        **_words(
            languages, "Adultes seulement : 18 à 120 ans.", "Adults only: 18 to 120.", "constraint_message"
        ),
        **_needed(languages),
    }


def _asked(form: Form, question: Question, known: set[str]) -> Row:
    several = question.kind in ("select_one", "select_multiple")
    row: Row = {
        "type": f"{question.kind} {question.name}" if several else question.kind,
        "name": question.name,
        "relevant": _relevant(form, question, known),
        "bind::dp:class": " ".join(sorted(question.classes)),
    }
    if question.recode:
        row["bind::dp:recode"] = question.recode
    if not _beyond(question.constraint, question, known):
        row["constraint"] = _named(question.constraint)
        row |= {f"constraint_message::{lang}": text for lang, text in question.constraint_messages.items()}
    if question.required == "true()":
        row["required"] = "yes"
        row |= {f"required_message::{lang}": text for lang, text in question.required_messages.items()}
    row |= {f"label::{lang}": text for lang, text in question.labels.items()}
    row |= {f"hint::{lang}": text for lang, text in question.hints.items()}
    return {column: text for column, text in row.items() if text}


def _relevant(form: Form, question: Question, known: set[str]) -> str:
    """The conditions, of the question and the groups around it, that the short form can still tell."""
    groups = [group for group in form.groups if question.path.startswith(f"{group.path}/")]
    conditions = [text for text in (*(group.relevant for group in groups), question.relevant) if text]
    told = [_named(text) for text in conditions if not _beyond(text, question, known)]
    return " and ".join(f"({text})" for text in told) if len(told) > 1 else "".join(told)


def _beyond(text: str, question: Question, known: set[str]) -> bool:
    """Whether an expression refers to what the short form does not ask, or to a place in the long one."""
    names = {path.rpartition("/")[2] for path in _paths(text)}
    return bool(names - known) or "instance(" in text or ".." in text or question.name in names


def _paths(text: str) -> list[str]:
    return PATH.findall(text)


def _named(text: str) -> str:
    """The expression with `${name}` in place of paths."""
    return PATH.sub(lambda match: f" ${{{match[1].rpartition('/')[2]}}} ", text).strip()


def _choices(questions: Sequence[Question], languages: Sequence[str]) -> Iterator[Row]:
    yes_no: Mapping[str, tuple[str, str]] = {"yes": ("Oui", "Yes"), "no": ("Non", "No")}
    for name, (fr, en) in yes_no.items():
        yield {"list_name": "yn", "name": name} | _words(languages, fr, en)
    for question in questions:
        for choice in question.choices or ():
            labels = {f"label::{language}": text for language, text in choice.labels.items()}
            yield {"list_name": question.name, "name": choice.name} | labels
