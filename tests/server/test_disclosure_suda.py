"""Special uniques are found and scored as SUDA2 does."""

from __future__ import annotations

from itertools import combinations
from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.microdata import GUIDE

from server.core.disclosure.keys import Ints, encode
from server.core.disclosure.suda import suda

CODES = encode([list(column) for column in list(zip(*GUIDE, strict=True))[:4]])


def test_the_guides_scores() -> None:
    found = suda(CODES)
    assert found.score.tolist() == [0, 0, 6, 0, 12, 0, 6, 10, 0, 0]
    assert found.dis[[2, 4, 6, 7]] == pytest.approx([0.0050, 0.0114, 0.0050, 0.0092], abs=5e-5)
    assert not found.dis[[0, 1, 3, 5, 8, 9]].any()


def test_the_guides_dis_column_belongs_to_the_other_scores() -> None:
    found = suda(CODES, ihsn=True)
    assert found.dis[[2, 4, 6, 7]] == pytest.approx([0.0051, 0.0107, 0.0051, 0.0088], abs=5e-5)
    # One key alone among four: (2^3 - 1) / C(4, 1).
    assert found.score[2] == pytest.approx(7 / comb(4, 1))


def test_a_published_example() -> None:
    age = ["20s"] * 7 + ["60s"]
    gender = ["male"] * 4 + ["female"] * 3 + ["male"]
    income = ["50k+"] * 2 + ["50k-"] * 6
    school = ["high"] * 4 + ["university", "high", "middle", "university"]
    assert suda(encode([age, gender, income, school])).score[4:].tolist() == [4, 2, 6, 8]


def test_what_each_key_adds() -> None:
    found = suda(np.array([[2, 0, 0], [1, 3, 6], [1, 0, 0]]))
    assert found.score.tolist() == [2, 4, 2]
    assert found.contribution == pytest.approx([50, 37.5, 37.5])
    assert found.share[1].tolist() == [0, 0.5, 0.5]


def test_with_nobody_alone_nothing_is_scored() -> None:
    found = suda(np.zeros((4, 3), np.int64))
    assert not found.score.any()
    assert not found.dis.any()
    assert not found.contribution.any()


def test_few_keys_are_scored_as_three() -> None:
    assert suda(np.array([[0], [1], [1]])).score.tolist() == [2, 0, 0]
    assert suda(np.array([[0, 0], [1, 0], [1, 1]])).score.tolist() == [2, 1, 2]


def plain_scores(codes: Ints) -> list[float]:
    """By the definition: every set of keys, every record."""
    records, keys = codes.shape
    scores = []
    for one in range(records):
        minimal: list[set[int]] = []
        for size in range(1, keys + 1):
            for chosen in combinations(range(keys), size):
                mine = codes[one, list(chosen)]
                alone = ((codes[:, list(chosen)] == mine).all(axis=1)).sum() == 1
                if alone and (mine >= 0).all() and not any(smaller <= {*chosen} for smaller in minimal):
                    minimal.append({*chosen})
        scores.append(float(sum(factorial(keys - len(found)) for found in minimal)))
    return scores


@settings(deadline=None)
@given(st.data())
def test_against_the_definition(data: st.DataObject) -> None:
    keys = data.draw(st.integers(3, 5))
    row = st.lists(st.integers(-1, 2), min_size=keys, max_size=keys)
    codes = np.array(data.draw(st.lists(row, min_size=1, max_size=12)), np.int64)
    assert suda(codes).score.tolist() == plain_scores(codes)
