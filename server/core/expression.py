"""The small language in which indicators are written, so that an analyst can read and change them.

`wave = c3 and satisf in {satisfied, very_satisfied}`, `has(effects, skills)`,
`any(activity: act_direct = 1)`, `first(activity where act_direct = 1: act_satisf = satisfied)`, `not`, `or`,
brackets, `all`. Answers are compared as they are written; one that is not there is empty (`""`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(r'\s*(?:(?P<word>[\w.-]+)|(?P<quoted>"[^"]*")|(?P<sign>!=|[=(){},:]))')


@dataclass(frozen=True)
class Record:
    """The answers of a respondent, or of one turn of a repeat, found by name wherever their group stands."""

    said: Mapping[str, str]
    turns: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    above: Record | None = field(default=None, repr=False)

    def get(self, name: str) -> str:
        """The answer here or above; empty when there is none."""
        record: Record | None = self
        while record is not None:
            if name in record.said:
                return record.said[name]
            record = record.above
        return ""

    def below(self, repeat: str) -> Iterator[Record]:
        """The turns of a repeat at any depth."""
        for name, turns in self.turns.items():
            for turn in turns:
                if name == repeat:
                    yield turn
                yield from turn.below(repeat)


Test = Callable[[Record], bool]


class ExpressionError(ValueError):
    """An expression that cannot be read; says where."""


def record(answers: Mapping[str, Any], above: Record | None = None) -> Record:
    """The answers of one interview (groups as objects, repeats as lists) as a record."""
    said: dict[str, str] = {}
    turns: dict[str, list[Record]] = {}
    made = Record(said, turns, above)
    _gather(answers, made, said, turns)
    return made


def _gather(
    answers: Mapping[str, Any], owner: Record, said: dict[str, str], turns: dict[str, list[Record]]
) -> None:
    for name, value in answers.items():
        if isinstance(value, Mapping):
            _gather(value, owner, said, turns)
        elif isinstance(value, list):
            turns[name] = [record(turn, owner) for turn in value]
        else:
            said[name] = str(value or "")


def compiled(text: str) -> Test:
    """The test that an expression writes; raises ExpressionError."""
    reader = _Reader(text)
    test = reader.either()
    if reader.peek():
        raise reader.error("the end")
    return test


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens: list[tuple[str, int]] = []
        position = 0
        while text[position:].strip():
            match = TOKEN.match(text, position)
            if match is None:
                raise ExpressionError(f"“{text}”: cannot read “{text[position:].strip()[:20]}”.")
            self.tokens.append((match[0].strip(), match.start()))
            position = match.end()

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise self.error(wanted or "a word")
        self.at += 1
        return token.strip('"')

    def error(self, wanted: str) -> ExpressionError:
        return ExpressionError(f"“{self.text}”: expected {wanted}, found {self.peek() or 'the end'}.")

    def either(self) -> Test:
        tests = [self._both()]
        while self.peek() == "or":
            self.take()
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda one: any(test(one) for test in tests)

    def _both(self) -> Test:
        tests = [self._plain()]
        while self.peek() == "and":
            self.take()
            tests.append(self._plain())
        return tests[0] if len(tests) == 1 else lambda one: all(test(one) for test in tests)

    def _plain(self) -> Test:
        word = self.take()
        if word == "not":
            inner = self._plain()
            return lambda one: not inner(one)
        if word == "(":
            inner = self.either()
            self.take(")")
            return inner
        if word == "all":
            return lambda _: True
        if word in ("has", "any", "first") and self.peek() == "(":
            return self._call(word)
        return self._comparison(word)

    def _call(self, word: str) -> Test:
        self.take("(")
        name = self.take()
        if word == "has":
            self.take(",")
            code = self.take()
            self.take(")")
            return lambda one: code in one.get(name).split()
        which: Test = lambda _: True  # noqa: E731 (replaced when the call says which turns)
        if word == "first" and self.peek() == "where":
            self.take()
            which = self.either()
        self.take(":")
        inner = self.either()
        self.take(")")
        if word == "any":
            return lambda one: any(inner(turn) for turn in one.below(name))
        return lambda one: next((inner(turn) for turn in one.below(name) if which(turn)), False)

    def _comparison(self, name: str) -> Test:
        sign = self.take()
        if sign == "not":
            self.take("in")
            wanted = self._set()
            return lambda one: one.get(name) not in wanted
        if sign == "in":
            wanted = self._set()
            return lambda one: one.get(name) in wanted
        if sign not in ("=", "!="):
            raise ExpressionError(f"“{self.text}”: “{name}” needs =, != or in.")
        value = self.take()
        return (lambda one: one.get(name) == value) if sign == "=" else (lambda one: one.get(name) != value)

    def _set(self) -> frozenset[str]:
        self.take("{")
        values = {self.take()}
        while self.peek() == ",":
            self.take()
            values.add(self.take())
        self.take("}")
        return frozenset(values)
