"""The questionnaire on paper: every question is on it, conditions are words, identities stand apart."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from support.xlsform import LISTS, form

from forms import catalog
from forms.compile import build
from forms.conditions import condition
from forms.paper import TEMPLATE, on_paper, paper
from forms.problems import FormError
from forms.reader import read_form
from forms.schema import Form
from forms.typeset import pdf

HEADER = "| | type | name | label | relevant | hint | constraint | bind::dp:class |\n"


def shipped(name: str) -> Form:
    built = build(name)
    return read_form(built.xform, built.media)


def asked(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["name"] for block in blocks if block["block"] == "question"]


def small(tmp_path: Path, rows: str, choices: str = LISTS) -> dict[str, Any]:
    return paper(form(tmp_path, HEADER + rows, choices))


def whens(sheet: dict[str, Any]) -> dict[str, str]:
    return {block["name"]: block["when"] for block in sheet["blocks"] if block["block"] == "question"}


@pytest.mark.parametrize("name", catalog.questionnaires())
def test_every_asked_question_is_printed_and_identities_stand_apart(name: str) -> None:
    questionnaire = shipped(name)
    sheet = paper(questionnaire)
    direct = [q.name for q in on_paper(questionnaire) if "direct" in q.classes]
    others = [q.name for q in on_paper(questionnaire) if "direct" not in q.classes]
    assert list(dict.fromkeys(asked(sheet["identity"]))) == direct
    assert list(dict.fromkeys(asked(sheet["blocks"]))) == others
    assert {"first_names", "phone", "coupon_1"} <= set(direct)
    printed = {*asked(sheet["blocks"]), *asked(sheet["identity"])}
    assert not printed & {q.name for q in questionnaire.questions if q.calculate or q.preload}


@pytest.mark.parametrize("name", catalog.questionnaires())
def test_the_pages_can_be_read_and_identities_begin_a_sheet_of_their_own(name: str) -> None:
    sheet = paper(shipped(name))
    reader = PdfReader(io.BytesIO(pdf(TEMPLATE, sheet)))
    texts = [page.extract_text() for page in reader.pages]
    first = next(number for number, text in enumerate(texts) if "À détacher" in text)
    assert first % 2 == 0, "never on the back of answers"
    answers, identity = " ".join(texts[:first]), " ".join(texts[first:])
    assert all(block["name"] in answers for block in sheet["blocks"] if block["block"] == "question")
    assert all(block["name"] in identity for block in sheet["identity"] if block["block"] == "question")
    assert not any(name in answers for name in ("first_names", "father_first_name", "phone2"))
    assert f"Page {len(texts)} / {len(texts)}" in texts[-1]
    assert len(texts) <= 20


def test_conditions_name_question_and_answer(tmp_path: Path) -> None:
    rows = (
        "| | select_one yn | ok | D'accord ? | | | | consent |\n"
        "| | integer | age | Âge ? | ${ok} = 'yes' | | . <= 120 or . = -98 | quasi |\n"
        "| | integer | a | A ? | ${ok} = 'no' or (${age} >= 18 and ${age} != '') | | | quasi |\n"
        "| | integer | b | B ? | not(${ok} = 'yes') | | | quasi |\n"
        "| | integer | c | C ? | string-length(${age}) > 1 | | | quasi |\n"
    )
    said = whens(small(tmp_path, rows))
    assert said == {
        "ok": "",
        "age": "question 1 = « Oui »",
        "a": "question 1 = « Non » ou (question 2 ≥ 18 et question 2 remplie)",
        "b": "question 1 autre que « Oui »",
        "c": "string-length(${age}) > 1",
    }


def test_calculations_are_followed_back_to_answers() -> None:
    blocks = paper(shipped("returnee"))["blocks"]
    headings = {block["title"]: block["when"] for block in blocks if block["block"] == "heading"}
    assert "≥ 15" in headings["C. Moins de 18 ans"]
    assert "la partie « C. Moins de 18 ans » ne s'applique pas" in headings["Questions"]
    assert "${" not in "".join(headings.values())


@pytest.mark.parametrize("expression", ["1 +", "selected(/data/a)", "", "/data/a", "count(/data/a) > 1"])
def test_what_is_not_plain_is_left_alone(tmp_path: Path, expression: str) -> None:
    assert condition(expression, "/b", form(tmp_path, HEADER + "| | integer | a | A | | | | quasi |")) is None


def test_answers_have_boxes_of_the_right_kind() -> None:
    by_name = {
        block["name"]: block["answer"]
        for block in paper(shipped("returnee"))["blocks"]
        if block["block"] == "question"
    }
    assert by_name["age"]["boxes"] == 2
    assert [one["code"] for one in by_name["hh_size"]["missing"]] == ["-98", "-99"]
    assert by_name["departure_year"]["boxes"] == 4
    assert by_name["commune"] == {"kind": "lines", "lines": 1}
    assert by_name["cercle"] == {"kind": "lines", "lines": 1}
    assert "elsewhere" not in [one["code"] for one in by_name["region"]["choices"]]
    assert by_name["depart_reasons"]["many"]


def test_a_loop_has_two_turns_and_goes_on_elsewhere() -> None:
    blocks = paper(shipped("sensitisation"))["blocks"]
    titles = [block["title"] for block in blocks if block.get("level") == "turn"]
    assert titles == [
        *("Activité n° 1", "Thème n° 1.1", "Thème n° 1.2"),
        *("Activité n° 2", "Thème n° 2.1", "Thème n° 2.2"),
    ]
    assert [block["title"] for block in blocks if block["block"] == "continue"] == ["Thème"] * 2 + [
        "Activité"
    ]


def test_the_consent_is_whole_and_the_code_comes_from_a_card() -> None:
    questionnaire = shipped("returnee")
    blocks = paper(questionnaire)["blocks"]
    read = [block["text"] for block in blocks if block["block"] == "read"]
    text = next(q.labels["Français (fr)"] for q in questionnaire.questions if q.name == "consent_text")
    assert read[0] == text
    assert sum(block["block"] == "code" for block in blocks) == 1
    assert not any("Recopiez ce code" in block.get("text", "") for block in blocks)


def test_signs_of_markup_are_printed_as_they_are(tmp_path: Path) -> None:
    said = "#emph[a] *b* _c_ $x^2$ @d `e` <f> // g ~ h \\\\ i"
    choices = "| | list_name | name | label |\n| | l | a | #pagebreak() *k* |\n| | l | b | [m] // n |"
    sheet = small(tmp_path, f"| | select_one l | q | {said} | | #let y = 1 | | quasi |\n", choices)
    text = " ".join(PdfReader(io.BytesIO(pdf(TEMPLATE, sheet))).pages[0].extract_text().split())
    for words in (said.replace("\\\\", "\\"), "#pagebreak() *k*", "[m] // n", "#let y = 1"):
        assert words.replace("\\", "") in text.replace("\\", "")


def test_another_language_and_one_that_the_form_lacks() -> None:
    sheet = paper(shipped("returnee"), "en")
    assert (sheet["lang"], sheet["words"]["when"]) == ("en", "Only if")
    assert any(block.get("label") == "How old are you?" for block in sheet["blocks"])
    with pytest.raises(FormError, match="no language “xx”"):
        paper(shipped("returnee"), "xx")


def test_the_same_form_gives_the_same_bytes(tmp_path: Path) -> None:
    sheet = small(tmp_path, "| | integer | n | N | | | | quasi |\n")
    assert pdf(TEMPLATE, sheet) == pdf(TEMPLATE, sheet)
