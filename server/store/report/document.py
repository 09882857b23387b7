"""The report as one whole, before it becomes a page, a PDF or a Word document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from server.core.report.counted import FILTERS, by_name, labels_of, protected
from server.core.report.frame import Frame
from server.core.report.numbers import HARD, whole
from server.core.report.text import Chapter
from server.core.report.words import REASONS, WORDS
from server.store.report.pictures import Picture

LOCALES = {"fr": "fr", "en": "en_GB"}
METHOD = ("method_1", "method_2", "method_3", "method_4")


@dataclass(frozen=True, slots=True)
class Part:
    """What one questionnaire gave: how many answered, who is left out and why, and the chapters."""

    form: str
    title: str
    respondents: str
    cautions: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole; `pictures` by the figures' names."""

    lang: str
    campaign: str
    day: date
    cautions: tuple[str, ...]
    parts: tuple[Part, ...]
    pictures: Mapping[str, Picture]

    @property
    def title(self) -> str:
        """The report's heading."""
        return self.words["title"]

    @property
    def words(self) -> Mapping[str, str]:
        """The report's own words."""
        return WORDS[self.lang]

    @property
    def method(self) -> tuple[str, ...]:
        """How people were met and what the numbers cannot tell."""
        return tuple(self.words[name] for name in METHOD)

    @property
    def made(self) -> str:
        """`Diffusion du 24 novembre 2026`."""
        return self.words["made"].format(long_date(self.day, self.lang))


def cautions(lang: str, release: str, filters: Mapping[str, str], *, include_all: bool) -> tuple[str, ...]:
    """What whoever opens the report must know first: for whom it is, who was chosen, what is not approved."""
    words = WORDS[lang]
    found = [words[release]]
    found += [f"{words['filters']} {', '.join(filters.values())}."] if filters else []
    found += [words["all_included"]] if include_all else []
    return tuple(found)


def part(frame: Frame, chapters: Sequence[Chapter], lang: str, release: str) -> Part:
    """What one form gave, with numbers as they may be told."""
    words = WORDS[lang]
    lost = tuple(
        (REASONS[lang].get(reason, reason.replace("_", " ")), whole(number, lang))
        for reason, number in left_out(frame, release).items()
    )
    amount = whole(protected(len(frame.records), release), lang)
    told = words["respondents"].format(amount, frame.shape.title, met(frame, lang))
    known = () if frame.compared else (words["not_compared"],)
    return Part(frame.form, frame.shape.title, f"{told}.", known, lost, tuple(chapters))


def left_out(frame: Frame, release: str) -> dict[str, int]:
    """How many do not count, by reason, as it may be told."""
    found = {reason: protected(number, release) for reason, number in frame.left_out.items()}
    return {reason: number for reason, number in found.items() if number}


def met(frame: Frame, lang: str) -> str:
    """Where and when: `Bamako, Kayes ; octobre 2019 – octobre 2020`."""
    asked = by_name(frame.shape).get("region")
    labels = labels_of(asked, frame.shape.language(lang)) if asked else {}
    places = ", ".join(labels.get(code, code) for code in frame.regions) or WORDS[lang]["no_place"]
    if frame.first is None or frame.last is None:
        return places
    first, last = (format_date(day, "MMMM yyyy", locale=LOCALES[lang]) for day in (frame.first, frame.last))
    when = first if first == last else f"{first} – {last}"
    return f"{places}{HARD if lang == 'fr' else ''}; {when}"


def labels_of_filters(frame: Frame, filters: Mapping[str, str], lang: str) -> dict[str, str]:
    """What was asked for, in the words of the form's answers."""
    known, language = by_name(frame.shape), frame.shape.language(lang)
    said = {}
    for name, value in filters.items():
        asked = known.get(FILTERS[name])
        # What the form calculates has no words: partners are known by their initials.
        said[name] = (labels_of(asked, language) if asked else {}).get(value, value.upper())
    return said


def long_date(day: date, lang: str) -> str:
    """`24 novembre 2026`."""
    return format_date(day, "long", locale=LOCALES[lang]).replace(" ", HARD)
