"""A sheet as Stata and SPSS take it: names, labels, and columns of numbers with what is missing among
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.core.dataset.asked import PROTECTED, SKIPPED
from server.core.dataset.coding import HIGH, LOW, RESERVED, Coding, coding, cut, labelled
from server.core.dataset.fields import Field
from server.core.dataset.naming import SPSS, STATA, safe_names
from server.core.dataset.sheets import Sheet
from server.core.dataset.typed import Value, values

# Whole numbers beyond this are kept as floating point: Stata's largest whole type ends a little above.
LARGEST = 2_000_000_000
NUMERIC = ("code", "whole", "number", "tick")


@dataclass(frozen=True)
class Coded:
    """One column ready for a labelled file. `cells` hold values, or None; with Stata also letters.

    `labels` are by number, or by letter for what is missing. `reserved` tells that some are missing for a
    reason: by letters, or by SPSS's range.
    """

    name: str
    field: Field
    label: str
    cells: Sequence[Value | None]
    labels: Mapping[int | str, str]
    reserved: bool = False


def named(sheet: Sheet, longest: int) -> list[str]:
    """The columns' names in a labelled file."""
    return safe_names([one.name for one in sheet.fields], [one.short for one in sheet.fields], longest)


def full_label(shown: Field, language: str) -> str:
    """What a column is: the question's words, with the choice's or the part's where it has one."""
    variable = shown.variable
    if variable is None:
        return shown.name
    label = variable.label(language) or variable.name
    if shown.option is not None:
        return f"{labelled(variable, shown.option.name, language)} · {label}"
    return f"{label} · {shown.name.rpartition('-')[2]}" if variable.kind == "geopoint" else label


def for_stata(sheet: Sheet, language: str, words: Mapping[str, str]) -> list[Coded]:
    """The columns of a .dta file; `words` are those for missing values, by letter."""
    made = []
    for number, name in enumerate(named(sheet, STATA)):
        shown, code, full = _about(sheet, number, language)
        cells = _cells(sheet, number, code, letters=True)
        lettered = shown.kind in NUMERIC and str in {*map(type, cells)}
        labels: dict[int | str, str] = dict(code.labels.items())
        labels.update(words if lettered else {})
        made.append(Coded(name, shown, cut(full, 80), cells, labels, lettered))
    return made


def in_stata(coded: Coded, sheet: Sheet, language: str, words: Mapping[str, str]) -> Coded:
    """A column of a .dta file with the labels of another language."""
    _, code, full = _about(sheet, sheet.fields.index(coded.field), language)
    labels: dict[int | str, str] = dict(code.labels.items())
    labels.update(words if coded.reserved else {})
    return replace(coded, label=cut(full, 80), labels=labels)


def for_spss(sheet: Sheet, language: str, words: Mapping[str, str]) -> list[Coded]:
    """The columns of a .sav file."""
    made = []
    for number, name in enumerate(named(sheet, SPSS)):
        shown, code, full = _about(sheet, number, language)
        cells = _cells(sheet, number, code, letters=False)
        free = shown.kind in ("code", "tick") or _free(sheet.columns[number], shown, code)
        if not free and shown.kind in NUMERIC:
            cells = [None if why else cell for cell, why in zip(cells, _whys(sheet, number), strict=True)]
        labels: dict[int | str, str] = {one: cut(text, 120, octets=True) for one, text in code.labels.items()}
        if free:
            labels |= {int(RESERVED[letter]): text for letter, text in words.items() if letter in RESERVED}
        made.append(Coded(name, shown, cut(full, 256, octets=True), cells, labels, free))
    return made


def _about(sheet: Sheet, number: int, language: str) -> tuple[Field, Coding, str]:
    shown = sheet.fields[number]
    others = set(sheet.columns[number]) if shown.kind == "code" else ()
    return shown, coding(shown, language, others), full_label(shown, language)


def _whys(sheet: Sheet, number: int) -> Sequence[str]:
    return sheet.reasons[number] or [""] * sheet.height


def _cells(sheet: Sheet, number: int, code: Coding, *, letters: bool) -> Sequence[Value | None]:
    """The values of one column, in which whoever gave no answer has a letter, or a number of the range."""
    shown, texts = sheet.fields[number], sheet.columns[number]
    if shown.kind in ("text", "day", "moment"):
        found = values(texts, shown.kind)
        return [one or "" for one in found] if shown.kind == "text" else found
    known = _known(texts, shown, code)
    said: dict[str, Value | None] = {
        letter: letter if letters else _reserved(letter) for letter in (*RESERVED, SKIPPED, PROTECTED)
    }
    known |= {text: said[letter] for text, letter in code.missing.items()}
    said[""] = None
    return [known[text] if text else said[why] for text, why in zip(texts, _whys(sheet, number), strict=True)]


def _known(texts: Sequence[str], shown: Field, code: Coding) -> dict[str, Value | None]:
    distinct = sorted(set(texts) - set(code.missing) - {""})
    if shown.kind == "code":
        return {text: code.codes.get(text) for text in distinct}
    read = dict(zip(distinct, values(distinct, shown.kind), strict=True))
    large = any(isinstance(one, int) and abs(one) > LARGEST for one in read.values())
    return {text: float(one) if large and isinstance(one, int) else one for text, one in read.items()}


def _reserved(letter: str) -> int | None:
    return int(RESERVED[letter]) if letter in RESERVED else None


def _free(texts: Sequence[str], shown: Field, code: Coding) -> bool:
    """Whether no true number lies in the range that means missing."""
    if shown.kind not in ("whole", "number"):
        return False
    told = values(sorted(set(texts) - set(code.missing)), shown.kind)
    return not any(isinstance(one, (int, float)) and LOW <= one <= HIGH for one in told)
