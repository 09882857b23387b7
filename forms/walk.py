"""Prints an interview as the enumerator reads it on the phone, screen after screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

from forms.cohort import one_interview
from forms.compile import Built
from forms.interview import Player, Shown
from forms.schema import SELECT_KINDS
from forms.wording import language_named

WIDTH = 88
MOST_CHOICES = 14
RULE = "-" * WIDTH


@dataclass
class Walk:
    """An interview from its first screen to its last, in one language."""

    form_id: str
    version: str
    title: str
    language: str
    screens: list[Shown] = field(default_factory=list)


def walk(built: Built, code: str, seed: int, kind: str = "interview") -> Walk:
    """A made-up interview, the same for the same seed; `kind` may be refused, unreached or minor_waits."""
    player = Player(built.xform, built.media)
    languages = player.form.languages or (player.form.default_language,)
    player = Player(built.xform, built.media, language=language_named(languages, code))
    found = Walk(built.form_id, built.version, built.title, player.language)
    one_interview(player, seed, kind, found.screens.append)
    return found


def lines(found: Walk) -> Iterator[str]:
    """The walk as text."""
    yield f"{found.title} ({found.form_id} {found.version}), {found.language}"
    number, heading = 0, ""
    for screen in found.screens:
        label = screen.labels.get(found.language, "")
        if screen.kind == "module":
            heading = label + (f" ({', '.join(map(str, screen.turns))})" if screen.turns else "")
            continue
        if heading:  # of groups within groups, the innermost is what the screen shows
            yield from ("", RULE, heading, RULE)
            heading = ""
        number += screen.kind != "note"
        lead = "   " if screen.kind == "note" else f"{number:>3}."
        yield ""
        yield from _wrapped(f"{lead} {label}", "    ")
        hint = screen.hints.get(found.language, "")
        if hint:
            yield from _wrapped(f"     ({hint})", "      ")
        if screen.kind != "note":
            yield from _answered(screen, found.language)


def _answered(screen: Shown, language: str) -> Iterator[str]:
    if screen.kind not in SELECT_KINDS:
        yield f"     > {screen.said or '…'}"
        return
    said = screen.said.split() if screen.kind == "select_multiple" else [screen.said]
    marks = ("[ ]", "[x]") if screen.kind == "select_multiple" else ("( )", "(o)")
    shown = [c for n, c in enumerate(screen.choices) if n < MOST_CHOICES or c.name in said]
    for choice in shown:
        yield f"     {marks[choice.name in said]} {choice.labels.get(language, choice.name)}"
    if len(shown) < len(screen.choices):
        yield f"     … {len(screen.choices) - len(shown)} more"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    for paragraph in text.splitlines():
        yield from textwrap.wrap(paragraph, WIDTH, subsequent_indent=indent) or [""]
