"""Texts that two interviews have word for word, by digests: the texts themselves are sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from forms.filled import path_of
from server.core.checks.facts import Facts
from server.core.checks.flag import Flag
from server.core.checks.parameters import Parameters


class Texts:
    """In which interviews each text of a question stands, and who wrote it down there."""

    def __init__(self, everyone: Sequence[Facts] = ()) -> None:
        self._of: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for facts in everyone:
            self.add(facts)

    def add(self, facts: Facts) -> None:
        """Takes in one more interview."""
        for place, digest in facts.derived.get("texts", {}).items():
            self._of[path_of(place), digest][facts.instance] = facts.enumerator

    def same(self, facts: Facts, parameters: Parameters) -> Iterator[Flag]:
        """TEXT: a free text of 15 signs or more that stands in another interview word for word.

        What several enumerators wrote is a phrase that everybody uses, and no copy.
        """
        most = parameters["texts"]["enumerators"]
        for place, digest in facts.derived.get("texts", {}).items():
            here = self._of.get((path_of(place), digest), {})
            other = next((one for one in here if one != facts.instance), "")
            if other and len({*here.values(), facts.enumerator}) <= most:
                words = {"count": str(len({*here, facts.instance})), "other": other}
                yield Flag("TEXT", "warning", "same_text", place, words["count"], "1", words)
