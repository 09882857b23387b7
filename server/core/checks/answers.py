"""How the questions were answered: straight down, not at all, with don't know; always of those that were
asked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.parameters import Parameters


def spread(answers: Sequence[str]) -> float:
    """`1 - sum(p²)` over the answers of a battery: 0 when all are the same (Gini–Simpson)."""
    total = len(answers)
    return 1 - sum((count / total) ** 2 for count in Counter(answers).values())


def straight_down(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """STRAIGHT: several batteries in which every answer is the same."""
    said = parameters["straight"]
    by_path: dict[str, dict[str, str]] = defaultdict(dict)
    for met in facts.readable:
        if met.text:
            by_path[met.question.path][met.place.rpartition("/")[0]] = met.text
    flat = 0
    for battery in facts.shape.batteries:
        turns = {turn for path in battery for turn in by_path.get(path, ())}
        for turn in turns:
            answers = [by_path[path][turn] for path in battery if turn in by_path.get(path, {})]
            flat += len(answers) >= said["items"] and spread(answers) == 0
    if flat >= said["batteries"]:
        yield Flag(
            "STRAIGHT",
            "warning",
            "straight_down",
            "",
            str(flat),
            f"< {said['batteries']}",
            {"count": str(flat)},
        )


def evasive(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """DK and REFUSE: the share of the questions asked that were answered so; MISS: of those left empty."""
    asked = facts.readable
    for check, section, message in (
        ("DK", "dont_know", "much_dont_know"),
        ("REFUSE", "refused", "much_refused"),
    ):
        said = parameters[section]
        codes: Collection[str] = frozenset(said["codes"])
        count = sum(any(one in codes for one in met.text.split()) for met in asked)
        yield from _share(
            check, message, count, len(asked), (said["warning"], said["critical"], said["least"])
        )
    said = parameters["missing"]
    optional = [met for met in asked if not met.question.required]
    empty = sum(not met.text for met in optional)
    yield from _share("MISS", "much_missing", empty, len(optional), (said["warning"], 2.0, said["least"]))


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


def position(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """GPS: no position where one was asked for, or one of little accuracy."""
    said = parameters["gps"]
    if facts.derived.get("missing") and "cell" not in facts.derived:
        yield Flag("GPS-missing", "warning", "no_position")
    metres = facts.derived.get("accuracy")
    if metres is not None and metres > said["warning_metres"]:
        severity = graded(critical=metres > said["critical_metres"])
        words = {"metres": f"{metres:.0f}"}
        expected = f"≤ {said['warning_metres']:g}"
        yield Flag("GPS-accuracy", severity, "position_vague", "", words["metres"], expected, words)


def consent_text(facts: Facts, _: Parameters) -> Iterator[Flag]:
    """CONSENT-text: another version of the consent text than the form's."""
    if facts.flags.get("consent_text"):
        yield Flag("CONSENT-text", "critical", "other_consent_text")
