"""Clusters keep every constraint, whatever the scores; a person's number outlives new clusters."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.linkage.cluster import clusters, components, overlapping
from server.core.linkage.identity import assigned

SIZE = 9
PAIR = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda pair: pair[0] < pair[1])
FEW = st.lists(PAIR, max_size=6)
ODDS = st.dictionaries(PAIR, st.floats(-10, 10))


def together(labels: list[int], pair: tuple[int, int]) -> bool:
    return labels[pair[0]] == labels[pair[1]]


def test_one_strong_pair_does_not_join_two_persons() -> None:
    odds = {(0, 1): 5.0, (2, 3): 5.0, (1, 2): 3.0, (0, 2): -6.0, (0, 3): -6.0, (1, 3): -6.0}
    assert clusters(4, odds).labels == [0, 0, 2, 2]
    assert components(4, [pair for pair, score in odds.items() if score > 0]) == [0, 0, 0, 0]


def test_a_weak_pair_is_joined_through_a_third_record() -> None:
    assert clusters(3, {(0, 1): 6.0, (1, 2): 5.0, (0, 2): -1.0}).labels == [0, 0, 0]


def test_a_supervisor_wins_over_scores_and_contradictions() -> None:
    assert clusters(2, {(0, 1): 9.0}, different=[(0, 1)]).labels == [0, 1]
    assert clusters(2, {(0, 1): -9.0}, same=[(1, 0)], contradictions=[(0, 1)]).labels == [0, 0]


def test_interviews_at_the_same_time_are_of_two_persons() -> None:
    held = {0: (10.0, 11.0), 1: (10.5, 11.5), 2: (11.0, 12.0)}
    assert overlapping([(0, 1), (0, 2), (1, 2), (0, 3)], held) == [(0, 1), (1, 2)]


def test_decisions_that_contradict_one_another_are_told() -> None:
    found = clusters(3, {}, same=[(0, 1), (1, 2)], different=[(0, 2)])
    assert found.labels == [0, 0, 2]
    assert found.unmet == [(1, 2)]


@settings(max_examples=60)
@given(ODDS, FEW, FEW, FEW)
def test_constraints_hold(
    odds: dict[tuple[int, int], float],
    same: list[tuple[int, int]],
    different: list[tuple[int, int]],
    contradictions: list[tuple[int, int]],
) -> None:
    found = clusters(SIZE, odds, same, different, contradictions)
    decided = components(SIZE, [pair for pair in same if pair not in found.unmet])
    assert all(not together(found.labels, pair) for pair in different)
    assert all(together(found.labels, pair) for pair in same if pair not in found.unmet)
    assert all(not together(found.labels, pair) or together(decided, pair) for pair in contradictions)
    assert all(found.labels[label] == label for label in found.labels)
    if not different:
        assert found.unmet == []


@given(ODDS, st.floats(-3, 3))
def test_joined_groups_agree_on_average_and_no_pair_of_groups_left_does(
    odds: dict[tuple[int, int], float], threshold: float
) -> None:
    labels = clusters(SIZE, odds, threshold=threshold).labels
    groups = defaultdict(list)
    for row, label in enumerate(labels):
        groups[label].append(row)
    for one, other in itertools.combinations(groups.values(), 2):
        pairs = [(min(a, b), max(a, b)) for a in one for b in other]
        known = [min(8.0, max(-4.0, odds[pair])) for pair in pairs if pair in odds]
        mean = (sum(known) - 4.0 * (len(pairs) - len(known))) / len(pairs)
        assert not known or mean <= threshold + 0.01


@given(st.data(), st.dictionaries(PAIR, st.integers(-(10**6), 10**6), max_size=20))
def test_the_order_of_pairs_does_not_matter(data: st.DataObject, odds: dict[tuple[int, int], int]) -> None:
    scores = {pair: score / 1e5 for pair, score in odds.items()}
    shuffled = data.draw(st.permutations(list(scores.items())))
    assert clusters(SIZE, dict(shuffled)).labels == clusters(SIZE, scores).labels


def numbers() -> Callable[[], str]:
    return map(str, itertools.count(100)).__next__


def test_a_merge_keeps_the_older_number() -> None:
    found = assigned([["a", "b", "c"]], {"a": "2", "b": "1"}, {"1": 1, "2": 2}, numbers())
    assert found.person == {"a": "1", "b": "1", "c": "1"}
    assert found.merged == {"2": "1"}


def test_a_split_mints_a_number_for_the_smaller_part() -> None:
    former = dict.fromkeys("abc", "1")
    found = assigned([["a"], ["b", "c"]], former, {"1": 1}, numbers())
    assert found.person == {"a": "100", "b": "1", "c": "1"}
    assert found.split == {"1": ["100"]}


@given(
    st.lists(st.integers(0, 3), min_size=6, max_size=6), st.lists(st.integers(0, 3), min_size=6, max_size=6)
)
def test_numbers_follow_groups_and_unchanged_groups_keep_theirs(old: list[int], new: list[int]) -> None:
    former = {str(row): f"p{label}" for row, label in enumerate(old)}
    groups = defaultdict(list)
    for row, label in enumerate(new):
        groups[label].append(str(row))
    age = {f"p{label}": label for label in range(4)}
    found = assigned(groups.values(), former, age, numbers())
    for one, other in itertools.combinations(range(6), 2):
        assert (found.person[str(one)] == found.person[str(other)]) == (new[one] == new[other])
    again = assigned(groups.values(), found.person, age, numbers())
    assert again.person == found.person
    assert again.merged == again.split == {}
