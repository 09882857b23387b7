"""What may leave, question by question: never identities, free text, media, places, times or who interviewed.

What is left is made coarser as the form says (`dp:recode`) and plays one of three parts: a key by which
someone might be recognised, something sensitive, or neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from forms.schema import MEDIA, PLACE_KINDS, TIME_KINDS, Choice, Question
from server.core.access import OPEN, right_to
from server.core.dataset.shape import Dataset, Table, Variable
from server.core.recode import Recode, recoder

Part = Literal["key", "sensitive", "open"]
# Of what tells how the interview went only the wave leaves.
KEPT_ROLES = frozenset({"wave"})
BARE_DATES = ("year", "month")


@dataclass(frozen=True)
class Leaving:
    """A question that may leave, the part it plays, and how its answers become coarser."""

    variable: Variable
    part: Part
    change: Recode


def leaving(dataset: Dataset, table: Table) -> tuple[list[Leaving], dict[str, str]]:
    """The questions of a table that may leave for partners or the public, and why each of the others may
    not."""
    found: list[Leaving] = []
    kept_back: dict[str, str] = {}
    for variable in table.variables:
        why, part = _judged(variable)
        if part != "open" and table.repeat:
            why = why or "in_a_repeat"
        change = recoder(dataset.newest, variable.question)
        if why or change is None:
            kept_back[variable.name] = why or "dropped_by_the_form"
        else:
            found.append(Leaving(variable, part, change))
    return found, kept_back


def _judged(variable: Variable) -> tuple[str, Part]:
    """Why a question may not leave, if so, by the strictest that any version says of it; and its part."""
    classes = frozenset().union(*(question.classes for question in variable.questions.values()))
    roles = frozenset().union(*(question.roles for question in variable.questions.values()))
    why = next((why for question in variable.questions.values() if (why := _kind(question))), "")
    closed = classes & OPEN - {"public"} and not roles & KEPT_ROLES
    part: Part = "key" if "quasi" in classes else "sensitive" if "sensitive" in classes else "open"
    return why or ("about_the_interview" if closed else ""), part


def _kind(question: Question) -> str:
    """Why the kind of a question keeps it back."""
    if question.kind == MEDIA or right_to("public", question) == "never":
        return "identity_or_text"
    if question.kind in PLACE_KINDS:
        return "place"
    if question.kind in TIME_KINDS and question.recode not in BARE_DATES:
        return "time"
    if question.kind in ("text", "barcode") and question.asked:
        return "identity_or_text"
    return ""


def coarser(leaving: Leaving, dataset: Dataset, texts: Sequence[str]) -> tuple[Variable, list[str]]:
    """The answers made coarser, and the question as it then is: bands of numbers become choices."""
    known = {
        text: " ".join(leaving.change(one) for one in text.split(" ")) if text else "" for text in set(texts)
    }
    after = [known[text] for text in texts]
    variable = leaving.variable
    if variable.kind in ("select_one", "select_multiple"):
        return replace(variable, choices=_choices(dataset, variable, known.values())), after
    if all(_whole(text) for text in known.values() if text) and variable.kind in ("integer", "decimal"):
        return variable, after
    question = replace(variable.question, kind="select_one", choices=None)
    return replace(variable, question=question, choices=_choices(dataset, variable, known.values())), after


def _choices(dataset: Dataset, variable: Variable, texts: Iterable[str]) -> tuple[Choice, ...]:
    """What was answered, with labels from this list or any other of the form."""
    said = {one for text in texts if text for one in text.split(" ")}
    own = {choice.name: choice for choice in variable.choices}
    every = _labels(dataset)
    listed = [choice for name, choice in own.items() if name in said]
    more = sorted(said - own.keys(), key=_order)
    return (*listed, *(every.get(name) or Choice(name, {}) for name in more))


def _labels(dataset: Dataset) -> Mapping[str, Choice]:
    return {
        choice.name: choice
        for table in dataset.tables
        for variable in table.variables
        for choice in reversed(variable.choices)
    }


def _order(name: str) -> tuple[float, str]:
    digits = name.lstrip("-").split("-")[0].rstrip("+")
    return (float(digits) if digits.isdigit() else float("inf"), name)


def _whole(text: str) -> bool:
    return text.lstrip("+-").isdigit()
