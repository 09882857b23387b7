"""What differs between two versions, for those who ask and for those who count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from forms.compile import build
from forms.diff import Change, diff, told
from forms.reader import read_form
from forms.schema import Form

SHEET = """
| survey | | | | |
| | type | name | label | relevant | calculation |
| | select_one yn | agree | Do you agree? | | |
| | begin_group | part | Part | ${agree} = 'yes' | |
| | integer | age | How old are you? | | |
| | text | town | Which town? | | |
| | select_one yn | work | Do you work? | ${age} > 15 | |
| | end_group | | | | |
| | calculate | twice | | | ${age} * 2 |
| choices | | | |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
| settings | | |
| | form_id | version | form_title |
| | f | 1 | F |
"""


def form(tmp_path: Path, *changes: tuple[str, str]) -> Form:
    text = SHEET
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "f.md"
    file.write_text(text, encoding="utf-8")
    built = build(file)
    return read_form(built.xform, built.media)


def changed(tmp_path: Path, *changes: tuple[str, str]) -> list[Change]:
    return diff(form(tmp_path), form(tmp_path, *changes))


def whats(changes: list[Change], reader: str) -> set[tuple[str, str, bool]]:
    return {(c.what, c.name, c.breaks) for c in changes if c.reader == reader}


def test_a_form_does_not_differ_from_itself(tmp_path: Path) -> None:
    assert changed(tmp_path) == []
    assert list(told([])) == ["No difference."]


def test_other_words_matter_to_enumerators_only(tmp_path: Path) -> None:
    found = changed(tmp_path, ("How old are you?", "What is your age?"))
    assert whats(found, "analyst") == set()
    assert [(c.name, c.before, c.after) for c in found] == [("age", "How old are you?", "What is your age?")]


@pytest.mark.parametrize(
    ("change", "enumerator", "analyst"),
    [
        (
            ("| | text | town | Which town? | | |\n", ""),
            {("removed", "town", False)},
            {("variable gone", "town", True)},
        ),
        (
            ("| | text | town", "| | text | street | Which street? | | |\n| | text | town"),
            {("added", "street", False)},
            {("new variable", "street", False)},
        ),
        (("| town |", "| city |"), set(), {("renamed", "city", True)}),
        (("integer | age", "decimal | age"), set(), {("type", "age", True)}),
        (
            ("${age} > 15", "${age} > 17"),
            {("asked when", "work", False)},
            {("base of the question", "work", True)},
        ),
        (
            ("${agree} = 'yes'", "${agree} != 'no'"),
            {("part asked when", "part", False)},
            {("base of the part", "part", True)},
        ),
        (("* 2", "* 3"), set(), {("calculation", "twice", True)}),
    ],
)
def test_a_change_is_told_to_whom_it_matters(
    tmp_path: Path,
    change: tuple[str, str],
    enumerator: set[tuple[str, str, bool]],
    analyst: set[tuple[str, str, bool]],
) -> None:
    found = changed(tmp_path, change)
    assert whats(found, "enumerator") == enumerator
    assert whats(found, "analyst") == analyst


def test_choices_that_come_and_go_are_told_for_each_question(tmp_path: Path) -> None:
    found = changed(tmp_path, ("| | yn | no | No |", "| | yn | never | Never |"))
    assert whats(found, "analyst") == {
        (what, name, what == "code gone")
        for what in ("code added", "code gone")
        for name in ("agree", "work")
    }


def test_only_what_moved_is_said_to_have_moved(tmp_path: Path) -> None:
    age = "| | integer | age | How old are you? | | |\n"
    town = "| | text | town | Which town? | | |\n"
    found = changed(tmp_path, (age + town, town + age))
    assert len(found) == 1
    assert found[0].what == "moved"


def test_classes_and_roles_are_told_to_analysts(tmp_path: Path) -> None:
    old = form(tmp_path)
    first = replace(old.questions[0], classes=frozenset({"direct"}), roles=frozenset({"phone"}))
    new = replace(old, questions=(first, *old.questions[1:]))
    assert {(c.what, c.after) for c in diff(old, new)} == {("class", "direct"), ("role", "phone")}


def test_the_text_marks_what_breaks_a_comparison(tmp_path: Path) -> None:
    text = list(told(changed(tmp_path, ("integer | age", "decimal | age"))))
    assert any(line.startswith("! age: type") for line in text)
