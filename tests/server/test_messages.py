"""What the server says, and that it says it in both languages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import server
from server.core.problem import Conflict, Malformed, Problem
from server.web import dossiers, messages, render
from server.web.review import words

ROOT = Path(server.__file__).parent
TABLES = (
    *(messages.PROBLEMS, messages.HELD, messages.REASONS, messages.ROLES),
    *(messages.FIELDS, messages.HOWS, messages.CHAINS, messages.CONTRADICTIONS),
    *(messages.SCOPES, messages.ACTIONS, messages.AUDIENCES, dossiers.CLASSES),
    *words.TABLES,
    {str(n): text for n, text in enumerate(word for risk in dossiers.RISKS for word in risk)},
    {path: label for path, _, label in render.NAV},
)
RAISED = re.compile(
    r'\b(?:Malformed|Refused|NotFound|Conflict|TooLarge|Unavailable|Unexpected|Problem)\(\s*"([a-z_]+)"'
)


def used() -> set[str]:
    """Every sentence of the templates and the tables."""
    found = {messages.AGAIN} | {sentence for table in TABLES for sentence in table.values()}
    for template in (ROOT / "web" / "templates").rglob("*.html"):
        with template.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_",), (), {}):
                sentence = message if isinstance(message, str) else (message or (None,))[0]
                if sentence:
                    found.add(sentence)
    return found


@cache
def catalogue() -> dict[str, str]:
    with (messages.FOLDER / "en.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, abort_invalid=True) if m.id and not m.fuzzy}


def test_every_sentence_has_an_english_one() -> None:
    missing = sorted(sentence for sentence in used() if not catalogue().get(sentence))
    assert missing == []


def test_no_translation_is_left_over() -> None:
    assert sorted(set(catalogue()) - used()) == []


def test_translations_take_the_same_facts() -> None:
    facts = re.compile(r"%\((\w+)\)s")
    for french, english in catalogue().items():
        assert sorted(facts.findall(french)) == sorted(facts.findall(english)), french


def test_every_problem_that_the_server_raises_has_a_sentence() -> None:
    raised = {
        code for path in ROOT.rglob("*.py") for code in RAISED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(raised) > 10
    assert sorted(raised - set(messages.PROBLEMS)) == []


def test_messages_for_phones_are_short() -> None:
    for lang in messages.LANGUAGES:
        for reason in messages.HELD:
            assert len(messages.held(lang, reason)) <= 110


def test_a_problem_is_told_in_the_readers_language() -> None:
    trouble = Conflict("version_exists", form="returnee", version="2026112301")
    assert messages.problem("fr", trouble).startswith(
        "La version 2026112301 du questionnaire returnee est déjà publiée"
    )
    assert messages.problem("en", trouble).startswith(
        "Version 2026112301 of questionnaire returnee is already"
    )


def test_a_problem_without_its_facts_or_its_sentence_is_still_told() -> None:
    assert "?" in messages.problem("fr", Malformed("version_exists"))
    assert (
        messages.problem("en", Problem("something_new")) == "The request was refused. Ask the administrator."
    )


def test_a_fact_with_a_per_cent_sign_is_shown_as_it_is() -> None:
    assert "100%(x)s" in messages.problem("fr", Conflict("release_exists", folder="100%(x)s"))


@pytest.mark.parametrize(
    ("accepted", "chosen", "lang"),
    [
        ("", "", "fr"),
        ("en-GB,en;q=0.9", "", "en"),
        ("fr-ML,fr;q=0.9,en;q=0.8", "", "fr"),
        ("bm,en;q=0.5,fr;q=0.4", "", "en"),
        ("de-DE,de", "", "fr"),
        ("*", "", "fr"),
        ("en;q=0", "", "fr"),
        ("en;q=x", "", "fr"),
        ("en", "fr", "fr"),
        ("fr", "en", "en"),
        ("en", "xx", "en"),
    ],
)
def test_the_reader_is_answered_in_french_or_english(accepted: str, chosen: str, lang: str) -> None:
    assert messages.language(accepted, chosen) == lang


def test_dates_and_numbers_are_written_as_in_mali() -> None:
    stamp = "2026-11-23T14:05:09.123Z"
    assert messages.moment("fr", stamp).replace("\u00a0", " ") == "23 novembre 2026 à 14 h 05"
    assert messages.moment("en", stamp) == "23 November 2026 at 14:05"
    assert messages.moment("fr", "2026-11-23T15:05:09+01:00").endswith("14\u00a0h\u00a005")
    assert messages.day("fr", stamp) == "23 novembre 2026"
    assert messages.number("fr", 12345).replace("\u202f", " ") == "12 345"
    assert messages.number("en", 12345) == "12,345"
