"""Datasets in each format, read back: values, labels, and why there is no answer."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
from openpyxl import load_workbook

from forms.reader import read_form
from server.core.dataset.coding import cut
from server.core.dataset.naming import safe_names
from server.core.dataset.pages import Interview
from server.core.dataset.shape import Dataset, dataset
from server.core.dataset.sheets import Sheet, sheets
from server.core.plan import Plan
from server.core.problem import Unavailable
from server.store.release.options import Options
from server.store.release.tables import CsvTables
from server.store.release.write import write_all

AT = "2026-11-23T08:00:00.000Z"
FIELDS = "type | name | label::Français (fr) | label::English (en) | relevant | constraint"
LONG = "Combien de fois, en comptant toutes les fois, êtes-vous parti vivre ou tenter de vivre hors du pays ?"
FORM = """
| survey |
| | FIELDS | bind::dp:class | bind::dp:role |
| | select_one yn | consent | D'accord ? | Agree? | | | consent | consent |
| | begin_group | g | Groupe | Group | ${consent} = 'yes' | | | |
| | integer | age | LONG | Age? | | . > 0 or . = -98 | quasi | age |
| | decimal | degrees | Degrés ? | Degrees? | | | public | |
| | select_one yn | if | Réservé ? | Reserved? | ${age} > 30 | | public | |
| | text | note | Texte ? | Text? | | | public | |
| | date | day | Jour ? | Day? | | | public | |
| | select_multiple help | help | Aides ? | Help? | | | public | |
GONE| | begin_repeat | trip | Voyage | Trip | | | | |
| | select_one help | got | Reçu ? | Got? | ${age} > 30 | | public | |
| | end_repeat | | | | | | | |
| | end_group | | | | | | | |
| choices |
| | list_name | name | label::Français (fr) | label::English (en) |
| | yn | yes | Oui | Yes |
| | yn | no | Non | No |
| | yn | dk | NSP | DK |
| | yn | refuse | Refus | Refused |
| | help | food | Nourriture ɛ ɔ ɲ ŋ | Food |
OLD| | help | kit | عدة | Kit |
| settings |
| | form_id | form_title | version | namespaces | attribute::dp:consent_text | default_language |
| | tiny | Petit | VERSION | dp="https://taama.org/data-protection/1" | fr-1 | Français (fr) |
"""


@cache
def shape() -> Dataset:
    """Two versions: the first has a question and a choice that the second has not."""
    from pyxform.xls2xform import convert

    plans = []
    for version, gone, old in (
        (
            "1",
            "| | integer | gone | Disparue ? | Gone? | | | public | |\n",
            "| | help | cash | Argent | Cash |\n",
        ),
        ("2", "", ""),
    ):
        text = (
            FORM.replace("VERSION", version)
            .replace("FIELDS", FIELDS)
            .replace("LONG", LONG)
            .replace("GONE", gone)
            .replace("OLD", old)
        )
        plans.append(Plan.of(read_form(convert(xlsform=text, file_type=".md").xform.encode(), {})))
    return dataset(plans)


def interview(number: int, version: str = "2", **said: Any) -> Interview:
    return Interview(f"uuid:{number}", version, {"FormVersion": version}, {"consent": "yes", "g": said})


PEOPLE = [
    interview(
        1, "1", age="34", degrees="-11.5", gone="7", **{"if": "yes"}, help="food cash", day="2026-01-02"
    ),
    interview(2, age="25", note="=1+1", help="kit", trip=[{}, {"got": "food"}]),
    interview(3, age="-98", note="x" * 5000),
    interview(4, age="40", **{"if": "dk"}, trip=[{"got": "kit"}, {}]),
    interview(5, age="41", **{"if": "refuse"}, degrees="-97.5"),
    interview(6, age="42", note='\t@fonction\nɲɛ, "ŋ"'),
]


def read(
    people: Sequence[Interview] = PEOPLE, *, multiple: Any = "both", reasons: bool = True
) -> list[Sheet]:
    return sheets(shape(), people, multiple, reasons=reasons)


def cells(sheet: Sheet, name: str) -> list[tuple[str, str]]:
    number = [field.name for field in sheet.fields].index(name)
    return list(zip(sheet.columns[number], sheet.reasons[number] or [], strict=True))


def labelled(folder: Path, kind: str, language: str = "fr") -> tuple[pl.DataFrame, Any]:
    write_all(folder, shape(), read(), Options(kind, language), AT)  # type: ignore[arg-type]
    back = {"dta": pyreadstat.read_dta, "sav": pyreadstat.read_sav}[kind]
    frame, meta = back(str(folder / f"tiny.{kind}"), user_missing=True, output_format="polars")
    return frame, meta


def test_an_empty_cell_tells_whether_the_question_was_skipped_absent_or_left_empty() -> None:
    sheet = read()[0]
    assert [why for _, why in cells(sheet, "g-if")] == ["", "s", "s", "", "", "m"]
    assert [why for _, why in cells(sheet, "g-gone")] == ["", "n", "n", "n", "n", "n"]
    assert [why for _, why in cells(sheet, "g-note")] == ["m", "", "", "m", "m", ""]


def test_a_condition_in_a_repeat_looks_at_the_interview_around_it() -> None:
    trips = read()[1]
    assert cells(trips, "got") == [("", "s"), ("food", ""), ("kit", ""), ("", "m")]
    assert trips.column("PARENT_KEY") == ["uuid:2", "uuid:2", "uuid:4", "uuid:4"]
    assert trips.column("KEY")[1] == "uuid:2/g/trip[2]"


def test_a_question_and_a_choice_that_are_gone_keep_column_and_label() -> None:
    names = [field.name for field in read()[0].fields]
    assert names.index("g-gone") > 0
    assert "g-help/cash" in names
    [variable] = [one for one in shape().tables[0].variables if one.name == "g-help"]
    assert [choice.labels["Français (fr)"] for choice in variable.choices][-1] == "Argent"


@pytest.mark.parametrize(
    ("multiple", "expected"),
    [
        ("one", ["g-help"]),
        ("split", ["g-help/food", "g-help/kit", "g-help/cash"]),
        ("both", ["g-help", "g-help/food", "g-help/kit", "g-help/cash"]),
    ],
)
def test_several_answers_stand_in_one_column_in_ticks_or_both(multiple: Any, expected: list[str]) -> None:
    sheet = read(multiple=multiple)[0]
    assert [field.name for field in sheet.fields if field.name.startswith("g-help")] == expected
    if multiple != "one":
        assert sheet.column("g-help/cash") == ["1", "0", "", "", "", ""]


def test_stata_has_values_labels_and_letters_for_what_is_missing(tmp_path: Path) -> None:
    frame, meta = labelled(tmp_path, "dta")
    assert frame["age"].to_list() == [34, 25, "d", 40, 41, 42]
    assert frame["if_"].to_list() == [1, "s", "s", "d", "r", "m"]
    assert frame["gone"].to_list() == [7, "n", "n", "n", "n", "n"]
    assert frame["help_cash"].to_list() == [1, 0, "m", "m", "m", "m"]
    assert frame["degrees"].to_list() == [-11.5, "m", "m", "m", -97.5, "m"]
    assert frame["day"].to_list()[:2] == [date(2026, 1, 2), None]
    assert frame["note"].to_list()[2] == "x" * 5000
    assert frame["note"].to_list()[5] == '\t@fonction\nɲɛ, "ŋ"'
    labels = meta.variable_value_labels["if_"]
    assert (labels[1], labels[2], labels["d"], labels["s"]) == (
        *("Oui", "Non", "Ne sait pas"),
        "Non posée (logique du questionnaire)",
    )
    assert meta.column_names_to_labels["age"] == cut(LONG, 80)
    assert len(meta.column_names_to_labels["age"]) <= 80


def test_stata_labels_are_in_the_language_asked_for_and_a_do_file_has_both(tmp_path: Path) -> None:
    _, meta = labelled(tmp_path, "dta", "en")
    assert meta.variable_value_labels["if_"][1] == "Yes"
    text = (tmp_path / "tiny.do").read_text(encoding="utf-8")
    assert 'label define if__fr 1 `"Oui"\' 2 `"Non"\'' in text
    assert 'label define if__en 1 `"Yes"\' 2 `"No"\'' in text
    assert text.index("label language fr") < text.index("label language en")


def test_spss_has_one_range_of_missing_values_and_leaves_true_numbers_alone(tmp_path: Path) -> None:
    frame, meta = labelled(tmp_path, "sav")
    assert frame["age"].to_list() == [34, 25, -98, 40, 41, 42]
    assert frame["if_"].to_list() == [1, None, None, -98, -99, -96]
    assert meta.missing_ranges["if_"] == [{"lo": -99, "hi": -96}]
    assert meta.variable_value_labels["if_"][-99] == "Refuse de répondre"
    assert frame["degrees"].to_list() == [-11.5, None, None, None, -97.5, None]
    assert "degrees" not in meta.missing_ranges
    assert meta.variable_measure["if_"] == "nominal"
    assert meta.variable_measure["age"] == "scale"
    assert meta.column_names_to_labels["age"] == LONG


def test_parquet_is_typed_and_tells_its_labels(tmp_path: Path) -> None:
    write_all(tmp_path, shape(), read(reasons=False), Options("parquet"), AT)
    frame = pl.read_parquet(tmp_path / "tiny.parquet")
    assert frame.schema["g-age"] == pl.Int64
    assert frame["g-if"].to_list() == ["yes", None, None, "dk", "refuse", None]
    assert frame["g-help/food"].to_list() == [1, 0, None, None, None, None]
    assert frame["g-day"].to_list()[0] == date(2026, 1, 2)
    assert '"food": "Nourriture ɛ ɔ ɲ ŋ"' in pl.read_parquet_metadata(tmp_path / "tiny.parquet")["taama"]


def test_excel_has_typed_cells_labels_and_no_formula(tmp_path: Path) -> None:
    write_all(tmp_path, shape(), read(reasons=False), Options("xlsx", labels=True), AT)
    book = load_workbook(tmp_path / "tiny.xlsx")
    header, *rows = book["tiny"].iter_rows()
    places = {cell.value: place for place, cell in enumerate(header)}
    assert rows[0][places["g-age"]].value == 34
    assert rows[0][places["g-if"]].value == "Oui"
    assert rows[1][places["g-help"]].value == "عدة"
    risky = rows[1][places["g-note"]]
    assert (risky.value, risky.data_type, risky.quotePrefix) == ("=1+1", "s", True)
    assert book["tiny-trip"].max_row == 5


def as_csv(folder: Path, found: Sequence[Sheet], language: str | None = None) -> list[dict[str, str]]:
    with CsvTables(folder, found, language) as tables:
        tables.add(found)
    with (folder / "tiny.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_quotes_what_must_be_and_runs_nothing(tmp_path: Path) -> None:
    rows = as_csv(tmp_path, read(reasons=False))
    assert rows[1]["g-note"] == "'=1+1"
    assert rows[5]["g-note"] == '\'\t@fonction\nɲɛ, "ŋ"'
    assert rows[0]["g-degrees"] == "-11.5"
    assert [row["g-if"] for row in rows] == ["yes", "", "", "dk", "refuse", ""]
    assert (tmp_path / "tiny.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_csv_can_tell_why_a_cell_is_empty_and_can_have_labels(tmp_path: Path) -> None:
    rows = as_csv(tmp_path, read(), "English (en)")
    assert [row["g-if"] for row in rows] == ["Yes", "", "", "DK", "Refused", "-96"]
    assert [row["g-gone"] for row in rows] == ["7", *["-97"] * 5]
    assert rows[0]["g-help"] == "Food | Cash"


@pytest.mark.parametrize("kind", ["dta", "sav", "parquet", "xlsx"])
def test_the_same_release_has_the_same_bytes(kind: Any, tmp_path: Path) -> None:
    made: list[Mapping[str, bytes]] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        write_all(folder, shape(), read(), Options(kind), AT)
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert made[0] == made[1]
    if kind == "dta":
        assert b"<timestamp>\x1123 Nov 2026 08:00</timestamp>" in made[0]["tiny.dta"]
    if kind == "sav":
        assert made[0]["tiny.sav"][84:101] == b"23 Nov 2608:00:00"


@pytest.mark.parametrize("kind", ["dta", "sav", "parquet", "xlsx"])
def test_a_wave_without_interviews_still_has_its_columns(kind: Any, tmp_path: Path) -> None:
    write_all(tmp_path, shape(), read([]), Options(kind), AT)
    assert (tmp_path / f"tiny.{kind}").stat().st_size > 0
    if kind == "dta":
        frame, _ = pyreadstat.read_dta(str(tmp_path / "tiny.dta"), output_format="polars")
        assert {"age", "if_", "gone"} <= set(frame.columns)


def test_names_that_a_program_would_refuse_are_changed_and_stay_apart() -> None:
    long = "une_question_dont_le_nom_est_vraiment_tres_long"
    shorts = ["if", "_x", "9lives", "a/b", "a_b", long, f"{long}_2", "Age", "age"]
    names = safe_names([f"g-{one}" for one in shorts], shorts, 28)
    assert names[:4] == ["if_", "v_x", "v9lives", "a_b"]
    assert len({one.lower() for one in names}) == len(names)
    assert all(len(one.encode()) <= 28 for one in names)


@pytest.mark.parametrize(
    ("text", "most", "octets", "expected"),
    [
        ("un deux trois", 13, False, "un deux trois"),
        ("un deux trois", 10, False, "un deux…"),
        ("éééé éééé", 12, True, "éééé…"),
        ("anticonstitutionnellement", 10, False, "anticonst…"),
    ],
)
def test_a_long_label_is_cut_at_a_word(text: str, most: int, octets: bool, expected: str) -> None:
    assert cut(text, most, octets=octets) == expected


def test_without_the_analysts_modules_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    monkeypatch.delitem(sys.modules, "server.store.release.labelled", raising=False)
    with pytest.raises(Unavailable, match="analysis_missing"):
        write_all(tmp_path, shape(), read(), Options("dta"), AT)
