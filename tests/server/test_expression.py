"""The language of indicators."""

from __future__ import annotations

import pytest

from server.core.expression import ExpressionError, compiled, record

ANSWERS = {
    "wave": "c3",
    "group": {"sex": "f", "effects": "skills confidence", "empty": None},
    "activity": [
        {"detail": {"direct": "0", "liked": "no"}, "theme": [{"code": "jobs"}]},
        {"detail": {"direct": "1", "liked": "yes"}, "theme": [{"code": "risks"}, {"code": "jobs"}]},
    ],
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("all", True),
        ("wave = c3", True),
        ("wave != c3", False),
        ("sex in {f, m}", True),
        ("sex not in {f, m}", False),
        ("wave = c3 and sex = m", False),
        ("wave = c1 or sex = f", True),
        ("wave = c1 or wave = c3 and sex = m", False),
        ("(wave = c1 or wave = c3) and sex = f", True),
        ("not sex = m", True),
        ("has(effects, skills)", True),
        ("has(effects, skill)", False),
        ('empty = ""', True),
        ('unknown = "" and wave != ""', True),
        ("any(activity: direct = 1)", True),
        ("any(activity: direct = 1 and liked = no)", False),
        ("any(theme: code = jobs and direct = 1)", True),
        ("any(theme: code = risks and direct = 0)", False),
        ("first(activity: liked = yes)", False),
        ("first(activity where direct = 1: liked = yes)", True),
        ("first(activity where direct = 2: liked = yes)", False),
    ],
)
def test_expressions_hold_as_they_read(text: str, holds: bool) -> None:
    assert compiled(text)(record(ANSWERS)) is holds


@pytest.mark.parametrize(
    "text",
    ["", "wave", "wave =", "wave ~ c3", "has(effects skills)", "wave = c3 sex", "(wave = c3", "x in {a"],
)
def test_what_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(ExpressionError):
        compiled(text)
