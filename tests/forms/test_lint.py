"""The lint finds what would harm a person or a dataset, and says where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.xlsform import LISTS, write

from forms.compile import build
from forms.findings import Finding
from forms.lint import check

HEADER = (
    "| | type | name | label::Français (fr) | required | relevant | calculation "
    "| bind::dp:class | bind::dp:role | bind::dp:yes | bind::dp:scope |"
)
SOUND = f"""
{HEADER}
| | start | start | | | | | operational | | | |
| | select_one yn | consent | Acceptez-vous ? | yes | | | consent | consent | yes | |
| | select_one yn | why | Trop long ? | | ${{consent}} = 'no' | | operational | refusal_reason | | |
| | begin_group | q | Questions | | ${{consent}} = 'yes' | | | | | |
| | select_one yn | again | Recontacter ? | | | | consent | | | recontact |
| | calculate | code | | | | once('12345678903') | consent | withdrawal_code | | |
| | integer | age | Âge ? | | | | quasi | age | | |
| | text | nom | Nom ? | | | | direct | name | | |
"""
END = "| | end_group | | |\n"


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}


def said(folder: Path, survey: str, choices: str = LISTS, **settings: str) -> list[Finding]:
    return check(write(folder, survey, choices, **settings))


def only(found: list[Finding], code: str) -> Finding:
    assert codes(found) == {code}
    return found[0]


def test_a_sound_form_has_nothing_to_mend(tmp_path: Path) -> None:
    assert said(tmp_path, SOUND + END) == []


def test_a_form_that_is_built_already_is_checked_as_well(tmp_path: Path) -> None:
    built = build(write(tmp_path, SOUND + "| | text | libre | Dites |\n" + END))
    assert only(check(built), "class_missing").row == 10


def test_a_question_that_does_not_say_how_sensitive_it_is_is_an_error_in_its_row(tmp_path: Path) -> None:
    found = only(said(tmp_path, SOUND + "| | text | libre | Dites |\n" + END), "class_missing")
    assert (found.severity, found.sheet, found.row, found.column) == ("error", "survey", 10, "bind::dp:class")
    assert "libre" in found.message
    assert "free_text" in found.remedy


def test_messages_are_in_french_unless_english_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND + "| | text | libre | Dites |\n" + END)
    assert "ne dit pas" in check(path)[0].message
    assert "does not say" in check(path, "en")[0].message


def test_a_form_without_consent_is_an_error(tmp_path: Path) -> None:
    survey = "| | type | name | label | bind::dp:class |\n| | integer | n | N | public |"
    assert "consent_missing" in codes(said(tmp_path, survey, default_language=""))


def test_a_form_must_name_its_consent_text(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + END, **{"attribute::dp:consent_text": ""})
    assert only(found, "consent_text").sheet == "settings"


def test_a_form_must_say_which_answer_is_a_yes(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND.replace("| consent | consent | yes |", "| consent | consent | |") + END)
    assert only(found, "consent_yes").row == 3


def test_the_yes_must_be_one_of_the_choices(tmp_path: Path) -> None:
    survey = SOUND.replace("| consent | consent | yes |", "| consent | consent | oui |")
    found = said(tmp_path, survey.replace("= 'yes'", "= 'oui'") + END)
    assert only(found, "consent_yes_unknown").row == 3


def test_a_consent_question_that_can_be_skipped_is_told(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND.replace("Acceptez-vous ? | yes", "Acceptez-vous ? | ") + END)
    assert only(found, "consent_optional").severity == "warning"


@pytest.mark.parametrize(
    "row",
    [
        "| | text | dehors | Dehors | | | | direct | | | |",
        "| | integer | dehors | Dehors | | ${consent} = 'no' | | sensitive | | | |",
        "| | text | dehors | Dehors | | ${consent} = 'no' | | operational | | | |",
        "| | select_one yn | dehors | Dehors | | | | operational | | | |",
        "| | select_one yn | dehors | Dehors | | ${consent} != 'no' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | ${consent} = 'yes' or ${why} = 'no' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | (${consent} = 'yes') or (${why} = 'no') | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | not(${consent} = 'yes') and 1 = 1 | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | ${consent} = 'yes' and 1 = 1 or 2 = 2 | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | 2 = 2 or 1 = 1 and ${consent} = 'yes' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | ${consent} = 'yes' = 'yes' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | ${consent} != 'yes' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | ${why} = 'x and ${consent}' | | quasi | | | |",
    ],
)
def test_a_question_that_can_follow_a_refusal_is_an_error_in_its_row(tmp_path: Path, row: str) -> None:
    found = only(said(tmp_path, SOUND + END + row), "outside_consent")
    assert (found.severity, found.sheet, found.row) == ("error", "survey", 11)
    assert "${consent} = 'yes'" in found.remedy


@pytest.mark.parametrize(
    "relevant",
    [
        "${consent} = 'yes'",
        "'yes' = ${consent}",
        "selected(${consent}, 'yes')",
        "(${consent} = 'yes') and (${why} = 'a' or ${why} = 'b')",
        "((${why} != 'x and y') and (${consent}='yes'))",
    ],
)
def test_a_question_relevant_on_consent_itself_needs_no_group(tmp_path: Path, relevant: str) -> None:
    row = f"| | select_one yn | dehors | Dehors | | {relevant} | | quasi | | | |"
    assert said(tmp_path, SOUND + END + row) == []


def test_a_question_in_a_repeat_of_the_consented_group_is_inside(tmp_path: Path) -> None:
    rows = """| | begin_repeat | tour | Tour |
| | integer | n | N | | | | public | | | |
| | end_repeat | | |
"""
    assert said(tmp_path, SOUND + rows + END) == []


def test_asking_for_a_name_before_consent_is_an_error(tmp_path: Path) -> None:
    row = "| | text | nom2 | Nom ? | | | | direct | | | |\n| | select_one yn | consent |"
    found = said(tmp_path, SOUND.replace("| | select_one yn | consent |", row) + END)
    assert only(found, "before_consent").row == 3


RECORDERS = {
    "background-audio": "| | background-audio | son | | | | | direct | | | |",
    "start-geopoint": "| | start-geopoint | lieu | | | | | direct | | | |",
    "phonenumber": "| | phonenumber | numero | | | | | direct | | | |",
    "email": "| | email | courriel | | | | | direct | | | |",
}


@pytest.mark.parametrize("what", RECORDERS)
def test_what_records_whatever_the_person_says_is_an_error(tmp_path: Path, what: str) -> None:
    found = [f for f in said(tmp_path, SOUND + END + RECORDERS[what]) if f.code == "records_always"]
    assert [(f.severity, f.row) for f in found] == [("error", 11)]
    assert what in found[0].message


@pytest.mark.parametrize(
    "options",
    ["track-changes=true", "location-priority=balanced location-min-interval=60 location-max-age=90"],
)
def test_an_audit_that_keeps_places_or_old_answers_is_an_error(tmp_path: Path, options: str) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | parameters |")
    row = f"| | audit | audit | | | | | operational | | | | {options} |\n"
    assert only(said(tmp_path, survey + row + END), "records_always").row == 10


def test_a_recorder_that_is_justified_is_a_warning(tmp_path: Path) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | bind::dp:justified |")
    row = "| | phonenumber | numero | | | | | direct | | | | Le téléphone est celui de l'équipe. |"
    found = [f for f in said(tmp_path, survey + END + row) if f.code == "records_always"]
    assert [f.severity for f in found] == ["warning"]


def test_a_name_in_the_title_of_the_interview_is_an_error(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + END, instance_name="concat('x', ${nom})")
    assert only(found, "instance_name").severity == "error"


def test_a_name_that_reaches_the_title_through_a_calculation_is_an_error(tmp_path: Path) -> None:
    row = "| | calculate | titre | | | | concat(${nom}, 'x') | direct | | | |\n"
    assert codes(said(tmp_path, SOUND + row + END, instance_name="${titre}")) == {"instance_name"}


def test_a_calculation_that_repeats_a_name_must_be_as_secret(tmp_path: Path) -> None:
    rows = """| | calculate | a | | | | concat(${nom}, 'x') | direct | | | |
| | calculate | b | | | | string-length(${a}) | public | | | |
"""
    assert only(said(tmp_path, SOUND + rows + END), "calculate_taint").row == 11


def test_a_name_handed_to_other_phones_by_an_entity_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND.replace("bind::dp:scope |", "bind::dp:scope | save_to |") + END)
    text = path.read_text(encoding="utf-8").replace("| direct | name | | |", "| direct | name | | | called |")
    entities = "| entities |\n| | list_name | label |\n| | people | concat(${age}, 'ans') |\n"
    path.write_text(text + entities, encoding="utf-8")
    found = [f for f in check(path) if f.severity == "error"]
    assert [(f.code, f.row) for f in found] == [("entity", 9)]
    assert "nom" in found[0].message


def test_a_name_in_the_label_of_an_entity_is_an_error_of_its_sheet(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND + END)
    entities = "| entities |\n| | list_name | label |\n| | people | concat(${nom}, 'x') |\n"
    path.write_text(path.read_text(encoding="utf-8") + entities, encoding="utf-8")
    assert [(f.code, f.sheet, f.row) for f in check(path)] == [("entity", "entities", 2)]


def test_choices_filtered_by_a_name_are_told(tmp_path: Path) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | choice_filter |")
    row = "| | select_one yn | f | F | | | | quasi | | | | label != ${nom} |\n"
    assert only(said(tmp_path, survey + row + END), "choice_filter").row == 10


def test_a_question_that_needs_a_permission_nobody_asks_for_is_an_error(tmp_path: Path) -> None:
    row = "| | image | photo | Photo | | | | direct | | | photo |\n"
    assert only(said(tmp_path, SOUND + row + END), "scope_not_asked").row == 10


def test_a_misspelt_role_is_told(tmp_path: Path) -> None:
    row = "| | integer | n | N | | | | quasi | ages | | |\n"
    assert only(said(tmp_path, SOUND + row + END), "role_unknown").row == 10


@pytest.mark.parametrize("column", ["privacy", "dp:class", "bind::dp:clas", "instance::dp:class"])
def test_a_column_that_nobody_reads_is_an_error(tmp_path: Path, column: str) -> None:
    survey = SOUND.replace("bind::dp:scope |", f"bind::dp:scope | {column} |")
    row = "| | integer | n | N | | | | quasi | | | | direct |\n"
    assert column in only(said(tmp_path, survey + row + END), "column_unknown").message


def bilingual(rows: str) -> str:
    """The sound form with English labels, and rows whose fourth cell is the English one."""
    lines = SOUND.strip().splitlines()
    cells = [line.split("|") for line in lines[1:]]
    english = ["|".join((*c[:5], " En " if c[4].strip() else " ", *c[5:])) for c in cells]
    header = HEADER.replace("| required |", "| label::English (en) | required |")
    return "\n".join([header, *english]) + "\n" + rows + "| | end_group | | |\n"


ENGLISH = """
| | list_name | name | label::Français (fr) | label::English (en) |
| | yn | yes | Oui | Yes |
| | yn | no | Non | No |
"""


def test_a_label_missing_in_one_language_is_an_error(tmp_path: Path) -> None:
    rows = "| | integer | n | Nombre | | | | | public | | | |\n"
    found = only(said(tmp_path, bilingual(rows), ENGLISH), "label_missing")
    assert (found.row, found.column) == (10, "label::English (en)")


def test_choices_without_a_label_in_one_language_are_told_once(tmp_path: Path) -> None:
    found = said(tmp_path, bilingual(""), ENGLISH.replace("| Non | No |", "| Non | |"))
    assert "no" in only(found, "choice_missing").message
    assert len(found) == 1


def test_a_constraint_without_a_message_is_told(tmp_path: Path) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | constraint |")
    row = "| | integer | n | N | | | | quasi | | | | . > 3 |\n"
    assert only(said(tmp_path, survey + row + END), "message_missing").row == 10


def test_a_list_that_nobody_uses_is_told_where_it_begins(tmp_path: Path) -> None:
    found = only(said(tmp_path, SOUND + END, LISTS + "| | seul | a | A |\n| | seul | b | B |"), "list_unused")
    assert (found.sheet, found.row) == ("choices", 4)


def test_a_name_too_long_for_stata_is_told(tmp_path: Path) -> None:
    row = f"| | integer | {'n' * 33} | N | | | | quasi | | | |\n"
    assert only(said(tmp_path, SOUND + row + END), "name_long").row == 10


def test_one_name_for_two_questions_is_told(tmp_path: Path) -> None:
    row = "| | integer | start | N | | | | quasi | | | |\n"
    found = said(tmp_path, SOUND + row + END)
    assert [(f.code, f.row) for f in found] == [("name_twice", 2), ("name_twice", 10)]


def test_a_file_that_does_not_come_with_the_form_is_told(tmp_path: Path) -> None:
    row = "| | select_one_from_file zones.csv | zone | Zone | | | | quasi | | | |\n"
    path = write(tmp_path, SOUND + row + END)
    assert only(check(path), "media_missing").row == 10
    (tmp_path / "t-media").mkdir()
    (tmp_path / "t-media" / "zones.csv").write_text("name,label\na,A\n", encoding="utf-8")
    assert check(path) == []


def test_a_short_public_key_is_an_error(tmp_path: Path) -> None:
    assert only(said(tmp_path, SOUND + END, public_key="MIGfMA0GCSqGSIb3"), "key_short").severity == "error"


def test_a_prefix_that_is_not_declared_is_an_error_of_the_settings(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + END, namespaces="", **{"attribute::dp:consent_text": ""})
    assert (found[0].sheet, found[0].column) == ("settings", "")
    assert "dp" in found[0].message


def test_what_the_compiler_refuses_is_shown_in_its_row(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + "| | select_one absente | n | N | | | | quasi | | | |\n" + END)
    assert [(f.severity, f.code, f.sheet, f.row) for f in found] == [("error", "build", "survey", 10)]


def test_an_xform_of_another_maker_is_checked_too(tmp_path: Path) -> None:
    built = build(write(tmp_path, SOUND + "| | text | libre | Dites |\n" + END))
    path = tmp_path / "autre.xml"
    path.write_bytes(built.xform)
    found = only(check(path), "class_missing")
    assert (found.sheet, found.row) == (str(path), 0)
