"""Everyone known, by the keys under which they are worth comparing: who may an arrival be?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from server.core.linkage.arrivals import Scored, blocking_keys, compare_all, for_arrivals
from server.core.linkage.encode import Encoded, stacked
from server.core.linkage.model import default
from server.core.linkage.people import Frequencies, frequencies

LARGEST_BLOCK = 150  # a key that more than so many share tells nothing
LIKELY = 0.5
GROWN = 1.2
FEWEST_COUNTED = 500


class Index:
    """Encodings in memory. `add` makes someone known, `like` finds who several arrivals may be."""

    def __init__(self) -> None:
        self._known: dict[str, Encoded] = {}
        self._blocks: dict[bytes, list[str]] = defaultdict(list)
        self._frequencies: Frequencies | None = None
        self._counted = 0

    def __len__(self) -> int:
        return len(self._known)

    def add(self, name: str, encoded: Encoded) -> None:
        """Makes someone known."""
        self._known[name] = encoded
        for key in blocking_keys(encoded):
            self._blocks[key].append(name)

    def near(self, name: str) -> list[str]:
        """Those known who share a key with `name`, who is known as well."""
        found: dict[str, None] = {}
        for key in blocking_keys(self._known[name]):
            block = self._blocks[key]
            if len(block) <= LARGEST_BLOCK:
                found |= dict.fromkeys(block)
        found.pop(name, None)
        return sorted(found)

    def like(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        """How the two of each pair compare, with reasons where they may be one person."""
        model = for_arrivals(default(), max(1, len(self)))
        encoded = [(self._known[one], self._known[other]) for one, other in pairs]
        return compare_all(encoded, model, self.count(), LIKELY)

    def count(self) -> Frequencies:
        """How common each value is, counted anew whenever a fifth more are known: a rare name tells more.

        Among a few people every name looks common, so they are not counted.
        """
        if len(self) < FEWEST_COUNTED:
            return Frequencies({}, {})
        if self._frequencies is None or len(self) > GROWN * self._counted:
            self._frequencies = frequencies(stacked(list(self._known.values())))
            self._counted = len(self)
        return self._frequencies

    def arrivals(
        self, names: Sequence[tuple[str, Encoded]], apart: Collection[tuple[str, str]] = ()
    ) -> list[tuple[str, str, Scored]]:
        """Adds arrivals one after the other and returns `arrival, other, score` where they may be one person.

        Pairs in `apart` (arrival, other) are not compared: an edit is no duplicate of what it replaces.
        """
        pairs = []
        for name, encoded in names:
            self.add(name, encoded)
            pairs += [(name, other) for other in self.near(name) if (name, other) not in apart]
        scored = self.like(pairs)
        return [
            (one, other, score)
            for (one, other), score in zip(pairs, scored, strict=True)
            if score.p >= LIKELY
        ]
