"""The slow hash of a passphrase: Argon2id, so that a stolen disk does not give passphrases away.

Each hash takes 64 MiB; only two run at a time, or a burst of sign-ins would take all memory of a small hub.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
_TURN = threading.BoundedSemaphore(2)
# The hash of a random text that was thrown away: an unknown login costs the same work as a known one.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=1$Oz2/9W86kdrYCOVt49JPJA$OfqAHVhdhKz3CVQzp0WVlC467KCdbJ8Ufc87oTwbsnQ"

# Thirty-two signs, five bits each, without 0, 1, l and o, which people mistake for one another.
SPOKEN_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 5, 4


def hashed(passphrase: str) -> str:
    """The Argon2id hash (64 MiB, 3 passes) to keep instead of the passphrase."""
    with _TURN:
        return _HASHER.hash(passphrase)


def matches(kept: str, passphrase: str) -> bool:
    """Whether `passphrase` is the one behind `kept`; an empty `kept` matches nothing, in the same time."""
    with _TURN:
        try:
            return _HASHER.verify(kept or _NOBODY, passphrase) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def passphrase(secret: Callable[[int], bytes]) -> str:
    """100 random bits in groups that can be read aloud, as `k7mq-x2ab-...`."""
    signs = "".join(SPOKEN_SIGNS[byte & 31] for byte in secret(GROUPS * GROUP))
    return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))
