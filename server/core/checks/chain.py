"""What an interview's referral coupon says, compared by keyed digests while the matching key is unlocked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from server.core.checks.flag import Flag

# These are found where coupons are compared: the other checks leave them as they are.
OF_COUPONS = ("CHAIN-unknown", "CHAIN-self", "CHAIN-twice", "CHAIN-before")


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody's interview: its number, and when it began (None: not told)."""

    instance: str
    when: datetime | None


@dataclass(frozen=True, slots=True)
class Brought:
    """An interview to which a coupon was brought: by whom it was handed out, and who else brought it."""

    one: Held
    givers: tuple[Held, ...]
    others: tuple[Held, ...]


def coupon_flags(brought: Brought) -> Iterator[Flag]:
    """CHAIN-unknown, -self, -twice and -before: nobody known handed the coupon out, its bearer did, somebody
    else brought it as well, or the recruiter was interviewed after the recruit."""
    mine = brought.one
    elsewhere = [one for one in brought.givers if one.instance != mine.instance]
    if not brought.givers:
        yield Flag("CHAIN-unknown", "critical", "coupon_unknown")
    elif not elsewhere:
        yield Flag("CHAIN-self", "critical", "coupon_own")
    for other in brought.others[:1]:
        yield Flag(
            "CHAIN-twice", "critical", "coupon_twice", "", other.instance, "", {"other": other.instance}
        )
    for giver in elsewhere[:1]:
        if giver.when is not None and mine.when is not None and mine.when < giver.when:
            words = {"other": giver.instance}
            yield Flag("CHAIN-before", "warning", "before_recruiter", "", giver.instance, "", words)
