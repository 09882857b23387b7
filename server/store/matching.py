"""The key by which the same person is found again, and what waits to be compared under it.

What tells a person from another is sealed on arrival to the campaign's matching key. Its private half lies
under a passphrase: a server that was not unlocked receives interviews all the same, and a laptop that is
taken holds nothing that compares. Unlocked, it turns what waits into keyed encodings, which are kept
encrypted as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from server.core.canonical import canonical
from server.core.problem import Refused
from server.core.sealing import Randomness
from sync.keys import KeyProblem, write_private

NONCE = 12
PASSES, MEMORY = 3, 65_536  # KiB


@dataclass(frozen=True, slots=True)
class MatchingKey:
    """The public half, to which what is compared is sealed, and the private half under a passphrase."""

    public: bytes
    salt: bytes
    box: bytes = field(repr=False)

    def seal(self, fields: Mapping[str, str]) -> bytes:
        """The fields of one person, for the unlocked server only."""
        return SealedBox(PublicKey(self.public)).encrypt(canonical(fields))


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The private half in memory: it opens what waits, and gives the keys of encodings and of their store."""

    private: bytes = field(repr=False)

    @property
    def encoding(self) -> bytes:
        """The key of the encodings: the same on every node of a campaign."""
        return hashlib.blake2b(self.private, digest_size=32, person=b"taama encoding").digest()

    def open(self, box: bytes) -> dict[str, str]:
        """The fields in a box; nothing when it was sealed to another key."""
        try:
            fields: dict[str, str] = json.loads(SealedBox(PrivateKey(self.private)).decrypt(box))
        except CryptoError:
            return {}
        return fields

    def lock(self, data: bytes, random: Randomness) -> bytes:
        """An encoding as it is kept."""
        nonce = random(NONCE)
        return nonce + AESGCM(self._store()).encrypt(nonce, data, None)

    def read(self, kept: bytes) -> bytes | None:
        """An encoding from its kept form; None when it was kept under another key."""
        try:
            return AESGCM(self._store()).decrypt(kept[:NONCE], kept[NONCE:], None)
        except InvalidTag:
            return None

    def _store(self) -> bytes:
        return hashlib.blake2b(self.private, digest_size=32, person=b"taama store").digest()


def new_matching_key(passphrase: str, random: Randomness) -> MatchingKey:
    """A fresh key under `passphrase` (Argon2id, 64 MiB, 3 passes)."""
    private, salt, nonce = PrivateKey(random(32)), random(16), random(NONCE)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, bytes(private), None)
    return MatchingKey(bytes(private.public_key), salt, nonce + sealed)


def unlock(key: MatchingKey, passphrase: str) -> Unlocked:
    """The private half; raises Refused when the passphrase is wrong."""
    try:
        secret = AESGCM(_stretched(passphrase.strip(), key.salt))
        return Unlocked(secret.decrypt(key.box[:NONCE], key.box[NONCE:], None))
    except InvalidTag:
        raise Refused("wrong_passphrase") from None


def write_matching_key(path: Path, key: MatchingKey) -> None:
    """Keeps the key in a file."""
    content = {"public": key.public.hex(), "salt": key.salt.hex(), "box": key.box.hex()}
    write_private(path, json.dumps(content, indent=1))


def read_matching_key(path: Path) -> MatchingKey:
    """The key in `path`; raises KeyProblem when it is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return MatchingKey(*(bytes.fromhex(found[name]) for name in ("public", "salt", "box")))
    except (OSError, ValueError, KeyError, TypeError):
        raise KeyProblem(
            f"The matching key cannot be read from {path.name}. Restore the folder from a backup."
        ) from None


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return hash_secret_raw(passphrase.encode(), salt, PASSES, MEMORY, 1, 32, Type.ID)
