"""The language of forms, XPath 1.0 with ODK's functions, evaluated by libxml2.

Only what lxml lacks is added here. Functions that look at the world (time, chance, choices) ask the `World`
that the expressions were compiled with, so that an interview can be repeated to the letter.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml import etree

JR = "http://openrosa.org/javarosa"
POSITION = re.compile(r"position\(\s*\.\.\s*\)")
PARTS = re.compile(r"%([YmdHMSy])")


@dataclass
class World:
    """What an interview takes from outside: the time, chance, and the lists of choices by instance id.

    `labels` gives a choice's label: by the name of its question, which ends every path to it, and its own.
    """

    now: datetime
    rng: random.Random
    lists: Mapping[str, etree._Element] = field(default_factory=dict)
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)


class Expressions:
    """Compiles expressions once each, all in the same world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._functions = _functions(self)
        self._compiled: dict[tuple[str, str], etree.XPath] = {}

    def value(self, expression: str, node: etree._Element) -> Any:
        """The value of `expression` at `node`: text, number, truth or nodes."""
        parent = node.getparent()
        name = str(parent.tag) if parent is not None else "*"
        compiled = self._compiled.get((expression, name))
        if compiled is None:
            # lxml knows no position(..): it is how many siblings of that name stand before the parent.
            written = POSITION.sub(f"(count(../preceding-sibling::{name}) + 1)", expression)
            written = written.replace("current()/", "./")
            compiled = etree.XPath(written, namespaces={"jr": JR}, extensions=self._functions)
            self._compiled[expression, name] = compiled
        return compiled(node)

    def text(self, expression: str, node: etree._Element) -> str:
        """The value as an answer would be written."""
        return as_text(self.value(expression, node))

    def true(self, expression: str, node: etree._Element) -> bool:
        """The value as a truth."""
        return as_truth(self.value(expression, node))


def as_text(value: Any) -> str:
    """XPath's string()."""
    if isinstance(value, list):
        return as_text(value[0]) if value else ""
    if isinstance(value, etree._Element):
        return value.text or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def as_number(value: Any) -> float:
    """XPath's number(): NaN for what is none."""
    if isinstance(value, bool | int | float):
        return float(value)
    try:
        return float(as_text(value))
    except ValueError:
        return math.nan


def as_truth(value: Any) -> bool:
    """XPath's boolean()."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def _words(value: Any) -> list[str]:
    return as_text(value).split()


def _functions(expressions: Expressions) -> dict[tuple[str | None, str], Callable[..., Any]]:
    plain: dict[str, Callable[..., Any]] = {
        "selected": lambda _, value, word: as_text(word) in _words(value),
        "count-selected": lambda _, value: float(len(_words(value))),
        "selected-at": lambda _, value, index: _at(_words(value), as_number(index)),
        "if": lambda _, test, yes, no: yes if as_truth(test) else no,
        "once": _once,
        "coalesce": lambda _, first, second: as_text(first) or as_text(second),
        "regex": lambda _, value, pattern: re.fullmatch(as_text(pattern), as_text(value)) is not None,
        "substr": _substr,
        "int": lambda _, value: float(math.trunc(as_number(value))),
        "abs": lambda _, value: abs(as_number(value)),
        "pow": lambda _, value, power: as_number(value) ** as_number(power),
        "min": lambda _, *values: min(_numbers(values)),
        "max": lambda _, *values: max(_numbers(values)),
        "join": lambda _, separator, *values: as_text(separator).join(_texts(values)),
        "random": lambda _: expressions.world.rng.random(),
        "today": lambda _: expressions.world.now.date().isoformat(),
        "now": lambda _: expressions.world.now.isoformat(timespec="milliseconds"),
        "date": lambda _, value: as_text(value)[:10],
        "format-date": lambda _, value, shape: format_date(as_text(value), as_text(shape)),
        "format-date-time": lambda _, value, shape: format_date(as_text(value), as_text(shape)),
        "instance": lambda _, name: [expressions.world.lists[as_text(name)]],
    }
    found: dict[tuple[str | None, str], Callable[..., Any]] = {(None, name): f for name, f in plain.items()}
    found[JR, "choice-name"] = lambda _, name, path: expressions.world.labels.get(
        (as_text(path).strip().rpartition("/")[2], as_text(name)), as_text(name)
    )
    return found


def _at(words: Sequence[str], index: float) -> str:
    return words[int(index)] if 0 <= index < len(words) else ""


def _once(context: Any, value: Any) -> Any:
    return context.context_node.text or value


def _substr(_: Any, value: Any, start: Any, end: Any = math.inf) -> str:
    stop = as_number(end)
    return as_text(value)[int(as_number(start)) : None if math.isinf(stop) else int(stop)]


def _numbers(values: Sequence[Any]) -> list[float]:
    return [as_number(one) for value in values for one in (value if isinstance(value, list) else [value])]


def _texts(values: Sequence[Any]) -> list[str]:
    return [as_text(one) for value in values for one in (value if isinstance(value, list) else [value])]


def format_date(value: str, shape: str) -> str:
    """A date or time by a pattern of `%Y %y %m %d %H %M %S`; empty for what is no date."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return PARTS.sub(lambda match: moment.strftime(match[0]), shape)
