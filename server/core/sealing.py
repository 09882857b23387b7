"""Seals bytes under a respondent's key, in pieces, so that a long recording never stands in clear on disk.

The format is a header (magic, key id, nonce prefix) and pieces of 64 KiB, each under AES-256-GCM with the
nonce `prefix | counter | last`. A piece that is moved, dropped, repeated or cut off does not open (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The header is bound to every piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"TAAMA\x01"
PIECE = 65_536
KEY_ID = 16
PREFIX = 7
NONCE = 12
HEADER = len(MAGIC) + KEY_ID + PREFIX
TAG = 16

Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class DataKey:
    """One request's key: `id` (16 bytes) names it in headers and in the key store, `secret` is 32 bytes."""

    id: bytes
    secret: bytes

    @classmethod
    def fresh(cls, random: Randomness) -> DataKey:
        """A new key from handed-in randomness."""
        drawn = random(KEY_ID + 32)
        return cls(drawn[:KEY_ID], drawn[KEY_ID:])


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one request: `base`, and under it one for each part that may have to go by itself.

    The keys under the base are kept wrapped in it, so that each can be deleted alone and all go with it.
    """

    base: DataKey
    random: Randomness = field(repr=False)
    under: dict[str, DataKey] = field(default_factory=dict, repr=False)

    @classmethod
    def fresh(cls, random: Randomness) -> KeyRing:
        """A ring with a new base key."""
        return cls(DataKey.fresh(random), random)

    def key(self, name: str) -> DataKey:
        """The key for one part: a scope of consent, `media` or `original`; the base for no name."""
        if not name:
            return self.base
        if name not in self.under:
            self.under[name] = DataKey.fresh(self.random)
        return self.under[name]

    def ids(self) -> dict[str, str]:
        """The names under which the keys below the base are kept, in hexadecimal."""
        return {name: key.id.hex() for name, key in sorted(self.under.items())}


def wrap(key: DataKey, base: DataKey, random: Randomness) -> bytes:
    """A key under the base key, bound to its name: 60 bytes."""
    nonce = random(NONCE)
    return nonce + AESGCM(base.secret).encrypt(nonce, key.secret, key.id)


def unwrap(box: bytes, key_id: bytes, base: bytes) -> bytes:
    """The secret within a wrapped key; raises Unsealable under another base."""
    try:
        return AESGCM(base).decrypt(box[:NONCE], box[NONCE:], key_id)
    except InvalidTag:
        raise Unsealable("The wrapped key was changed, or the base key is another one.") from None


class Unsealable(Exception):
    """Sealed bytes that were changed, cut, or sealed under another key."""


class Sealer:
    """Seals a stream: feed it with `add`, end it with `finish`; both return sealed bytes to write."""

    def __init__(self, key: DataKey, random: Randomness) -> None:
        self._header = MAGIC + key.id + random(PREFIX)
        self._cipher = AESGCM(key.secret)
        self._waiting = bytearray()
        self._count = 0
        self.taken = 0

    def add(self, data: bytes | bytearray | memoryview) -> bytes:
        """Takes clear bytes; returns what is sealed so far (often nothing)."""
        self.taken += len(data)
        self._waiting += data
        if len(self._waiting) <= PIECE:
            return b""
        ready: list[bytes] = []
        # The last piece is marked, so a full piece waits until it is known that more follows.
        while len(self._waiting) > PIECE:
            ready.append(self._piece(bytes(self._waiting[:PIECE]), last=False))
            del self._waiting[:PIECE]
        return b"".join(ready)

    def finish(self) -> bytes:
        """The last piece; the stream is whole only with it."""
        last = self._piece(bytes(self._waiting), last=True)
        self._waiting.clear()
        return last

    def _piece(self, clear: bytes, *, last: bool) -> bytes:
        nonce = _nonce(self._header, self._count, last=last)
        lead = self._header if self._count == 0 else b""
        self._count += 1
        return lead + self._cipher.encrypt(nonce, clear, self._header)


def seal(data: bytes, key: DataKey, random: Randomness) -> bytes:
    """`data` sealed as a whole."""
    sealer = Sealer(key, random)
    return sealer.add(data) + sealer.finish()


def key_id(sealed: bytes) -> bytes:
    """Which key the bytes were sealed under."""
    if len(sealed) < HEADER + TAG or not sealed.startswith(MAGIC):
        raise Unsealable("These bytes were not sealed by Taama.")
    return sealed[len(MAGIC) : len(MAGIC) + KEY_ID]


def unseal(sealed: bytes, secret: bytes) -> bytes:
    """The clear bytes; raises Unsealable unless every piece is there, in order and unchanged."""
    key_id(sealed)
    header, rest = sealed[:HEADER], memoryview(sealed)[HEADER:]
    cipher = AESGCM(secret)
    step = PIECE + TAG
    pieces = [rest[start : start + step] for start in range(0, len(rest), step)]
    clear: list[bytes] = []
    try:
        for count, piece in enumerate(pieces):
            nonce = _nonce(header, count, last=count == len(pieces) - 1)
            clear.append(cipher.decrypt(nonce, bytes(piece), header))
    except InvalidTag:
        raise Unsealable("The sealed bytes were changed or cut, or the key is another one.") from None
    return b"".join(clear)


def _nonce(header: bytes, count: int, *, last: bool) -> bytes:
    return header[-PREFIX:] + count.to_bytes(4, "big") + (b"\x01" if last else b"\x00")
