"""Finds the same persons in one list: from columns to pairs, clusters and a count of persons.

Pure: rows in, rows out. The result does not depend on the order of the rows, which are sorted by `record_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.core.linkage.block import candidates
from server.core.linkage.cluster import Pair, clusters, components
from server.core.linkage.compare import APART, FIRST, LAST, LIKE, PAPER, SEX, levels
from server.core.linkage.count import Count, count, proposed_share
from server.core.linkage.encode import Codes, Column, Records, encode
from server.core.linkage.model import Model, default
from server.core.linkage.pairs import WRITTEN, Pairs, all_within, joined, reviewed, through
from server.core.linkage.people import People, people, stratum
from server.core.linkage.score import MOST_OF_ONE, scores
from server.core.linkage.train import Patterns, coded, families, patterns, trained, with_priors

CHUNK, SMALL = 250_000, 2_000
# Records up to which a block may hold so many: pairs must not grow as squares.
LARGEST_BLOCK = ((100_000, 100), (400_000, 50), (10**9, 40))
MOST_STUDIED = 5_000_000
LINKED, THRESHOLD, CAUTION, SAME_AT = 0.1, -1.0, 2.0, 0.5
LARGEST_CLUSTER, COPIES, COPY = 6, 20, 0.99
MISWRITTEN = 0.02  # of the pairs of one person, with two identity numbers
SEED = 20_231_123


@dataclass(frozen=True, slots=True)
class Linked:
    """`labels[row]` is the row that stands for its person; `decisions` are same, review or different.

    `large` counts clusters of more than six records, to be looked at; `left_out` is what caps on blocks cut.
    """

    labels: Codes
    pairs: Pairs
    decisions: NDArray[np.str_]
    count: Count
    left_out: dict[str, dict[str, int]]
    clusters: int
    large: int
    largest: int
    contradicted: int
    compared: int


def link(columns: Mapping[str, Column], rows: int, key: bytes | None = None, review: float = 0.1) -> Linked:
    """The persons among `rows` records; with a `key` keyed encodings only; `review` is the clerk's share."""
    order = _order(columns, rows)
    sorted_columns = {name: Column(one.values, one.codes[order]) for name, one in columns.items()}
    return link_records(encode(sorted_columns, rows, key), review, order)


def link_records(records: Records, review: float = 0.1, order: Codes | None = None) -> Linked:
    """The persons among encodings that were made already; `order` is where each stood in its list."""
    rows = len(records)
    order = np.arange(rows, dtype=np.int32) if order is None else order
    kept, stand_in = _without_copies(records)
    them = people(records[kept], copies=np.bincount(stand_in, minlength=len(kept)))
    del records
    pairs, model, left_out, compared = _scored(them)
    inside = _closed(them, pairs, model)
    cautious, contradicted = _judged(them, inside, CAUTION * families(model, them))
    found = _clustered(them, cautious, contradicted)
    del cautious
    pairs = joined(pairs, inside)
    recall = proposed_share(them, pairs, model, np.random.default_rng(SEED))
    pairs = through(pairs, found, inside)
    tally = count(found, pairs, recall)
    copied, labels = _copies(them, model, kept, stand_in, found)
    everything = joined(Pairs(kept[pairs.left], kept[pairs.right], pairs.p, pairs.odds), copied)
    same = labels[everything.left] == labels[everything.right]
    shown = everything.of((everything.p >= WRITTEN) | same)
    decisions = reviewed(shown, labels, review)
    sizes = np.unique(labels, return_counts=True)[1]
    back = Pairs(order[shown.left], order[shown.right], shown.p, shown.odds)
    whole = np.empty(rows, dtype=np.int32)
    whole[order] = order[labels]
    tally = tally.with_copies(int(sizes.size) - int(np.unique(found).size))
    large, against = int((sizes > LARGEST_CLUSTER).sum()), int(contradicted.sum())
    return Linked(
        whole,
        back,
        decisions,
        tally,
        left_out,
        int(sizes.size),
        large,
        int(sizes.max(initial=0)),
        against,
        compared,
    )


def _order(columns: Mapping[str, Column], rows: int) -> Codes:
    """Rows sorted by record_id, so that the result is the same in whatever order they come."""
    ids = columns.get("record_id")
    if ids is None:
        return np.arange(rows, dtype=np.int32)
    rank = np.empty(len(ids.values), dtype=np.int64)
    rank[sorted(range(len(ids.values)), key=ids.values.__getitem__)] = np.arange(len(ids.values))
    return np.argsort(rank[ids.codes], kind="stable").astype(np.int32)


def _without_copies(records: Records) -> tuple[Codes, Codes]:
    """Rows to compare, and each row's place among them: of many equal rows only the first is compared."""
    _, first, group, sizes = np.unique(
        records.view(np.dtype((np.void, records.dtype.itemsize))).ravel(),
        return_index=True, return_inverse=True, return_counts=True,
    )  # fmt: skip
    rows = np.arange(len(records))
    compared = (sizes[group] <= COPIES) | (first[group] == rows)
    kept = np.flatnonzero(compared).astype(np.int32)
    place = np.cumsum(compared) - 1
    return kept, place[np.where(compared, rows, first[group])].astype(np.int32)


def _scored(them: People) -> tuple[Pairs, Model, dict[str, dict[str, int]], int]:
    """Candidate pairs that may be one person, the model that scored them, and what blocking left out."""
    left, right, caps = candidates(them, next(cap for most, cap in LARGEST_BLOCK if them.size <= most))
    dice = np.random.default_rng(SEED)
    seen = _patterns(them, left, right, dice)
    start = default()
    model = trained(them, seen, start, dice) if them.size >= SMALL else with_priors(start, seen, them)
    parts = []
    for at in range(0, max(1, len(left)), CHUNK):
        one, other = left[at : at + CHUNK], right[at : at + CHUNK]
        found = scores(them, one, other, model)
        parts.append(Pairs(one, other, found.p, found.odds).of(found.p >= WRITTEN / 10))
    return Pairs.of_parts(parts), model, caps.left_out, len(left)


def _patterns(them: People, left: Codes, right: Codes, dice: np.random.Generator) -> Patterns:
    """What the model learns from: all pairs, or millions drawn from more, counted for those left out."""
    times = max(1.0, len(left) / MOST_STUDIED)
    if times > 1:
        drawn = np.sort(dice.integers(0, len(left), MOST_STUDIED))
        left, right = left[drawn], right[drawn]
    codes, counts = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for at in range(0, len(left), CHUNK):
        one, other = left[at : at + CHUNK], right[at : at + CHUNK]
        shown = coded(levels(them, one, other), stratum(them, one, other))
        here, more = np.unique(shown, return_counts=True)
        codes, where = np.unique(np.concatenate([codes, here]), return_inverse=True)
        counts = np.bincount(where, np.concatenate([counts, more]), len(codes)).astype(np.int64)
    return patterns(codes, (counts * times).astype(np.float64))


def _closed(them: People, pairs: Pairs, model: Model) -> Pairs:
    """Pairs inside loosely connected groups, with those that blocking had not proposed."""
    chosen = pairs.p >= LINKED
    label = np.array(components(them.size, pairs.of(chosen).ends()), dtype=np.int32)
    inside = pairs.of(label[pairs.left] == label[pairs.right])
    left, right = all_within(label)
    new = ~np.isin(left.astype(np.int64) * them.size + right, inside.keys(them.size))
    found = scores(them, left[new], right[new], model)
    return joined(inside, Pairs(left[new], right[new], found.p, found.odds))


def _judged(them: People, pairs: Pairs, caution: float) -> tuple[Pairs, NDArray[np.bool_]]:
    """The pairs with caution where first names differ, and which are never linked unasked.

    Never: other sex, other identity number, first names that are clearly others, a telephone without a name.
    Joining brothers or twins does more harm than missing a link, so other first names need better evidence
    than the odds alone. In a list where one person often has two numbers, numbers are badly written: they
    weigh, and forbid nothing.
    """
    shown = levels(them, pairs.left, pairs.right)
    first = shown[:, FIRST]
    never = (first == APART) | (shown[:, SEX] == 2)
    never |= (first == 0) & (shown[:, LAST] == 0) & (shown[:, PAPER] != 1)
    numbered = shown[pairs.p >= COPY, PAPER]
    if (numbered == 3).sum() <= MISWRITTEN * (numbered > 0).sum():
        never |= shown[:, PAPER] == 3
    odds = pairs.odds - np.float32(caution) * (first >= LIKE)
    return Pairs(pairs.left, pairs.right, pairs.p, odds.astype(np.float32)), never


def _clustered(them: People, pairs: Pairs, never: NDArray[np.bool_]) -> Codes:
    odds: dict[Pair, float] = dict(zip(pairs.ends(), pairs.odds.tolist(), strict=True))
    found = clusters(them.size, odds, contradictions=pairs.of(never).ends(), threshold=THRESHOLD)
    return np.array(found.labels, dtype=np.int32)


def _copies(them: People, model: Model, kept: Codes, stand_in: Codes, found: Codes) -> tuple[Pairs, Codes]:
    """Pairs of copies with the row that stood in for them, and labels of all rows.

    Copies with names and a telephone of their own are one row written many times; others are one person where
    two such rows would be: rows that say too little stay apart.
    """
    labels = kept[found][stand_in]
    rows = np.arange(len(stand_in), dtype=np.int32)
    copies = np.flatnonzero(kept[stand_in] != rows).astype(np.int32)
    rows = stand_in[copies]
    alike = scores(them, rows, rows, model)
    phone = them.codes["phone"][:, 0]
    own = (phone > 0) & (np.bincount(phone)[phone] <= MOST_OF_ONE)
    whole = ((them.codes["first"] > 0) & (them.codes["last"] > 0) & own)[rows]
    p = np.where(whole, np.maximum(alike.p, COPY), alike.p).astype(np.float32)
    apart = copies[p < SAME_AT]
    labels[apart] = apart
    pairs = Pairs(kept[rows], copies, p, alike.odds)
    return pairs.of(p >= SAME_AT), labels.astype(np.int32)
