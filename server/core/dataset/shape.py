"""The variables of a form over all its versions: a question that is gone keeps its column and its words.

Only what may be read becomes a variable: a question that goes to the vault leaves none, not even an empty
one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forms.schema import MEDIA, Choice, Form, Question
from forms.wording import language_code, last_step, pick, spoken
from server.core.plan import Plan


@dataclass(frozen=True)
class Variable:
    """A question over all versions; `steps` lead from its table's row to the answer.

    `question` is as the newest version has it, `questions` by version. `choices` begin with the newest
    version's, and end with those that only older ones had.
    """

    path: str
    name: str
    steps: tuple[str, ...]
    question: Question
    questions: Mapping[str, Question] = field(repr=False)
    choices: tuple[Choice, ...] = field(default=(), repr=False)

    @property
    def kind(self) -> str:
        """The kind of question."""
        return self.question.kind

    def label(self, language: str) -> str:
        """What was asked, in `language` if it was."""
        return plain(pick(self.question.labels, language))


@dataclass(frozen=True)
class Table:
    """The form's own table, or one of a repeat: `repeat` is its path, `parent` that of the one around it."""

    name: str
    repeat: str
    parent: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True)
class Dataset:
    """All tables of a form, the form's own first; `plans` are its versions, oldest first."""

    form: str
    title: str
    tables: tuple[Table, ...]
    plans: tuple[Plan, ...] = field(repr=False)

    @property
    def newest(self) -> Form:
        """The newest version."""
        return self.plans[-1].form

    @property
    def versions(self) -> list[str]:
        """All versions, oldest first."""
        return [plan.form.version for plan in self.plans]

    def language(self, code: str) -> str:
        """The name of the language with this code; the form's own when it has none such."""
        known = [language for plan in reversed(self.plans) for language in plan.form.languages]
        return next((name for name in known if language_code(name) == code), self.newest.default_language)


def dataset(plans: Sequence[Plan]) -> Dataset:
    """The variables and tables of a form with these versions, oldest first."""
    form = plans[-1].form
    repeats: dict[str, str] = {}
    for plan in plans:
        for path in plan.form.repeats:
            above = [other for other in plan.form.repeats if path.startswith(other + "/")]
            repeats.setdefault(path, max(above, key=len, default=""))
    taken: dict[str, int] = {}
    found = [Table(form.id, "", "", _variables(plans, ""))]
    for path, above_it in repeats.items():
        name = last_step(path)
        taken[name] = taken.get(name, 0) + 1
        suffix = f"~{taken[name]}" if taken[name] > 1 else ""
        found.append(Table(f"{form.id}-{name}{suffix}", path, above_it, _variables(plans, path)))
    return Dataset(form.id, form.title, tuple(found), tuple(plans))


def _variables(plans: Sequence[Plan], repeat: str) -> tuple[Variable, ...]:
    versions: dict[str, dict[str, Question]] = {}
    for plan in plans:
        for question in plan.form.questions:
            if (question.repeat or "") == repeat and _readable(plan, question):
                versions.setdefault(question.path, {})[plan.form.version] = question
    return tuple(_variable(path, repeat, said) for path, said in versions.items())


def _variable(path: str, repeat: str, questions: dict[str, Question]) -> Variable:
    steps = tuple(path.removeprefix(repeat).strip("/").split("/"))
    choices: dict[str, Choice] = {}
    for question in reversed(questions.values()):
        for choice in question.choices or ():
            choices.setdefault(choice.name, choice)
    newest = list(questions.values())[-1]
    return Variable(path, "-".join(steps), steps, newest, questions, tuple(choices.values()))


def _readable(plan: Plan, question: Question) -> bool:
    return question.kind not in (MEDIA, "note") and plan.reads(question)


def plain(label: str) -> str:
    """A label on one line, with the name of each answer that it shows in square brackets."""
    return " ".join(spoken(label, lambda path: f"[{last_step(path)}]").split())
