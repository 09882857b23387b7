"""The dictionary of a form: every variable with its words, its codes, its rules and what it serves for.

It is data only. The page of `codebook_page` is one way to show it; workbooks and archives may be others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType
from typing import Literal

from forms.schema import Choice, Form, Group, Question
from forms.wording import Labels, last_step, readable, spoken

Feeds = Mapping[str, Sequence[str]]
NO_FEEDS: Feeds = MappingProxyType({})
# Lists longer than this are summed up by their first few choices.
LONG, FEW = 30, 5
Source = Literal["person", "calculation", "phone"]


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a variable: all of them, or the first few of `total`; `file` is where they come from."""

    shown: tuple[Choice, ...]
    total: int
    file: str = ""
    filter: str = ""

    @property
    def summed_up(self) -> bool:
        """Whether there are more than those shown."""
        return self.total > len(self.shown)


@dataclass(frozen=True, slots=True)
class Variable:
    """One line of the dictionary. Expressions are readable: `${name}` stands for a variable."""

    name: str
    path: str
    kind: str
    source: Source
    module: str
    repeat: str
    classes: tuple[str, ...]
    roles: tuple[str, ...] = ()
    scope: str = ""
    recode: str = ""
    required: str = ""
    relevant: str = ""
    constraint: str = ""
    calculation: str = ""
    labels: Labels = field(default_factory=dict)
    hints: Labels = field(default_factory=dict)
    messages: Labels = field(default_factory=dict)
    codes: Codes | None = None
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    """A run of variables under the same groups; `labels` are those of the groups, outer first.

    `relevant` holds the conditions of all these groups: each of them must be met. `again` marks a module
    that another one interrupted.
    """

    path: str
    labels: tuple[Labels, ...]
    relevant: tuple[str, ...]
    variables: tuple[Variable, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Codebook:
    """The dictionary of one version of a form."""

    form: str
    version: str
    title: str
    languages: tuple[str, ...]
    modules: tuple[Module, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All variables, in the order of the form."""
        return tuple(variable for module in self.modules for variable in module.variables)


def codebook(form: Form, feeds: Feeds = NO_FEEDS) -> Codebook:
    """The dictionary of `form`; `feeds` gives the published figures by the name of a variable."""
    kept = [question for question in form.questions if question.kind != "note"]
    modules: list[Module] = []
    for path, questions in groupby(kept, key=lambda question: question.path.rpartition("/")[0]):
        above = _groups_above(form, path)
        modules.append(
            Module(
                path=path,
                labels=tuple(_said(group.labels) for group in above if group.labels),
                relevant=tuple(readable(group.relevant) for group in above if group.relevant),
                variables=tuple(_variable(question, feeds) for question in questions),
                again=any(path == module.path for module in modules),
            )
        )
    languages = form.languages or (form.default_language,)
    return Codebook(form.id, form.version, form.title, languages, tuple(modules))


def _groups_above(form: Form, path: str) -> list[Group]:
    steps = path.split("/")
    paths = ("/".join(steps[: end + 1]) for end in range(1, len(steps)))
    return [form.group_by_path[one] for one in paths if one in form.group_by_path]


def _variable(question: Question, feeds: Feeds) -> Variable:
    return Variable(
        name=question.name,
        path=question.path,
        kind=question.kind,
        source=_source(question),
        module=question.path.rpartition("/")[0],
        repeat=last_step(question.repeat or ""),
        classes=tuple(sorted(question.classes)),
        roles=tuple(sorted(question.roles)),
        scope=question.scope or "",
        recode=question.recode or "",
        required="yes" if question.required == "true()" else readable(question.required),
        relevant=readable(question.relevant),
        constraint=readable(question.constraint),
        calculation=readable(question.calculate),
        labels=_said(question.labels),
        hints=_said(question.hints),
        messages=_said(question.constraint_messages),
        codes=_codes(question),
        feeds=tuple(feeds.get(question.name, ())),
    )


def _source(question: Question) -> Source:
    if question.calculate:
        return "calculation"
    return "person" if question.asked and not question.path.startswith("/meta/") else "phone"


def _codes(question: Question) -> Codes | None:
    only = readable(question.choice_filter)
    if question.choices is None:
        file = question.choices_file or ""
        return Codes((), 0, file, only) if file or only else None
    choices = question.choices
    shown = choices[:FEW] if len(choices) > LONG or question.choices_file else choices
    return Codes(shown, len(choices), question.choices_file or "", only)


def _said(labels: Labels) -> Labels:
    return {
        language: spoken(text, lambda path: "${" + last_step(path) + "}") for language, text in labels.items()
    }
