"""Salganik's bootstrap (2006): chains drawn anew from the transitions between groups."""

from __future__ import annotations

import numpy as np

from server.core.chains.estimate import Floats, Ints, Sample, chances, stationary, transitions

REPLICATES = 500
FEWEST = 2


def salganik_errors(
    sample: Sample, rng: np.random.Generator, replicates: int = REPLICATES
) -> tuple[Floats, Floats] | None:
    """Standard errors of RDS-I and of RDS-II for each group; None when nobody recruited anyone.

    Each replicate is one chain as long as the recruits are many. The next group comes by the transitions of
    the last, a member of it in proportion to network size. Replicates without an RDS-I are left out.
    """
    counts = transitions(sample)
    groups = len(sample.values)
    if not counts.sum():
        return None
    # A group that recruited nobody goes on as all recruits are distributed.
    counts = np.where(counts.sum(axis=1, keepdims=True) == 0, counts.sum(axis=0, keepdims=True), counts)
    number, inverse, moves = _chains(sample, counts, rng, replicates)
    second = inverse / inverse.sum(axis=1, keepdims=True)
    first = np.full((replicates, groups), np.nan)
    for place in range(replicates):
        first[place] = _rds_i(moves[place], number[place], inverse[place])
    usable = first[~np.isnan(first).any(axis=1)]
    nothing = np.full(groups, np.nan)
    return (usable.std(axis=0, ddof=1) if len(usable) >= FEWEST else nothing), second.std(axis=0, ddof=1)


def _rds_i(moves: Ints, number: Floats, inverse: Floats) -> Floats:
    """RDS-I of one replicate over the groups that it reached."""
    shares = np.zeros(len(number))
    seen = np.flatnonzero(number)
    settled = stationary(chances(moves[np.ix_(seen, seen)])) if len(seen) > 1 else np.ones(1)
    if settled is None:
        return np.full(len(number), np.nan)
    parts = settled * inverse[seen] / number[seen]
    shares[seen] = parts / parts.sum()
    return shares


def _chains(
    sample: Sample, counts: Ints, rng: np.random.Generator, replicates: int
) -> tuple[Floats, Floats, Ints]:
    """For each replicate: members of each group, the sum of their inverse sizes, and the transitions."""
    groups = len(sample.values)
    steps = int((~sample.seeds & (sample.groups >= 0)).sum())
    known = sample.groups[sample.groups >= 0]
    upto = np.cumsum(chances(counts), axis=1)
    inverses, reach = [], []
    for group in range(groups):
        degrees = sample.degrees[sample.groups == group]
        inverses.append(1 / degrees)
        reach.append(np.cumsum(degrees) / degrees.sum())
    number, inverse = np.zeros((replicates, groups)), np.zeros((replicates, groups))
    moves = np.zeros((replicates, groups, groups), dtype=np.int64)
    every = np.arange(replicates)
    now = rng.choice(known, size=replicates)
    for step in range(steps + 1):
        if step:
            draw = rng.random(replicates)
            after = np.minimum((draw[:, None] > upto[now]).sum(axis=1), groups - 1)
            moves[every, now, after] += 1
            now = after
        number[every, now] += 1
        pick = rng.random(replicates)
        for group in range(groups):
            here = np.flatnonzero(now == group)
            place = np.minimum(np.searchsorted(reach[group], pick[here]), len(inverses[group]) - 1)
            inverse[here, group] += inverses[group][place]
    return number, inverse, moves
