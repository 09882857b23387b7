"""Who stands next to an interview in the referral chains: who handed out its coupon, and whom its own
brought.

Coupons are keyed digests in memory; looking at one interview must not cost what drawing every chain does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from server.core.checks.chain import Brought, Held

DEEPEST = 100  # a longer way up is a circle, or as good as one
Latest = Callable[[Iterable[str]], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Around:
    """An interview in its chain. `wave` counts the steps from the seed; `recruiter` is empty for a seed.

    `unknown` says that a coupon was brought that nobody known handed out, `also` who else brought it.
    """

    wave: int
    recruiter: str
    unknown: bool
    also: tuple[str, ...]
    recruits: tuple[str, ...]
    issued: int


class Coupons:
    """Every coupon that was handed out or brought back, by interview.

    `latest` says which of some interviews are here and replaced by no edit.
    """

    def __init__(self, latest: Latest) -> None:
        self._latest = latest
        self._brought: dict[str, str] = {}
        self._issued: dict[str, tuple[str, ...]] = {}
        self._when: dict[str, datetime | None] = {}
        self._givers: dict[str, list[str]] = defaultdict(list)
        self._bringers: dict[str, list[str]] = defaultdict(list)

    def add(self, instance: str, referral: str, given: tuple[str, ...], when: datetime | None) -> None:
        """Notes the coupon that an interview brought (empty: none) and those that it handed out."""
        self._brought[instance], self._issued[instance], self._when[instance] = referral, given, when
        if referral:
            self._bringers[referral].append(instance)
        for code in given:
            self._givers[code].append(instance)

    def around(self, instance: str) -> Around | None:
        """Who stands next to an interview; None when it is not known."""
        if instance not in self._brought:
            return None
        recruiter = self._giver(instance)
        return Around(
            self._wave(instance),
            recruiter,
            bool(self._brought[instance]) and not recruiter,
            self._others(instance),
            self._here(one for code in self._issued[instance] for one in self._bringers.get(code, ())),
            len(self._issued[instance]),
        )

    def brought(self, instances: Collection[str]) -> list[Brought]:
        """What is to be judged anew once these are known: they, and all whose coupon concerns theirs."""
        codes = {self._brought.get(one, "") for one in instances}
        codes |= {code for one in instances for code in self._issued.get(one, ())}
        touched = {one for code in codes - {""} for one in self._bringers.get(code, ())}
        return [
            Brought(self._held(one), tuple(map(self._held, self._all_givers(one))), others)
            for one in self._here(touched)
            for others in [tuple(map(self._held, self._others(one)))]
        ]

    def _held(self, instance: str) -> Held:
        return Held(instance, self._when.get(instance))

    def _here(self, instances: Iterable[str]) -> tuple[str, ...]:
        found = sorted(set(instances))
        here = self._latest(found) if found else frozenset()
        return tuple(one for one in found if one in here)

    def _others(self, instance: str) -> tuple[str, ...]:
        """Who else brought an interview's coupon."""
        same = self._bringers.get(self._brought[instance], ()) if self._brought[instance] else ()
        return self._here(one for one in same if one != instance)

    def _all_givers(self, instance: str) -> tuple[str, ...]:
        return self._here(self._givers.get(self._brought.get(instance, ""), ()))

    def _giver(self, instance: str) -> str:
        """Who handed out the coupon that an interview brought, the first if there are several."""
        return next((one for one in self._all_givers(instance) if one != instance), "")

    def _wave(self, instance: str) -> int:
        seen = {instance}
        above = self._giver(instance)
        while above and above not in seen and len(seen) < DEEPEST:
            seen.add(above)
            above = self._giver(above)
        return len(seen) - 1
