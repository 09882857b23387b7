"""The lint finds what would harm a dataset: words, lists and files that are missing or written twice."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from support.linted import END, HEADER, SOUND, only, said, told
from support.xlsform import LISTS, write

from forms import findings
from forms.compile import build
from forms.lint import check


def test_a_misspelt_role_is_told(tmp_path: Path) -> None:
    row = "| | integer | n | N | | | | | quasi | ages | | |\n"
    assert only(said(tmp_path, SOUND + row + END), "role_unknown").row == 10


@pytest.mark.parametrize("column", ["privacy", "dp:class", "bind::dp:clas", "instance::dp:class"])
def test_a_column_that_nobody_reads_is_an_error(tmp_path: Path, column: str) -> None:
    survey = SOUND.replace("bind::dp:scope |", f"bind::dp:scope | {column} |")
    row = "| | integer | n | N | | | | | quasi | | | | direct |\n"
    assert column in only(said(tmp_path, survey + row + END), "column_unknown").message


def bilingual(rows: str) -> str:
    """The sound form with English labels, and rows whose fourth cell is the English one."""
    lines = SOUND.strip().splitlines()
    cells = [line.split("|") for line in lines[1:]]
    english = ["|".join((*c[:5], " En " if c[4].strip() else " ", *c[5:])) for c in cells]
    english[1] += " It is needed |"
    header = HEADER.replace("| required |", "| label::English (en) | required |")
    header += " required_message::English (en) |"
    return "\n".join([header, *english]) + "\n" + rows + "| | end_group | | |\n"


ENGLISH = """
| | list_name | name | label::Français (fr) | label::English (en) |
| | yn | yes | Oui | Yes |
| | yn | no | Non | No |
"""


def test_a_label_missing_in_one_language_is_an_error(tmp_path: Path) -> None:
    rows = "| | integer | n | Nombre | | | | | | public | | | |\n"
    found = only(said(tmp_path, bilingual(rows), ENGLISH), "label_missing")
    assert (found.row, found.column) == (10, "label::English (en)")


def test_choices_without_a_label_in_one_language_are_told_once(tmp_path: Path) -> None:
    found = said(tmp_path, bilingual(""), ENGLISH.replace("| Non | No |", "| Non | |"))
    assert "no" in only(found, "choice_missing").message
    assert len(found) == 1


def test_a_constraint_without_a_message_is_told(tmp_path: Path) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | constraint |")
    row = "| | integer | n | N | | | | | quasi | | | | . > 3 |\n"
    assert only(said(tmp_path, survey + row + END), "message_missing").row == 10


def test_a_list_that_nobody_uses_is_told_where_it_begins(tmp_path: Path) -> None:
    found = only(said(tmp_path, SOUND + END, LISTS + "| | seul | a | A |\n| | seul | b | B |"), "list_unused")
    assert (found.sheet, found.row) == ("choices", 4)


def test_a_name_too_long_for_stata_is_told(tmp_path: Path) -> None:
    row = f"| | integer | {'n' * 33} | N | | | | | quasi | | | |\n"
    assert only(said(tmp_path, SOUND + row + END), "name_long").row == 10


def test_one_name_for_two_questions_is_told(tmp_path: Path) -> None:
    row = "| | integer | start | N | | | | | quasi | | | |\n"
    found = said(tmp_path, SOUND + row + END)
    assert [(f.code, f.row) for f in found] == [("name_twice", 2), ("name_twice", 10)]


def test_a_file_that_does_not_come_with_the_form_is_told(tmp_path: Path) -> None:
    row = "| | select_one_from_file zones.csv | zone | Zone | | | | | quasi | | | |\n"
    path = write(tmp_path, SOUND + row + END)
    assert only(check(path), "media_missing").row == 10
    (tmp_path / "t-media").mkdir()
    (tmp_path / "t-media" / "zones.csv").write_text("name,label\na,A\n", encoding="utf-8")
    assert told(path) == []


def test_a_short_public_key_is_an_error(tmp_path: Path) -> None:
    assert only(said(tmp_path, SOUND + END, public_key="MIGfMA0GCSqGSIb3"), "key_short").severity == "error"


def test_a_prefix_that_is_not_declared_is_an_error_of_the_settings(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + END, namespaces="", **{"attribute::dp:consent_text": ""})
    assert (found[0].sheet, found[0].column) == ("settings", "")
    assert "dp" in found[0].message


def test_what_the_compiler_refuses_is_shown_in_its_row(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + "| | select_one absente | n | N | | | | | quasi | | | |\n" + END)
    assert [(f.severity, f.code, f.sheet, f.row) for f in found] == [("error", "list_missing", "survey", 10)]


def test_an_xform_of_another_maker_is_checked_too(tmp_path: Path) -> None:
    built = build(write(tmp_path, SOUND + "| | text | libre | Dites |\n" + END))
    path = tmp_path / "autre.xml"
    path.write_bytes(built.xform)
    found = only(check(path), "class_missing")
    assert (found.sheet, found.row) == (str(path), 0)


def test_a_label_that_is_missing_everywhere_is_shown_in_its_row(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + "| | integer | n | | | | | | quasi | | | |\n" + END)
    assert [(f.severity, f.code, f.row) for f in found] == [("error", "build", 10)]


def test_an_answer_that_must_be_given_without_saying_so_is_told(tmp_path: Path) -> None:
    row = "| | integer | n | N | yes | | | | quasi | | | |\n"
    found = only(said(tmp_path, SOUND + row + END), "message_missing")
    assert (found.severity, found.row, found.column) == ("warning", 10, "required_message")


@pytest.mark.parametrize("allowed", ["", "yes"])
def test_a_code_that_a_list_has_twice_is_told(tmp_path: Path, allowed: str) -> None:
    twice = LISTS + "| | yn | yes | Encore |"
    found = said(tmp_path, SOUND + END, twice, allow_choice_duplicates=allowed)
    expected = ("warning", "choice_twice", "survey") if allowed else ("error", "build", "choices")
    assert [(f.severity, f.code, f.sheet) for f in found] == [expected]


def test_a_hint_missing_in_one_language_is_told(tmp_path: Path) -> None:
    survey = bilingual("| | integer | n | Nombre | Number | | | | | public | | | | | Comptez |\n")
    survey = survey.replace("(en) |\n| | start", "(en) | hint::Français (fr) |\n| | start")
    found = only(said(tmp_path, survey, ENGLISH), "text_missing")
    assert (found.severity, found.row, found.column) == ("warning", 10, "hint::English (en)")


def test_every_rule_speaks_both_languages_and_says_what_to_do() -> None:
    with Path(findings.__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["severity"] for row in rows} == {"error", "warning"}
    for row in rows:
        assert all(row[column].endswith(".") for column in ("fr_remedy", "en_remedy"))
        fields = [set(re.findall(r"\{(\w+)\}", row[lang])) for lang in ("fr", "en")]
        assert fields[0] == fields[1]
