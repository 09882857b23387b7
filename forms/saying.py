"""States a form's conditions for people who hold a sheet of paper: question numbers, labels of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forms.conditions import All, Any, Condition, Test, condition, joined, meaning
from forms.schema import SELECT_KINDS, Form
from forms.wording import last_step, pick, readable

SIGNS = {"!=": "≠", "<=": "≤", ">=": "≥"}
MISSING = {"-98": "dk", "-99": "refuse"}


@dataclass(frozen=True)
class Sayings:
    """Says conditions of `form` in `language`; `numbers` gives the number of each printed question."""

    form: Form
    language: str
    words: Mapping[str, str]
    numbers: Mapping[str, str]

    def when(self, expression: str, path: str) -> str:
        """The condition in words; when it is not plain, the expression in its readable form."""
        found = condition(expression, path, self.form) if expression else None
        if found is None:
            return readable(expression)
        return self._said(self._explained(found, path))

    def clear(self, expression: str, path: str) -> bool:
        """Whether the condition can be said in words."""
        return not expression or condition(expression, path, self.form) is not None

    def reference(self, path: str) -> str:
        """How a question is called: its number, or its name when it is not on the paper."""
        return self.numbers.get(path) or last_step(path)

    def _explained(self, found: Condition, path: str) -> Condition:
        """The condition with its calculations followed back to answers, except those that open a part."""
        if not isinstance(found, Test):
            return joined(type(found), [self._explained(part, path) for part in found.parts])
        if self._part(found, path):
            return found
        meant = meaning(found, self.form)
        return found if meant == found else self._explained(meant, path)

    def _part(self, test: Test, path: str) -> str:
        """The title of the part that this very test opens, unless it is the part being printed."""
        for group in self.form.groups:
            if group.path != path and group.relevant and group.labels:
                opens = condition(group.relevant, group.path, self.form)
                if isinstance(opens, Test) and self._calculated(opens) and opens.path == test.path:
                    return pick(group.labels, self.language)
        return ""

    def _calculated(self, test: Test) -> bool:
        question = self.form.by_path.get(test.path)
        return question is not None and bool(question.calculate)

    def _said(self, found: Condition) -> str:
        if isinstance(found, Test):
            return self._test(found, [found.value])
        word = "and" if isinstance(found, All) else "or"
        pieces = [self._merged(run) for run in _runs(found)]
        return f" {self.words[word]} ".join(pieces)

    def _merged(self, run: Sequence[Condition]) -> str:
        first = run[0]
        if isinstance(first, Test):
            return self._test(first, [part.value for part in run if isinstance(part, Test)])
        return f"({self._said(first)})"

    def _test(self, test: Test, values: Sequence[str]) -> str:
        if self._calculated(test):
            title = self._part(test, "")
            if title and test.value in ("0", "1"):
                applies = (test.value == "1") == (test.op == "=")
                return self.words["applies" if applies else "applies_not"].format(title)
        name = self.reference(test.path)
        if test.op.startswith("count"):
            return self._count(name, test)
        if test.value == "" and test.op in ("=", "!="):
            return self.words["empty" if test.op == "=" else "answered"].format(name)
        if test.op == "selected":
            return self.words["has" if test.yes else "has_not"].format(name, self._listed(test, values))
        called = f"{self.words['question']} {name}" if test.path in self.numbers else name
        if test.op == "starts-with":
            values, test = self._beginning(test), Test(test.path, "=" if test.yes else "!=", test.value)
        said = self._listed(test, values)
        if test.op == "!=" and self._chosen(test):
            return f"{called} {self.words['other_than']} {said}"
        return f"{called} {SIGNS.get(test.op, test.op)} {said}"

    def _count(self, name: str, test: Test) -> str:
        sign = test.op.removeprefix("count")
        if sign == ">" and test.value in ("0", "1"):
            return self.words["some" if test.value == "0" else "several"].format(name)
        return self.words["count"].format(name, f"{SIGNS.get(sign, sign)} {test.value}")

    def _beginning(self, test: Test) -> list[str]:
        choices = self.form.by_path[test.path].choices if test.path in self.form.by_path else None
        return [one.name for one in choices or () if one.name.startswith(test.value)] or [test.value]

    def _chosen(self, test: Test) -> bool:
        question = self.form.by_path.get(test.path)
        return question is not None and question.kind in SELECT_KINDS

    def _listed(self, test: Test, values: Sequence[str]) -> str:
        said = [self._value(test, value) for value in values]
        return f" {self.words['or']} ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)

    def _value(self, test: Test, value: str) -> str:
        question = self.form.by_path.get(test.path)
        if question is not None and question.choices:
            for choice in question.choices:
                if choice.name == value:
                    return self.words["quoted"].format(pick(choice.labels, self.language))
        if value in MISSING:
            return f"{value} ({self.words[MISSING[value]].lower()})"
        return value


def _runs(found: All | Any) -> list[list[Condition]]:
    """The parts, with tests that differ in their value only put together: `a or b`, `neither a nor b`."""
    joining = ("=", "selected") if isinstance(found, Any) else ("!=", "selected")
    runs: list[list[Condition]] = []
    for part in found.parts:
        same = next((run for run in runs if _alike(run[0], part, joining, isinstance(found, Any))), None)
        if same is None:
            runs.append([part])
        else:
            same.append(part)
    return runs


def _alike(one: Condition, other: Condition, joining: tuple[str, ...], yes: bool) -> bool:
    return (
        isinstance(one, Test)
        and isinstance(other, Test)
        and (one.path, one.op, one.yes) == (other.path, other.op, other.yes)
        and one.op in joining
        and (one.op != "selected" or one.yes is yes)
        and "" not in (one.value, other.value)
    )
