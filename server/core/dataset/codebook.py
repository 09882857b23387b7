"""The dictionary of a release: every column of every file with its words, its codes and its names elsewhere.

It is made from the columns as they were written, so that it cannot tell of one that is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from forms.wording import readable
from server.core.dataset.coded import full_label, named
from server.core.dataset.coding import WORDS, coding, labelled
from server.core.dataset.fields import Field
from server.core.dataset.naming import SPSS, STATA
from server.core.dataset.shape import Dataset
from server.core.dataset.sheets import Sheet

LANGUAGES = ("fr", "en")
Words = tuple[str, ...]  # one for each of LANGUAGES


@dataclass(frozen=True, slots=True)
class Code:
    """One answer: as it stands in CSV, the number or letter that it is in labelled files, its labels.

    `count` is how many gave it; None when too few did to be told.
    """

    name: str
    number: str
    labels: Words
    missing: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One column: `name` in CSV, Excel and Parquet, `stata` and `spss` in labelled files.

    `asked_if` is the form's condition; `recode` how answers were made coarser; `versions` those that asked
    it.
    """

    table: str
    name: str
    stata: str
    spss: str
    kind: str
    labels: Words
    question: str = ""
    asked_if: str = ""
    recode: str = ""
    versions: Words = ()
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """The dictionary of a release, and what is missing values' codes mean."""

    form: str
    title: str
    versions: Words
    entries: tuple[Entry, ...]
    missing: tuple[Code, ...]


def book(shape: Dataset, sheets: Sequence[Sheet], *, fewest: int = 1, recoded: bool = False) -> Book:
    """The dictionary of `sheets`; counts below `fewest` are not told."""
    entries = [entry for sheet in sheets for entry in _entries(shape, sheet, fewest, recoded)]
    missing = tuple(
        Code("", f".{letter}", tuple(words[one] for one in LANGUAGES), missing=True)
        for letter, words in WORDS.items()
    )
    return Book(shape.form, shape.title, tuple(shape.versions), tuple(entries), missing)


def _entries(shape: Dataset, sheet: Sheet, fewest: int, recoded: bool) -> list[Entry]:
    names = zip(sheet.fields, named(sheet, STATA), named(sheet, SPSS), sheet.columns, strict=True)
    found = []
    for field, stata, spss, texts in names:
        variable = field.variable
        labels = tuple(full_label(field, shape.language(one)) for one in LANGUAGES)
        if variable is None:
            found.append(Entry(sheet.name, field.name, stata, spss, field.kind, labels))
            continue
        newest = variable.question
        found.append(
            Entry(
                sheet.name,
                field.name,
                stata,
                spss,
                "select_multiple" if field.kind == "text" and variable.choices else field.kind,
                labels,
                variable.path,
                _condition(shape, variable.path),
                (newest.recode or "") if recoded else "",
                tuple(variable.questions),
                _codes(shape, field, texts, fewest),
            )
        )
    return found


def _condition(shape: Dataset, path: str) -> str:
    """All that must hold for the question to be asked, as the newest version that has it says."""
    for plan in reversed(shape.plans):
        question = plan.form.by_path.get(path)
        if question is None:
            continue
        above = [one.relevant for one in plan.form.groups if path.startswith(one.path + "/")]
        return " and ".join(f"({readable(one)})" for one in [*above, question.relevant] if one)
    return ""


def _codes(shape: Dataset, field: Field, texts: Sequence[str], fewest: int) -> tuple[Code, ...]:
    variable = field.variable
    several = field.kind == "text" and variable is not None and bool(variable.choices)
    if variable is None or (field.kind not in ("code", "whole", "number", "tick") and not several):
        return ()
    split = [one for text in texts for one in text.split()] if several else texts
    counts = Counter(split)
    code = coding(field, shape.language("fr"), set(counts) if field.kind == "code" else ())
    listed = {name: str(number) for name, number in code.codes.items()}
    listed |= {name: f".{letter}" for name, letter in code.missing.items()}
    if several:
        listed = {choice.name: "" for choice in variable.choices}
    if field.kind == "tick":
        words = {"0": ("Non", "No"), "1": ("Oui", "Yes")}
        return tuple(Code(one, one, words[one], count=_told(counts[one], fewest)) for one in ("0", "1"))
    return tuple(
        Code(
            name,
            number,
            tuple(_words(shape, field, name, number, one) for one in LANGUAGES),
            number.startswith("."),
            _told(counts[name], fewest),
        )
        for name, number in listed.items()
    )


def _words(shape: Dataset, field: Field, name: str, number: str, language: str) -> str:
    if field.variable and field.variable.choices:
        return labelled(field.variable, name, shape.language(language))
    return WORDS[number[1:]][language] if number.startswith(".") else name


def _told(count: int, fewest: int) -> int | None:
    return count if count >= fewest else None
