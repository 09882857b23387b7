"""Why a cell is empty: the question was not asked, its version did not have it, or nothing was answered.

The form's own conditions are asked again of the answers, a column at a time. A condition that is not plain,
or that hangs on an answer nobody may read, is taken to have held.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence

from forms.conditions import All, Any, Condition, Test, condition
from forms.schema import Form, Group
from server.core.dataset.pages import Interview, Page
from server.core.dataset.shape import Dataset, Variable
from server.core.plan import Plan

# The letters of Stata's extended missing values: skipped by logic, not applicable, missing.
SKIPPED, NOT_APPLICABLE, MISSING = "s", "n", "m"
# There was an answer, which was blanked so that nobody be recognised by it.
PROTECTED = "p"
# A truth for each row; None where it cannot be known.
Truths = Sequence[bool | None]
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


class Asked:
    """What was asked in some interviews, `pages` of which are one for each table."""

    def __init__(self, dataset: Dataset, pages: Sequence[Page], interviews: Sequence[Interview]) -> None:
        self._plans = {plan.form.version: plan for plan in dataset.plans}
        self._pages = {page.table.repeat: page for page in pages}
        self._versions = [interview.version for interview in interviews]
        self._columns: dict[tuple[str, str], list[str]] = {}
        self._truths: dict[tuple[str, str, str], Truths | None] = {}

    def reasons(self, page: Page, variable: Variable, texts: Sequence[str]) -> list[str]:
        """For each of `texts`, the answers to `variable`: "" if there is one, else why there is none."""
        if all(texts):
            return [""] * len(texts)
        found = {version: self._empty(page, variable, version) for version in set(self._versions)}
        if len(found) == 1:
            [only] = found.values()
            return ["" if text else why for text, why in zip(texts, only, strict=True)]
        versions = self._versions
        return [
            "" if text else found[versions[owner]][row]
            for row, (text, owner) in enumerate(zip(texts, page.owner, strict=True))
        ]

    def _empty(self, page: Page, variable: Variable, version: str) -> Sequence[str]:
        """Why each row's cell would be empty in an interview of this version."""
        rows, plan = len(page.rows), self._plans.get(version)
        question = variable.questions.get(version)
        if plan is None or question is None:
            return [NOT_APPLICABLE] * rows
        said = [(group.path, group.relevant) for group in _above(plan.form, question.path)]
        conditions = [(where, what) for where, what in [*said, (question.path, question.relevant)] if what]
        truths = [self._truth(page, plan, where, what) for where, what in conditions]
        known = [one for one in truths if one is not None]
        if not known:
            return [MISSING] * rows
        return [SKIPPED if False in row else MISSING for row in zip(*known, strict=True)]

    def _truth(self, page: Page, plan: Plan, where: str, what: str) -> Truths | None:
        key = (page.table.repeat, plan.form.version, where)
        if key not in self._truths:
            found = condition(what, where, plan.form)
            self._truths[key] = None if found is None else self._holds(found, page, plan)
        return self._truths[key]

    def _holds(self, found: Condition, page: Page, plan: Plan) -> Truths:
        if isinstance(found, Test):
            texts = self._texts(found.path, page, plan)
            return [None] * len(page.rows) if texts is None else _tested(found, texts)
        parts = [self._holds(part, page, plan) for part in found.parts]
        if not parts:
            return [isinstance(found, All)] * len(page.rows)
        join = _any if isinstance(found, Any) else _all
        return [join(row) for row in zip(*parts, strict=True)]

    def _texts(self, path: str, page: Page, plan: Plan) -> list[str] | None:
        """The answers to another question as seen from each row; None if they cannot be seen."""
        question = plan.form.by_path.get(path)
        if question is None or not plan.reads(question):
            return None
        key = (page.table.repeat, path)
        if key not in self._columns:
            found = self._seen_from(page, question.repeat or "", path)
            if found is None:
                return None
            self._columns[key] = found
        return self._columns[key]

    def _seen_from(self, page: Page, repeat: str, path: str) -> list[str] | None:
        if repeat == page.table.repeat:
            return page.texts(tuple(path.removeprefix(repeat).strip("/").split("/")))
        if not page.table.repeat:
            return None
        above = self._seen_from(self._pages[page.table.parent], repeat, path)
        return None if above is None else [above[row] for row in page.above]


def _above(form: Form, path: str) -> list[Group]:
    return [group for group in form.groups if path.startswith(group.path + "/")]


def _tested(test: Test, texts: Sequence[str]) -> Truths:
    """The test of each answer; each distinct answer is tested once."""
    one = _one(test)
    known: Mapping[str, bool] = {text: one(text) for text in set(texts)}
    return [known[text] for text in texts]


def _one(test: Test) -> Callable[[str], bool]:
    value, yes = test.value, test.yes
    if test.op == "selected":
        return lambda text: (value in text.split()) is yes
    if test.op == "starts-with":
        return lambda text: text.startswith(value) is yes
    if test.op.startswith("count"):
        counted = COMPARE[test.op.removeprefix("count")]
        return lambda text: counted(len(text.split()), _number(value))
    if test.op in ("=", "!="):
        same = test.op == "="
        return lambda text: _equal(text, value) is same
    compare, missing = COMPARE[test.op], test.missing
    return lambda text: compare(_number(text), _number(value)) if text else missing


def _equal(text: str, value: str) -> bool:
    return text == value or _number(text) == _number(value)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _all(row: Iterable[bool | None]) -> bool | None:
    found = tuple(row)
    return False if False in found else None if None in found else True


def _any(row: Iterable[bool | None]) -> bool | None:
    found = tuple(row)
    return True if True in found else None if None in found else False
