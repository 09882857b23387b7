"""Makes answers coarser as the form says (`bind::dp:recode`), before anyone outside the field sees them.

keep, drop            as it is; not at all
top N                 a number above N becomes `N+`
round N               a number to the nearest N
band 5 years          a number becomes the five that it lies in, `2015-2019`
band 0-5,6-11,12+     a number becomes its band
band a,b,other        a choice becomes its group (bands.csv), `other` takes the rest
region                a place becomes the region that it lies in
year, month           a date becomes its year, or its month
range:N, topcode:N, list:…, adm1   other spellings of the same
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from forms.schema import Form, Question

Recode = Callable[[str], str]
WIDTH = re.compile(r"(?:band |range:)(\d+)(?: years)?")
TOP = re.compile(r"(?:top |topcode:)(\d+)")
ROUND = re.compile(r"round[ :](\d+)")
BAND = re.compile(r"(\d+)-(\d+)|(\d+)\+")
UNKNOWN = "other"
MISSING = ("dk", "refuse", "none", "na")


def recoder(form: Form, question: Question) -> Recode | None:
    """How answers to a question are made coarser; None when they are dropped. Unknown words drop them too.

    Codes of missing answers (below zero, or not a number) stay as they are.
    """
    word = (question.recode or "keep").strip()
    if word in ("keep", "band"):  # a bare `band`: rare categories are merged when the risk is measured
        return _kept
    if word in ("region", "adm1"):
        return lambda text: region_of(form, text)
    if word in ("year", "month"):
        return lambda text: text[: 4 if word == "year" else 7]
    for pattern, make in ((WIDTH, _width), (TOP, _top), (ROUND, _rounded)):
        if match := pattern.fullmatch(word):
            return _number(make(int(match[1])))
    listed = re.split(r"[ ,]+", re.sub(r"^(band |list:)", "", word))
    if word.startswith(("band ", "list:")) and all(BAND.fullmatch(one) for one in listed):
        return _number(_banded(listed))
    if word.startswith("band "):
        return _grouped(tuple(listed))
    return None


def region_of(form: Form, place: str) -> str:
    """The region of a place in the form's own lists (`cercle` and `region` columns); as it is if it has
    none."""
    seen = {place}
    while (parent := form.places.get(place, "")) and parent not in seen:
        seen.add(parent)
        place = parent
    return place


def _kept(text: str) -> str:
    return text


def _number(change: Callable[[float], str]) -> Recode:
    def recode(text: str) -> str:
        try:
            value = float(text)
        except ValueError:
            return text
        return change(value) if value >= 0 else text

    return recode


def _width(width: int) -> Callable[[float], str]:
    return lambda value: f"{int(value // width * width)}-{int(value // width * width) + width - 1}"


def _top(most: int) -> Callable[[float], str]:
    return lambda value: f"{most}+" if value >= most else f"{value:g}"


def _rounded(step: int) -> Callable[[float], str]:
    return lambda value: str(int((value + step / 2) // step * step))


def _banded(bands: list[str]) -> Callable[[float], str]:
    limits = []
    for band in bands:
        match = BAND.fullmatch(band)
        if match:
            low = int(match[1] or match[3])
            limits.append((low, int(match[2]) if match[2] else None, band))

    def find(value: float) -> str:
        for low, high, band in limits:
            if low <= value and (high is None or value < high + 1):
                return band
        return UNKNOWN

    return find


def _grouped(groups: tuple[str, ...]) -> Recode:
    table = {code: group for group, code in _listed() if group in groups}
    kept = {"", *groups, *MISSING}
    return lambda text: table.get(text, text if text in kept else UNKNOWN)


@cache
def _listed() -> list[tuple[str, str]]:
    path = Path(__file__).with_name("bands.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["group"], row["code"]) for row in csv.DictReader(file)]
