"""A stick between two nodes: one file, sealed to the node that it is for and signed by the one that wrote it.

Each piece is sealed under the file's own key with its number as nonce, so that pieces can be read in any
order but not moved, and the last one, signed, tells how many there are. The writer's vector in it is the
receipt: who reads it learns what the other has heard.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from nacl.signing import SigningKey, VerifyKey

from sync.blobs import sync_folder
from sync.event import Said, digest
from sync.hear import Vector, advanced
from sync.keys import NodeKeys, verified
from sync.peer import PAGE, Peer
from sync.wire import FORMAT, Garbled, as_vector, line, read_line

MAGIC = b"taama bundle 1\n"
SEALED = 80  # a key of 32 bytes in a sealed box
LARGEST = 128_000_000


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a piece lies in the file."""

    number: int
    offset: int
    size: int


class _Writer:
    def __init__(self, file: BinaryIO, reader: bytes) -> None:
        self._file, self._key, self.count = file, os.urandom(32), 0
        self.hash = hashlib.sha256()
        file.write(MAGIC + SealedBox(VerifyKey(reader).to_curve25519_public_key()).encrypt(self._key))

    def put(self, kind: bytes, data: bytes) -> None:
        plain = kind + data
        box = crypto_aead_xchacha20poly1305_ietf_encrypt(plain, MAGIC, _nonce(self.count), self._key)
        self._file.write(struct.pack(">I", len(box)) + box)
        self.hash.update(hashlib.sha256(plain).digest())
        self.count += 1


def _nonce(number: int) -> bytes:
    return number.to_bytes(24, "big")


def write(path: Path, one: Peer, keys: NodeKeys, reader: tuple[str, bytes], theirs: Vector) -> int:
    """Writes for the node `reader` (name, public signing key) all that one who heard `theirs` has not.

    Returns how many events. The file has its name only once it is whole and on disk.
    """
    part = path.with_name(path.name + ".part")
    count = 0
    with part.open("wb") as file:
        out = _Writer(file, reader[1])
        mine = {origin: list(at) for origin, at in one.vector().items()}
        out.put(b"H", orjson.dumps({"format": FORMAT, "from": keys.origin, "for": reader[0], "vector": mine}))
        heard = theirs
        while said := one.since(heard, PAGE):
            for each in said:
                for sha in each.files:
                    _body(out, one, sha)
                out.put(b"E", line(each))
            heard = advanced(heard, said)
            count += len(said)
        proof = digest(out.hash.digest() + str(out.count).encode())
        out.put(b"S", keys.sign(proof))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
    return count


def _body(out: _Writer, one: Peer, sha: str) -> None:
    offset, total = 0, 1
    while offset < total:
        piece, total = one.fetch(sha, offset)
        out.put(b"B", bytes.fromhex(sha) + struct.pack(">QQ", offset, total) + piece)
        offset += len(piece)


class Bundle:
    """A bundle as a peer that can only be listened to. `publics` are the keys of the nodes known here."""

    def __init__(self, path: Path, keys: NodeKeys, publics: dict[str, bytes]) -> None:
        self._path = path
        self._bodies: dict[str, dict[int, tuple[Spot, int]]] = {}
        self._events: list[Spot] = []
        try:
            with path.open("rb") as file:
                self._index(file, keys, publics)
        except (CryptoError, struct.error, ValueError, KeyError, TypeError) as error:
            raise Garbled from error
        self._next = 0

    def _index(self, file: BinaryIO, keys: NodeKeys, publics: dict[str, bytes]) -> None:
        """Reads the whole once: it must be complete, for us, and signed by whom it says."""
        if file.read(len(MAGIC)) != MAGIC:
            raise Garbled
        private = SigningKey(keys.signing).to_curve25519_private_key()
        self._key = SealedBox(private).decrypt(file.read(SEALED))
        chain, head, number = hashlib.sha256(), None, 0
        while True:
            (size,) = struct.unpack(">I", file.read(4))
            if size > LARGEST:
                raise Garbled
            spot = Spot(number, file.tell(), size)
            plain = self._open(file.read(size), number)
            kind, data = plain[:1], plain[1:]
            if kind == b"S":
                break
            chain.update(hashlib.sha256(plain).digest())
            number += 1
            if kind == b"H":
                head = orjson.loads(data)
            elif kind == b"E":
                self._events.append(spot)
            elif kind == b"B":
                offset, total = struct.unpack(">QQ", data[32:48])
                self._bodies.setdefault(data[:32].hex(), {})[offset] = (spot, total)
        if head is None or head["format"] != FORMAT or head["for"] != keys.origin:
            raise Garbled
        self.sender = str(head["from"])
        self._vector = as_vector(head["vector"])
        proof = digest(chain.digest() + str(number).encode())
        if not verified(publics[self.sender], proof, data):
            raise Garbled

    def _open(self, box: bytes, number: int) -> bytes:
        found: Any = crypto_aead_xchacha20poly1305_ietf_decrypt(box, MAGIC, _nonce(number), self._key)
        return bytes(found)

    def _at(self, spot: Spot) -> bytes:
        with self._path.open("rb") as file:
            file.seek(spot.offset)
            return self._open(file.read(spot.size), spot.number)[1:]

    def vector(self) -> Vector:
        """How far its writer had heard each node: the receipt."""
        return self._vector

    def since(self, theirs: Vector, page: int) -> list[Said]:
        """The next events in it, each once, that someone who heard `theirs` has not."""
        said: list[Said] = []
        while self._next < len(self._events) and len(said) < page:
            one = read_line(self._at(self._events[self._next]))
            self._next += 1
            if one.event.seq > theirs.get(one.event.origin, (0, ""))[0]:
                said.append(one)
        return said

    def fetch(self, sha: str, offset: int) -> tuple[bytes, int]:
        """A piece of a body; raises FileNotFoundError."""
        pieces = self._bodies.get(sha, {})
        start = max((at for at in pieces if at <= offset), default=None)
        if start is None:
            raise FileNotFoundError(sha)
        spot, total = pieces[start]
        return self._at(spot)[48 + offset - start :], total

    def tell(self, said: Sequence[Said]) -> None:
        """A file cannot be told anything."""
        raise NotImplementedError

    def missing(self, shas: Sequence[str]) -> dict[str, int]:
        """It takes nothing."""
        return dict.fromkeys(shas[:0], 0)

    def offer(self, sha: str, offset: int, total: int, piece: bytes) -> int:
        """It takes nothing."""
        raise NotImplementedError
