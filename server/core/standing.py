"""What stands of several decisions on one thing, made at several nodes that may not have heard of each other.

A decision names those it replaces; those that nobody replaced are the heads. Heads that agree settle the
matter; heads that differ are contested, and until somebody settles it the most careful of them counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# The most careful first, for each kind of decision. What was undone is as if only received.
LINKS = ("different", "open", "same")  # `open` takes a decision back
REVIEWS = ("rejected", "query", "received", "approved")
FLAGS = ("open", "corrected", "accepted", "explained", "false_positive")
CORRECTIONS = ("taken_back", "no_action", "blank_response", "change_response")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: its event's id, what it says, who said it, and which earlier ones it replaces."""

    id: str
    verdict: str
    by: str
    at: str
    replaces: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts now (`""` before any decision), whether it is contested, and the heads to be replaced."""

    verdict: str = ""
    contested: bool = False
    heads: tuple[Decision, ...] = ()


def standing(decisions: Iterable[Decision], careful: Sequence[str]) -> Standing:
    """What stands; the order of `decisions` makes no difference."""
    known = list(decisions)
    replaced = frozenset(one for decision in known for one in decision.replaces)
    heads = tuple(sorted((d for d in known if d.id not in replaced), key=lambda d: (d.at, d.id)))
    said = {head.verdict for head in heads}
    verdict = next((one for one in careful if one in said), "")
    return Standing(verdict, len(said) > 1, heads)
