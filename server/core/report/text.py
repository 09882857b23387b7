"""The report's chapters: sentences from the indicators, and the figures that stand among them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from server.core.indicators import Count, counts, definitions
from server.core.report.counted import FEWEST, SMALL, parted, protected
from server.core.report.declared import NOUN
from server.core.report.drawing import Drawing
from server.core.report.frame import Frame
from server.core.report.numbers import HARD, percent, points, whole
from server.core.report.words import WORDS

APART = 10  # points between waves that mean something where both have thirty respondents or more


@dataclass(frozen=True, slots=True)
class Chapter:
    """A theme: its sentences, and its figures."""

    title: str
    form: str
    sentences: tuple[str, ...]
    drawings: tuple[Drawing, ...]


@cache
def _declared() -> tuple[Mapping[str, Any], ...]:
    with Path(__file__).with_name("chapters.toml").open("rb") as file:
        return tuple(tomllib.load(file)["chapter"])


def chapters(frame: Frame, drawings: Sequence[Drawing], lang: str, release: str) -> list[Chapter]:
    """The chapters of the frame's form that have something to say."""
    told = Told(frame, lang, release)
    drawn = {one.figure.number: one for one in drawings}
    made = []
    for said in _declared():
        if said["form"] == frame.form:
            sentences = tuple(filter(None, (told.sentence(one) for one in said["sentences"])))
            mine = tuple(drawn[number] for number in said["figures"] if number in drawn)
            if sentences or mine:
                made.append(Chapter(said["title"][lang], frame.form, sentences, mine))
    return made


class Told:
    """Says the indicators of a frame in sentences."""

    def __init__(self, frame: Frame, lang: str, release: str) -> None:
        self.lang = lang
        self.all = counted(frame, release)
        known = sorted({one.get("wave") for one in frame.records} - {""})[-2:]
        self.waves = [counted(frame, release, wave) for wave in known]

    def sentence(self, said: Mapping[str, Any]) -> str:
        """The sentence, or nothing where too few answered."""
        count = self.all.get(said["id"])
        other = self.all.get(said.get("also", said["id"]))
        if count is None or other is None or min(count.base, other.base) < FEWEST:
            return ""
        facts = {"share": self._share(count, said.get("noun", NOUN)[self.lang])}
        facts["other"] = percent(other.percent, self.lang)
        text = _hard(said[self.lang].format(**facts), self.lang)
        return f"{text} {self._between(said['id'])}".strip() if said.get("waves") else text

    def _share(self, count: Count, noun: str) -> str:
        share, of = percent(count.percent, self.lang), ("des", "sur") if self.lang == "fr" else ("of", "of")
        amount = f"{whole(count.count, self.lang)} {of[1]} {whole(count.base, self.lang)}"
        star = "*" if count.base < SMALL else ""
        return f"{share} {of[0]} {noun} ({amount}{star})"

    def _between(self, name: str) -> str:
        """What changed from one wave to the next, where it means something."""
        if len(self.waves) < 2:
            return ""
        first, last = (wave.get(name) for wave in self.waves)
        if first is None or last is None or min(first.base, last.base) < SMALL:
            return ""
        if abs(last.percent - first.percent) < APART:
            return ""
        shares = (percent(first.percent, self.lang), whole(first.base, self.lang))
        after = (percent(last.percent, self.lang), whole(last.base, self.lang))
        change = points(last.percent - first.percent, self.lang)
        return WORDS[self.lang]["waves"].format(*shares, *after, change)


def counted(frame: Frame, release: str, wave: str = "") -> dict[str, Count]:
    """The indicators by name (`id.category`), of a wave or all, as they may be told; few of a base are
    none."""
    people = [one for one in frame.records if not wave or one.get("wave") == wave]
    together: dict[str, list[Count]] = {}
    for one in counts(definitions(), frame.form, people):
        together.setdefault(one.indicator.id, []).append(one)
    found = [told for some in together.values() for told in _told(some, release)]
    return {f"{one.indicator.id}.{one.indicator.category}": one for one in found}


def _told(some: Sequence[Count], release: str) -> list[Count]:
    """The lines of one indicator as they may be told; those that part its base still add up to it."""
    if release == "internal":
        return list(some)
    bases = {one.base for one in some}
    base = protected(min(bases), release)
    if len(some) > 1 and len(bases) == 1 and min(bases) >= FEWEST and sum(one.count for one in some) in bases:
        amounts = parted([one.count for one in some], base)
        return [Count(one.indicator, base, count) for one, count in zip(some, amounts, strict=True)]
    return [
        Count(one.indicator, 0, 0)
        if one.base < FEWEST
        else Count(one.indicator, protected(one.base, release), protected(one.count, release))
        for one in some
    ]


def _hard(text: str, lang: str) -> str:
    return text.replace(" ;", f"{HARD};").replace(" :", f"{HARD}:") if lang == "fr" else text
