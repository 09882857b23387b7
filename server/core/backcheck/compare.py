"""Compares what people said in an interview with what they say when somebody else asks again.

Three types, as in ipabcstats: 1, facts that do not change (differences point at the enumerator); 2, hard
questions (at training); 3, answers that may change (how stable they are). "Don't know" and refusals are left
out and counted; differences within a question's `okrange` are none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import fmean

from server.core.team.exact import binomial_p, wilson
from server.core.team.rows import Met

CODES = frozenset({"dk", "refuse", "-98", "-99"})
ENOUGH = 15  # comparisons, below which a rate is not judged
LIMITS = {1: (0.10, 0.20), 2: (0.20, None), 3: (None, None)}
RELIABLE = 0.6


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked again; `low` and `high` bound an accepted difference, in percent if
    `relative`."""

    name: str
    path: str
    type: int
    kind: str
    low: float = 0.0
    high: float = 0.0
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """An interview and its back-check; answers by question name."""

    enumerator: str
    checker: str
    days: int
    first: Mapping[str, str]
    second: Mapping[str, str]
    team: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One question of one pair."""

    question: Asked
    pair: Pair
    differs: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """Differences of those compared, with Wilson's 95 % interval; `severity` is empty below the limits."""

    subject: str
    type: int
    differences: int
    compared: int
    low: float
    high: float
    severity: str

    @property
    def too_few(self) -> bool:
        """Whether there are too few comparisons to judge."""
        return self.compared < ENOUGH


@dataclass(frozen=True, slots=True)
class Stability:
    """How stable a question is: `reliability` is 1 - SRV/Var, `kappa` Cohen's for codes.

    `shift` is the mean change of numbers with its paired `t`; `p` is the exact sign test (McNemar's for two
    codes) of changes one way and the other.
    """

    question: str
    n: int
    srv: float | None
    reliability: float | None
    kappa: float | None
    shift: float | None
    t: float | None
    p: float | None
    unreliable: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything of a form's back-checks; `left_out` counts answers by why they were not compared."""

    pairs: int
    wanted: int
    days: float | None
    left_out: Mapping[str, int]
    by_enumerator: tuple[Rate, ...]
    by_checker: tuple[Rate, ...]
    by_question: tuple[Rate, ...]
    by_team: tuple[Rate, ...]
    by_type: tuple[Rate, ...]
    stability: tuple[Stability, ...]


def differs(question: Asked, first: str, second: str) -> bool:
    """Whether two answers differ by more than the question allows; the order of ticked codes is none."""
    if question.kind == "select_multiple":
        return set(first.split()) != set(second.split())
    if question.kind not in ("integer", "decimal"):
        return first != second
    change = float(second) - float(first)
    if question.relative:
        if not float(first):
            return change != 0
        change = 100 * change / abs(float(first))
    return not question.low <= change <= question.high


def compare(pairs: Sequence[Pair], questions: Sequence[Asked], wanted: int) -> Comparison:
    """The rates and stability of all pairs; `wanted` is how many back-checks were to be made."""
    found: list[Compared] = []
    left_out: Counter[str] = Counter()
    for pair in pairs:
        for question in questions:
            first, second = pair.first.get(question.name, ""), pair.second.get(question.name, "")
            why = _left_out(first, second)
            if why:
                left_out[why] += 1
            else:
                found.append(Compared(question, pair, differs(question, first, second)))
    return Comparison(
        len(pairs),
        wanted,
        fmean(pair.days for pair in pairs) if pairs else None,
        dict(left_out),
        rates(found, lambda one: one.pair.enumerator),
        rates(found, lambda one: one.pair.checker),
        rates(found, lambda one: one.question.name),
        rates(found, lambda one: one.pair.team),
        rates(found, lambda _: ""),
        tuple(made for q in questions if (made := stability(q, [c.pair for c in found if c.question is q]))),
    )


def _left_out(first: str, second: str) -> str:
    if not first and not second:
        return "not_asked"
    if not first or not second:
        return "one_missing"
    return "dont_know_or_refused" if {first, second} & CODES else ""


def rates(found: Iterable[Compared], subject: Callable[[Compared], str]) -> tuple[Rate, ...]:
    """Differences by subject and type, by subject then type."""
    counts: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for one in found:
        mine = counts[subject(one), one.question.type]
        mine[0] += one.differs
        mine[1] += 1
    return tuple(
        Rate(who, kind, k, n, *wilson(k, n), _severity(kind, k, n))
        for (who, kind), (k, n) in sorted(counts.items())
    )


def _severity(kind: int, k: int, n: int) -> str:
    warning, critical = LIMITS[kind]
    if n < ENOUGH:
        return ""
    if critical is not None and k / n > critical:
        return "critical"
    return "warning" if warning is not None and k / n > warning else ""


def stability(question: Asked, pairs: Sequence[Pair]) -> Stability | None:
    """The simple response variance of numbers, kappa of codes; None without pairs."""
    said = [(pair.first[question.name], pair.second[question.name]) for pair in pairs]
    if not said:
        return None
    if question.kind in ("integer", "decimal"):
        return _of_numbers(question, [(float(one), float(other)) for one, other in said])
    return _of_codes(question, [(_sorted(one), _sorted(other)) for one, other in said])


def _sorted(text: str) -> str:
    return " ".join(sorted(text.split()))


def _of_numbers(question: Asked, said: Sequence[tuple[float, float]]) -> Stability:
    n = len(said)
    changes = [second - first for first, second in said]
    srv = sum(change**2 for change in changes) / (2 * n)
    both = [value for pair in said for value in pair]
    variance = sum((value - fmean(both)) ** 2 for value in both) / (len(both) - 1)
    reliability = 1 - srv / variance if variance else None
    shift = fmean(changes)
    spread = sqrt(sum((change - shift) ** 2 for change in changes) / (n - 1)) if n > 1 else 0.0
    up, down = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    p = binomial_p(up, up + down, 0.5) if up + down else None
    low = n >= ENOUGH and reliability is not None and reliability < RELIABLE
    return Stability(
        question.name,
        n,
        srv,
        reliability,
        None,
        shift,
        shift / (spread / sqrt(n)) if spread else None,
        p,
        low,
    )


def _of_codes(question: Asked, said: Sequence[tuple[str, str]]) -> Stability:
    n = len(said)
    agree = sum(first == second for first, second in said) / n
    one, other = Counter(first for first, _ in said), Counter(second for _, second in said)
    chance = sum(one[code] * other[code] for code in one) / n**2
    kappa = (agree - chance) / (1 - chance) if chance < 1 else None
    p = None
    codes = sorted(one.keys() | other.keys())
    if len(codes) == 2:
        up = sum((first, second) == (codes[0], codes[1]) for first, second in said)
        down = sum((first, second) == (codes[1], codes[0]) for first, second in said)
        p = binomial_p(up, up + down, 0.5) if up + down else None
    low = n >= ENOUGH and kappa is not None and kappa < RELIABLE
    return Stability(question.name, n, None, None, kappa, None, None, p, low)


def pair_of(first: Met, second: Met, teams: Mapping[str, str]) -> Pair:
    """An interview and its back-check, with the answers by question name."""
    days = (date.fromisoformat(second.day) - date.fromisoformat(first.day)).days
    team = teams.get(first.instance, "")
    return Pair(first.enumerator, second.enumerator, days, _by_name(first), _by_name(second), team)


def _by_name(one: Met) -> dict[str, str]:
    return {path.rpartition("/")[2]: text for path, text in one.said.items()}
