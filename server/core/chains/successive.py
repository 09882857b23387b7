"""Gile's successive-sampling weights (JASA 106, 2011), as the R package RDS 0.9-10 computes them."""

from __future__ import annotations

import numpy as np

from server.core.chains.estimate import Floats, Ints

ROUNDS = 5
# Draws in each round: fewer in a large population, where every class has many members to average over.
MOST_DRAWS, FEWEST_DRAWS, NUMBERS = 1000, 100, 1_000_000
# Below this part of the population nothing is used up, and RDS-II weights are the limit.
SMALL_PART = 0.04
CELLS = 2_000_000  # random numbers held at once


def ss_weights(
    degrees: Floats, population: int, rng: np.random.Generator, draws: int = 0, rounds: int = ROUNDS
) -> Floats:
    """Weights that sum to `population`, which is at least the sample.

    Drawing without replacement and in proportion to size uses up the well-connected, so that their weights
    lie nearer to the others' than in RDS-II. The chance to be drawn is found by simulation, the sizes in the
    population by weighting with it, in turns. `draws` 0 takes as many as usual.
    """
    size = len(degrees)
    draws = draws or min(max(NUMBERS // population, FEWEST_DRAWS), MOST_DRAWS)
    sizes, kind, counts = np.unique(degrees, return_inverse=True, return_counts=True)
    if len(sizes) == 1:
        return np.full(size, population / size)
    shares = counts / sizes
    shares = shares / shares.sum()
    if population * SMALL_PART >= size:
        weights = 1 / degrees
        return np.asarray(population * weights / weights.sum(), dtype=float)
    chance = _inclusion(sizes, shares, counts, population, rng, draws)
    for _ in range(rounds):
        shares = counts / chance
        shares = shares / shares.sum()
        chance = _inclusion(sizes, shares, counts, population, rng, draws)
    weights = (1 / chance)[kind]
    return np.asarray(population * weights / weights.sum(), dtype=float)


def _inclusion(
    sizes: Floats, shares: Floats, counts: Ints, population: int, rng: np.random.Generator, draws: int
) -> Floats:
    """The chance that a member of each class of network size is in the sample.

    Drawing one after the other in proportion to size is the same as taking the first to arrive, each after
    an exponential time of mean 1/size.
    """
    size = int(counts.sum())
    members = _members(shares, population, rng)
    kinds = np.repeat(np.arange(len(sizes)), members)
    pace = sizes[kinds]
    drawn = np.zeros(len(sizes))
    at_once = max(1, CELLS // population)
    for start in range(0, draws, at_once):
        arrival = rng.standard_exponential((min(at_once, draws - start), population)) / pace
        first = np.argpartition(arrival, size - 1, axis=1)[:, :size]
        drawn += np.bincount(kinds[first].ravel(), minlength=len(sizes))
    # The sample itself counts as one more draw, so that no class has a chance of zero.
    expected = size * (drawn + counts) / (drawn.sum() + size)
    return np.asarray(expected / members, dtype=float)


def _members(shares: Floats, population: int, rng: np.random.Generator) -> Ints:
    """Whole numbers of members that sum to the population, at least one in each class."""
    members = np.maximum(np.rint(population * shares), 1).astype(np.int64)
    while (missing := population - int(members.sum())) != 0:
        gap = shares - members / population
        wish = np.maximum(gap, 0) if missing > 0 else np.where(members > 1, np.maximum(-gap, 0), 0.0)
        if wish.sum() == 0:
            wish = np.ones(len(shares)) if missing > 0 else (members > 1).astype(float)
        members[rng.choice(len(shares), p=wish / wish.sum())] += 1 if missing > 0 else -1
    return members
