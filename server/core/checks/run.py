"""All checks of interviews, in one place: those of one alone, and those among all of a form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.core.checks.among import Norms
from server.core.checks.answers import (
    consent_text,
    evasive,
    other_answers,
    personal,
    short_interview,
    straight_down,
)
from server.core.checks.clock import at_night, old_version, wrong_clock
from server.core.checks.facts import Facts
from server.core.checks.flag import Flag
from server.core.checks.pace import consent_unread, left_lying, too_fast, too_short
from server.core.checks.parameters import Parameters
from server.core.checks.place import unplaced, where_it_was
from server.core.checks.rules import broken_rules

Alone = Callable[[Facts, Parameters], Iterator[Flag]]
ALONE: tuple[Alone, ...] = (
    *(too_short, too_fast, consent_unread, left_lying),
    *(at_night, wrong_clock, old_version),
    *(straight_down, evasive, other_answers, short_interview),
    *(personal, consent_text, broken_rules, where_it_was),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """The flags of each interview, and what could not be judged (names of messages)."""

    flags: Mapping[str, Sequence[Flag]]
    unjudged: tuple[str, ...] = ()


def alone(facts: Facts, parameters: Parameters) -> list[Flag]:
    """What can be said of an interview without looking at others."""
    return [flag for check in ALONE for flag in check(facts, parameters)]


def together(everyone: Sequence[Facts], parameters: Parameters) -> tuple[Checked, Norms]:
    """All flags of all interviews of one form, and by what they were judged."""
    norms = Norms.of(everyone, parameters)
    found: dict[str, list[Flag]] = defaultdict(list)
    for facts in everyone:
        found[facts.instance] = [*alone(facts, parameters), *norms.flags(facts, parameters)]
    for instance, flag in norms.likeness.flags():
        found[instance].append(flag)
    return Checked(found, tuple(_unjudged(everyone, norms))), norms


def _unjudged(everyone: Sequence[Facts], norms: Norms) -> Iterator[str]:
    if everyone and all(facts.timeline is None for facts in everyone):
        yield "no_audit_log"
    if not norms.likeness.judges:
        yield "alike_cannot_judge"
    yield from unplaced(everyone)
