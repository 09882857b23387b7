"""Diversity of sensitive answers, as sdcMicro's ldiversity and by the definitions."""

from __future__ import annotations

from collections import Counter
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.disclosure.diversity import diversity, whole_classes
from server.core.disclosure.keys import Ints, encode


def test_missing_keys_are_a_group_of_their_own() -> None:
    keys = encode(
        [
            ["female", "female", "female", "male", "male", "female", "female"],
            ["", "", "", "teacher", "teacher", "nurse", "nurse"],
            ["other"] * 5 + ["majority"] * 2,
        ]
    )
    assert diversity(keys, np.array([1, 0, 2, 1, 0, 0, 1])).distinct.tolist() == [3, 3, 3, 2, 2, 2, 2]


def test_each_measure_on_one_group() -> None:
    found = diversity(np.zeros((6, 1), np.int64), np.array([0, 0, 0, 1, 1, 2]))
    entropy = -(log(1 / 2) / 2 + log(1 / 3) / 3 + log(1 / 6) / 6)
    assert found.distinct[0] == 3
    assert found.entropy[0] == pytest.approx(exp(entropy))
    assert found.recursive[0] == 2  # 3 < 2(2 + 1), but not 3 < 2 · 1
    assert found.commonest[0] == 0.5
    assert found.closeness[0] == pytest.approx(0)


def test_a_group_where_all_answered_the_same_is_far_from_the_file() -> None:
    found = diversity(np.array([[0], [0], [1], [1]]), np.array([1, 1, 0, 1]))
    assert found.distinct.tolist() == [1, 1, 2, 2]
    assert found.commonest.tolist() == [1, 1, 0.5, 0.5]
    assert found.closeness == pytest.approx([0.25, 0.25, 0.25, 0.25])


def test_groups_that_consist_of_one_answer() -> None:
    keys, answers = np.array([[0], [0], [1], [1], [2]]), np.array([1, 1, 1, 0, 0])
    assert whole_classes(keys, answers, 1) == 1
    assert whole_classes(keys, answers, 0) == 1
    assert whole_classes(keys, answers, 2) == 0


def plain(codes: Ints, sensitive: Ints, row: int) -> tuple[int, float, int, float]:
    """By the definitions, for one record."""
    group = sensitive[(codes == codes[row]).all(axis=1)].tolist()
    named = Counter(answer for answer in group if answer >= 0)
    counts = list(named.values())
    if counts and len(group) > named.total():
        counts.append(len(group) - named.total())
    shares = [count / len(group) for count in counts]
    ordered = sorted(named.values(), reverse=True)
    recursive = 1
    while recursive < len(ordered) and ordered[0] < 2 * sum(ordered[recursive:]):
        recursive += 1
    whole = Counter(sensitive.tolist())
    here = Counter(group)
    far = sum(abs(here[one] / len(group) - whole[one] / len(sensitive)) for one in whole) / 2
    return len(counts), exp(-sum(share * log(share) for share in shares)), recursive, far


@settings(deadline=None)
@given(st.data())
def test_against_the_definitions(data: st.DataObject) -> None:
    records = data.draw(st.integers(1, 20))
    row = st.lists(st.integers(-1, 1), min_size=2, max_size=2)
    codes = np.array(data.draw(st.lists(row, min_size=records, max_size=records)), np.int64)
    answers = st.lists(st.integers(-1, 3), min_size=records, max_size=records)
    sensitive = np.array(data.draw(answers), np.int64)
    found = diversity(codes, sensitive)
    for one in range(records):
        distinct, entropy, recursive, far = plain(codes, sensitive, one)
        assert found.distinct[one] == distinct
        assert found.entropy[one] == pytest.approx(entropy)
        assert found.recursive[one] == recursive
        assert found.closeness[one] == pytest.approx(far)
