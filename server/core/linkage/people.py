"""Encoded persons as columns of small numbers, so that millions of pairs can be compared at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.core.linkage.encode import FILTERED, Codes, Records

# Columns whose tokens mean the same thing share their numbering.
NAMESPACES = (
    ("first",),
    ("last",),
    ("first_key", "last_key", "father"),
    ("first_family", "first_other", "first_long", "nick", "nick_long", "father_family"),
    ("first_initial",),
    ("last_family", "last_other"),
    ("sex",),
    ("village",),
    ("cercle",),
    ("region",),
    ("country",),
    ("paper",),
    ("address",),
    ("birth_month", "birth_day"),
    ("phone",),
    ("buckets",),
)
UNKNOWN = 0
STRATA = 20  # kinds of both records (10 pairs), met in one cycle or in two


@dataclass(frozen=True, slots=True)
class People:
    """`codes[column]` is 0 where missing; `size` rows stand for `rows`, where equal ones were left out.

    `shares[column]` is how common each record's value is, 0 to 1, among the `told[column]` that have one.
    """

    size: int
    rows: int
    codes: dict[str, Codes]
    shares: dict[str, NDArray[np.float32]]
    told: dict[str, int]
    bits: dict[str, NDArray[np.uint64]]
    weights: dict[str, NDArray[np.uint8]]
    births: NDArray[np.uint16]
    years: NDArray[np.uint16]
    cuts: NDArray[np.uint32]
    known: dict[str, NDArray[np.bool_]]
    kind: NDArray[np.uint8]
    cycle: NDArray[np.uint8]


SHARED = (
    "first",
    "first_key",
    "first_family",
    "last",
    "last_key",
    "last_family",
    "village",
    "phone",
    "paper",
)


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common values are in a store: `shares[column][token]` of the `told[column]` that have one."""

    told: dict[str, int]
    shares: dict[str, dict[int, float]]


def frequencies(records: Records) -> Frequencies:
    """The frequencies of a whole store, to score arrivals with; to be sealed, as they betray common names."""
    told, shares = {}, {}
    for column in SHARED:
        tokens = _first(records[column])
        values, counts = np.unique(tokens[tokens > 0], return_counts=True)
        told[column] = int(counts.sum())
        shares[column] = dict(zip(values.tolist(), (counts / max(1, told[column])).tolist(), strict=True))
    return Frequencies(told, shares)


def people(
    records: Records, known: Frequencies | None = None, copies: NDArray[np.int64] | None = None
) -> People:
    """Columns of `records`; how common a value is tell these records, or a store's `known` frequencies.

    `copies` says how many equal records each one stands for.
    """
    times = np.ones(len(records), dtype=np.int64) if copies is None else copies
    codes: dict[str, Codes] = {}
    for columns in NAMESPACES:
        codes |= _numbered(records, columns)
    valued = {column: _first(codes[column]) for column in SHARED}
    shares = {column: _share(found, times) for column, found in valued.items()}
    told = {column: int(times[found > 0].sum()) for column, found in valued.items()}
    if known is not None:
        told = {column: known.told.get(column, 0) for column in SHARED}
        for column in SHARED:
            of = known.shares.get(column, {})
            tokens = _first(records[column]).tolist()
            shares[column] = np.array([of.get(token, 0.0) for token in tokens], np.float32)
    bits = {at: np.ascontiguousarray(records[f"{at}_bits"]) for at in FILTERED}
    return People(
        len(records),
        int(times.sum()),
        codes,
        shares,
        told,
        bits,
        {at: np.bitwise_count(found).sum(axis=1).astype(np.uint8) for at, found in bits.items()},
        np.ascontiguousarray(records["birth"]),
        np.ascontiguousarray(records["year"]),
        np.ascontiguousarray(records["cuts"]),
        {at: records[f"{at}_known"].astype(bool) for at in ("first", "last")},
        np.ascontiguousarray(records["kind"]),
        np.ascontiguousarray(records["cycle"]),
    )


def stratum(them: People, left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Which kinds of records meet, and whether in one cycle: a number below `STRATA`; odd across cycles."""
    low = np.minimum(them.kind[left], them.kind[right])
    high = np.maximum(them.kind[left], them.kind[right])
    across = them.cycle[left] != them.cycle[right]
    found = (2 * (high.astype(np.uint8) * (high + 1) // 2 + low) + across).astype(np.uint8)
    return np.asarray(found)


def stratum_sizes(them: People) -> NDArray[np.float64]:
    """How many pairs of records each stratum has."""
    sizes = np.zeros(STRATA)
    both = them.kind.astype(np.int64) * 256 + them.cycle
    groups, counts = np.unique(both, return_counts=True)
    for at, (one, here) in enumerate(zip(groups.tolist(), counts.tolist(), strict=True)):
        for other, there in zip(groups[at:].tolist(), counts[at:].tolist(), strict=True):
            low, high = sorted((one // 256, other // 256))
            pairs = here * (here - 1) / 2 if one == other else here * there
            sizes[2 * (high * (high + 1) // 2 + low) + (one % 256 != other % 256)] += pairs
    return sizes * (them.rows / max(1, them.size)) ** 2


def _numbered(records: Records, columns: tuple[str, ...]) -> dict[str, Codes]:
    stacked = np.concatenate([records[column].ravel() for column in columns])
    values, codes = np.unique(stacked, return_inverse=True)
    numbered = codes.astype(np.int32)
    if not values.size or values[0] != 0:
        numbered += 1
    found: dict[str, Codes] = {}
    start = 0
    for column in columns:
        shape = records[column].shape
        end = start + int(np.prod(shape))
        found[column] = np.ascontiguousarray(numbered[start:end].reshape(shape))
        start = end
    return found


def _first(column: NDArray[Any]) -> NDArray[Any]:
    """A column, or the first of two telephones."""
    return column if column.ndim == 1 else column[:, 0]


def _share(codes: Codes, times: NDArray[np.int64]) -> NDArray[np.float32]:
    counts = np.bincount(codes, times) if codes.size else np.zeros(1)
    return np.asarray(counts / max(1, times.sum() - counts[0]), dtype=np.float32)[codes]
