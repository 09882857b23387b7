"""How much of the differences between answers is due to who asked.

ρ is the intra-class correlation of a one-way analysis of variance (Kish 1962) and deff what it does to the
variance of a mean. Means of strata are taken out first, as enumerators do not work in the same places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Effect:
    """The share of variance due to enumerators at `path` (`code` of it); `n0` interviews each, about."""

    path: str
    code: str
    rho: float
    n0: float
    deff: float
    enumerators: int
    n: int
    severity: str = ""  # critical, warning, or nothing

    def judged(self, said: Mapping[str, Any]) -> Effect:
        """The effect with its severity by the thresholds of teams."""
        if self.rho <= said["rho_warning"]:
            return replace(self, severity="")
        return replace(self, severity="critical" if self.rho > said["rho_critical"] else "warning")


def effect(
    values: NDArray[np.float64],
    who: NDArray[np.int64],
    where: NDArray[np.int64] | None = None,
    path: str = "",
    code: str = "",
) -> Effect | None:
    """The effect on `values`, by enumerator and stratum (numbers from 0); None when there is no variance."""
    strata = 1
    if where is not None:
        sizes = np.bincount(where)
        values = values - (np.bincount(where, values) / np.maximum(sizes, 1))[where]
        strata = int((sizes > 0).sum())
    sizes = np.bincount(who)
    groups, n = int((sizes > 0).sum()), int(sizes.sum())
    free = n - groups - (strata - 1)
    if groups < 2 or free < 1:
        return None
    sums = np.bincount(who, values)
    between = float((sums[sizes > 0] ** 2 / sizes[sizes > 0]).sum() - values.sum() ** 2 / n)
    within = float((values**2).sum()) - values.sum() ** 2 / n - between
    msb, msw = between / (groups - 1), max(within, 0.0) / free
    n0 = (n - float((sizes**2).sum()) / n) / (groups - 1)
    scale = msb + (n0 - 1) * msw
    if scale <= 0:
        return None
    rho = (msb - msw) / scale
    return Effect(path, code, float(rho), n0, float(1 + (n / groups - 1) * max(rho, 0.0)), groups, n)


def ranks(names: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different names in order, and the number of each."""
    different = sorted(set(names))
    at = {name: number for number, name in enumerate(different)}
    return different, np.fromiter((at[name] for name in names), dtype=np.int64, count=len(names))
