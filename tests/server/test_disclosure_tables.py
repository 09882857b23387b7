"""Hidden cells stay hidden from whoever knows the margins and a linear programme."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.disclosure.tables import (
    Equation,
    attack,
    intervals,
    margins,
    primary,
    protect_table,
    secure,
    with_margins,
)
from server.core.problem import Refused

COUNTS = np.array([[20, 3, 12, 9], [15, 8, 2, 30], [11, 16, 14, 6]])


def test_hiding_small_cells_alone_hides_nothing() -> None:
    small = primary(COUNTS, 5)
    assert np.argwhere(small).tolist() == [[0, 1], [1, 2]]
    found = attack(COUNTS, small)
    assert found[0, 1] == pytest.approx([3, 3])
    assert found[1, 2] == pytest.approx([2, 2])


def test_the_attack_on_four_cells() -> None:
    hidden = np.zeros((3, 4), np.bool_)
    hidden[:2, 1:3] = True
    found = attack(COUNTS, hidden)
    # Hidden: 3 12 / 8 2. The first may fall to 1, as the last may fall to 0, and rise to 11.
    assert found[:2, 1:3].reshape(4, 2) == pytest.approx(np.array([[1, 11], [4, 14], [0, 10], [0, 10]]))
    assert found[2, 3].tolist() == [6, 6]


@pytest.mark.parametrize("threshold", [3, 5, 11])
def test_protection_withstands_the_attack(threshold: int) -> None:
    counts = COUNTS * 3
    hidden = protect_table(counts, threshold)
    assert (hidden | ~primary(counts, threshold)).all()
    found = attack(counts, hidden)
    assert (found[..., 1] - found[..., 0])[hidden].min(initial=np.inf) >= threshold - 1e-6


def test_a_safe_table_is_published_whole() -> None:
    assert not protect_table(np.full((3, 3), 9), 5).any()


def test_a_row_in_one_cell_tells_everybodys_answer() -> None:
    counts = np.array([[0, 30, 0], [20, 25, 30], [12, 14, 16]])
    assert primary(counts, 5)[0].tolist() == [False, True, False]
    assert primary(counts, 5, zeros=True)[0].tolist() == [True, True, True]
    hidden = protect_table(counts, 5)
    low, high = attack(counts, hidden)[0, 1]
    assert hidden[0, 1]
    assert high - low >= 5


def test_small_totals_are_refused() -> None:
    with pytest.raises(Refused, match="small_margin"):
        protect_table(np.array([[1, 2], [30, 40]]), 5)


def test_a_table_of_one_column_cannot_be_protected() -> None:
    # With two cells that add up to seven no interval is wider than seven.
    with pytest.raises(Refused, match="table_not_protectable"):
        secure(np.array([3, 4, 7]), np.array([True, False, False]), margins((1, 2))[:1], 11, np.ones(3) > 2)


@settings(deadline=None, max_examples=10)
@given(st.lists(st.lists(st.integers(0, 25), min_size=3, max_size=3), min_size=3, max_size=3))
def test_any_table_is_protected_or_refused(rows: list[list[int]]) -> None:
    counts = np.array(rows)
    try:
        hidden = protect_table(counts, 5)
    except Refused:
        return
    found = attack(counts, hidden)
    assert (hidden | ~primary(counts, 5)).all()
    assert (found[..., 1] - found[..., 0])[hidden].min(initial=np.inf) >= 5 - 1e-6
    assert (found[..., 0] <= counts + 1e-6).all()
    assert (found[..., 1] >= counts - 1e-6).all()


def test_two_tables_that_share_their_totals_are_attacked_together() -> None:
    """Sex by region, and sex by age: what one hides the totals of the other must not tell."""
    one, other = with_margins(np.array([[4, 20], [18, 22]])), with_margins(np.array([[10, 14], [20, 20]]))
    cells = np.concatenate([one.ravel(), other.ravel()])
    size = one.size
    second = [
        Equation({cell + size: factor for cell, factor in line.factors.items()}) for line in margins((2, 2))
    ]
    same = [Equation({place: 1.0, place + size: -1.0}) for place in (2, 5, 8)]
    equations = [*margins((2, 2)), *second, *same]
    hidden = np.zeros(len(cells), np.bool_)
    hidden[[0, 1, 3, 4, 2, 5]] = True  # the first table's cells and its totals by sex
    alone = intervals(cells[:size], hidden[:size], margins((2, 2)))
    together = intervals(cells, hidden, equations)
    assert alone[2] == pytest.approx([0, 64])
    assert together[2] == pytest.approx([24, 24])  # the second table publishes it
    chosen = secure(cells, hidden, equations, 5)
    found = intervals(cells, chosen, equations)
    assert (found[:, 1] - found[:, 0])[chosen].min() >= 5 - 1e-6
