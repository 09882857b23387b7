"""The words of review: what may be decided on an interview, and for which reasons.

A reason is one of a closed list, so that reasons can be counted; a text beside it says the rest. No machine
decides: it only says what should be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.core.problem import Malformed
from server.core.scan import masked, scan
from server.core.standing import Decision, Standing

VERDICTS = ("approved", "query", "rejected")
UNDONE = "received"
REASONS: Mapping[str, tuple[str, ...]] = {
    "approved": ("",),
    "query": ("missing", "implausible", "unclear", "inconsistent", "other"),
    "rejected": ("duplicate", "not_eligible", "consent", "not_done", "unusable", "other"),
}
LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What someone decides on interviews: the verdict, a reason of its list, and a text if there is more to
    say."""

    verdict: str
    reason: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A text that someone wrote about an interview, as it is kept; `hidden` counts what was masked in it."""

    text: str
    hidden: int


def note(text: str) -> Note:
    """A comment without the personal data that the scanner finds in it; raises Malformed when too long."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        raise Malformed("note_too_long", most=str(LONGEST))
    hits = scan(text)
    return Note(masked(text, hits), len(hits))


def check(judgement: Judgement) -> None:
    """Raises Malformed for a verdict that there is not, or a reason that is not one of the verdict's."""
    if judgement.verdict not in REASONS:
        raise Malformed("bad_verdict", verdicts=", ".join(VERDICTS))
    reasons = REASONS[judgement.verdict]
    if judgement.reason not in reasons:
        raise Malformed("bad_reason", reasons=", ".join(one for one in reasons if one) or "–")


def before_heads(decisions: Sequence[Decision], stands: Standing) -> str:
    """What stood before the decisions that stand now: what an undo goes back to."""
    replaced = {one for head in stands.heads for one in head.replaces}
    verdicts = {decision.verdict for decision in decisions if decision.id in replaced}
    return verdicts.pop() if len(verdicts) == 1 else UNDONE
