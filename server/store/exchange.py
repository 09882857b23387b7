"""Two organisations compare their lists without showing them to each other.

Each writes keyed encodings of its own list under a passphrase that both know, encrypted for the way; together
the two files tell how many persons are on both, and which rows. Whoever knows the passphrase can test guesses
against the other's file: it is a pseudonym for partners who trust each other, and no anonymity.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.core.canonical import canonical
from server.core.linkage.coder import derive_key
from server.core.linkage.encode import LAYOUT, Records, encode
from server.core.linkage.run import link_records
from server.core.problem import Malformed, Refused
from server.store.lists import PersonList
from sync.keys import write_private

MAGIC = b"TAAMA LISTS\x02"  # the last sign is the layout of encodings
NONCE = 12
SHORTEST = 12  # signs of a passphrase
COLUMNS = ("mine", "theirs", "p", "decision")


@dataclass(frozen=True, slots=True)
class Coded:
    """A list as it is exchanged: its own row ids and an encoding for each."""

    ids: list[str]
    records: Records = field(repr=False)


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two lists have in common: persons on both, and the pairs of rows behind them."""

    mine: int
    theirs: int
    persons: int
    pairs: list[tuple[str, str, float, str]]


def write_coded(path: Path, persons: PersonList, passphrase: str) -> int:
    """Writes the encoded list; returns how many rows. Raises Refused for a passphrase too short to trust."""
    key = _key(passphrase)
    records = encode(persons.columns, persons.rows, key)
    head = canonical({"ids": persons.ids})
    nonce = os.urandom(NONCE)
    clear = len(head).to_bytes(8, "big") + head + records.tobytes()
    write_private(path, MAGIC + nonce + AESGCM(_for_the_way(key)).encrypt(nonce, clear, MAGIC))
    return persons.rows


def read_coded(path: Path, passphrase: str) -> Coded:
    """The list in a file; raises Malformed when it is none, Refused when the passphrase is another one."""
    try:
        data = path.read_bytes()
    except OSError:
        raise Malformed("no_list_file", file=path.name) from None
    if not data.startswith(MAGIC):
        raise Malformed("no_coded_list", file=path.name)
    at = len(MAGIC) + NONCE
    try:
        clear = AESGCM(_for_the_way(_key(passphrase))).decrypt(data[len(MAGIC) : at], data[at:], MAGIC)
    except InvalidTag:
        raise Refused("other_passphrase", file=path.name) from None
    start = 8 + int.from_bytes(clear[:8], "big")
    ids = json.loads(clear[8:start])["ids"]
    records = np.frombuffer(clear[start:], dtype=LAYOUT)
    if len(records) != len(ids):
        raise Malformed("no_coded_list", file=path.name)
    return Coded(ids, records)


def overlap(mine: Coded, theirs: Coded) -> Overlap:
    """Persons on both lists; doubles within one list count once."""
    records = np.concatenate([mine.records, theirs.records])
    found = link_records(records, review=0.1)
    count = len(mine.ids)
    own, other = set(found.labels[:count].tolist()), set(found.labels[count:].tolist())
    pairs = []
    ends = zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True)
    for (left, right), p, decision in zip(ends, found.pairs.p.tolist(), found.decisions, strict=True):
        low, high = sorted((left, right))
        if low < count <= high and decision != "different":
            pairs.append((mine.ids[low], theirs.ids[high - count], round(p, 4), str(decision)))
    pairs.sort(key=lambda row: (-row[2], row[0], row[1]))
    return Overlap(count, len(theirs.ids), len(own & other), pairs)


def write_overlap(path: Path, found: Overlap) -> None:
    """The pairs of rows as a table; whole or not at all."""
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(found.pairs)
    part.replace(path)


def _key(passphrase: str) -> bytes:
    if len(passphrase.strip()) < SHORTEST:
        raise Refused("short_passphrase", least=str(SHORTEST))
    return derive_key(passphrase.strip())


def _for_the_way(key: bytes) -> bytes:
    return hashlib.blake2b(key, digest_size=32, person=b"taama lists").digest()
