"""Interviews as checks see them, made by hand: a form in a few lines, answers, and visits in minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pyxform.xls2xform import convert

from forms.filled import Filling
from forms.reader import read_form
from server.core.checks.facts import Facts, Shape
from server.core.checks.flag import Flag
from server.core.checks.parameters import Parameters, shipped
from server.core.checks.run import alone, together
from server.core.paradata import Timeline
from server.core.plan import Plan

MINUTE = 60_000
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOUND = shipped()


def shape_of(form: str) -> Shape:
    """The shape of a form in XLSForm's Markdown."""
    return Shape(Plan.of(read_form(convert(xlsform=form, file_type=".md").xform.encode(), {})))


def facts_of(
    shape: Shape,
    answers: Mapping[str, object],
    timeline: Timeline | None = None,
    start: datetime | None = NOON,
    minutes: float | None = 30,
    **more: object,
) -> Facts:
    """An interview of half an hour, begun at noon, with these answers."""
    plan = shape.plan
    asked, broken = Filling(plan.form, datetime(2026, 1, 1), plan.hidden).judged(answers)  # noqa: DTZ001
    end = start + timedelta(minutes=minutes) if start and minutes is not None else None
    given: dict[str, object] = {
        "instance": "one",
        "version": "1",
        "enumerator": "enq01",
        "received": NOON + timedelta(hours=3),
        "broken": broken,
    }
    return Facts(shape=shape, start=start, end=end, met=asked, timeline=timeline, **(given | more))  # type: ignore[arg-type]


def found(facts: Facts, check: str, parameters: Parameters = SOUND) -> list[Flag]:
    """What one check finds of an interview by itself."""
    return [flag for flag in alone(facts, parameters) if flag.check == check]


def beside(everyone: Sequence[Facts], check: str, parameters: Parameters = SOUND) -> list[tuple[str, Flag]]:
    """What one check finds of each among the others."""
    checked, _ = together(everyone, parameters)
    return [(one, flag) for one, flags in checked.flags.items() for flag in flags if flag.check == check]


def line(*visits: tuple[str, float, float], events: Mapping[str, int] | None = None) -> Timeline:
    """Visits of (path, start, length) in minutes."""
    made = tuple((path, int(start * MINUTE), int(length * MINUTE)) for path, start, length in visits)
    return Timeline(made, dict(events or {}))
