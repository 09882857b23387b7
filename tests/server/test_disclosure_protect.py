"""Recodes and blanks reach the k that is asked for, and cost little."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.disclosure.keys import encode
from server.core.disclosure.lattice import search
from server.core.disclosure.protect import Plan, protect
from server.core.disclosure.recode import parse, recoded
from server.core.disclosure.risk import frequencies
from server.core.disclosure.suppress import suppressed
from server.core.problem import Malformed, Problem, Refused


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_every_record_shares_its_keys_with_enough(data: st.DataObject) -> None:
    records, keys = data.draw(st.integers(2, 14)), data.draw(st.integers(1, 4))
    row = st.lists(st.integers(-1, 3), min_size=keys, max_size=keys)
    codes = np.array(data.draw(st.lists(row, min_size=records, max_size=records)), np.int64)
    k = data.draw(st.integers(2, min(5, records)))
    result = suppressed(codes, k)
    assert frequencies(result).sample.min() >= k
    for one in range(records):  # and by the plain rule, that a blank may be anything
        agree = (result == result[one]) | (result < 0) | (result[one] < 0)
        assert agree.all(axis=1).sum() >= k
    assert ((result == codes) | (result == -1)).all()
    for cell in np.argwhere(result != codes):  # no blank could be spared
        fuller = result.copy()
        fuller[tuple(cell)] = codes[tuple(cell)]
        assert frequencies(fuller).sample.min() < k


def test_a_table_that_is_safe_stays_whole() -> None:
    codes = np.array([[0, 1], [0, 1], [2, 0], [2, 0]])
    assert (suppressed(codes, 2) == codes).all()


def test_one_blank_serves_two_who_differ_in_one_key() -> None:
    codes = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 1], [1, 1, 1]])
    assert (suppressed(codes, 2) != codes).sum() == 1


def test_what_costs_more_is_blanked_last() -> None:
    codes = np.array([[0, 0], [0, 1], [1, 1], [0, 0], [1, 1]])
    for dear in (0, 1):
        costs = np.ones(2)
        costs[dear] = 10
        assert not (suppressed(codes, 2, costs) != codes)[:, dear].any()


def test_blanks_are_fewer_than_when_each_record_looks_after_itself() -> None:
    random = np.random.default_rng(3)
    shares = [1 / np.arange(1, size + 1) ** 1.5 for size in (2, 4, 5, 8)]
    codes = np.column_stack([random.choice(len(one), 300, p=one / one.sum()) for one in shares])
    alone = 0
    for row in np.flatnonzero(frequencies(codes).sample < 3):
        for size in range(1, 5):
            sets = [list(kept) for kept in combinations(range(4), 4 - size)]
            if any((codes[:, kept] == codes[row, kept]).all(axis=1).sum() >= 3 for kept in sets):
                alone += size
                break
    assert 0 < (suppressed(codes, 3) != codes).sum() < 0.7 * alone


def test_few_emptied_records_do_not_pretend_to_protect_everybody() -> None:
    codes = np.arange(40)[:, None] // np.array([1, 1, 1])
    result = suppressed(codes, 2)
    assert (result < 0).any(axis=1).sum() >= 20


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="fewer_than_k"):
        suppressed(np.array([[0], [1]]), 3)
    with pytest.raises(Refused, match="too_many_keys"):
        suppressed(np.zeros((5, 13), np.int64), 2)


@pytest.mark.parametrize(
    ("said", "values", "seen"),
    [
        ("range:5", ["0", "4", "5", "17.5", "-3", ""], ["0-4", "0-4", "5-9", "15-19", "-5 to -1", ""]),
        ("range:1", ["7.9", "8"], ["7", "8"]),
        ("topcode:65", ["64", "65", "90", ""], ["64", "65+", "65+", ""]),
        ("month", ["2026-03-14", "2026-03"], ["2026-03", "2026-03"]),
        ("year", ["2026-03-14T08:00"], ["2026"]),
        ("drop", ["x", ""], ["", ""]),
    ],
)
def test_recodes(said: str, values: list[str], seen: list[str]) -> None:
    assert recoded("c", values, parse(said)) == seen


def test_a_place_becomes_the_place_around_it() -> None:
    recode = parse("adm2", {"Sibi": "Yanfolila", "Gouandiaka": "Yanfolila"})
    assert recoded("commune", ["Sibi", "", "Gouandiaka"], recode) == ["Yanfolila", "", "Yanfolila"]
    with pytest.raises(Malformed, match="no_parent"):
        recoded("commune", ["Elsewhere"], recode)


@pytest.mark.parametrize("said", ["range", "range:0", "range:x", "topcode:-1", "adm2", "nonsense", ""])
def test_a_recode_that_says_nothing_is_refused(said: str) -> None:
    with pytest.raises(Malformed, match="bad_recode"):
        parse(said)


@pytest.mark.parametrize(("said", "code"), [("range:5", "key_not_a_number"), ("month", "key_not_a_date")])
def test_an_answer_that_cannot_be_recoded_is_not_lost(said: str, code: str) -> None:
    with pytest.raises(Problem, match=code) as found:
        recoded("age", ["12", "unknown"] if said == "range:5" else ["14/03/2026"], parse(said))
    assert found.value.facts == {"column": "age"}


def test_the_search_finds_the_mildest_levels() -> None:
    age = [encode([[str(value // width) for value in (20, 21, 30, 31)]])[:, 0] for width in (1, 10, 100)]
    sex = [encode([["f", "f", "m", "m"]])[:, 0], np.zeros(4, np.int64)]
    found = search([age, sex], 2)
    assert [node.levels for node in found] == [(1, 0)]
    assert found[0].short == 0
    assert {node.levels for node in search([age, sex], 3)} == {(2, 1)}
    assert search([age[:1], sex], 2) == []


@settings(deadline=None)
@given(st.data())
def test_the_search_against_trying_all(data: st.DataObject) -> None:
    records = data.draw(st.integers(2, 10))
    columns = [data.draw(st.lists(st.integers(0, 7), min_size=records, max_size=records)) for _ in range(2)]
    levels = [[np.array(values) // width for width in (1, 2, 8)] for values in columns]
    k = data.draw(st.integers(2, 3))
    good = {
        (a, b)
        for a in range(3)
        for b in range(3)
        if frequencies(np.column_stack([levels[0][a], levels[1][b]])).sample.min() >= k
    }
    minimal = {one for one in good if not any(o != one and o[0] <= one[0] and o[1] <= one[1] for o in good)}
    assert {node.levels for node in search(levels, k)} == minimal


def test_protection_tells_what_it_did() -> None:
    columns = {
        "age": ["20", "21", "22", "34", "33", "71"],
        "sex": ["f", "f", "f", "m", "m", "m"],
        "camp": ["a", "b", "c", "d", "e", "f"],
    }
    plan = Plan(2, {"age": parse("range:10"), "camp": parse("drop")})
    made = protect(columns, plan)
    assert made.dropped == ["camp"]
    assert list(made.columns) == ["age", "sex"]
    assert made.columns["age"] == ["20-29", "20-29", "20-29", "30-39", "30-39", ""]
    assert made.blanked == {"age": 1, "sex": 0}
    assert (made.k_before, made.k_recoded, made.k, made.k_blank_as_value) == (1, 1, 3, 1)
    assert made.change["age"]["20-29"] == (3 / 6, 3 / 5)
    assert made.change["age"]["70-79"] == (1 / 6, 0)


def test_the_mildest_level_is_taken() -> None:
    columns = {"age": [str(20 + number // 2) for number in range(20)], "sex": ["f"] * 20}
    levels = {"age": [parse("range:5"), parse("range:10"), parse("drop")]}
    assert protect(columns, Plan(2, levels=levels)).recoded == {}
    assert protect(columns, Plan(4, levels=levels)).recoded == {"age": "range:5"}
    assert protect(columns, Plan(15, levels=levels)).recoded == {"age": "range:10"}


def test_a_key_must_remain() -> None:
    with pytest.raises(Refused, match="no_key_left"):
        protect({"age": ["1", "2"]}, Plan(2, {"age": parse("drop")}))
