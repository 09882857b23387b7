"""The interviewer itself: what it makes are interviews that Collect could have made."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from support.javarosa import Answer, Filled, InterviewFailed, fill
from support.xlsform import compiled

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.usefixtures("java")]

SURVEY = """
| | type | name | label::Français (fr) | required | relevant | constraint | choice_filter |
| | start | start | | | | | |
| | select_one_from_file places.csv | place | Lieu ? | yes | | | |
| | select_one yn | consent | Acceptez-vous ? | yes | | | |
| | select_one region | region | Région ? | yes | | | |
| | select_one commune | commune | Commune ? | yes | | | region = ${region} |
| | begin_group | q | Questions | | ${consent} = 'yes' | | |
| | text | nom | Nom ? | yes | | string-length(.) >= 2 and string-length(.) <= 60 | |
| | text | phone | Téléphone ? | yes | | regex(., '^[+]?[0-9 ]{8,18}$') | |
| | integer | age | Âge ? | yes | | (. >= 18 and . <= 30) or . = -98 | |
| | integer | since | Depuis quel âge ? | yes | | . >= 0 and . <= ${age} or ${age} < 0 | |
| | date | back | Retour ? | yes | | . >= date('2015-01-01') and . <= today() | |
| | select_multiple region | seen | Vues ? | yes | | count-selected(.) <= 2 | |
| | begin_repeat | trip | Voyage | | | | |
| | decimal | days | Jours ? | yes | | . > 0 and . < 400 | |
| | end_repeat | | | | | | |
| | image | photo | Photo | yes | | | |
| | end_group | | | | | | |
"""
CHOICES = """
| | list_name | name | label::Français (fr) | region |
| | yn | yes | Oui | |
| | yn | no | Non | |
| | region | kayes | Kayes | |
| | region | sikasso | Sikasso | |
| | region | gao | Gao | |
| | commune | kita | Kita | kayes |
| | commune | diema | Diéma | kayes |
| | commune | bougouni | Bougouni | sikasso |
| | commune | ansongo | Ansongo | gao |
"""
REGION_OF = {"kita": "kayes", "diema": "kayes", "bougouni": "sikasso", "ansongo": "gao"}
PLACES = "name,label\nbanco,Banco\nbenkadi,Benkadi\n"
ANSWERS: dict[str, Answer] = {"nom": "Marqueur{i} Zié", "phone": "76 00 00 {i}0", "trip": 2}


def made(folder: Path, survey: str = SURVEY, choices: str = CHOICES) -> Path:
    (folder / "places.csv").write_text(PLACES, encoding="utf-8")
    built = compiled(folder, survey, choices)
    path = folder / "t.xml"
    path.write_bytes(built.xform)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("form")
    made(place)
    return place


@pytest.fixture(scope="module")
def invented(folder: Path) -> list[Filled]:
    """Thirty interviews of which nothing is said beforehand."""
    return fill(folder / "t.xml", folder, folder / "invented", seed=3, count=30)


@pytest.fixture(scope="module")
def consented(folder: Path) -> list[Filled]:
    """Twenty interviews with a marker in the name and the phone number of each."""
    said = ANSWERS | {"consent": "yes"}
    return fill(folder / "t.xml", folder, folder / "consented", seed=4, count=20, answers=said)


def texts(interview: Filled, name: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(interview.xml).iter() if e.tag.rpartition("}")[2] == name]


def test_random_interviews_all_finish_each_under_its_own_number(invented: list[Filled]) -> None:
    ids = {interview.instance_id for interview in invented}
    assert len(ids) == 30
    assert all(re.fullmatch(r"uuid:[0-9a-f-]{36}", number) for number in ids)


def test_random_interviews_differ_in_consent_and_hold_no_more_than_consent_allows(
    invented: list[Filled],
) -> None:
    said = [texts(interview, "consent") for interview in invented]
    assert ["yes"] in said
    assert ["no"] in said
    for interview in invented:
        assert len(texts(interview, "nom")) == (texts(interview, "consent") == ["yes"])


def test_choices_come_from_the_file_and_pass_the_filter(invented: list[Filled]) -> None:
    assert {text for interview in invented for text in texts(interview, "place")} == {"banco", "benkadi"}
    for interview in invented:
        [commune] = texts(interview, "commune")
        assert texts(interview, "region") == [REGION_OF[commune]]


def test_every_rule_of_the_form_is_kept(consented: list[Filled]) -> None:
    for interview in consented:
        [age], [since] = texts(interview, "age"), texts(interview, "since")
        assert int(age) in {-98, *range(18, 31)}
        assert int(age) < 0 or 0 <= int(since) <= int(age)
        assert texts(interview, "back")[0] >= "2015-01-01"
        assert 1 <= len(texts(interview, "seen")[0].split()) <= 2
        assert all(0 < float(days) < 400 for days in texts(interview, "days"))


def test_a_pattern_is_met_when_no_answer_is_given(invented: list[Filled]) -> None:
    numbers = [text for interview in invented for text in texts(interview, "phone")]
    assert len(set(numbers)) > 1
    assert all(re.fullmatch(r"[+]?[0-9 ]{8,18}", number) for number in numbers)


def test_given_answers_land_with_the_number_of_each_interview(consented: list[Filled]) -> None:
    assert [texts(interview, "nom") for interview in consented] == [
        [f"Marqueur{number} Zié"] for number in range(1, 21)
    ]
    assert texts(consented[9], "phone") == ["76 00 00 100"]


@pytest.mark.parametrize("trips", [0, 1, 3])
def test_a_repeat_is_filled_as_often_as_said(folder: Path, tmp_path: Path, trips: int) -> None:
    said = ANSWERS | {"consent": "yes", "trip": trips}
    [interview] = fill(folder / "t.xml", folder, tmp_path / "out", seed=1, count=1, answers=said)
    assert len(texts(interview, "days")) == trips


def test_a_refusal_of_consent_can_be_forced(folder: Path, tmp_path: Path) -> None:
    said = {"consent": "no", "nom": "Marqueur{i}"}
    for interview in fill(folder / "t.xml", folder, tmp_path / "out", seed=1, count=5, answers=said):
        assert texts(interview, "consent") == ["no"]
        assert b"Marqueur" not in interview.xml
        assert interview.files == {}


def test_an_answer_that_the_form_refuses_is_replaced_by_one_that_it_takes(
    folder: Path, tmp_path: Path
) -> None:
    said: dict[str, Answer] = {"consent": "yes", "age": 200, "place": "nowhere"}
    [interview] = fill(folder / "t.xml", folder, tmp_path / "out", seed=1, count=1, answers=said)
    assert texts(interview, "age") != ["200"]
    assert texts(interview, "place")[0] in {"banco", "benkadi"}


def test_several_choices_are_given_as_a_list_and_kept_in_the_forms_order(
    folder: Path, tmp_path: Path
) -> None:
    said: dict[str, Answer] = {"consent": "yes", "seen": ["gao", "kayes"]}
    [interview] = fill(folder / "t.xml", folder, tmp_path / "out", seed=1, count=1, answers=said)
    assert texts(interview, "seen") == ["kayes gao"]


def test_a_photo_lies_beside_the_interview_that_names_it(consented: list[Filled]) -> None:
    for interview in consented:
        assert list(interview.files) == texts(interview, "photo")
        assert all(interview.files.values())


def test_the_same_seed_makes_the_same_interviews_but_for_numbers_and_times(
    folder: Path, tmp_path: Path, invented: list[Filled]
) -> None:
    def kept(interview: Filled) -> bytes:
        return re.sub(rb"<(instanceID|start)>.*?</", b"", interview.xml)

    again = fill(folder / "t.xml", folder, tmp_path / "out", seed=3, count=5)
    other = fill(folder / "t.xml", folder, tmp_path / "other", seed=5, count=5)
    assert [kept(interview) for interview in again] == [kept(interview) for interview in invented[:5]]
    assert [kept(interview) for interview in other] != [kept(interview) for interview in invented[:5]]


def test_an_answer_to_a_question_that_the_form_has_not_is_a_mistake(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InterviewFailed, match="no question nmo"):
        fill(folder / "t.xml", folder, tmp_path / "out", seed=1, count=1, answers={"nmo": "x"})


def test_a_question_that_nothing_satisfies_is_named(tmp_path: Path) -> None:
    survey = """
    | | type | name | label::Français (fr) | required | constraint |
    | | integer | age | Âge ? | yes | . > 5 and . < 5 |
    """
    path = made(tmp_path, survey)
    with pytest.raises(InterviewFailed, match="interview 1: no answer that /data/age"):
        fill(path, None, tmp_path / "out", seed=1, count=1)


def test_interviews_are_not_written_among_others(folder: Path, consented: list[Filled]) -> None:
    with pytest.raises(InterviewFailed, match="is not empty"):
        fill(folder / "t.xml", folder, folder / "consented", seed=1, count=1)


def test_a_log_of_events_goes_along_when_the_form_asks_for_one(tmp_path: Path) -> None:
    survey = """
    | | type | name | label::Français (fr) |
    | | audit | audit | |
    | | begin_repeat | trip | Voyage |
    | | text | town | Lieu ? |
    | | end_repeat | | |
    """
    path = made(tmp_path, survey)
    [interview] = fill(path, None, tmp_path / "out", seed=1, count=1, answers={"trip": 2, "town": "Kita"})
    assert texts(interview, "audit") == ["audit.csv"]
    lines = interview.files["audit.csv"].decode().splitlines()
    assert lines[0] == "event,node,start,end"
    nodes = [line.split(",")[1] for line in lines if line.startswith("question,")]
    assert nodes == ["/data/trip[1]/town", "/data/trip[2]/town"]
