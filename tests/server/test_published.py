"""The demonstration's people give the counts that the study published, through the form's own logic."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from forms.cohort import demo_cohort
from server.core.expression import Record, record
from server.core.indicators import Count, counts, definitions

PUBLISHED = Path(__file__).with_suffix("").with_name("published.csv")
REPEATS = ("activity", "theme_item")


def answers(element: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        name = str(child.tag)
        if name in REPEATS:
            found.setdefault(name, []).append(answers(child))
        else:
            found[name] = answers(child) if len(child) else child.text
    return found


@cache
def people(form: str) -> list[Record]:
    """One record a person and wave: the interviews that the study counts."""
    return [
        record(answers(etree.fromstring(sample.xml)))
        for sample in demo_cohort(7)
        if sample.form_id == form and sample.kind == "interview"
    ]


@cache
def computed() -> dict[str, Count]:
    return {
        f"{count.indicator.id}.{count.indicator.category}": count
        for form in ("returnee", "sensitisation")
        for count in counts(definitions(), form, people(form))
    }


with PUBLISHED.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_cohort_gives_the_published_count(row: dict[str, str]) -> None:
    found = computed()[row["id"]]
    if row["base"]:
        assert found.base == int(row["base"])
    if row["count"]:
        assert found.count == int(row["count"])
    if row["least"]:
        assert int(row["least"]) <= found.count <= int(row["most"])
    if row["percent"]:
        assert float(row["percent"]) in roundings(found.percent)


def roundings(percent: float) -> set[float]:
    """Half up and cut off, to whole numbers and to one decimal: the study uses each somewhere."""
    return {int(percent + 0.5), int(percent), int(percent * 10 + 0.5) / 10, int(percent * 10) / 10}


def test_every_indicator_is_published() -> None:
    assert {row["id"] for row in ROWS} == set(computed())


def share(form: str, question: str, code: str, **where: str) -> int:
    """How many ticked a code."""
    return sum(
        code in one.get(question).split()
        for one in people(form)
        if all(one.get(name) == value for name, value in where.items())
    )


def ranked(form: str, question: str, **where: str) -> list[str]:
    """The codes of a question, the most frequent first."""
    codes = {code for one in people(form) for code in one.get(question).split()}
    return sorted(codes, key=lambda code: -share(form, question, code, **where))


def test_what_the_study_says_without_numbers_holds_as_well() -> None:
    assert {one.get("region") for one in people("returnee")} == {"bamako", "kayes", "koulikoro"}
    assert {one.get("region") for one in people("sensitisation")} == {"bamako", "kayes", "sikasso"}
    assert set(ranked("returnee", "return_country")[:2]) == {"dza", "lby"}
    assert ranked("returnee", "return_info_gap")[0] in {"format", "amount"}
    assert ranked("returnee", "med_why_not", med_wanted="yes")[0] == "not_informed"
    assert set(ranked("returnee", "pss_improve")[:2]) == {"closer_followup", "more_specialist"}
    assert {"social_media", "tv", "radio"} <= set(ranked("sensitisation", "src_used")[:6])
    risks = [share("sensitisation", f"risk_irregular_{when}", "very_low") for when in ("before", "now")]
    assert risks[0] == risks[1] > 0
    for code in ("local_job", "visa"):
        before, now = (share("sensitisation", f"alternatives_{when}", code) for when in ("before", "now"))
        assert before < now
