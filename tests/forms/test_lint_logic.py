"""Conditions that cannot hold, constraints that take nothing or stop nothing, lists and lengths."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import linted
from support.linted import END, codes, only, said
from support.xlsform import LISTS, write

from forms.lint import check
from forms.problems import NoJava

MORE = "| constraint | constraint_message::Français (fr) |"
SOUND = linted.SOUND.replace("| bind::dp:scope |", f"| bind::dp:scope {MORE}")

CASCADE = """
| | list_name | name | label::Français (fr) | region |
| | yn | yes | Oui | |
| | yn | no | Non | |
| | region | kayes | Kayes | |
| | region | sikasso | Sikasso | |
| | cercle | kita | Kita | kayes |
| | cercle | lost | Perdu | segou |
"""


def asked(kind: str, name: str, relevant: str = "", constraint: str = "", label: str = "Et ?") -> str:
    """A row of the form, with what it needs to be sound otherwise."""
    message = "Non" if constraint else ""
    return f"| | {kind} | {name} | {label} | | | {relevant} | | quasi | | | | {constraint} | {message} |\n"


def test_a_code_that_its_list_does_not_have_is_told_where_it_is_used(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + asked("select_one yn", "q", "selected(${again}, 'maybe')") + END)
    assert {"code_unknown", "never_asked"} >= codes(found)
    fault = next(finding for finding in found if finding.code == "code_unknown")
    assert (fault.severity, fault.row, fault.column) == ("error", 10, "relevant")
    assert "maybe" in fault.message


@pytest.mark.parametrize(
    "relevant",
    [
        "${again} = 'yes' and ${again} = 'no'",
        "${again} = 'yes' and not(selected(${again}, 'yes'))",
        "${age} > 50 and ${age} < 18",
        "${age} = 3 and ${age} != 3",
        "(${again} = 'yes' or ${age} > 50) and ${again} = 'no' and ${age} < 10",
        "${why} = 'yes'",
    ],
)
def test_a_question_that_can_never_be_asked_is_an_error(tmp_path: Path, relevant: str) -> None:
    fault = only(said(tmp_path, SOUND + asked("select_one yn", "q", relevant) + END), "never_asked")
    assert (fault.severity, fault.row, fault.column) == ("error", 10, "relevant")


@pytest.mark.parametrize(
    "relevant",
    [
        "${again} = 'yes' or ${again} = 'no'",
        "${again} != 'yes' and ${again} != 'no'",
        "${age} >= 18 and ${age} < 19",
        "${age} = '' and ${again} = 'yes'",
        "not(${age} > 50) and not(${age} < 18)",
        "string-length(${code}) = 11 and string-length(${code}) = 12",
        "${why} != 'yes'",
    ],
)
def test_a_question_that_can_be_asked_is_left_alone(tmp_path: Path, relevant: str) -> None:
    assert said(tmp_path, SOUND + asked("select_one yn", "q", relevant) + END) == []


def test_a_condition_on_a_later_answer_is_told(tmp_path: Path) -> None:
    rows = asked("select_one yn", "q", "${r} = 'yes'") + asked("select_one yn", "r")
    assert only(said(tmp_path, SOUND + rows + END), "asked_later").row == 10


@pytest.mark.parametrize(
    ("kind", "constraint", "code"),
    [
        ("integer", ". > 10 and . < 5", "constraint_impossible"),
        ("integer", ". > 10 and . < 11", "constraint_impossible"),
        ("integer", ". > 10 or . < 20", "constraint_idle"),
        ("decimal", ". > 10 and . < 11", ""),
        ("integer", ". >= 0 and . <= 120 or . = -98", ""),
        ("select_multiple yn", "count-selected(.) > 2", "constraint_impossible"),
        ("select_multiple yn", "count-selected(.) <= 2", "constraint_idle"),
        ("select_multiple yn", "not(selected(., 'no') and count-selected(.) > 1)", ""),
        ("text", "regex(., '[0-9')", "pattern_broken"),
        ("integer", ". < ${age}", ""),
    ],
)
def test_a_constraint_is_tried(tmp_path: Path, kind: str, constraint: str, code: str) -> None:
    found = said(tmp_path, SOUND + asked(kind, "q", constraint=constraint) + END)
    assert codes(found) == ({code} if code else set())
    assert all(finding.row == 10 for finding in found)


def test_a_number_without_bounds_is_told(tmp_path: Path) -> None:
    found = check(write(tmp_path, SOUND + END), "en")
    assert [(one.severity, one.code, one.row) for one in found] == [("warning", "number_open", 8)]


def test_calculations_that_wait_for_each_other_are_an_error(tmp_path: Path) -> None:
    rows = "".join(
        f"| | calculate | {name} | | | | | ${{{other}}} + 1 | quasi | | | | | |\n"
        for name, other in (("a", "b"), ("b", "c"), ("c", "a"))
    )
    found = said(tmp_path, SOUND + rows + END)
    assert codes(found) == {"circle"}
    assert "a, b" in found[-1].message


def test_a_choice_that_no_answer_shows_is_told(tmp_path: Path) -> None:
    rows = (
        "| | select_one region | region | Région ? | | | | | quasi | | | |\n"
        "| | select_one cercle | cercle | Cercle ? | | | | | quasi | | | | region = ${region} |\n"
    )
    header = SOUND.replace(MORE, "| choice_filter |")
    fault = only(said(tmp_path, header + rows + END, CASCADE), "choice_unreachable")
    assert (fault.severity, fault.row, fault.column) == ("warning", 11, "region")
    assert "lost" in fault.message
    assert "kita" not in fault.message


def test_two_choices_that_read_the_same_are_told(tmp_path: Path) -> None:
    choices = LISTS + "| | yn | never | Non |\n"
    assert "Non" in only(said(tmp_path, SOUND + END, choices), "choice_same").message


def test_a_question_too_long_to_be_heard_is_told(tmp_path: Path) -> None:
    found = said(tmp_path, SOUND + asked("select_one yn", "q", label="mot " * 30 + "?") + END)
    assert "30" in only(found, "words_many").message


def test_what_another_engine_says_is_an_error_at_the_question_it_names(tmp_path: Path) -> None:
    file = write(tmp_path, SOUND + END)
    fault = check(file, "en", lambda _: ["Bad expression in /data/q/age: 1 +"])[0]
    assert (fault.severity, fault.code, fault.row) == ("error", "validate", 8)

    def nowhere(_: bytes) -> list[str]:
        raise NoJava(["no"])

    assert ("warning", "validate_absent") in {(one.severity, one.code) for one in check(file, "en", nowhere)}
