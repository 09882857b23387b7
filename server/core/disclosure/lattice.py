"""The mildest recodes: a search through all combinations of levels, the mildest first.

Coarser keys make larger groups, so whatever is coarser than a combination that is good enough is so too, and
need not be tried (Samarati 2001; El Emam et al. 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from server.core.disclosure.keys import Ints
from server.core.disclosure.risk import frequencies
from server.core.problem import Refused

MOST_NODES = 10_000


@dataclass(frozen=True, slots=True)
class Node:
    """A level for each key, the share of records it leaves below k, and what it loses (0 nothing, 1 all)."""

    levels: tuple[int, ...]
    short: float
    loss: float


def search(
    levels: Sequence[Sequence[Ints]], k: int, allowed: float = 0.0, costs: Sequence[float] | None = None
) -> list[Node]:
    """Every minimal combination that leaves at most the share `allowed` of records below k, best first.

    `levels[key][level]` holds the codes (records,) of a key at a level, level 0 the finest; each level must
    merge answers of the one before. Empty if even the coarsest leaves more.
    """
    tops = [len(one) - 1 for one in levels]
    if prod(top + 1 for top in tops) > MOST_NODES:
        raise Refused("too_many_levels", most=str(MOST_NODES))
    weight = np.ones(len(tops)) if costs is None else np.asarray(costs, np.float64)
    found: list[Node] = []
    for node in sorted(product(*(range(top + 1) for top in tops)), key=sum):
        if any(all(a <= b for a, b in zip(one.levels, node, strict=True)) for one in found):
            continue
        codes = np.column_stack([one[level] for one, level in zip(levels, node, strict=True)])
        short = float((frequencies(codes).sample < k).mean())
        if short <= allowed:
            lost = [level / top if top else 0.0 for level, top in zip(node, tops, strict=True)]
            found.append(Node(node, short, float(np.average(lost, weights=weight))))
    return sorted(found, key=lambda node: (node.loss, node.short))
