"""Codes of referral coupons: seven digits that say nothing, each once."""

from __future__ import annotations

from random import Random

from forms.people import coupon


def codes(count: int, rng: Random) -> list[str]:
    """So many different codes, in the order in which they were drawn; `rng` should be the system's own."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[coupon(rng)] = None
    return list(found)
