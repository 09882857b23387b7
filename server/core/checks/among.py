"""What is usual among the interviews of a form, and what stands out against it: time, evasions, numbers,
likeness."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server.core.checks.answers import evasions
from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.likeness import Likeness
from server.core.checks.order import Days, one_after_the_other
from server.core.checks.outliers import Bounds, Key, bounds, far_out
from server.core.checks.pace import active_minutes, returns, wall_minutes
from server.core.checks.parameters import Parameters
from server.core.checks.robust import Usual, usual
from server.core.checks.texts import Texts

# What is judged among others: the checks of a single interview leave these flags as they are.
AMONG = ("DUR-active", "DK-others", "REFUSE-others", "EDITS", "OUTLIER", "GAP-between", "NEARDUP", "TEXT")


@dataclass(frozen=True)
class Norms:
    """What is usual among the interviews of a form; one more is judged by it in a moment."""

    minutes: Mapping[str, Usual] = field(default_factory=dict)  # logarithms, by version
    shares: Mapping[str, Usual] = field(default_factory=dict)  # DK, REFUSE and EDITS
    numbers: Mapping[Key, Bounds] = field(default_factory=dict)
    days: Days = field(default_factory=Days)
    texts: Texts = field(default_factory=Texts)
    likeness: Likeness = field(default_factory=Likeness)

    @classmethod
    def of(cls, everyone: Sequence[Facts], parameters: Parameters) -> Norms:
        """What is usual among these."""
        likeness = Likeness.of(everyone, parameters)
        numbers = bounds(everyone, parameters)
        return cls(
            usual_minutes(everyone, parameters),
            usual_shares(everyone, parameters),
            numbers,
            Days(everyone),
            Texts(everyone),
            likeness,
        )

    def flags(self, facts: Facts, parameters: Parameters) -> Iterator[Flag]:
        """What stands out of an interview, but for its likeness to others."""
        yield from unlike_duration(facts, self.minutes, parameters)
        yield from unlike_shares(facts, self.shares, parameters)
        yield from far_out(facts, self.numbers, parameters)
        yield from one_after_the_other(facts, self.days, parameters)
        yield from self.texts.same(facts, parameters)

    def judge(self, facts: Facts, parameters: Parameters) -> Iterator[Flag]:
        """What stands out of one more interview, which is among the enumerator's from now on."""
        self.days.add(facts)
        self.texts.add(facts)
        yield from self.flags(facts, parameters)
        yield from self.likeness.judge(facts, parameters)


def usual_minutes(everyone: Sequence[Facts], parameters: Parameters) -> dict[str, Usual]:
    """What is usual of the logarithm of the active minutes, within each version of a form."""
    by_version: dict[str, list[float]] = defaultdict(list)
    for facts in everyone:
        minutes = active_minutes(facts, parameters)
        if minutes:
            by_version[facts.version].append(math.log(minutes))
    least = parameters["duration"]["least"]
    return {version: one for version, logs in by_version.items() if (one := usual(logs, least)) is not None}


def unlike_duration(facts: Facts, known: Mapping[str, Usual], parameters: Parameters) -> Iterator[Flag]:
    """DUR-active: the logarithm of the active time, by robust z within one version of a form."""
    said, minutes, norm = parameters["duration"], active_minutes(facts, parameters), known.get(facts.version)
    if not minutes or norm is None:
        return
    z = norm.z(math.log(minutes))
    if said["low"] <= z <= said["high"]:
        return
    median = f"{math.exp(norm.median):.0f}"
    words = {"minutes": f"{minutes:.0f}", "median": median, "z": f"{z:.1f}", "wall": wall_minutes(facts)}
    message = "shorter_than_others" if z < 0 else "longer_than_others"
    severity = graded(critical=z < said["very_low"])
    yield Flag("DUR-active", severity, message, "", words["minutes"], median, words)


def usual_shares(everyone: Sequence[Facts], parameters: Parameters) -> dict[str, Usual]:
    """What is usual of the shares of don't know, refusals and returns to questions."""
    by_check: dict[str, list[float]] = defaultdict(list)
    for facts in everyone:
        for check, share in _shares(facts, parameters):
            by_check[check].append(share)
    least = parameters["edits"]["least"]
    return {check: one for check, shares in by_check.items() if (one := usual(shares, least)) is not None}


def unlike_shares(facts: Facts, known: Mapping[str, Usual], parameters: Parameters) -> Iterator[Flag]:
    """DK-others, REFUSE-others, EDITS: a share far above the others', by robust z."""
    for check, share in _shares(facts, parameters):
        norm = known.get(check)
        section, message, name = SHARES[check]
        said = parameters[section]
        if norm is None or norm.z(share) <= said["z"] or share < said.get("least_share", 0):
            continue
        words = {
            "percent": f"{100 * share:.0f}",
            "median": f"{100 * norm.median:.0f}",
            "z": f"{norm.z(share):.1f}",
        }
        yield Flag(name, "warning", message, "", words["percent"], words["median"], words)


# The section of the parameters, the message and the name of the check.
SHARES = {
    "DK": ("dont_know", "more_dont_know", "DK-others"),
    "REFUSE": ("refused", "more_refused", "REFUSE-others"),
    "EDITS": ("edits", "many_returns", "EDITS"),
}


def _shares(facts: Facts, parameters: Parameters) -> Iterator[tuple[str, float]]:
    for check, (section, _, _) in SHARES.items():
        if check == "EDITS":
            back = returns(facts.timeline)
            if back is not None:
                yield check, back
            continue
        count, asked = evasions(facts, parameters[section]["codes"])
        if asked >= parameters[section]["least"]:
            yield check, count / asked
