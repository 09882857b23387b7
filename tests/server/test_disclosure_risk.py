"""Frequencies and risks are those that sdcMicro computes."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.microdata import FRANCDAT, GUIDE

from server.core.disclosure import risk
from server.core.disclosure.keys import Floats, Ints, encode
from server.core.disclosure.risk import Frequencies, below, frequencies, households, individual, measured

# The table of sdcMicro's own tests, and what becomes missing in its variants.
SMALL = [[2, 3, 1], [3, 3, 3], [2, 3, 1], [2, 3, 2], [3, 3, 1], [3, 3, 1], [1, 4, 1], [2, 3, 1]]
WEIGHTS = np.array([18.0, 45.5, 39.0, 17.0, 92.0, 8.0, 123.5, 51])

NODES, WIDTHS = np.polynomial.legendre.leggauss(200)


def table(absent: list[tuple[int, int]]) -> Ints:
    codes = np.array(SMALL, np.int64)
    for cell in absent:
        codes[cell] = -1
    return codes


def coded(rows: list[tuple[object, ...]]) -> tuple[Ints, Floats]:
    *keys, weight = zip(*rows, strict=True)
    return encode([[str(value) for value in key] for key in keys]), np.array(weight, np.float64)


def compatible(codes: Ints, row: int, other: int) -> bool:
    if codes.shape[1] > 1 and (codes[row] >= 0).all() and (codes[other] < 0).all():
        return False
    return all(a == b or a < 0 or b < 0 for a, b in zip(codes[row], codes[other], strict=True))


def test_francdat() -> None:
    freq = frequencies(*coded(FRANCDAT))
    assert freq.sample.tolist() == [2, 2, 2, 1, 1, 1, 1, 2]
    assert freq.population.tolist() == [110, 84.5, 84.5, 17, 541, 8, 5, 110]
    known = [0.01714426, 0.02204233, 0.02204233, 0.17707583, 0.01165448, 0.29706308, 0.40235948, 0.01714426]
    assert individual(freq) == pytest.approx(known, abs=5e-9)


def test_the_guides_table() -> None:
    found = measured(frequencies(*coded(GUIDE)))
    known = [0.0054, 0.0054, 0.0251, 0.0126, 0.0282, 0.0126, 0.0290, 0.0251, 0.0074, 0.0074]
    assert found.each == pytest.approx(known, abs=6e-5)
    assert found.file == pytest.approx(0.01582, abs=5e-6)
    assert found.expected == pytest.approx(10 * found.file)


@pytest.mark.parametrize(
    ("absent", "sample", "population"),
    [
        ([], [3, 1, 3, 1, 2, 2, 1, 3], [108, 45.5, 108, 17, 100, 100, 123.5, 108]),
        ([(2, 2), (6, 2)], [3, 1, 4, 2, 2, 2, 1, 3], [108, 45.5, 125, 56, 100, 100, 123.5, 108]),
        (
            [(2, 0), (2, 1), *((row, 2) for row in range(8))],
            [4, 4, 8, 4, 4, 4, 2, 4],
            [125, 184.5, 394, 125, 184.5, 184.5, 162.5, 125],
        ),
    ],
)
def test_frequencies_of_sdcmicros_tests(
    absent: list[tuple[int, int]], sample: list[int], population: list[float]
) -> None:
    freq = frequencies(table(absent), WEIGHTS)
    assert freq.sample.tolist() == sample
    assert freq.population.tolist() == population
    alone = frequencies(table(absent))
    assert alone.population.tolist() == alone.sample.tolist() == sample


def test_frequencies_by_one_key() -> None:
    codes = np.array([[2], [3], [-1], [2], [1], [-1], [1], [2]])
    freq = frequencies(codes, WEIGHTS)
    assert freq.sample.tolist() == [5, 3, 8, 5, 4, 8, 4, 5]
    assert freq.population.tolist() == [133, 92.5, 394, 133, 262.5, 394, 262.5, 133]


@pytest.mark.parametrize("work", [0, 50_000])
def test_an_empty_record_is_counted_only_by_those_with_gaps(
    work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(risk, "PAIR_OF_PATTERNS", work)
    codes = np.array([[-1, -1], [1, 1], [2, 2], [1, -1]])
    assert frequencies(codes).sample.tolist() == [4, 2, 1, 3]


def test_risks_of_sdcmicros_tests() -> None:
    freq = frequencies(table([(2, 2), (6, 2), (7, 0)]), WEIGHTS)
    approx = [0.013698630, 0.085791288, 0.010554090, 0.032466112, 0.009836066, 0.009836066, 0.039316254]
    exact = [0.013552968, 0.085791288, 0.010504889, 0.032466112, 0.009756889, 0.009756889, 0.039316254]
    assert individual(freq) == pytest.approx([*approx, 0.005973716], abs=5e-9)
    assert individual(freq, "exact") == pytest.approx([*exact, 0.005962551], abs=5e-9)


@settings(deadline=None)
@given(st.data())
def test_missing_answers_match_anything(data: st.DataObject) -> None:
    records, keys = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 4))
    row = st.lists(st.integers(-1, 2), min_size=keys, max_size=keys)
    codes = np.array(data.draw(st.lists(row, min_size=records, max_size=records)), np.int64)
    weights = np.arange(1.0, records + 1)
    with pytest.MonkeyPatch.context() as patch:  # both ways of matching
        patch.setattr(risk, "PAIR_OF_PATTERNS", data.draw(st.sampled_from([0, 50_000])))
        freq = frequencies(codes, weights)
    for one in range(records):
        meets = [compatible(codes, one, other) for other in range(records)]
        assert freq.sample[one] == sum(meets)
        assert freq.population[one] == pytest.approx(weights[meets].sum())


@settings(deadline=None)
@given(st.integers(1, 400), st.floats(1.01, 1e5))
def test_the_exact_risk_is_the_expected_share(f: int, more: float) -> None:
    """Against p times the integral of u^(f-1) / (p + qu), which is smooth over log(p + qu)."""
    p = f / (population := f * more)
    found = individual(Frequencies(np.array([f]), np.array([population])), "exact")[0]
    u = (np.exp(log(p) * (1 - NODES) / 2) - p) / (1 - p)
    integral = float((np.clip(u, 0, 1) ** (f - 1) * WIDTHS).sum()) * -log(p) / 2 / (1 - p)
    assert found == pytest.approx(p * integral, rel=1e-7)


def test_a_record_that_is_its_population_has_one_chance_in_f() -> None:
    freq = Frequencies(np.array([1, 2, 7]), np.array([1.0, 2.0, 7.0]))
    for method in ("approx", "exact"):
        assert individual(freq, method).tolist() == [1, 1 / 2, 1 / 7]  # type: ignore[arg-type]


def test_a_household_is_found_by_any_of_its_members() -> None:
    found = households(np.array([0.1, 0.2, 0.5, 1.0, 0.0]), np.array([7, 7, 3, 9, 9]))
    assert found == pytest.approx([0.28, 0.28, 0.5, 1.0, 1.0])


def test_counts_below() -> None:
    assert below(frequencies(table([]))) == {2: 3, 3: 5, 5: 8}
