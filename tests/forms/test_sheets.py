"""The sheets of a questionnaire: shared parts are put in, and each row knows where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms.problems import FormError
from forms.sheets import Row, Sheets, read_sheets, workbook

FRENCH, ENGLISH, BAMBARA = "label::Français (fr)", "label::English (en)", "label::Bamanankan (bm)"
FILES = {
    "mine/survey.csv": f"""type,name,{FRENCH},{ENGLISH},{BAMBARA},required
include,start,,,,
begin_group,g,Groupe,Group,,
integer,n,Nombre,Number,Hakɛ,yes
select_one region,r,Région,Region,,
end_group,,,,,
""",
    "mine/choices.csv": f"list_name,name,{FRENCH},{ENGLISH}\nseul,a,A,A\n",
    "mine/settings.csv": "form_id,version\nmine,1\n",
    "shared/start.csv": f"type,name,{FRENCH},{ENGLISH}\nselect_one yn,ok,Oui ?,Yes?\n",
    "shared/choices.csv": f"list_name,name,{FRENCH},{ENGLISH}\nyn,yes,Oui,Yes\nautre,b,B,B\n",
    "shared/places.csv": "region,region_label,cercle,cercle_label,commune,commune_label\n"
    "kay,Kayes,kita,Kita,c1,Un\nkay,Kayes,kita,Kita,c2,Deux\n",
}


def sheets(folder: Path, **changed: str) -> Sheets:
    for name, text in (
        FILES | {key.replace("__", "/") + ".csv": text for key, text in changed.items()}
    ).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return read_sheets(folder / "mine", folder / "shared")


def test_a_shared_part_stands_in_place_of_its_include(tmp_path: Path) -> None:
    names = [row.cells.get("name") for row in sheets(tmp_path).survey]
    assert names == ["ok", "g", "n", "r", None]


def test_each_row_knows_its_file_line_and_path(tmp_path: Path) -> None:
    where = [(row.sheet, row.number, row.path) for row in sheets(tmp_path).survey[:3]]
    assert where == [
        ("shared/start.csv", 2, "/ok"),
        ("mine/survey.csv", 3, "/g"),
        ("mine/survey.csv", 4, "/g/n"),
    ]


def test_only_lists_that_a_question_uses_are_built_and_the_others_are_told(tmp_path: Path) -> None:
    found = sheets(tmp_path)
    assert {row.cells["list_name"] for row in found.choices} == {"yn", "region"}
    assert [row.cells["list_name"] for row in found.spare] == ["seul"]


def test_places_make_each_place_once_and_elsewhere_a_region(tmp_path: Path) -> None:
    regions = [row.cells["name"] for row in sheets(tmp_path).choices if row.cells["list_name"] == "region"]
    assert regions == ["kay", "elsewhere"]


def test_a_language_that_is_not_complete_is_left_out_and_known_as_begun(tmp_path: Path) -> None:
    found = sheets(tmp_path)
    assert found.unfinished == ["Bamanankan (bm)"]
    assert all(BAMBARA not in row for row in workbook(found)["survey"])


def test_a_required_question_without_a_message_gets_one_in_each_language(tmp_path: Path) -> None:
    row = workbook(sheets(tmp_path))["survey"][2]
    assert row["required_message::Français (fr)"].endswith("notez-le.")
    assert row["required_message::English (en)"].endswith("record that.")


def test_the_header_names_a_column_that_only_a_late_row_has(tmp_path: Path) -> None:
    late = FILES["mine/survey.csv"].replace("required\n", "required,hint\n")
    rows = "".join(f"integer,x{n},X,X,,,\n" for n in range(150)) + "integer,last,X,X,,,Un conseil\n"
    header = workbook(sheets(tmp_path, mine__survey=late + rows))["survey_header"]
    assert "hint" in header[0]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mine__survey", "type,name\ninclude,absent\n", "absent"),
        ("mine__settings", "form_id\n", "one row"),
        ("mine__survey", 'type,name\ninteger,"n\n', "UTF-8 CSV"),
    ],
)
def test_a_broken_sheet_is_told_by_name(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(FormError, match=said) as refused:
        sheets(tmp_path, **{name: text})
    assert "mine/" in str(refused.value)


def test_a_missing_sheet_is_told_by_name(tmp_path: Path) -> None:
    sheets(tmp_path)
    (tmp_path / "mine" / "survey.csv").unlink()
    with pytest.raises(FormError, match=r"mine/survey\.csv is missing"):
        read_sheets(tmp_path / "mine", tmp_path / "shared")


def test_a_part_that_includes_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormError, match="includes itself"):
        sheets(tmp_path, shared__start="type,name\ninclude,start\n")


def test_a_line_never_breaks_before_a_french_sign() -> None:
    said = "Quoi ? « Oui » : dites !"
    row = Row("survey", 2, {"type": "note", "label::Français (fr)": said, "name": "a ? b"})
    (told,) = workbook(Sheets([row], [], {}))["survey"]
    assert told["label::Français (fr)"] == "Quoi\u00a0? «\u00a0Oui\u00a0»\u00a0: dites\u00a0!"
    assert told["name"] == "a ? b"
