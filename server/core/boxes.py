"""Walks the boxes of an MP4, M4A or 3GP file and blanks those that say where, when and by what it was made.

A box is `size (4 bytes) | type (4) | content` (ISO/IEC 14496-12). Boxes that go become `free` boxes of the
same size filled with zeros, so that nothing moves and the tables of offsets stay right. Times of creation
become 0.
"""

from __future__ import annotations

from collections.abc import Iterator

# What is walked into, what is kept as it is; every other box is blanked.
CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex", b"moof", b"traf"}
)
KEPT = frozenset(
    {
        *(b"ftyp", b"mdat", b"free", b"skip", b"wide", b"sidx", b"styp", b"mfra", b"mfro", b"tfra"),
        *(b"mvhd", b"iods", b"tkhd", b"elst", b"mdhd", b"hdlr", b"vmhd", b"smhd", b"nmhd", b"gmhd", b"dref"),
        *(b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sgpd", b"sbgp"),
        *(b"cslg", b"sdtp", b"stsh", b"padb", b"subs", b"saiz", b"saio", b"mehd", b"trex", b"mfhd", b"tfhd"),
        *(b"tfdt", b"trun", b"tref", b"load"),
    }
)
TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
NAMED = b"hdlr"  # its name may be the recorder's, or anything
DEEPEST, MOST = 12, 100_000


class Boxless(Exception):
    """Bytes that are not a whole file of boxes."""


def without_tags(data: bytes) -> bytes:
    """The file without tags, places and times; the same length, the same sound. Raises Boxless."""
    out = bytearray(data)
    kinds = set()
    for seen, (kind, start, content, end) in enumerate(_walk(data, 0, len(data), 0)):
        if seen > MOST:
            raise Boxless
        kinds.add(kind)
        if kind in TIMED:
            wide = 8 if data[content] == 1 else 4
            out[content + 4 : content + 4 + 2 * wide] = bytes(2 * wide)
        elif kind == NAMED:
            out[content + 24 : end] = bytes(max(0, end - content - 24))
        elif kind in (b"free", b"skip", b"wide"):
            out[content:end] = bytes(end - content)
        elif kind not in CONTAINERS and kind not in KEPT:
            out[start + 4 : start + 8] = b"free"
            out[content:end] = bytes(end - content)
    if not {b"ftyp", b"moov"} <= kinds:
        raise Boxless
    return bytes(out)


def _walk(data: bytes, at: int, end: int, depth: int) -> Iterator[tuple[bytes, int, int, int]]:
    """`type, start, start of the content, end` of each box, outer before inner."""
    if depth > DEEPEST:
        raise Boxless
    while at < end:
        if end - at < 8:
            raise Boxless
        size, content = int.from_bytes(data[at : at + 4], "big"), at + 8
        if size == 1:
            size, content = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = end - at  # to the end of the file
        stop = at + size
        if stop > end or stop < content:
            raise Boxless
        kind = data[at + 4 : at + 8]
        if kind in TIMED and stop - content < 20:
            raise Boxless
        yield kind, at, content, stop
        if kind in CONTAINERS:
            yield from _walk(data, content, stop, depth + 1)
        at = stop
