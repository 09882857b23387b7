"""An event is one thing that happened at one node, written once and never changed.

Events carry no answer and no free text, ever: a body can be forgotten, a link of a hash chain cannot.
What was said goes into bodies (`sync.bodies`), which the event names by their SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = 1
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a node wants to say: `body` holds envelope facts only, `parts` the bytes kept beside the event.

    `files` names bodies that already lie in the blob folder: part name to SHA-256. `at` is the time for
    people (ISO 8601, UTC, or a day alone); order is told by clock and origin.
    """

    kind: str
    subject: str
    body: Mapping[str, Any]
    at: str
    by: str = ""
    parts: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """A draft that has its place in the log of its origin: number, predecessor, clock and signature."""

    origin: str
    seq: int
    prev: str
    clock: int
    at: str
    by: str
    kind: str
    subject: str
    body: Mapping[str, Any]
    blobs: Mapping[str, str]
    id: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """An event on its way to another node, with the bytes that go along.

    `parts` are named by the event, `beside` holds what else the other server needs (keys, encodings), `files`
    are the bodies (SHA-256) that can be fetched from the sender's folder.
    """

    event: Event
    parts: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    beside: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    files: tuple[str, ...] = ()


STATED = ("origin", "seq", "prev", "clock", "at", "by", "kind", "subject", "body", "blobs")


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one JSON spelling of `value`: sorted keys, no blanks, UTF-8."""
    return ENCODER.encode(value).encode()


def digest(data: bytes) -> str:
    """The SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def statement(event: Mapping[str, Any]) -> bytes:
    """The bytes that an event's id is the SHA-256 of: everything but id and signature."""
    return canonical({"format": FORMAT, **event})


def stated(event: Event) -> dict[str, Any]:
    """What an event's id is over."""
    return {name: getattr(event, name) for name in STATED}
