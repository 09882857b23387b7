"""Protects the keys of a table: planned recodes, the mildest further recodes, then blanks; measured again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from server.core.disclosure.keys import Ints, encode, grouped
from server.core.disclosure.lattice import search
from server.core.disclosure.recode import Recode, recoded
from server.core.disclosure.risk import frequencies
from server.core.disclosure.suppress import suppressed
from server.core.problem import Refused

ALLOWED = 0.05
Columns = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to reach `k`.

    `recodes` are done first; of `levels` the mildest combination that leaves at most the share `allowed` of
    records below k is taken; `costs` say what a blank in a column loses (1 if not said).
    """

    k: int
    recodes: Mapping[str, Recode] = field(default_factory=dict)
    levels: Mapping[str, Sequence[Recode]] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)
    allowed: float = ALLOWED


@dataclass(frozen=True, slots=True)
class Protected:
    """What came of it; `k_blank_as_value` counts a blank as an answer of its own, the stricter reading.

    `change` is, for each column and answer, its share of the column's answers before and after blanking.
    """

    columns: Columns
    recoded: dict[str, str]
    dropped: list[str]
    blanked: dict[str, int]
    k_before: int
    k_recoded: int
    k: int
    k_blank_as_value: int
    change: dict[str, dict[str, tuple[float, float]]]


def protect(columns: Mapping[str, Sequence[str]], plan: Plan) -> Protected:
    """Recodes and blanks the key `columns` (name to values, "" missing) until each record has k alike.

    Columns that are dropped are left out. Refuses when fewer than k records, or no key, remain.
    """
    before = _fewest(encode(list(columns.values())))
    done = {name: recode.name for name, recode in plan.recodes.items()}
    table = _recoded(columns, plan.recodes)
    chosen = _mildest(table, plan)
    done |= {name: recode.name for name, recode in chosen.items()}
    table = _recoded(table, chosen)
    dropped = [name for name, kind in done.items() if kind == "drop"]
    if len(dropped) == len(columns):
        raise Refused("no_key_left")
    kept = {name: values for name, values in table.items() if name not in dropped}
    codes = encode(list(kept.values()))
    result = suppressed(codes, plan.k, np.array([plan.costs.get(name, 1.0) for name in kept]))
    blank = result != codes
    after = {
        name: ["" if gone else value for value, gone in zip(values, blank[:, place], strict=True)]
        for place, (name, values) in enumerate(kept.items())
    }
    return Protected(
        columns=after,
        recoded=done,
        dropped=dropped,
        blanked={name: int(count) for name, count in zip(kept, blank.sum(axis=0), strict=True)},
        k_before=before,
        k_recoded=_fewest(codes),
        k=_fewest(result),
        k_blank_as_value=int(grouped(result).size.min()),
        change={name: _shares(kept[name], after[name]) for name in kept},
    )


def _fewest(codes: Ints) -> int:
    return int(frequencies(codes).sample.min())


def _recoded(columns: Mapping[str, Sequence[str]], recodes: Mapping[str, Recode]) -> Columns:
    return {
        name: recoded(name, values, recodes[name]) if name in recodes else list(values)
        for name, values in columns.items()
    }


def _mildest(columns: Columns, plan: Plan) -> dict[str, Recode]:
    """The recode to take for each column that has levels; none where the finest answers do."""
    if not plan.levels:
        return {}
    steps = {name: list(plan.levels.get(name, ())) for name in columns}
    coded = [
        [encode([values])[:, 0], *(encode([recoded(name, values, step)])[:, 0] for step in steps[name])]
        for name, values in columns.items()
    ]
    found = search(coded, plan.k, plan.allowed, [plan.costs.get(name, 1.0) for name in columns])
    # If none suffices, the coarsest, and blanks for the rest.
    taken = found[0].levels if found else tuple(len(one) - 1 for one in coded)
    return {name: steps[name][level - 1] for name, level in zip(columns, taken, strict=True) if level}


def _shares(before: Sequence[str], after: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The share of each answer among those given, before and after."""
    one, other = (Counter(value for value in values if value) for values in (before, after))
    total, left = max(one.total(), 1), max(other.total(), 1)
    return {value: (one[value] / total, other[value] / left) for value in sorted(one)}
