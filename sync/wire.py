"""How events are written when they travel: one JSON line each, packed with zlib; the same on a stick.

Whatever cannot be read is `Garbled`: nothing of it is taken in.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from sync.event import STATED, Event, Said, digest, stated, statement
from sync.hear import Vector

FORMAT = 1
LARGEST = 96_000_000  # bytes of a page once unpacked


class Garbled(Exception):
    """Bytes that are not what a node of this version says."""


def line(said: Said) -> bytes:
    """One event as a line, without its end."""
    event = stated(said.event) | {"sig": said.event.sig.hex()}
    found: dict[str, Any] = {"event": event}
    if said.parts:
        found["parts"] = _base64(said.parts)
    if said.beside:
        found["beside"] = _base64(said.beside)
    if said.files:
        found["files"] = said.files
    return orjson.dumps(found)


def _base64(parts: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(data).decode() for name, data in parts.items()}


def read_line(data: bytes) -> Said:
    """The event in a line; its id is worked out from what it says. Raises Garbled."""
    try:
        found = orjson.loads(data)
        event = {name: found["event"][name] for name in STATED}
        for name in ("origin", "prev", "at", "by", "kind", "subject"):
            if not isinstance(event[name], str):
                raise Garbled
        if not (type(event["seq"]) is int and type(event["clock"]) is int):
            raise Garbled
        if not (isinstance(event["body"], dict) and isinstance(event["blobs"], dict)):
            raise Garbled
        name = digest(statement(event))
        kept = Event(**event, id=name, sig=bytes.fromhex(found["event"]["sig"]))
        parts, beside = (
            {str(k): base64.b64decode(v, validate=True) for k, v in found.get(of, {}).items()}
            for of in ("parts", "beside")
        )
        return Said(kept, parts, beside, tuple(map(str, found.get("files", ()))))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Garbled from error


def pack(said: Iterable[Said]) -> bytes:
    """A page, packed."""
    return zlib.compress(b"".join(line(one) + b"\n" for one in said), 1)


def unpack(data: bytes) -> list[Said]:
    """The events of a page; raises Garbled, also when it is larger than any page should be."""
    return [read_line(one) for one in unpacked(data).splitlines()]


def unpacked(data: bytes) -> bytes:
    """The bytes of a page, bounded: a small message must not become a large one here."""
    opener = zlib.decompressobj()
    try:
        found = opener.decompress(data, LARGEST)
    except zlib.error as error:
        raise Garbled from error
    if opener.unconsumed_tail or not opener.eof:
        raise Garbled
    return found


def as_vector(found: Any) -> Vector:
    """A vector read from JSON; raises Garbled."""
    try:
        return {str(origin): (int(seq), str(name)) for origin, (seq, name) in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise Garbled from error
