"""What programs may ask over OData, and what they are told when they ask for something else."""

from __future__ import annotations

import pytest

from server.core.odata.filter import Comparison, Joined, Operand, read_filter, read_order
from server.core.odata.query import read_query, read_token, selected, token_of
from server.core.odata.shape import identifier
from server.core.problem import Malformed, Unsupported

RECEIVED = Operand("column", "received")
DAY = Operand("time", "2026-11-01")


def test_and_binds_more_than_or_and_not_more_than_both() -> None:
    said = "not __id eq 'a' and __id eq 'b' or __id eq 'c'"
    first, second, third = (
        Comparison("eq", Operand("column", "instance"), Operand("text", one)) for one in "abc"
    )
    assert read_filter(said) == Joined("or", (Joined("and", (Joined("not", (first,)), second)), third))


def test_brackets_bind_most() -> None:
    found = read_filter("(__id eq 'a' or __id eq 'b') and __id ne 'c'")
    assert isinstance(found, Joined)
    assert found.how == "and"


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("__system/submissionDate ge 2026-11-01", Comparison("ge", RECEIVED, DAY)),
        ("$root/Submissions/__system/submissionDate ge 2026-11-01", Comparison("ge", RECEIVED, DAY)),
        (
            "year(__system/submissionDate) eq 2026",
            Comparison("eq", Operand("part", "received", "year"), Operand("number", "2026")),
        ),
        ("__system/reviewState eq null", Comparison("eq", Operand("column", "standing"), Operand("null"))),
        ("__system/submissionDate lt now()", Comparison("lt", RECEIVED, Operand("now"))),
        ("__id eq 'l''un'", Comparison("eq", Operand("column", "instance"), Operand("text", "l'un"))),
    ],
)
def test_conditions_on_the_journey_are_read(said: str, condition: Comparison) -> None:
    assert read_filter(said) == condition


@pytest.mark.parametrize("said", ["age gt 3", "q/nom eq 'Bakary'", "__system/deviceId eq 'x'"])
def test_nobody_can_be_looked_for_by_an_answer(said: str) -> None:
    with pytest.raises(Unsupported) as told:
        read_filter(said)
    assert told.value.code == "odata_field"


@pytest.mark.parametrize(
    "said", ["(", "__id", "__id eq", "__id eq 'a", "__id is 'a'", "__id eq 'a' __id", "é", "(" * 200, "year("]
)
def test_a_broken_condition_is_refused(said: str) -> None:
    with pytest.raises(Malformed):
        read_filter(said)


def test_columns_to_order_by_fall_when_said() -> None:
    assert read_order("__system/submissionDate desc, __id") == [("received", True), ("instance", False)]
    with pytest.raises(Malformed):
        read_order("__id sideways")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"$apply": "x"}, "odata_option"),
        ({"$expand": "people"}, "odata_expand"),
        ({"$expand": "*", "$select": "__id"}, "odata_select_expand"),
        ({"$orderby": "__id", "$skiptoken": token_of("x", turn=False)}, "odata_order_token"),
    ],
)
def test_what_is_not_offered_is_named(options: dict[str, str], code: str) -> None:
    with pytest.raises(Unsupported) as told:
        read_query(options)
    assert told.value.code == code


@pytest.mark.parametrize(
    "options",
    [
        {"$top": "-1"},
        {"$top": "many"},
        {"$skip": "1e3"},
        {"$count": "perhaps"},
        {"$skiptoken": "01?"},
        {"$skiptoken": "x"},
    ],
)
def test_a_broken_option_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        read_query(options)


def test_words_for_yes_may_be_written_as_programs_do() -> None:
    assert read_query({"$count": "True", "$wkt": "false"}).count
    assert not read_query({"$wkt": "False"}).wkt


def test_a_token_leads_back_to_its_row() -> None:
    assert read_token(token_of("uuid:é", turn=True)) == "uuid:é"


def test_only_the_chosen_columns_are_left() -> None:
    row = {"__id": "a", "__system": {"edits": 0, "status": None}, "q": {"age": 3, "job": "x"}}
    assert selected(row, ("__id", "__system/edits", "q")) == {
        "__id": "a",
        "__system": {"edits": 0},
        "q": row["q"],
    }
    with pytest.raises(Malformed):
        selected(row, ("q/nom",))


@pytest.mark.parametrize(("name", "safe"), [("age", "age"), ("2nd", "_2nd"), ("a-b.c", "a_b_c"), ("é", "__")])
def test_names_become_those_that_odata_allows(name: str, safe: str) -> None:
    assert identifier(name) == safe
