"""Statistics that a few wild values cannot move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
# The median absolute deviation of a normal distribution, times this, is its standard deviation.
CONSISTENT = 1.4826


def robust_z(values: Sequence[float]) -> Numbers | None:
    """`(x - median) / (1.4826 MAD)` of each value; None when half of them are the same (MAD is 0)."""
    found = usual(values, 1)
    return None if found is None else (np.asarray(values, dtype=np.float64) - found.median) / found.deviation


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of a number: its median, and 1.4826 times the median distance from it, never 0."""

    median: float
    deviation: float

    def z(self, value: float) -> float:
        """The robust z of a value."""
        return (value - self.median) / self.deviation


def usual(values: Sequence[float], least: int) -> Usual | None:
    """What is usual among at least so many values; None for fewer, or when half of them are the same."""
    if len(values) < max(least, 1):
        return None
    numbers = np.asarray(values, dtype=np.float64)
    median = float(np.median(numbers))
    mad = float(np.median(np.abs(numbers - median)))
    return Usual(median, CONSISTENT * mad) if mad > 0 else None


@dataclass(frozen=True, slots=True)
class Fences:
    """Tukey's fences `quartile -/+ k IQR`, with the scale on which they were drawn."""

    low: float
    high: float
    logarithm: bool


def fences(values: Sequence[float], k: float, skewness: float) -> Fences | None:
    """The fences of `values` (quartiles by linear interpolation); None when the quartiles are the same.

    They are drawn on log(1 + x) where the values are above -1 and their skewness (population, g1) exceeds the
    limit.
    """
    numbers = np.asarray(values, dtype=np.float64)
    logarithm = bool(numbers.min() > -1 and skewness_of(numbers) > skewness)
    scaled = np.log1p(numbers) if logarithm else numbers
    lower, upper = np.percentile(scaled, [25, 75])
    if upper == lower:
        return None
    low, high = lower - k * (upper - lower), upper + k * (upper - lower)
    if logarithm:
        low, high = np.expm1(low), np.expm1(high)
    return Fences(float(low), float(high), logarithm)


def skewness_of(numbers: Numbers) -> float:
    """The third standardised moment; 0 when all values are the same."""
    away = numbers - numbers.mean()
    spread = float(np.sqrt(np.mean(away**2)))
    return float(np.mean(away**3)) / spread**3 if spread > 0 else 0.0
