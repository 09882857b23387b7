"""All checks of interviews, in one place: those of one alone, and those among all of a form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.core.checks.among import alike, far_out, one_after_the_other, same_words, unlike_duration
from server.core.checks.answers import consent_text, evasive, personal, position, straight_down
from server.core.checks.clock import at_night, old_version, wrong_clock
from server.core.checks.facts import Facts
from server.core.checks.flag import Flag
from server.core.checks.pace import consent_unread, left_lying, too_fast, too_short
from server.core.checks.parameters import Parameters
from server.core.checks.rules import broken_rules

Alone = Callable[[Facts, Parameters], Iterator[Flag]]
ALONE: tuple[Alone, ...] = (
    *(too_short, too_fast, consent_unread, left_lying),
    *(at_night, wrong_clock, old_version),
    *(straight_down, evasive, personal, consent_text, position, broken_rules),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """The flags of each interview, and what could not be judged (names of messages)."""

    flags: Mapping[str, Sequence[Flag]]
    unjudged: tuple[str, ...] = ()


def alone(facts: Facts, parameters: Parameters) -> list[Flag]:
    """What can be said of an interview without looking at others."""
    return [flag for check in ALONE for flag in check(facts, parameters)]


def together(everyone: Sequence[Facts], parameters: Parameters) -> Checked:
    """All flags of all interviews of one form."""
    found: dict[str, list[Flag]] = defaultdict(list)
    for facts in everyone:
        found[facts.instance] = alone(facts, parameters)
    among = [
        *unlike_duration(everyone, parameters),
        *far_out(everyone, parameters),
        *one_after_the_other(everyone, parameters),
        *same_words(everyone),
    ]
    matches = alike(everyone, parameters)
    for instance, flag in (*among, *matches.found):
        found[instance].append(flag)
    timed = sum(facts.timeline is not None for facts in everyone)
    unjudged = [
        *(["no_audit_log"] if everyone and not timed else []),
        *([] if matches.judges else ["alike_cannot_judge"]),
    ]
    return Checked(found, tuple(unjudged))
