"""Made-up respondents as figures are counted from, without a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from forms.compile import build
from forms.reader import read_form
from server.core.dataset.shape import Dataset, dataset
from server.core.expression import record
from server.core.plan import Plan
from server.core.report.counted import Counted
from server.core.report.declared import Figure, figures
from server.core.report.drawing import Drawing, Edition, drawing
from server.core.report.frame import Frame

EDITION = Edition("fr", "24 novembre 2026", "Kayes ; octobre 2020")


@cache
def shape(form: str) -> Dataset:
    built = build(form)
    return dataset([Plan.of(read_form(built.xform, built.media))])


def frame(form: str, people: Sequence[dict[str, Any]]) -> Frame:
    records = tuple(map(record, people))
    day = date(2020, 10, 5)
    return Frame(form, shape(form), records, ("1",) * len(records), {}, ("kayes",), day, day, True)


def figure(number: int) -> Figure:
    return next(one for one in figures() if one.number == number)


def drawn(number: int, people: Sequence[dict[str, Any]], release: str = "internal") -> Drawing:
    made = figure(number)
    edition = replace(EDITION, release=release)
    return drawing(made, Counted(frame(made.form, people), "fr", release), edition)


def said(question: str, wave: str = "c3", **amounts: int) -> list[dict[str, Any]]:
    """So many people with each answer."""
    return [{"wave": wave, question: code} for code, amount in amounts.items() for _ in range(amount)]


def before_and_after() -> list[dict[str, Any]]:
    moments = ["very_high"] * 20 + ["low"] * 60, ["very_high"] * 76 + ["dk"] * 4
    return [
        {"risk_irregular_before": before, "risk_irregular_now": now}
        for before, now in zip(*moments, strict=True)
    ]


def trained() -> list[dict[str, Any]]:
    people = said("trn_sufficient", fully=30, rather=50, rather_not=12, dk=8)
    return [one | {"trn_received": "yes"} for one in people]
