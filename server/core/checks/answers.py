"""How the questions were answered: straight down, not at all, with don't know; always of those that were
asked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from forms.filled import Met
from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.parameters import Parameters


def spread(answers: Sequence[str]) -> float:
    """`1 - sum(p²)` over the answers of a battery: 0 when all are the same (Gini–Simpson)."""
    total = len(answers)
    return 1 - sum((count / total) ** 2 for count in Counter(answers).values())


def longest_run(answers: Sequence[str]) -> float:
    """The longest run of one answer, as a share of the battery."""
    runs = [len(list(run)) for _, run in groupby(answers)]
    return max(runs, default=0) / max(len(answers), 1)


def straight_down(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """STRAIGHT: every answer the same in several batteries, or in one that has reversed items."""
    said = parameters["straight"]
    by_path: dict[str, dict[str, Met]] = defaultdict(dict)
    for met in facts.readable:
        if met.text and met.question.name not in said["apart"]:
            by_path[met.question.path][met.place.rpartition("/")[0]] = met
    flat, turned, longest = 0, 0, 0.0
    for battery in facts.shape.batteries:
        turns = {turn for path in battery for turn in by_path.get(path, ())}
        for turn in turns:
            here = [by_path[path][turn] for path in battery if turn in by_path.get(path, {})]
            if len(here) < said["items"]:
                continue
            answers = [met.text for met in here]
            longest = max(longest, longest_run(answers))
            if spread(answers) == 0:
                flat += 1
                turned += len({met.question.reversed for met in here}) > 1
    if flat >= said["batteries"] or turned:
        words = {"count": str(flat), "turned": str(turned), "longest": f"{100 * longest:.0f}"}
        message = "straight_reversed" if turned else "straight_down"
        yield Flag("STRAIGHT", "warning", message, "", str(flat), f"< {said['batteries']}", words)


def evasions(facts: Facts, codes: Collection[str]) -> tuple[int, int]:
    """How many of the questions asked were answered with one of these codes, and how many were asked."""
    asked, known = facts.readable, frozenset(codes)
    return sum(met.text in known or not known.isdisjoint(met.text.split()) for met in asked), len(asked)


def evasive(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """DK and REFUSE: the share of the questions asked that were answered so; MISS: of those left empty."""
    for check, section, message in (
        ("DK", "dont_know", "much_dont_know"),
        ("REFUSE", "refused", "much_refused"),
    ):
        said = parameters[section]
        count, asked = evasions(facts, said["codes"])
        yield from _share(check, message, count, asked, (said["warning"], said["critical"], said["least"]))
    said = parameters["missing"]
    optional = [met for met in facts.readable if not met.question.required]
    empty = sum(not met.text for met in optional)
    yield from _share("MISS", "much_missing", empty, len(optional), (said["warning"], 2.0, said["least"]))


def other_answers(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """OTHER: "other" at many of the questions that offer it."""
    said, offered = parameters["other"], facts.shape.offered
    codes = frozenset(said["codes"])
    asked = [
        met for met in facts.readable if met.text and codes & offered.get(met.question.path, frozenset())
    ]
    count = sum(not codes.isdisjoint(met.text.split()) for met in asked)
    yield from _share("OTHER", "much_other", count, len(asked), (said["warning"], 2.0, said["least"]))


def short_cuts(facts: Facts) -> tuple[int, int]:
    """GATE: the filters answered so that nothing more was asked there, and the filters answered."""
    asked = {met.question.path for met in facts.met}
    gates = [
        path
        for path in {met.question.path for met in facts.readable if met.text}
        if path in facts.shape.gates
    ]
    return sum(asked.isdisjoint(facts.shape.gates[path]) for path in gates), len(gates)


def short_interview(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """GATE: nearly every filter answered on its short branch. One interview alone proves nothing by it."""
    said, (count, asked) = parameters["gate"], short_cuts(facts)
    if asked >= said["least"] and count / asked >= said["info"]:
        words = {"percent": f"{100 * count / asked:.0f}", "count": str(count), "asked": str(asked)}
        yield Flag(
            "GATE", "info", "short_branches", "", words["percent"], f"< {100 * said['info']:.0f}", words
        )


def _share(
    check: str, message: str, count: int, asked: int, limits: tuple[float, float, int]
) -> Iterator[Flag]:
    warning, critical, least = limits
    if asked < least or count / asked <= warning:
        return
    words = {"percent": f"{100 * count / asked:.0f}", "count": str(count), "asked": str(asked)}
    severity = graded(critical=count / asked > critical)
    yield Flag(check, severity, message, "", words["percent"], f"≤ {100 * warning:.0f}", words)


def personal(facts: Facts, _: Parameters) -> Iterator[Flag]:
    """PII: texts in which the scanner found personal data when they came in."""
    count = facts.flags.get("masked", 0) + facts.flags.get("own_identifier", 0)
    if count:
        yield Flag("PII", "critical", "personal_text", "", str(count), "0", {"count": str(count)})


def consent_text(facts: Facts, _: Parameters) -> Iterator[Flag]:
    """CONSENT-text: another version of the consent text than the form's."""
    if facts.flags.get("consent_text"):
        yield Flag("CONSENT-text", "critical", "other_consent_text")
