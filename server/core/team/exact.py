"""How surely a share differs from what is usual: exact tests, honest limits, and no alarm by sheer number.

They are short, so that no statistics package is needed where interviews are received.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
SLACK = 1 + 1e-7  # outcomes as likely as the one seen count, whatever the rounding


@lru_cache(maxsize=4096)
def _choose(n: int) -> NDArray[np.float64]:
    """The logarithms of n over 0…n."""
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1)))))
    return np.asarray(logs[-1] - logs - logs[::-1])


def chances(n: int, p: float) -> NDArray[np.float64]:
    """The binomial chance of 0…n successes."""
    if p <= 0 or p >= 1:
        certain = np.zeros(n + 1)
        certain[n if p >= 1 else 0] = 1.0
        return certain
    k = np.arange(n + 1)
    return np.asarray(np.exp(_choose(n) + k * np.log(p) + (n - k) * np.log1p(-p)))


def binomial_p(k: int, n: int, p: float) -> float:
    """The two-sided exact binomial test: the chance of an outcome no likelier than k of n."""
    all_chances = chances(n, p)
    return float(min(1.0, all_chances[all_chances <= all_chances[k] * SLACK].sum()))


def adjusted(p_values: Sequence[float]) -> list[float]:
    """The q-values of Benjamini and Hochberg (1995), in the order of `p_values`."""
    p = np.asarray(p_values, dtype=float)
    if not p.size:
        return []
    order = np.argsort(p)
    raw = p[order] * p.size / np.arange(1, p.size + 1)
    stepped = np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
    q = np.empty_like(p)
    q[order] = stepped
    return [float(one) for one in q]


def wilson(k: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share; (0, 1) when nothing was counted."""
    if not n:
        return 0.0, 1.0
    share, square = k / n, Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def limits(n: int, p: float, inside: float) -> tuple[float, float]:
    """The shares of n between which an usual enumerator lies with chance `inside` (0.95, 0.998)."""
    total = np.cumsum(chances(n, p))
    tail = (1 - inside) / 2
    low = int(np.searchsorted(total, tail))
    high = int(np.searchsorted(total, 1 - tail))
    return low / n, min(high, n) / n
