"""Corrections lie over the answers and never in them: what was said stays, and every correction can be taken
back.

A correction names the answer that it replaces. If another one stands there by now (the phone has sent an
edit), it is not applied: somebody has to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from forms.filled import at, put

Change = Literal["change_response", "blank_response", "no_action", "taken_back"]
REASONS = ("typing_error", "misunderstood", "called_back", "enumerator_confirmed", "coded", "other")


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction that stands: `place` with the turns of repeats, `old` and `new` as codes of the form."""

    id: str
    place: str
    old: str
    new: str
    change: str
    reason: str
    why: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """The answers with the corrections that fit; `conflicts` are those whose old answer is no longer
    there."""

    answers: Mapping[str, Any]
    applied: tuple[Correction, ...] = ()
    conflicts: tuple[Correction, ...] = ()


def effective(answers: Mapping[str, Any], corrections: Iterable[Correction]) -> Corrected:
    """The answers as they count. Of several corrections of one place none is applied: they contradict each
    other."""
    standing = [one for one in corrections if one.change in ("change_response", "blank_response")]
    places = [one.place for one in standing]
    applied, conflicts = [], []
    for one in standing:
        twice = len({other.new for other in standing if other.place == one.place}) > 1
        if twice or at(answers, one.place) != one.old:
            conflicts.append(one)
        elif places.index(one.place) == standing.index(one):
            applied.append(one)
    changed = answers
    for one in applied:
        changed = put(changed, one.place, one.new)
    return Corrected(changed, tuple(applied), tuple(conflicts))


def change_of(old: str, new: str) -> Change:
    """The kind of change, in the words of the humanitarian cleaning log."""
    if new == old:
        return "no_action"
    return "change_response" if new else "blank_response"
