"""A questionnaire goes to Excel and comes back: nothing is lost, and shared parts stay shared."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from forms import catalog
from forms.compile import build, sheets_of
from forms.excel import to_csv, to_excel
from forms.sheets import Sheets, read_sheets, workbook
from forms.workbook import read_workbook, sheets_in

PARTS = [
    *("closing", "complaints", "consent", "coupons_brought"),
    *("coupons_given", "identity", "minors", "preparation"),
]


@pytest.fixture(scope="module", params=["returnee", "sensitisation"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def given(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    sheets = sheets_of(name)
    assert sheets is not None
    path = tmp_path_factory.mktemp("excel") / f"{name}.xlsx"
    path.write_bytes(to_excel(sheets))
    return path


def back(path: Path, folder: Path) -> tuple[Sheets, list[str]]:
    included = to_csv(sheets_in(read_workbook(path)), folder, catalog.SHARED)
    return read_sheets(folder, catalog.SHARED), included


def test_a_workbook_that_nobody_changed_gives_the_same_questionnaire(
    name: str, given: Path, tmp_path: Path
) -> None:
    returned, included = back(given, tmp_path / name)
    original = read_sheets(catalog.definition(name), catalog.SHARED)
    mine, theirs = workbook(returned), workbook(original)
    assert [mine["survey"], mine["settings"]] == [theirs["survey"], theirs["settings"]]
    assert sorted(map(str, mine["choices"])) == sorted(map(str, theirs["choices"]))
    assert included == PARTS


def test_the_csv_sheets_hold_only_what_is_the_forms_own(name: str, given: Path, tmp_path: Path) -> None:
    back(given, tmp_path / name)
    text = (tmp_path / name / "choices.csv").read_text(encoding="utf-8")
    assert "commune" not in text
    assert len((tmp_path / name / "survey.csv").read_text(encoding="utf-8").splitlines()) < 210


def test_any_xlsform_tool_compiles_the_workbook_to_the_same_questions(name: str, given: Path) -> None:
    ours = build(name).xform.count(b"<bind ")
    assert build(given).xform.count(b"<bind ") == ours


def change(path: Path, sheet: str, old: str, new: str) -> None:
    book = openpyxl.load_workbook(path)
    cells = [cell for row in book[sheet].iter_rows() for cell in row if cell.value == old]
    assert cells
    cells[0].value = new
    book.save(path)


def test_a_part_that_was_changed_becomes_the_forms_own(given: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.xlsx"
    changed.write_bytes(given.read_bytes())
    change(changed, "survey", "Quel âge avez-vous ?", "Votre âge ?")
    returned, included = back(changed, tmp_path / "mine")
    assert included == [part for part in PARTS if part != "minors"]
    labels = [row.cells.get("label::Français (fr)") for row in returned.survey]
    assert "Votre âge ?" in labels
    assert "Quel âge avez-vous ?" not in labels


def test_a_shared_list_that_was_changed_becomes_the_forms_own(given: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.xlsx"
    changed.write_bytes(given.read_bytes())
    change(changed, "choices", "Oui", "Oui, d'accord")
    returned, _ = back(changed, tmp_path / "mine")
    lists = [row.cells["list_name"] for row in returned.choices if row.cells["name"] == "yes"]
    assert len(lists) == len(set(lists))
    assert "Oui, d'accord" in {row.cells.get("label::Français (fr)") for row in returned.choices}


def test_an_expression_that_looks_like_a_formula_stays_text(given: Path, tmp_path: Path) -> None:
    sheets = sheets_in(read_workbook(given))
    row = sheets.survey[0]
    row.cells["calculation"] = "=1+1"
    path = tmp_path / "formula.xlsx"
    path.write_bytes(to_excel(sheets))
    again = sheets_in(read_workbook(path))
    assert again.survey[0].cells["calculation"] == "=1+1"


def test_the_editor_finds_colours_drop_downs_and_heads_that_stay(given: Path) -> None:
    book = openpyxl.load_workbook(given)
    survey = book["survey"]
    assert [survey.freeze_panes, book["choices"].freeze_panes] == ["C2", "C2"]
    heads = {cell.value: cell.column_letter for cell in survey[1]}
    offered = {
        str(rule.sqref).split("2:")[0]: rule.formula1 for rule in survey.data_validations.dataValidation
    }
    assert {heads[name] for name in ("type", "required", "bind::dp:class", "bind::dp:scope")} == set(offered)
    area = offered[heads["bind::dp:class"]].replace("'", "").replace("$", "").split("!")
    classes = {cell.value for row in book[area[0]][area[1]] for cell in row}
    assert {"direct", "quasi", "sensitive", "free_text", "public", "consent", "operational"} == classes
    assert book["_lists"].sheet_state == "hidden"
    rules = [rule.formula[0] for ranged in survey.conditional_formatting for rule in ranged.rules]
    assert any("direct" in rule for rule in rules)


def test_a_question_that_an_editor_added_comes_back_and_the_difference_is_small(
    name: str, given: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "edited.xlsx"
    book = openpyxl.load_workbook(given)
    survey = book["survey"]
    heads = {str(cell.value): cell.column for cell in survey[1]}
    place = next(
        row for row in range(2, survey.max_row) if survey.cell(row, heads["name"]).value == "d_profile"
    )
    survey.insert_rows(place + 1)
    said = {
        "type": "integer",
        "name": "height",
        "label::Français (fr)": "Quelle taille ?",
        "bind::dp:class": "quasi",
    }
    for header, value in said.items():
        survey.cell(place + 1, heads[header], value)
    book.save(edited)
    before = (catalog.definition(name) / "survey.csv").read_text(encoding="utf-8").splitlines()
    folder = tmp_path / name
    folder.mkdir()
    (folder / "survey.csv").write_text("\n".join(before), encoding="utf-8")
    back(edited, folder)
    after = (folder / "survey.csv").read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == [line for line in after if ",height," in line]
    assert [line for line in before if line not in after] == []
