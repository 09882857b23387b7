"""How long modules take and how hard they are to follow."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.xlsform import form

from forms.compile import build
from forms.reader import read_form
from forms.reading import modules, reading_ease

SURVEY = """
| | type | name | label::Français (fr) | calculation |
| | begin_group | first | Premier |
| | note | hello | un deux trois quatre |
| | integer | n | cinq six |
| | begin_group | inner | Dedans |
| | text | t | sept |
| | end_group | | |
| | end_group | | |
| | begin_group | empty | Vide |
| | calculate | c | | 1 |
| | end_group | | |
"""


def test_a_module_counts_what_it_asks_itself(tmp_path: Path) -> None:
    first, inner = modules(form(tmp_path, SURVEY))
    assert (first.name, first.title, first.questions, first.words) == ("first", "Premier", 1, 6)
    assert (inner.name, inner.questions, inner.words) == ("inner", 1, 1)
    assert first.minutes == pytest.approx(6 / 130 + 7 / 60)
    assert inner.minutes == pytest.approx(1 / 130 + 12 / 60)


def test_shorter_words_and_sentences_are_easier() -> None:
    easy = "On va au puits. On a de l'eau."
    hard = "L'approvisionnement hydraulique communautaire nécessite une infrastructure institutionnalisée."
    assert reading_ease(easy, "fr") > 90 > 30 > reading_ease(hard, "fr")


def test_the_formula_is_that_of_the_language() -> None:
    # One sentence of four words with four vowel groups: 207 - 1.015*4 - 0.736*100, and Flesch's numbers.
    assert reading_ease("un deux trois cinq", "fr") == pytest.approx(100.0)
    assert reading_ease("the cat sat down", "en") == pytest.approx(100.0)
    assert reading_ease("possibilité", "fr") == pytest.approx(0.0)
    assert reading_ease("capital", "en") == pytest.approx(0.0)
    assert reading_ease("", "fr") == 100.0


@pytest.mark.parametrize(("name", "least", "most"), [("returnee", 28, 38), ("sensitisation", 15, 30)])
def test_the_interviews_take_about_as_long_as_they_say(name: str, least: float, most: float) -> None:
    built = build(name)
    assert least < sum(module.minutes for module in modules(read_form(built.xform, built.media))) < most
