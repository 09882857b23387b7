"""Reads from a campaign those who count in a report: approved, eligible, in the selection asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from server.core.dataset.shape import Dataset, dataset
from server.core.expression import Record, record
from server.core.monitoring.frame import Frame
from server.core.problem import Malformed
from server.core.report.counted import FILTERS, by_name
from server.store.home import Campaign
from server.store.release.changes import changes_of
from server.store.release.interviews import Selection, interviews, left_out, plans_of
from sync.db import reading


def frame(campaign: Campaign, form: str, *, include: str, filters: Mapping[str, str]) -> Frame:
    """The respondents of a form. Raises NotFound for a form that is not here, Malformed for an answer that
    its question does not have."""
    with reading(campaign.engine) as connection:
        shape = dataset(plans_of(campaign, connection, form))
        asked = {FILTERS[name]: value for name, value in filters.items()}
        for name, value in filters.items():
            _check(shape, name, value)
        chosen = Selection(form, include == "all")
        pages = interviews(connection, chosen, changes_of(connection, form).effective, lambda _: None)
        found = [(record(one.answers), one.version) for page in pages for one in page]
        lost = left_out(connection, chosen)
    eligible = [one for one in found if one[0].get("eligible") != "0"]
    kept = [one for one in eligible if all(one[0].get(name) == value for name, value in asked.items())]
    lost |= {"not_eligible": len(found) - len(eligible), "filtered": len(eligible) - len(kept)}
    records = tuple(one for one, _ in kept)
    days = sorted(filter(None, map(_day, records)))
    return Frame(
        form,
        shape,
        records,
        tuple(version for _, version in kept),
        {reason: number for reason, number in lost.items() if number},
        _regions(records),
        days[0] if days else None,
        days[-1] if days else None,
        False,
        dict(filters),
    )


def _check(shape: Dataset, name: str, value: str) -> None:
    asked = by_name(shape).get(FILTERS[name])
    known = [choice.name for choice in asked.choices] if asked else []
    if asked is None or (known and value not in known):
        raise Malformed("unknown_filter", form=shape.form, filter=name, value=value, known=", ".join(known))


def _regions(records: tuple[Record, ...]) -> tuple[str, ...]:
    met: dict[str, int] = {}
    for one in records:
        if code := one.get("region"):
            met[code] = met.get(code, 0) + 1
    return tuple(sorted(met, key=lambda code: (-met[code], code)))


def _day(one: Record) -> date | None:
    """The day of an interview, where the form keeps it."""
    for name in ("interview_date", "today", "start"):
        if said := one.get(name)[:10]:
            return date.fromisoformat(said)
    return None
