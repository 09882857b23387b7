"""A broken questionnaire is told fault by fault, each in its cell, and never by a trace."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from support.xlsform import LISTS, write

from forms.compile import build
from forms.findings import Finding
from forms.lint import check
from forms.problems import FormError

HEADER = "| | type | name | label | relevant | calculation |\n"


def told(folder: Path, *rows: str) -> set[tuple[str, int, str]]:
    """Code, row and column of what is told of a form with these rows."""
    found = check(write(folder, HEADER + "\n".join(rows), LISTS), "en")
    assert all(finding.message and finding.remedy and "Traceback" not in finding.message for finding in found)
    return {(finding.code, finding.row, finding.column) for finding in found if finding.severity == "error"}


def test_all_faults_of_a_form_that_does_not_compile_are_told_at_once(tmp_path: Path) -> None:
    assert told(
        tmp_path,
        "| | text | town | Town | | |",
        "| | selct_one yn | a | A | | |",
        "| | select_one nolist | b | B | ${zzz} = 1 | |",
        "| | integer | | C | | |",
        "| | begin_group | g | G | | |",
        "| | text | x y | X | | |",
        "| | | z | Z | | |",
    ) >= {
        ("type_unknown", 3, "type"),
        ("list_missing", 4, "type"),
        ("reference_unknown", 4, "relevant"),
        ("name_missing", 5, "name"),
        ("group_open", 6, "type"),
        ("name_bad", 7, "name"),
        ("type_missing", 8, "type"),
    }


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("| | text | a | A | | |", "| | end_group | | | | |"), ("group_closed", 3, "type")),
        (("| | text | a | A | | |", "| | text | a | B | | |"), ("name_again", 3, "name")),
        (("| | begin_repeat | r | R | | |", "| | text | a | A | | |"), ("group_open", 2, "type")),
        (("| | begin_group | g | G | | |", "| | end_repeat | | | | |"), ("group_closed", 3, "type")),
    ],
)
def test_groups_and_names_are_told_in_their_row(
    tmp_path: Path, rows: tuple[str, ...], expected: tuple[str, int, str]
) -> None:
    assert expected in told(tmp_path, *rows)


def test_calculations_in_a_circle_are_told(tmp_path: Path) -> None:
    rows = ("| | calculate | a | | | ${b} + 1 |", "| | calculate | b | | | ${a} + 1 |")
    assert {("circle", 2, "calculation"), ("circle", 3, "calculation")} <= told(tmp_path, *rows)


def test_a_prefix_that_is_not_declared_is_told_in_the_settings(tmp_path: Path) -> None:
    survey = "| | type | name | label | bind::dp:class |\n| | text | a | A | direct |"
    found = check(write(tmp_path, survey, LISTS, namespaces=""), "en")
    assert any(finding.sheet == "settings" and "dp" in finding.message for finding in found)


def only(file: Path) -> Finding:
    (found,) = check(file, "en")
    assert found.severity == "error"
    return found


def test_a_sheet_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "large.xlsx"
    file.write_bytes(b"PK" + bytes(11_000_000))
    assert "larger than 10 MB" in only(file).message


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    assert "not opened" in only(file).message


def test_a_text_that_calls_itself_a_workbook_is_told(tmp_path: Path) -> None:
    file = tmp_path / "text.xlsx"
    file.write_text("type,name\ntext,a\n", encoding="utf-8")
    assert "not an Excel workbook" in only(file).message


def test_a_workbook_without_a_survey_is_told(tmp_path: Path) -> None:
    file = tmp_path / "empty.xlsx"
    openpyxl.Workbook().save(file)
    assert "survey" in only(file).message
    with pytest.raises(FormError):
        build(file)
