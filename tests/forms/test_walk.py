"""A whole interview can be read as the enumerator reads it."""

from __future__ import annotations

import pytest

from forms.compile import build
from forms.problems import FormError
from forms.walk import Walk, lines, walk


def walked(name: str = "returnee", lang: str = "fr", seed: int = 3, kind: str = "interview") -> Walk:
    return walk(build(name), lang, seed, kind)


def names(found: Walk) -> list[str]:
    return [screen.name for screen in found.screens]


def test_an_interview_is_read_from_preparation_to_observations() -> None:
    met = names(walked())
    assert met.index("wave") < met.index("consent_text") < met.index("consent") < met.index("age")
    assert (
        met.index("personal_ok")
        < met.index("feel_note")
        < met.index("first_names")
        < met.index("obs_comment")
    )


def test_the_same_seed_tells_the_same_interview_and_another_another() -> None:
    once, again, other = (list(lines(walked(seed=seed))) for seed in (3, 3, 4))
    assert once == again
    assert once != other


def test_a_refusal_ends_with_its_reason() -> None:
    met = names(walked(kind="refused"))
    assert met[-1] == "refusal_reason"
    assert "age" not in met


def test_a_minor_is_asked_for_assent() -> None:
    assert {"assent_text", "assent", "guardian_consent"} <= set(names(walked(kind="minor_waits")))


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", "Acceptez-vous de répondre"), ("en", "Do you agree to answer")]
)
def test_words_are_those_of_the_language(lang: str, words: str) -> None:
    assert any(words in line for line in lines(walked(lang=lang)))


def test_answers_that_a_question_repeats_are_filled_in() -> None:
    found = walked("sensitisation", seed=4)
    themes = [screen.labels[found.language] for screen in found.screens if screen.name == "theme_note"]
    known = {
        choice.labels[found.language] for s in found.screens for choice in s.choices if s.name == "act_themes"
    }
    assert themes
    assert all(theme.removeprefix("Parlons du thème\u00a0: ") in known for theme in themes)
    assert not any("${" in line for line in lines(found))


def test_a_language_that_is_not_there_is_told() -> None:
    with pytest.raises(FormError) as refused:
        walked(lang="bm")
    assert "no language “bm”" in str(refused.value.findings)
