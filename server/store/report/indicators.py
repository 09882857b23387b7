"""Writes the indicators twice: for programs, and in words for people who open them with Excel.

Ids are `indicator.category`, so that each is there once. Nothing but ASCII stands in the table for programs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from server.core.indicator_words import base_words, category_words, indicator_words
from server.core.indicators import Count
from server.core.report.counted import FEWEST, SMALL
from server.core.report.frame import Frame
from server.core.report.text import counted

HEADER = ("id", "base_n", "category", "count", "percent", "unit", "section", "figure", "mark", "indicator")
IN_WORDS = {
    "fr": ("Code", "Indicateur", "Réponse", "Parmi", "Base", "Nombre", "%", "Remarque"),
    "en": ("Code", "Indicator", "Answer", "Among", "Base", "Count", "%", "Note"),
}
MARKS = {
    "fr": {"small": "moins de 30 : à lire avec prudence", "suppressed": "trop peu pour être montré"},
    "en": {"small": "fewer than 30: read with care", "suppressed": "too few to be shown"},
}


def write_indicators(folder: Path, frames: Sequence[Frame], release: str, lang: str) -> None:
    """`indicators.csv` and `indicators-words.csv`, the second in `lang` and with the mark that Excel needs.

    Where too few answered for this audience, numbers are left empty.
    """
    found = [(name, one, _numbers(one, release)) for name, one in _all(frames, release)]
    with (folder / "indicators.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        for name, one, (base, count, percent, mark) in found:
            line = one.indicator
            about = (line.unit, line.section, line.figure, mark, line.id)
            table.writerow((name, base, line.category, count, percent, *about))
    with (folder / "indicators-words.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(IN_WORDS[lang])
        for name, one, (base, count, percent, mark) in found:
            line = one.indicator
            words = (indicator_words(line, lang), category_words(line, lang), base_words(line, lang))
            share = percent.replace(".", ",") if lang == "fr" else percent
            table.writerow((name, *words, base, count, share, MARKS[lang].get(mark, "")))


def _all(frames: Sequence[Frame], release: str) -> Iterator[tuple[str, Count]]:
    for frame in frames:
        yield from counted(frame, release).items()


def _numbers(one: Count, release: str) -> tuple[str, str, str, str]:
    """Base, count, percentage and mark as they may be told."""
    if one.base < FEWEST and release != "internal":
        return "", "", "", "suppressed"
    return str(one.base), str(one.count), f"{one.percent:.1f}", "small" if one.base < SMALL else ""
