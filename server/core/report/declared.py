"""The figures as they are declared beside, in `figures.toml`: which question, whose answers, how drawn."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["stacked", "columns", "shares", "mentions", "convinced", "dumbbell"]
Words = Mapping[str, str]  # by language code
NOUN = {"fr": "répondants", "en": "respondents"}


@dataclass(frozen=True, slots=True)
class LineOf:
    """A bar, or a moment: whose answers to which question."""

    label: Words
    question: str
    base: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; the meaning of each field stands at the head of `figures.toml`."""

    number: int
    form: str
    kind: Kind
    question: str
    topic: Words
    title: Words
    lines: tuple[LineOf, ...]
    codes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    middle: str = ""
    finding: tuple[str, ...] = ()
    said: int = 0
    points: tuple[int, int] | None = None
    memory: bool = False
    order: str = ""
    decisive: str = ""
    turns: str = ""
    where: str = "all"
    take: str = ""
    noun: Words = field(default_factory=lambda: NOUN)

    @property
    def name(self) -> str:
        """The name of its files: `fig02`."""
        return f"fig{self.number:02d}"


@cache
def figures() -> tuple[Figure, ...]:
    """All figures, in the order of their numbers."""
    with Path(__file__).with_name("figures.toml").open("rb") as file:
        return tuple(_figure(said) for said in tomllib.load(file)["figure"])


def _figure(said: dict[str, Any]) -> Figure:
    base = said.pop("base", "all")
    lines = tuple(
        LineOf(line.get("label", {}), line.get("question", said["question"]), line.get("base", base))
        for line in said.pop("line", [{}])
    )
    points = tuple(said.pop("points")) if "points" in said else None
    lists: dict[str, Any] = {
        name: tuple(said.pop(name)) for name in ("codes", "left", "finding") if name in said
    }
    return Figure(lines=lines, points=points, **lists, **said)
