"""Reads from a campaign those who count in a report: approved, eligible, in the selection asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from server.core.dataset.pages import Interview
from server.core.dataset.shape import Dataset, dataset
from server.core.expression import Record, record
from server.core.problem import Malformed
from server.core.report.counted import FILTERS, by_name
from server.core.report.frame import Frame
from server.store.home import Campaign
from server.store.persons import persons_of
from server.store.project import SUBMISSION
from server.store.release.changes import changes_of
from server.store.release.interviews import Selection, interviews, left_out, plans_of
from sync.db import reading

Found = tuple[Interview, Record]


def frame(campaign: Campaign, form: str, *, include: str, filters: Mapping[str, str], until: date) -> Frame:
    """The respondents of a form. Days after `until` are those of a wrong clock, and not told.

    Raises NotFound for a form that is not here, Malformed for an answer that its question does not have.
    """
    with reading(campaign.engine) as connection:
        shape = dataset(plans_of(campaign, connection, form))
        for name, value in filters.items():
            _check(shape, name, value)
        chosen = Selection(form, include == "all")
        pages = interviews(connection, chosen, changes_of(connection, form).effective, lambda _: None)
        found = [(one, record(one.answers)) for page in pages for one in page]
        lost = left_out(connection, chosen)
    persons = persons_of(campaign)
    eligible = [one for one in found if one[1].get("eligible") != "0"]
    once = _once(eligible, persons)
    kept = [one for one in once if all(one[1].get(FILTERS[name]) == value for name, value in filters.items())]
    lost |= {
        "not_eligible": len(found) - len(eligible),
        "duplicate": len(eligible) - len(once),
        "filtered": len(once) - len(kept),
    }
    records = tuple(answers for _, answers in kept)
    days = sorted(day for day in map(_day, records) if day and day <= until)
    return Frame(
        form,
        shape,
        records,
        tuple(interview.version for interview, _ in kept),
        {reason: number for reason, number in lost.items() if number},
        _regions(records),
        days[0] if days else None,
        days[-1] if days else None,
        bool(persons),
        dict(filters),
    )


def any_approved(campaign: Campaign) -> bool:
    """Whether anybody has approved an interview yet."""
    query = select(SUBMISSION.c.instance).where(SUBMISSION.c.standing == "approved").limit(1)
    with reading(campaign.engine) as connection:
        return connection.execute(query).first() is not None


def _once(found: list[Found], persons: Mapping[str, str]) -> list[Found]:
    """One interview a person and wave, the first that came; whoever was not compared is a person apart."""
    first: dict[tuple[str, str], Found] = {}
    for interview, answers in found:
        person = persons.get(interview.instance, interview.instance)
        first.setdefault((person, answers.get("wave")), (interview, answers))
    return list(first.values())


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
