"""When an interview took place, and whether the phone's clock and form were right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.parameters import Parameters


def at_night(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """NIGHT: begun outside the day (Africa/Bamako is UTC), or ended on another day."""
    if facts.start is None:
        return
    said, hour = parameters["night"], facts.start.astimezone(UTC).hour
    first, last = said["day"]
    dark = hour >= said["night"][0] or hour < said["night"][1]
    if dark or not first <= hour < last:
        severity = graded(critical=dark)
        began = facts.start.astimezone(UTC).strftime("%H:%M")
        yield Flag("NIGHT", severity, "at_night", "", began, f"{first}–{last} h", {"time": began})
    if facts.end is not None and facts.end.astimezone(UTC).date() != facts.start.astimezone(UTC).date():
        yield Flag("NIGHT-end", "warning", "ended_another_day")


def wrong_clock(facts: Facts, parameters: Parameters) -> Iterator[Flag]:
    """CLOCK: begun after it arrived, before the fieldwork, or other minutes than the phone's log."""
    said = parameters["clock"]
    if facts.start is not None:
        ahead = facts.start - facts.received
        if ahead > timedelta(minutes=said["ahead_minutes"]):
            words = {"minutes": f"{ahead.total_seconds() / 60:.0f}"}
            yield Flag(
                "CLOCK",
                "critical",
                "clock_ahead",
                "",
                words["minutes"],
                f"≤ {said['ahead_minutes']:g}",
                words,
            )
        first = said["fieldwork_from"]
        if first and facts.start < datetime.fromisoformat(first).replace(tzinfo=UTC):
            day = facts.start.date().isoformat()
            yield Flag("CLOCK-early", "critical", "before_fieldwork", "", day, f"≥ {first}", {"day": day})
    if facts.start is None or facts.end is None or facts.timeline is None or not facts.timeline.visits:
        return
    elapsed = max(start + length for _, start, length in facts.timeline.visits) / 60_000
    wall = (facts.end - facts.start).total_seconds() / 60
    if abs(elapsed - wall) > said["drift_minutes"]:
        words = {"minutes": f"{abs(elapsed - wall):.0f}"}
        yield Flag(
            "CLOCK-drift",
            "warning",
            "clock_drift",
            "",
            words["minutes"],
            f"≤ {said['drift_minutes']:g}",
            words,
        )


def old_version(facts: Facts, _: Parameters) -> Iterator[Flag]:
    """VERSION: a newer version of the form was in use when the interview began."""
    if facts.start is None or facts.version not in facts.published:
        return
    known = {version: at for version, at in facts.published.items() if at <= facts.start}
    newest = max(known, key=lambda version: known[version], default=facts.version)
    if facts.published[newest] > facts.published[facts.version]:
        words = {"version": facts.version, "newest": newest}
        yield Flag("VERSION", "warning", "old_version", "", facts.version, newest, words)
