"""How fast an interview went, by the phone's own log: too short, read too fast, left lying."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.parameters import Parameters
from server.core.paradata import Timeline

MINUTE = 60_000  # milliseconds


def active_minutes(facts: Facts, parameters: Parameters) -> float | None:
    """Minutes with a question on the screen; None when the phone kept no log."""
    if facts.timeline is None or not facts.timeline.visits:
        return None
    return minutes_seen(facts.timeline, parameters["duration"]["longest_visit_minutes"])


def wall_minutes(facts: Facts) -> str:
    """DUR-wall: minutes from the start to the end, as they are shown beside the active ones; "" if
    unknown."""
    if facts.start is None or facts.end is None:
        return ""
    return f"{(facts.end - facts.start).total_seconds() / 60:.0f}"


def minutes_seen(timeline: Timeline, longest: float) -> float:
    """Minutes of visits: each at most `longest` minutes, overlaps counted once."""
    total, until = 0.0, float("-inf")
    for start, end in sorted((s, s + min(length, longest * MINUTE)) for _, s, length in timeline.visits):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total / MINUTE


def pauses(timeline: Timeline) -> float:
    """The longest time without a question on the screen, in minutes."""
    longest, until = 0.0, None
    for start, end in sorted((s, s + length) for _, s, length in timeline.visits):
        if until is not None:
            longest = max(longest, start - until)
        until = end if until is None else max(until, end)
    return longest / MINUTE


def returns(timeline: Timeline | None) -> float | None:
    """How many times a question was come back to, for each question seen; None without a log.

    A question that stands on the screen twice on end was not left.
    """
    if timeline is None or not timeline.visits:
        return None
    places = [path for path, _, _ in sorted(timeline.visits, key=lambda visit: visit[1])]
    visits = 1 + sum(one != other for one, other in pairwise(places))
    return (visits - len(set(places))) / len(set(places))


def too_short(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """DUR-floor: less active time than any honest interview takes."""
    said, minutes = parameters["duration"], active_minutes(facts, parameters)
    if minutes is not None and minutes < said["floor_minutes"]:
        least = f"{said['floor_minutes']:g}"
        words = {"minutes": f"{minutes:.1f}", "least": least, "wall": wall_minutes(facts)}
        yield Flag("DUR-floor", "critical", "too_short", "", words["minutes"], f"≥ {words['least']}", words)


def too_fast(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """SPEED: the share of questions that were on the screen for less than their words take to read."""
    if facts.timeline is None:
        return
    said, seen, fast = parameters["speed"], 0, 0
    spent = facts.timeline.spent
    for path, count in facts.shape.words.items():
        if path in spent:
            seen += 1
            least = max(count / said["words_per_second"], facts.shape.seconds.get(path, 0))
            fast += spent[path] / 1000 < least
    if seen < said["least"]:
        return
    share = fast / seen
    if share >= said["warning"]:
        severity = graded(critical=share >= said["critical"])
        words = {"percent": f"{100 * share:.0f}", "questions": str(seen)}
        yield Flag(
            "SPEED", severity, "too_fast", "", words["percent"], f"< {100 * said['warning']:.0f}", words
        )


def consent_unread(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """CONSENT-time: the consent screen stood for less than its words take."""
    consent, seconds = facts.shape.plan.form.consent, facts.reading_seconds
    least = facts.shape.plan.consent_words / parameters["consent"]["words_per_second"]
    if consent is not None and seconds is not None and seconds < least:
        words = {"seconds": f"{seconds:.0f}", "least": f"{least:.0f}"}
        yield Flag(
            "CONSENT-time",
            "critical",
            "consent_unread",
            consent.path,
            words["seconds"],
            f"≥ {words['least']}",
            words,
        )


def left_lying(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """GAP-in: a long pause within the interview."""
    if facts.timeline is None:
        return
    said, longest = parameters["gap"], pauses(facts.timeline)
    if longest > said["warning_minutes"]:
        severity = graded(critical=longest > said["critical_minutes"])
        resumed = str(facts.timeline.events.get("form resume", 0))
        words = {"minutes": f"{longest:.0f}", "resumed": resumed}
        yield Flag(
            "GAP-in", severity, "left_lying", "", words["minutes"], f"≤ {said['warning_minutes']:g}", words
        )
