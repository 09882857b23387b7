"""A node's own secrets, and the public key of the protection officer to whom identities are sealed.

The node can sign what it says and can seal, but holds nothing that opens what was sealed.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from sync.event import digest

OFFICER_KIND = "taama protection officer's key"


class KeyProblem(Exception):
    """A key file that is missing or cannot be read; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """What this node alone knows: its name, its signing seed, and keys for its doors and refusal numbers."""

    origin: str
    signing: bytes
    refusal: bytes
    door: bytes

    def sign(self, statement_id: str) -> bytes:
        """The Ed25519 signature (64 bytes) of an event id."""
        return _signing_key(self.signing).sign(statement_id.encode()).signature

    @property
    def public(self) -> bytes:
        """The key that checks this node's signatures (32 bytes)."""
        return bytes(_signing_key(self.signing).verify_key)


@cache
def _signing_key(seed: bytes) -> SigningKey:
    """Kept, because working the key out of its seed costs as much as signing."""
    return SigningKey(seed)


def verified(public: bytes, statement_id: str, signature: bytes) -> bool:
    """Whether `signature` over an event id was made by the holder of `public`."""
    try:
        VerifyKey(public).verify(statement_id.encode(), signature)
    except BadSignatureError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class OfficerKey:
    """The protection officer's public key (X25519): whoever has it can seal, nobody can open with it."""

    public: bytes

    @property
    def id(self) -> str:
        """A short name of the key, kept beside all that was sealed to it."""
        return digest(self.public)[:16]

    def seal(self, secret: bytes) -> bytes:
        """`secret` for the officer only: a libsodium sealed box, 48 bytes longer."""
        return SealedBox(PublicKey(self.public)).encrypt(secret)


def open_sealed(private: bytes, box: bytes) -> bytes:
    """The officer's own act: the secret within a sealed box."""
    return SealedBox(PrivateKey(private)).decrypt(box)


def new_node_keys() -> NodeKeys:
    """Fresh random keys; the origin is a random name of 80 bits, of no meaning."""
    origin = base64.b32encode(os.urandom(10)).decode().lower()
    return NodeKeys(origin, bytes(SigningKey.generate()), os.urandom(32), os.urandom(32))


def new_officer_pair() -> tuple[bytes, OfficerKey]:
    """A private key for the officer, and the public key that nodes seal to."""
    private = PrivateKey.generate()
    return bytes(private), OfficerKey(bytes(private.public_key))


def public_of(private: bytes) -> OfficerKey:
    """The public key that belongs to an officer's private key."""
    return OfficerKey(bytes(PrivateKey(private).public_key))


def write_node_keys(path: Path, keys: NodeKeys) -> None:
    """Keeps the node's keys in a file that only its owner may read."""
    names = ("signing", "refusal", "door")
    content = {"origin": keys.origin, **{name: getattr(keys, name).hex() for name in names}}
    write_private(path, json.dumps(content, indent=1))


def read_node_keys(path: Path) -> NodeKeys:
    """The keys in `path`; raises KeyProblem when they are missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        parts = [bytes.fromhex(found[name]) for name in ("signing", "refusal", "door")]
        return NodeKeys(found["origin"], *parts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyProblem(
            f"The node's keys cannot be read from {path.name}. Restore the folder from a backup."
        ) from error


def write_officer_private(path: Path, private: bytes) -> None:
    """Writes the officer's private key for her to take away; refuses to overwrite one."""
    if path.exists():
        raise KeyProblem(f"{path.name} exists already. Move it to a safe place first.")
    write_private(path, json.dumps({"kind": OFFICER_KIND, "private": private.hex()}, indent=1))


def read_officer_private(path: Path) -> bytes:
    """The private key in `path`; raises KeyProblem when it is not one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["kind"] != OFFICER_KIND:
            raise KeyError("kind")
        return bytes.fromhex(found["private"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyProblem(f"{path.name} is not a protection officer's key.") from error


def write_officer_public(path: Path, key: OfficerKey) -> None:
    """Keeps the public key that this node seals to."""
    write_private(path, json.dumps({"kind": OFFICER_KIND + ", public", "public": key.public.hex()}, indent=1))


def read_officer_public(path: Path) -> OfficerKey:
    """The public key in `path`; raises KeyProblem, because without it nothing may be received."""
    try:
        public = bytes.fromhex(json.loads(path.read_text(encoding="utf-8"))["public"])
        PublicKey(public)
        return OfficerKey(public)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyProblem(
            "There is no sealing key, so no interview can be received. "
            "Ask the protection officer for the campaign's public key, or restore the folder from a backup."
        ) from error


def write_private(path: Path, content: str | bytes) -> None:
    """Writes `content` to a new file, readable by its owner only, wholly or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
