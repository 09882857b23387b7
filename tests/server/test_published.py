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
def everyone() -> dict[str, list[Record]]:
    """One record a person and wave, by form: the interviews that the study counts."""
    found: dict[str, list[Record]] = {"returnee": [], "sensitisation": []}
    for sample in demo_cohort(7):
        if sample.kind == "interview":
            found[sample.form_id].append(record(answers(etree.fromstring(sample.xml))))
    return found


def people(form: str) -> list[Record]:
    return everyone()[form]


@cache
def computed() -> dict[str, Count]:
    return {
        f"{count.indicator.id}.{count.indicator.category}": count
        for form in ("returnee", "sensitisation")
        for count in counts(definitions(), form, people(form))
    }


with PUBLISHED.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.slow
def test_the_cohort_is_that_of_the_study() -> None:
    """One test for all of it, because the people take a while to make."""
    every_indicator_is_published()
    every_published_count_is_met()
    what_is_said_without_numbers_holds_as_well()


def every_published_count_is_met() -> None:
    wrong = [(row["id"], computed()[row["id"]]) for row in ROWS if not agrees(row, computed()[row["id"]])]
    assert wrong == []
    assert len(ROWS) == 203


def agrees(row: dict[str, str], found: Count) -> bool:
    return (
        (not row["base"] or found.base == int(row["base"]))
        and (not row["count"] or found.count == int(row["count"]))
        and (not row["least"] or int(row["least"]) <= found.count <= int(row["most"]))
        and (not row["percent"] or float(row["percent"]) in roundings(found.percent))
    )


def roundings(percent: float) -> set[float]:
    """Half up and cut off, to whole numbers and to one decimal: the study uses each somewhere."""
    return {int(percent + 0.5), int(percent), int(percent * 10 + 0.5) / 10, int(percent * 10) / 10}


def every_indicator_is_published() -> None:
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


def what_is_said_without_numbers_holds_as_well() -> None:
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
