"""Decides what a parcel is beside those that came before it: new, the same again, or a contradiction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Action = Literal["keep", "same", "resent", "conflict"]
# Held only because the form was not here yet: the same interview may come in properly later.
PASSING = ("held unknown_form", "held unknown_version")


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier arrival of the same instance.

    `alike` is True or False where the bytes can be compared exactly, and None where the server has been
    restarted since: then `similar` says whether size and readable answers agree.
    """

    kind: str
    event: int
    alike: bool | None
    similar: bool = False


def settle(kind: str, befores: Sequence[Before]) -> tuple[Action, Before | None]:
    """What to do with a parcel of `kind` (`interview`, `refusal` or `held REASON`), and beside which one."""
    gone = next((before for before in befores if before.kind == "withdrawn"), None)
    if gone is not None:
        return "same", gone
    if kind == "interview":
        befores = [before for before in befores if before.kind not in PASSING]
    if not befores:
        return "keep", None
    if kind == "refusal":
        return "same", befores[0]
    came_in = _let_in_since(kind, befores)
    if came_in is not None:
        return "resent", came_in
    for before in befores:
        if before.alike:
            return "same", before
    for before in befores:
        if before.alike is None and before.similar and before.kind in (kind, "held conflict"):
            return "resent", before
    return "conflict", befores[0]


def _let_in_since(kind: str, befores: Sequence[Before]) -> Before | None:
    """The interview that something which waited in quarantine has become."""
    if not kind.startswith("held "):
        return None
    return next((before for before in befores if before.kind == "interview" and before.similar), None)
