"""Who stands next to an interview in the referral chains: who handed out its coupon, and whom its own
brought.

Coupons are keyed digests in memory; looking at one interview must not cost what drawing every chain does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

DEEPEST = 100  # a longer way up is a circle, or as good as one
Latest = Callable[[Iterable[str]], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Around:
    """An interview in its chain. `wave` counts the steps from the seed; `recruiter` is empty for a seed.

    `unknown` says that a coupon was brought that nobody known handed out.
    """

    wave: int
    recruiter: str
    unknown: bool
    recruits: tuple[str, ...]
    issued: int


class Coupons:
    """Every coupon that was handed out or brought back, by interview."""

    def __init__(self) -> None:
        self._brought: dict[str, str] = {}
        self._issued: dict[str, tuple[str, ...]] = {}
        self._givers: dict[str, list[str]] = defaultdict(list)
        self._bringers: dict[str, list[str]] = defaultdict(list)

    def add(self, instance: str, referral: str, given: tuple[str, ...]) -> None:
        """Notes the coupon that an interview brought (empty: none) and those that it handed out."""
        self._brought[instance], self._issued[instance] = referral, given
        if referral:
            self._bringers[referral].append(instance)
        for code in given:
            self._givers[code].append(instance)

    def around(self, instance: str, latest: Latest) -> Around | None:
        """Who stands next to an interview; None when it is not known.

        `latest` says which of some interviews are here and replaced by no edit.
        """
        if instance not in self._brought:
            return None
        issued = self._issued[instance]
        found = sorted({one for code in issued for one in self._bringers.get(code, ())} - {instance})
        recruiter = self._giver(instance, latest)
        return Around(
            self._wave(instance, latest),
            recruiter,
            bool(self._brought[instance]) and not recruiter,
            tuple(one for one in found if one in latest(found)),
            len(issued),
        )

    def _giver(self, instance: str, latest: Latest) -> str:
        """Who handed out the coupon that an interview brought, the first if there are several."""
        givers = [one for one in self._givers.get(self._brought.get(instance, ""), ()) if one != instance]
        here = latest(givers) if givers else frozenset()
        return next((one for one in givers if one in here), "")

    def _wave(self, instance: str, latest: Latest) -> int:
        seen = {instance}
        above = self._giver(instance, latest)
        while above and above not in seen and len(seen) < DEEPEST:
            seen.add(above)
            above = self._giver(above, latest)
        return len(seen) - 1
