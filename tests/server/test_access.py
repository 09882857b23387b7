"""Who sees what: a test for each cell of the table of roles and classes, and how answers are made coarser."""

from __future__ import annotations

import pytest

from forms import catalog
from forms.compile import build
from forms.reader import read_form
from forms.schema import Form, Question
from server.core.access import CLASSES, ORDER, Right, right, right_to, visible
from server.core.plan import Plan
from server.core.recode import recoder, region_of

ROLES = ("enumerator", "supervisor", "analyst", "protection", "admin", "public", "nobody")
TABLE: dict[str, dict[str, Right]] = {
    "supervisor": {
        "direct": "reveal",
        "quasi": "read",
        "sensitive": "read",
        "free_text": "masked",
        "media": "reveal",
        "paradata": "read",
    },
    "analyst": {
        "direct": "never",
        "quasi": "recoded",
        "sensitive": "read",
        "free_text": "coded",
        "media": "never",
        "paradata": "aggregated",
    },
    "protection": {
        "direct": "reveal",
        "quasi": "read",
        "sensitive": "read",
        "free_text": "read",
        "media": "reveal",
        "paradata": "read",
    },
    "public": {"quasi": "gate", "sensitive": "gate"},
}
CELLS = [(role, kind) for role in ROLES for kind in CLASSES]
SEEN = {"read", "masked", "recoded"}


def question(name: str, *classes: str, kind: str = "integer", recode: str | None = None) -> Question:
    return Question(f"/{name}", name, kind, frozenset(classes), recode=recode)


def form(*questions: Question) -> Form:
    return Form("f", "1", "F", "data", questions)


@pytest.mark.parametrize(("role", "kind"), CELLS)
def test_each_cell_of_the_table(role: str, kind: str) -> None:
    expected = TABLE.get(role, {}).get(kind, "never")
    assert right(role, kind) == expected
    if kind in ("media", "paradata"):
        return
    asked = question("q", kind, recode="top 15")
    plan = Plan.of(form(asked))
    found = visible(plan, {"q": "20"}, role)
    shown = {"q": "15+" if expected == "recoded" else "20"}
    assert found == (shown if expected in SEEN else {})


@pytest.mark.parametrize("role", ROLES)
def test_a_question_of_two_classes_is_as_strict_as_its_stricter_one(role: str) -> None:
    for one in CLASSES:
        for other in CLASSES:
            both = right_to(role, question("q", one, other))
            assert ORDER.index(both) == min(ORDER.index(right(role, one)), ORDER.index(right(role, other)))


@pytest.mark.parametrize("role", ROLES)
def test_media_and_unknown_fields_are_never_shown(role: str) -> None:
    plan = Plan.of(form(question("photo", "public", kind="media")))
    assert visible(plan, {"photo": "p.jpg", "stranger": "x", "group": {"deeper": "y"}}, role).keys() <= {
        "group"
    }
    assert visible(plan, {"group": {"deeper": "y"}}, role) == {"group": {}}


def test_answers_within_groups_and_repeats_are_judged_each() -> None:
    asked = [
        Question("/g/age", "age", "integer", frozenset({"quasi"}), recode="band 0-17,18+"),
        Question("/g/trip/year", "year", "integer", frozenset({"quasi"}), recode="band 5 years"),
        Question("/g/trip/name", "name", "text", frozenset({"direct"})),
    ]
    answers = {"g": {"age": "34", "trip": [{"year": "2017", "name": "x"}, {"year": "2020"}]}}
    assert visible(Plan.of(form(*asked)), answers, "analyst") == {
        "g": {"age": "18+", "trip": [{"year": "2015-2019"}, {"year": "2020-2024"}]}
    }


@pytest.mark.parametrize(
    ("recode", "text", "coarse"),
    [
        (None, "7", "7"),
        ("keep", "7", "7"),
        ("top 15", "14", "14"),
        ("top 15", "15", "15+"),
        ("topcode:65", "80", "65+"),
        ("round 50000", "74999", "50000"),
        ("round 50000", "75000", "100000"),
        ("band 5 years", "2019", "2015-2019"),
        ("range:5", "20", "20-24"),
        ("band 0-5,6-11,12-35,36+", "5.5", "0-5"),
        ("band 0-5,6-11,12-35,36+", "36", "36+"),
        ("band 15-17,18-24", "40", "other"),
        ("band single,married,other", "married_poly", "married"),
        ("band single,married,other", "widowed", "other"),
        ("band algeria,libya,niger,other", "dza", "algeria"),
        ("band north_africa,west_africa,europe,other", "ner", "west_africa"),
        ("band algeria,libya,niger,other", "refuse", "refuse"),
        ("year", "2019-05-17", "2019"),
        ("month", "2019-05-17", "2019-05"),
        ("top 15", "-98", "-98"),
        ("top 15", "", ""),
    ],
)
def test_answers_are_made_coarser(recode: str | None, text: str, coarse: str) -> None:
    change = recoder(form(), question("q", "quasi", recode=recode))
    assert change is not None
    assert change(text) == coarse


@pytest.mark.parametrize("recode", ["drop", "unheard of", "list:occupation"])
def test_what_is_dropped_or_not_understood_is_not_shown(recode: str) -> None:
    assert recoder(form(), question("q", "quasi", recode=recode)) is None


@pytest.mark.parametrize("name", catalog.questionnaires())
def test_the_words_of_our_own_questionnaires_are_all_understood(name: str) -> None:
    built = build(name)
    read = read_form(built.xform, built.media)
    for asked in read.questions:
        if asked.recode != "drop":
            assert recoder(read, asked) is not None, asked.name
            for choice in asked.choices or ():
                change = recoder(read, asked)
                assert change is None or change(choice.name)


def test_a_commune_becomes_its_region() -> None:
    built = build("returnee")
    read = read_form(built.xform, built.media)
    assert region_of(read, "kay_kita") == "kayes"
    communes = next(q for q in read.questions if q.name == "commune").choices or ()
    regions = {region_of(read, choice.name) for choice in communes}
    assert {"kayes", "bamako"} <= regions
    assert len(regions) <= 21
