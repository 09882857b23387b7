"""Reads the plain conditions of a form: comparisons of answers, joined by `and`, `or` and `not`.

What is not plain is left as it stands, so that whoever shows a condition can always show something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forms.schema import Form

TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<op><=|>=|!=|=|<|>)"""
    r"""|(?P<path>(?:current\(\)/)?(?:\.\./|/)[\w./-]+)|(?P<word>[a-z][a-z-]*)|(?P<sign>[(),]))"""
)
OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Test:
    """An answer compared: `op` is a comparison, `selected`, `starts-with`, or `count` before a comparison.

    `yes` is False for a negated `selected` or `starts-with`. A negated comparison becomes the opposite one,
    and `missing` tells that it holds for an empty answer too: no number is neither below nor above another.
    """

    path: str
    op: str
    value: str
    yes: bool = True
    missing: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition = Test | All | Any
ALWAYS, NEVER = All(()), Any(())


class Unclear(Exception):
    """The expression is not a plain condition."""


def condition(expression: str, path: str, form: Form) -> Condition | None:
    """The condition that `expression` states at the node `path`; None when it is not plain."""
    try:
        reader = _Reader(expression, path, form)
        found = reader.either()
        return found if reader.done else None
    except Unclear:
        return None


def meaning(test: Test, form: Form) -> Condition:
    """What a test of a calculation asks of the answers behind it; the test itself if that is unclear."""
    question = form.by_path.get(test.path)
    if question is None or not question.calculate or test.op not in ("=", "!="):
        return test
    try:
        reader = _Reader(question.calculate, question.path, form)
        found = reader.branch(test.value)
        if reader.done:
            return found if test.op == "=" else opposite(found)
    except Unclear:
        pass
    return test


def opposite(found: Condition) -> Condition:
    """The condition that holds when `found` does not."""
    if isinstance(found, All):
        return Any(tuple(opposite(part) for part in found.parts))
    if isinstance(found, Any):
        return All(tuple(opposite(part) for part in found.parts))
    start, compare = found.op[:5], found.op.removeprefix("count")
    if compare in OPPOSITE:
        sign = "count" if start == "count" else ""
        unordered = compare not in ("=", "!=") and not found.missing
        return Test(found.path, sign + OPPOSITE[compare], found.value, missing=unordered)
    return Test(found.path, found.op, found.value, not found.yes)


def joined(kind: type[All] | type[Any], parts: Sequence[Condition]) -> Condition:
    """The parts together, without the layers and the certainties that say nothing."""
    nothing, certain = (ALWAYS, NEVER) if kind is All else (NEVER, ALWAYS)
    if certain in parts:
        return certain
    flat = [one for part in parts for one in (part.parts if isinstance(part, kind) else (part,))]
    kept = [part for part in dict.fromkeys(flat) if part != nothing]
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


class _Reader:
    """A recursive descent over the tokens of one expression."""

    def __init__(self, expression: str, path: str, form: Form) -> None:
        self.at, self.here, self.root = 0, path, f"/{form.root}"
        self.tokens: list[tuple[str, str]] = []
        position, text = 0, expression.strip()
        while position < len(text):
            match = TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise Unclear
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    @property
    def done(self) -> bool:
        return self.at == len(self.tokens)

    def either(self) -> Condition:
        parts = [self._both()]
        while self._took("word", "or"):
            parts.append(self._both())
        return joined(Any, parts)

    def branch(self, value: str) -> Condition:
        """Of a calculation `if(condition, a, b)`: when it gives `value`."""
        if not self._took("word", "if"):
            kind, text = self._next()
            if kind not in ("number", "text"):
                raise Unclear
            return ALWAYS if text.strip("'\"") == value else NEVER
        self._need("(")
        test = self.either()
        self._need(",")
        then = self.branch(value)
        self._need(",")
        other = self.branch(value)
        self._need(")")
        if then == ALWAYS:
            return joined(Any, [test, other])
        return joined(Any, [joined(All, [test, then]), joined(All, [opposite(test), other])])

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._took("word", "and"):
            parts.append(self._one())
        return joined(All, parts)

    def _one(self) -> Condition:
        if self._took("word", "not"):
            return opposite(self._in_brackets())
        if self._peek() == ("sign", "("):
            return self._in_brackets()
        for word in ("selected", "starts-with"):
            if self._took("word", word):
                self._need("(")
                path = self._path()
                self._need(",")
                value = self._value()
                self._need(")")
                return Test(path, word, value)
        return self._comparison()

    def _comparison(self) -> Condition:
        if self._took("word", "count-selected"):
            self._need("(")
            path = self._path()
            self._need(")")
            return Test(path, f"count{self._operator()}", self._value())
        if self._peek()[0] == "path":
            path = self._path()
            return Test(path, self._operator(), self._value())
        value = self._value()
        operator = MIRRORED[self._operator()]
        return Test(self._path(), operator, value)

    def _in_brackets(self) -> Condition:
        self._need("(")
        found = self.either()
        self._need(")")
        return found

    def _path(self) -> str:
        kind, text = self._next()
        if kind != "path":
            raise Unclear
        text = text.removeprefix("current()/")
        if text.startswith(f"{self.root}/"):
            return text.removeprefix(self.root)
        steps = self.here.split("/")
        for step in text.split("/"):
            steps = steps[:-1] if step == ".." else [*steps, step]
        return "/".join(steps)

    def _operator(self) -> str:
        kind, text = self._next()
        if kind != "op":
            raise Unclear
        return text

    def _value(self) -> str:
        kind, text = self._next()
        if kind not in ("text", "number"):
            raise Unclear
        return text.strip("'\"") if kind == "text" else text

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self.at += 1
        return found

    def _took(self, kind: str, text: str) -> bool:
        if self._peek() != (kind, text):
            return False
        self.at += 1
        return True

    def _need(self, sign: str) -> None:
        if not self._took("sign", sign):
            raise Unclear
