"""Turns values into keyed tokens and bit filters: HMAC-SHA256 under a key from a passphrase, or random."""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
from numpy.typing import NDArray

from server.core.linkage import normal

BITS, HASHES = 256, 3
CUTS = 2 * normal.LENGTH - 1
SALT = b"taama linkage encodings 1"


def derive_key(passphrase: str) -> bytes:
    """A key of 32 bytes from a passphrase, by scrypt (N=2^15, r=8, p=1): slow to guess."""
    return hashlib.scrypt(passphrase.encode(), salt=SALT, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)


class Coder:
    """Turns values into tokens and filters under one key; without a key the mapping is public."""

    def __init__(self, key: bytes | None) -> None:
        self.key = key
        self._memory: dict[tuple[str, str], int] = {}
        self._filters: dict[tuple[str, str], NDArray[np.uint64]] = {}

    def digest(self, label: str, value: str) -> bytes:
        """32 pseudo-random bytes for a value of a field."""
        message = f"{label}\0{value}".encode()
        if self.key is None:
            return hashlib.blake2b(message, digest_size=32).digest()
        return hmac.digest(self.key, message, "sha256")

    def token(self, label: str, value: str) -> int:
        """64 bits for a value, 0 where there is none."""
        if not value:
            return 0
        found = self._memory.get((label, value))
        if found is None:
            found = int.from_bytes(self.digest(label, value)[:8], "little") or 1
            self._memory[label, value] = found
        return found

    def filter(self, label: str, value: str) -> NDArray[np.uint64]:
        """A bit filter of a key's padded pairs of letters, next and one apart, each at three places."""
        known = self._filters.get((label, value))
        if known is not None:
            return known
        bits = np.zeros(BITS, dtype=np.uint8)
        padded = f"_{value}_"
        pairs = [padded[at : at + 2] for at in range(len(padded) - 1)] if value else []
        pairs += [f"{padded[at]}.{padded[at + 2]}" for at in range(len(padded) - 2)] if value else []
        for pair in pairs:
            stream = self.token(f"{label}2", pair)
            for step in range(HASHES):
                bits[(stream >> (8 * step)) & 255] = 1
        made = self._filters[label, value] = np.packbits(bits, bitorder="little").view("<u8")
        return made

    def around(self, label: str, year: int, reach: int) -> list[int]:
        """Two bytes for each year from `year - reach` to `year + reach`; zeros where there is none."""
        if not year:
            return [0] * (2 * reach + 1)
        years = range(year - reach, year + reach + 1)
        return [(self.token(label, str(near)) & 0xFFFF) or 1 for near in years]

    def cuts(self, number: str) -> list[int]:
        """Four bytes for the number without each digit, and without each two: equal where digits slipped."""
        size = len(number)
        if size != normal.LENGTH:
            return [0] * CUTS
        ones = [f"{at}.{number[:at]}{number[at + 1 :]}" for at in range(size)]
        twos = [f"{at}:{number[:at]}{number[at + 2 :]}" for at in range(size - 1)]
        return [int.from_bytes(self.digest("cut", cut)[:4], "little") or 1 for cut in ones + twos]
