"""The lint finds what would harm a person, and says where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.linted import END, SOUND, codes, only, said, told
from support.xlsform import write

from forms.compile import build
from forms.lint import check


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
    assert [one.row for one in found if one.code == "consent_yes_unknown"] == [3]


def test_a_consent_question_that_can_be_skipped_is_told(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND.replace("Acceptez-vous ? | yes", "Acceptez-vous ? | ") + END)
    assert only(found, "consent_optional").severity == "warning"


@pytest.mark.parametrize(
    "row",
    [
        "| | text | dehors | Dehors | | | | | direct | | | |",
        "| | integer | dehors | Dehors | | | ${consent} = 'no' | | sensitive | | | |",
        "| | text | dehors | Dehors | | | ${consent} = 'no' | | operational | | | |",
        "| | select_one yn | dehors | Dehors | | | | | operational | | | |",
        "| | select_one yn | dehors | Dehors | | | ${consent} != 'no' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | | ${consent} = 'yes' or ${why} = 'no' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | | (${consent} = 'yes') or (${why} = 'no') | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | | not(${consent} = 'yes') and 1 = 1 | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | | ${consent} = 'yes' and 1 = 1 or 2 = 2 | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | | 2 = 2 or 1 = 1 and ${consent} = 'yes' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | | ${consent} = 'yes' = 'yes' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | | ${consent} != 'yes' | | quasi | | | |",
        "| | select_one yn | dehors | Dehors | | | ${why} = 'x and ${consent}' | | quasi | | | |",
    ],
)
def test_a_question_that_can_follow_a_refusal_is_an_error_in_its_row(tmp_path: Path, row: str) -> None:
    found = next(one for one in said(tmp_path, SOUND + END + row) if one.code == "outside_consent")
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
    row = f"| | select_one yn | dehors | Dehors | | | {relevant} | | quasi | | | |"
    assert "outside_consent" not in codes(said(tmp_path, SOUND + END + row))


def test_a_question_in_a_repeat_of_the_consented_group_is_inside(tmp_path: Path) -> None:
    rows = """| | begin_repeat | tour | Tour |
| | integer | n | N | | | | | public | | | |
| | end_repeat | | |
"""
    assert said(tmp_path, SOUND + rows + END) == []


def test_asking_for_a_name_before_consent_is_an_error(tmp_path: Path) -> None:
    row = "| | text | nom2 | Nom ? | | | | | direct | | | |\n| | select_one yn | consent |"
    found = said(tmp_path, SOUND.replace("| | select_one yn | consent |", row) + END)
    assert only(found, "before_consent").row == 3


RECORDERS = {
    "background-audio": "| | background-audio | son | | | | | | direct | | | |",
    "start-geopoint": "| | start-geopoint | lieu | | | | | | direct | | | |",
    "phonenumber": "| | phonenumber | numero | | | | | | direct | | | |",
    "email": "| | email | courriel | | | | | | direct | | | |",
}


@pytest.mark.parametrize("what", RECORDERS)
def test_what_records_whatever_the_person_says_is_an_error(tmp_path: Path, what: str) -> None:
    found = [f for f in said(tmp_path, SOUND + END + RECORDERS[what]) if f.code == "records_always"]
    assert [(f.severity, f.row) for f in found] == [("error", 11)]
    assert what in found[0].message


def test_a_telephone_number_is_found_under_its_other_name_too(tmp_path: Path) -> None:
    xform = build(write(tmp_path, SOUND + END + RECORDERS["phonenumber"])).xform
    path = tmp_path / "autre.xml"
    path.write_bytes(xform.replace(b'"phonenumber"', b'"uri:phonenumber"'))
    assert b"uri:phonenumber" in path.read_bytes()
    assert "records_always" in codes(check(path))


@pytest.mark.parametrize(
    "options",
    ["track-changes=true", "location-priority=balanced location-min-interval=60 location-max-age=90"],
)
def test_an_audit_that_keeps_places_or_old_answers_is_an_error(tmp_path: Path, options: str) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | parameters |")
    row = f"| | audit | audit | | | | | | operational | | | | {options} |\n"
    assert only(said(tmp_path, survey + row + END), "records_always").row == 10


def test_a_recorder_that_is_justified_is_a_warning(tmp_path: Path) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | bind::dp:justified |")
    row = "| | phonenumber | numero | | | | | | direct | | | | Le téléphone est celui de l'équipe. |"
    found = [f for f in said(tmp_path, survey + END + row) if f.code == "records_always"]
    assert [f.severity for f in found] == ["warning"]


def test_a_name_in_the_title_of_the_interview_is_an_error(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + END, instance_name="concat('x', ${nom})")
    assert only(found, "instance_name").severity == "error"


def test_a_name_that_reaches_the_title_through_a_calculation_is_an_error(tmp_path: Path) -> None:
    row = "| | calculate | titre | | | | | concat(${nom}, 'x') | direct | | | |\n"
    assert codes(said(tmp_path, SOUND + row + END, instance_name="${titre}")) == {"instance_name"}


def test_a_calculation_that_repeats_a_name_must_be_as_secret(tmp_path: Path) -> None:
    rows = """| | calculate | a | | | | | concat(${nom}, 'x') | direct | | | |
| | calculate | b | | | | | string-length(${a}) | public | | | |
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
    assert [(f.code, f.sheet, f.row) for f in told(path)] == [("entity", "entities", 2)]


def test_choices_filtered_by_a_name_are_told(tmp_path: Path) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | choice_filter |")
    row = "| | select_one yn | f | F | | | | | quasi | | | | label != ${nom} |\n"
    assert only(said(tmp_path, survey + row + END), "choice_filter").row == 10


def test_a_question_that_needs_a_permission_nobody_asks_for_is_an_error(tmp_path: Path) -> None:
    row = "| | image | photo | Photo | | | | | direct | | | photo |\n"
    assert only(said(tmp_path, SOUND + row + END), "scope_not_asked").row == 10


@pytest.mark.parametrize(
    ("row", "other"),
    [
        ("| consent | consent | yes |", "| consent | consent | yes | | yes |"),
        (
            "select_one yn | consent | Acceptez-vous ? | yes | Il le faut | | |",
            "calculate | consent | | | | | 'yes' |",
        ),
    ],
)
def test_a_yes_that_nobody_said_is_an_error(tmp_path: Path, row: str, other: str) -> None:
    survey = SOUND.replace("bind::dp:scope |", "bind::dp:scope | default |")
    assert row in survey
    found = [f for f in said(tmp_path, survey.replace(row, other) + END) if f.severity == "error"]
    assert [(f.code, f.row) for f in found if f.code != "never_asked"] == [("consent_assumed", 3)]


def test_another_question_called_consent_opens_no_door(tmp_path: Path) -> None:
    row = "| | select_one yn | dehors | Dehors | | | ${consent} = 'yes' | | quasi | | | |"
    path = tmp_path / "autre.xml"
    xform = build(write(tmp_path, SOUND + END + row)).xform
    path.write_bytes(xform.replace(b'relevant=" /data/consent  =', b'relevant=" /data/q/consent  ='))
    assert path.read_bytes() != xform
    assert {"q", "dehors"} & {f.message.split()[1] for f in check(path) if f.code == "outside_consent"}


def test_a_pick_among_names_given_before_is_as_secret_as_they_are(tmp_path: Path) -> None:
    rows = """| | begin_repeat | membre | Membre |
| | text | prenom | Prénom | | | | | direct | | | |
| | end_repeat | | |
| | select_one ${prenom} | chef | Chef ? | | | | | quasi | | | |
"""
    found = only(said(tmp_path, SOUND + rows + END), "calculate_taint")
    assert (found.severity, found.row, found.column) == ("error", 13, "type")


def test_a_copy_of_what_the_person_said_must_be_as_secret(tmp_path: Path) -> None:
    rows = """| | text | libre | Dites | | | | | free_text | | | |
| | calculate | copie | | | | | ${libre} | quasi | | | |
"""
    assert only(said(tmp_path, SOUND + rows + END), "calculate_taint").row == 11


def test_a_class_that_does_not_exist_is_an_error_in_its_row(tmp_path: Path) -> None:
    found = only(said(tmp_path, SOUND + "| | integer | n | N | | | | | secret | | | |\n" + END), "build")
    assert (found.severity, found.row) == ("error", 10)
    assert "free_text" in found.message
