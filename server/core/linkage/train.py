"""Learns the model from a list itself, without labels.

u comes from pairs drawn at random. m comes from several sessions of expectation and maximisation, each among
pairs that agree on some fields, which that session leaves out: on all candidates at once, EM would learn what
`same village` looks like instead of what `same person` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from server.core.linkage import compare
from server.core.linkage.compare import BIRTH, COUNTRY, DAY, FIRST, LAST, PAPER, PHONE, PLACE, SIZES, YEAR
from server.core.linkage.model import BROTHER, CLASSES, SAME, STRANGER, TWIN, WIDTH, Model, Table, normalised
from server.core.linkage.people import STRATA, People, stratum_sizes

NAMED = (compare.EXACT, compare.KEY, compare.FAMILY)
# Fields and levels that a session's pairs agree on.
SESSIONS: tuple[dict[int, tuple[int, ...]], ...] = (
    {PHONE: (1,)},
    {FIRST: NAMED, LAST: NAMED, PLACE: (1,)},
    {FIRST: NAMED, LAST: NAMED, YEAR: (1,), COUNTRY: (1,)},
    {FIRST: NAMED, LAST: NAMED, BIRTH: (1, 2)},
    {PLACE: (1,), YEAR: (1,), COUNTRY: (1,)},
    {PAPER: (1,)},
    {BIRTH: (1,), DAY: (1,)},
)
ROUNDS, RANDOM_PAIRS, PSEUDO = 25, 1_000_000, 200.0
SLIP, TWO_SLIPS = 1.5e-6, 1.5e-5  # two random numbers with one digit, two neighbours apart
BASE = 20  # in a list of so many records, what is expected weighs as much as what is seen
MOST_LINKS = 4.0  # of one person for each record: where names and places are few, agreement is no person
USUAL_BROTHERS = 0.05  # links among brothers for each of one person, in a list with families
MOST_TWINS, TWINS_OF_BROTHERS = (
    0.1,
    0.3,
)  # links of twins for each of one person: a list of little else is one with bad first names
EXPECTED = np.array([0.45, 0.08, 0.02, 0.3, 0.03, 0.0])  # links for each record, to begin with


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct rows of levels with their stratum, and how many pairs show each."""

    levels: NDArray[np.uint8]
    strata: NDArray[np.uint8]
    counts: NDArray[np.float64]


def coded(levels: NDArray[np.uint8], strata: NDArray[np.uint8]) -> NDArray[np.int64]:
    """One number for a row of levels and its stratum."""
    found = strata.astype(np.int64)
    for field, size in enumerate(SIZES):
        found = found * size + levels[:, field]
    return found


def patterns(codes: NDArray[np.int64], counts: NDArray[np.float64]) -> Patterns:
    """The table behind numbers made by `coded`."""
    levels = np.zeros((len(codes), len(SIZES)), dtype=np.uint8)
    rest = codes.copy()
    for field in range(len(SIZES) - 1, -1, -1):
        levels[:, field] = rest % SIZES[field]
        rest //= SIZES[field]
    return Patterns(levels, rest.astype(np.uint8), counts.astype(np.float64))


def trained(them: People, seen: Patterns, start: Model, dice: np.random.Generator) -> Model:
    """The model of a list: u and priors its own, m its own as far as sessions see enough of it."""
    u, common = strangers(them, seen, dice)
    model = replace(start, u=u, common=common)
    for _ in range(2):
        learnt = [_session(model, seen, block) for block in SESSIONS]
        model = replace(model, m=(_pooled(learnt, 0, start), _pooled(learnt, 1, start)))
    return with_priors(model, seen, them)


def with_priors(model: Model, seen: Patterns, them: People) -> Model:
    """The same model with the chances of each class as this list's patterns show them."""
    sizes = np.maximum(stratum_sizes(them), 1.0)
    chances = _logs(model, seen, tuple(range(len(SIZES))))
    priors = EXPECTED[:, None] * them.rows / sizes.sum() * np.ones((1, STRATA))
    priors[STRANGER] = 1.0
    for _ in range(ROUNDS):
        shares = (
            _posterior(chances, np.log(np.maximum(priors[:, seen.strata], 1e-300)).T) * seen.counts[:, None]
        )
        whole = (shares.sum(axis=0) + BASE * EXPECTED) / (sizes.sum() * (1 + BASE / max(1, them.rows)))
        whole[SAME] = min(whole[SAME], MOST_LINKS * them.rows / sizes.sum())
        whole[TWIN] = _twins(whole)
        here = np.stack([np.bincount(seen.strata, shares[:, one], STRATA) for one in range(len(CLASSES))])
        pull = 50.0  # pairs' worth of the whole list's chance in each stratum
        expected = whole[:, None] * sizes[None, :]
        priors = (here + pull * whole[:, None]) / (sizes[None, :] + pull)
        priors[1:] = whole[1:, None]
        priors[SAME] = np.where(expected[SAME] > 0, priors[SAME], whole[SAME])
        priors[SAME] = np.minimum(priors[SAME], MOST_LINKS * them.rows / sizes)
        priors[STRANGER] = 1.0
    return replace(model, priors=np.maximum(priors, 1e-15))


def families(model: Model, them: People) -> float:
    """How much of a list's links are among brothers, 1 where it is as usual or more: its need of caution."""
    sizes = stratum_sizes(them)
    links = (model.priors[[SAME, BROTHER]] * sizes).sum(axis=1)
    return float(min(1.0, links[1] / max(links[0], 1e-9) / USUAL_BROTHERS))


def _twins(shares: NDArray[np.float64]) -> float:
    """The share of twins, no more than goes with one person's links and with brothers.

    Who shares all but the first name is a twin where families are on the list, else a badly heard name: a
    list without brothers has no twins.
    """
    return float(min(shares[TWIN], MOST_TWINS * shares[SAME], TWINS_OF_BROTHERS * shares[BROTHER]))


def _session(model: Model, seen: Patterns, block: dict[int, tuple[int, ...]]) -> tuple[Table, Table]:
    """Expected counts of levels among records of one person: same cycle, then across."""
    chosen = np.ones(len(seen.counts), dtype=bool)
    for field, allowed in block.items():
        chosen &= np.isin(seen.levels[:, field], allowed)
    part = Patterns(seen.levels[chosen], seen.strata[chosen], seen.counts[chosen])
    free = tuple(field for field in range(len(SIZES)) if field not in block)
    found = (np.zeros((len(SIZES), WIDTH)), np.zeros((len(SIZES), WIDTH)))
    if part.counts.sum() < 1:
        return found
    shares = np.full(len(CLASSES), 1 / len(CLASSES))
    for _ in range(ROUNDS):
        logs = _logs(model, part, free)
        posterior = _posterior(logs, np.log(np.maximum(shares, 1e-12))[None, :]) * part.counts[:, None]
        shares = posterior.sum(axis=0) / posterior.sum()
        shares[TWIN] = _twins(shares)
        found = tuple(  # type: ignore[assignment]
            tally(part.levels, np.where(part.strata % 2 == across, posterior[:, SAME], 0), free)
            for across in (0, 1)
        )
        model = replace(model, m=tuple(_blend(found[at], model.m[at], free) for at in (0, 1)))  # type: ignore[arg-type]
    return found


def tally(levels: NDArray[np.uint8], weights: NDArray[np.float64], free: Sequence[int]) -> Table:
    """How much weight each level of some fields has."""
    table = np.zeros((len(SIZES), WIDTH))
    for field in free:
        table[field] = np.bincount(levels[:, field], weights, WIDTH)
    return table


def _blend(counts: Table, prior: Table, free: Sequence[int]) -> Table:
    """Counts with `PSEUDO` pairs' worth of the prior; fields left out stay as they were."""
    table = prior.copy()
    table[list(free)] = normalised(counts + PSEUDO * prior)[list(free)]
    return table


def _pooled(learnt: Sequence[tuple[Table, Table]], across: int, start: Model) -> Table:
    return normalised(
        sum((one[across] for one in learnt), np.zeros((len(SIZES), WIDTH))) + PSEUDO * start.m[across]
    )


def _logs(model: Model, seen: Patterns, free: Sequence[int]) -> NDArray[np.float64]:
    """log P(levels | class) of each pattern over some fields: (patterns, classes)."""
    tables = np.stack([model.likelihoods(0), model.likelihoods(1)])
    across = seen.strata % 2
    found = np.zeros((len(seen.counts), len(CLASSES)))
    for field in free:
        found += tables[across, :, field, seen.levels[:, field]]
    return found


def _posterior(logs: NDArray[np.float64], priors: NDArray[np.float64]) -> NDArray[np.float64]:
    weighed = logs + priors
    weighed -= weighed.max(axis=1, keepdims=True)
    odds = np.exp(weighed)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def strangers(them: People, seen: Patterns | None, dice: np.random.Generator) -> tuple[Table, Table]:
    """u from random pairs; agreement so rare that chance pairs miss it is worked out from frequencies."""
    left = dice.integers(0, them.size, RANDOM_PAIRS)
    right = dice.integers(0, them.size, RANDOM_PAIRS)
    keep = left != right
    drawn = compare.levels(them, left[keep].astype(np.int32), right[keep].astype(np.int32))
    table = tally(drawn, np.ones(len(drawn)), range(len(SIZES))) + 0.05
    u = normalised(table)
    common = u.copy()
    for field, levels, columns in (
        (FIRST, NAMED, ("first", "first_key", "first_family")),
        (LAST, NAMED, ("last", "last_key", "last_family")),
        (PLACE, (1,), ("village",)),
    ):
        for level, column in zip(levels, columns, strict=True):
            shares, told = them.shares[column], them.codes[column] > 0
            common[field, level] = max(float(shares[told].mean()) if told.any() else 0.0, 1e-9)
    u[PHONE] = (
        _shared_phones(them, seen, u) if seen else (1.0, 1e-6, SLIP, TWO_SLIPS, 1.0, *[0.0] * (WIDTH - 5))
    )
    common[PHONE, 1] = u[PHONE, 1]
    return u, common


def _shared_phones(them: People, seen: Patterns, u: Table) -> NDArray[np.float64]:
    """u of telephones, from pairs whose names and places differ: strangers for sure."""
    apart = (seen.levels[:, FIRST] >= compare.DIFFERENT) & (seen.levels[:, LAST] >= compare.DIFFERENT)
    apart &= seen.levels[:, PLACE] >= 3
    counts = np.bincount(seen.levels[apart, PHONE], seen.counts[apart], WIDTH)
    told = float((them.codes["phone"][:, 0] > 0).sum())
    pairs = (
        told
        * told
        / 2
        * u[FIRST, compare.DIFFERENT :].sum()
        * u[LAST, compare.DIFFERENT :].sum()
        * u[PLACE, 3:].sum()
    )
    chances = np.zeros(WIDTH)
    chances[:5] = (1.0, counts[1] / max(pairs, 1.0) + 1e-8, SLIP, TWO_SLIPS, 1.0)
    return chances
