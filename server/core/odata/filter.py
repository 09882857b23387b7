"""Reads `$filter` and `$orderby`: conditions on when an interview came, from whom, and what was decided on
it.

As in ODK Central there is no filter on answers, so that nobody can ask for one person's by trying.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from server.core.problem import Malformed, Unsupported

COLUMNS = {
    "__id": "instance",
    "__system/submissionDate": "received",
    "__system/updatedAt": "never",
    "__system/deletedAt": "never",
    "__system/submitterId": "submitter",
    "__system/reviewState": "standing",
}
PARTS = ("year", "month", "day", "hour", "minute", "second")
ABOVE = "$root/Submissions/"
TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<time>\d{4}-\d\d-\d\d(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<number>-?\d+)|(?P<name>[$A-Za-z_][\w/$-]*)|(?P<sign>[()]))"
)
Compare = Literal["eq", "ne", "lt", "le", "gt", "ge"]
COMPARES = ("eq", "ne", "lt", "le", "gt", "ge")
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Operand:
    """A column, a part of a column's time, or a value said in the condition; `now()` is the value `now`."""

    kind: Literal["column", "part", "text", "time", "number", "null", "now"]
    value: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands compared."""

    compare: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions that must hold together (`and`), of which one must (`or`), or that must not (`not`)."""

    how: Literal["and", "or", "not"]
    parts: tuple[Condition, ...]


Condition = Comparison | Joined
Token = tuple[str, str]


def read_filter(text: str) -> Condition:
    """The condition in a `$filter`; raises Malformed for a broken one, Unsupported for one on answers."""
    reader = _Reader(list(_tokens(text)))
    found = reader.either(0)
    if reader.left:
        raise Malformed("bad_filter")
    return found


def read_order(text: str) -> list[tuple[str, bool]]:
    """The columns of an `$orderby`, each with whether it falls."""
    found = []
    for one in text.split(","):
        name, _, way = one.strip().partition(" ")
        if way.strip() not in ("", "asc", "desc"):
            raise Malformed("bad_filter")
        found.append((_column(name), way.strip() == "desc"))
    return found


def _column(name: str) -> str:
    found = COLUMNS.get(name.removeprefix(ABOVE))
    if found is None:
        raise Unsupported("odata_field", field=name if re.fullmatch(r"[\w/$-]{1,80}", name) else "…")
    return found


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise Malformed("bad_filter")
        yield match.lastgroup, match[match.lastgroup]
        place = match.end()


class _Reader:
    """Reads by descent: `or` binds less than `and`, that less than `not`."""

    def __init__(self, tokens: list[Token]) -> None:
        self.left = tokens

    def either(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise Malformed("bad_filter")
        return self._joined("or", depth)

    def _joined(self, how: Literal["and", "or"], depth: int) -> Condition:
        parts = [self._below(how, depth)]
        while self.left[:1] == [("name", how)]:
            self.left.pop(0)
            parts.append(self._below(how, depth))
        return parts[0] if len(parts) == 1 else Joined(how, tuple(parts))

    def _below(self, how: Literal["and", "or"], depth: int) -> Condition:
        return self._joined("and", depth) if how == "or" else self._one(depth)

    def _one(self, depth: int) -> Condition:
        if self.left[:1] == [("name", "not")]:
            self.left.pop(0)
            return Joined("not", (self._one(depth + 1),))
        if self.left[:1] == [("sign", "(")]:
            self.left.pop(0)
            found = self.either(depth + 1)
            self._take(("sign", ")"))
            return found
        left = self._operand()
        compare = self._next()
        if compare[1] not in COMPARES:
            raise Malformed("bad_filter")
        return Comparison(compare[1], left, self._operand())

    def _operand(self) -> Operand:
        kind, text = self._next()
        if kind == "text":
            return Operand("text", text[1:-1].replace("''", "'"))
        if kind == "time":
            return Operand("time", text)
        if kind == "number":
            return Operand("number", text)
        if text == "null":
            return Operand("null")
        if text == "now" and self.left[:2] == [("sign", "("), ("sign", ")")]:
            del self.left[:2]
            return Operand("now")
        if text in PARTS and self.left[:1] == [("sign", "(")]:
            self.left.pop(0)
            column = _column(self._next()[1])
            self._take(("sign", ")"))
            return Operand("part", column, text)
        return Operand("column", _column(text))

    def _next(self) -> Token:
        if not self.left:
            raise Malformed("bad_filter")
        return self.left.pop(0)

    def _take(self, token: Token) -> None:
        if self._next() != token:
            raise Malformed("bad_filter")
