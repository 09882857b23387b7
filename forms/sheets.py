"""The questionnaires as their keepers see them: one CSV file a sheet, readable in any difference view.

A row `include,NAME` in a survey stands for the rows of `shared/NAME.csv`, so that what both questionnaires
share is written once. Lists of choices common to both, and the places, come from `shared/` as well.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forms.problems import FormError

INCLUDE = "include"
FALLBACK = "Français (fr)"
LABEL = "label::"
# What a required question says when it is left empty, where the sheet has no words of its own.
REQUIRED = {
    "Français (fr)": "Il faut une réponse ici. Si la personne ne sait pas ou refuse, notez-le.",
    "English (en)": "An answer is needed here. If the person does not know or refuses, record that.",
}
# The places form a cascade of three lists; each list's rows carry the code of the place above.
CASCADE = (("region", ""), ("cercle", "region"), ("commune", "cercle"))
ELSEWHERE = ("elsewhere", "Une autre région ou un autre pays", "Another region or country")

# In French a space stands before these signs; a screen must not break the line there.
FRENCH_SPACE = re.compile(r"(?<=«) | (?=[?!:;»])")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet, and where it stands: `sheet` is the file, `number` its row, the header being 1.

    `path` is that of the question or group in the form, as in `Question.path`.
    """

    sheet: str
    number: int
    cells: dict[str, str]
    path: str = ""


@dataclass(frozen=True, slots=True)
class Sheets:
    """A questionnaire's three sheets with everything included; `spare` are choices no question offers."""

    survey: Sequence[Row]
    choices: Sequence[Row]
    settings: dict[str, str]
    spare: Sequence[Row] = ()

    @property
    def languages(self) -> list[str]:
        """The languages that are complete enough to be built, the fallback first."""
        return [language for language in _named(self.survey) if _complete(language, self)]

    @property
    def unfinished(self) -> list[str]:
        """The languages that were begun and are not complete."""
        built = self.languages
        return [language for language in _named([*self.survey, *self.choices]) if language not in built]


def read_sheets(folder: Path, shared: Path) -> Sheets:
    """The sheets in `folder` (survey.csv, choices.csv, settings.csv) with parts of `shared` included."""
    survey = with_paths(_with_includes(_read(folder / "survey.csv"), shared))
    own = _read(folder / "choices.csv")
    # A list that the form writes itself stands in place of the shared list of that name.
    mine = {row.cells.get("list_name") for row in own}
    choices = [*own, *(row for row in shared_choices(shared) if row.cells["list_name"] not in mine)]
    settings = _read(folder / "settings.csv")
    if len(settings) != 1:
        raise FormError([f"{folder.name}/settings.csv must have one row under its header."])
    used = _used(choices, survey)
    lists = {row.cells["list_name"] for row in used}
    spare = [row for row in own if row.cells.get("list_name") not in lists]
    return Sheets(survey, used, settings[0].cells, spare)


def shared_choices(shared: Path) -> list[Row]:
    """The lists that every form may use, and those of the places."""
    return [*_read(shared / "choices.csv"), *_places(shared / "places.csv")]


def shared_part(shared: Path, name: str) -> list[Row]:
    """The rows that `include,NAME` stands for."""
    return list(_with_includes(_read(shared / f"{name}.csv"), shared))


def _read(path: Path) -> list[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except FileNotFoundError:
        raise FormError([f"The sheet {path.parent.name}/{path.name} is missing."]) from None
    except (csv.Error, UnicodeDecodeError):
        name = f"{path.parent.name}/{path.name}"
        raise FormError([f"{name} is not a UTF-8 CSV file. Save it again as CSV UTF-8."]) from None
    name = f"{path.parent.name}/{path.name}"
    return [
        Row(name, number, {key: value for key, value in row.items() if key and value})
        for number, row in enumerate(rows, 2)
    ]


def _with_includes(rows: Iterable[Row], shared: Path, within: tuple[Path, ...] = ()) -> Iterator[Row]:
    for row in rows:
        if row.cells.get("type") != INCLUDE:
            yield row
            continue
        part = shared / f"{row.cells.get('name', '')}.csv"
        if not part.exists():
            raise FormError([f"{row.sheet}, line {row.number}: there is no shared part {part.stem}."])
        if part in within:
            raise FormError([f"{row.sheet}, line {row.number}: the part {part.stem} includes itself."])
        yield from _with_includes(_read(part), shared, (*within, part))


def with_paths(rows: Iterable[Row]) -> list[Row]:
    """The rows of a survey with the path that each has in the form."""
    found, above = [], [""]
    for row in rows:
        kind = row.cells.get("type", "").strip().lower().replace("_", " ")
        here = f"{above[-1]}/{row.cells.get('name', kind).strip()}"
        if kind.startswith("end ") and len(above) > 1:
            above.pop()
            here = ""
        elif kind == "audit":  # it always lands among the metadata, wherever its row stands
            here = "/meta/audit"
        found.append(replace(row, path=here))
        if kind.startswith("begin "):
            above.append(here)
    return found


def _places(path: Path) -> Iterator[Row]:
    """The cascade region > cercle > commune, each place once, with the code of the one above as a column."""
    rows = _read(path)
    for kind, above in CASCADE:
        seen: set[str] = set()
        for row in rows:
            code, name = row.cells[kind], row.cells[f"{kind}_label"]
            if code not in seen:
                seen.add(code)
                yield _choice(row, kind, (code, name, name), {above: row.cells[above]} if above else {})
        if kind == "region":
            yield _choice(rows[0], kind, ELSEWHERE, {})


def _choice(row: Row, kind: str, words: tuple[str, str, str], more: dict[str, str]) -> Row:
    code, french, english = words
    labels = {f"{LABEL}Français (fr)": french, f"{LABEL}English (en)": english}
    return Row(row.sheet, row.number, {"list_name": kind, "name": code} | labels | more)


def _used(choices: Iterable[Row], survey: Iterable[Row]) -> list[Row]:
    """The lists that some question of the survey uses."""
    words = {word for row in survey for word in row.cells.get("type", "").split()[1:2]}
    return [row for row in choices if row.cells.get("list_name") in words]


def _named(rows: Iterable[Row]) -> list[str]:
    found = {key.removeprefix(LABEL): None for row in rows for key in row.cells if key.startswith(LABEL)}
    return sorted(found, key=lambda language: language != FALLBACK)


def _complete(language: str, sheets: Sheets) -> bool:
    """Whether every label that exists in the fallback language exists in this one."""
    mine, theirs = f"{LABEL}{language}", f"{LABEL}{FALLBACK}"
    rows = [*sheets.survey, *sheets.choices]
    return all(mine in row.cells for row in rows if theirs in row.cells)


def workbook(sheets: Sheets) -> dict[str, list[dict[str, str]]]:
    """The sheets as pyxform takes them: incomplete languages left out, required messages filled in.

    An empty column of a language would make phones show a dash for every label in it.
    """
    languages = sheets.languages
    left_out = sheets.unfinished
    survey = [_kept(row.cells | _required(row, languages), left_out) for row in sheets.survey]
    choices = [_kept(row.cells, left_out) for row in sheets.choices]
    return {
        "survey": survey,
        "choices": choices,
        "settings": [sheets.settings],
        "survey_header": _header(survey),
        "choices_header": _header(choices),
        "settings_header": _header([sheets.settings]),
    }


def _required(row: Row, languages: Sequence[str]) -> dict[str, str]:
    if row.cells.get("required") != "yes":
        return {}
    said = {f"required_message::{language}": REQUIRED.get(language, "") for language in languages}
    return {key: text for key, text in said.items() if text and key not in row.cells}


def _kept(cells: dict[str, str], left_out: Sequence[str]) -> dict[str, str]:
    return {key: _set(key, value) for key, value in cells.items() if key.rpartition("::")[2] not in left_out}


def _set(column: str, text: str) -> str:
    """French words with the spaces that keep a sign on the line of its word; other columns as they are."""
    return FRENCH_SPACE.sub("\u00a0", text) if column.endswith("(fr)") else text


def _header(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """All columns: pyxform itself looks at the first hundred rows only."""
    return [dict.fromkeys(key for row in rows for key in row)]  # type: ignore[list-item]  # values are unused
