"""Takes an upload apart as it streams in, and seals every file on the way: clear bytes never touch the disk.

Only the XML stays in memory as it is, because consent is decided on it. A file that is small stays in memory
too, sealed; a larger one goes to disk, sealed piece by piece, under a key that is forgotten unless consent
is given.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from server.core.problem import Malformed, TooLarge
from server.core.sealing import DataKey, Randomness, Sealer, unseal

XML_PART = "xml_submission_file"
IN_MEMORY = 262_144


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The most that one request may hold, in bytes, and in parts."""

    total: int = 200_000_000
    part: int = 100_000_000
    xml: int = 10_000_000
    parts: int = 300


@dataclass(slots=True)
class SealedFile:
    """An attachment, sealed: in `chunks`, or in the file `path`. `sha` names the sealed bytes."""

    sealer: Sealer = field(repr=False)
    new_path: Callable[[], Path]
    chunks: list[bytes] = field(default_factory=list, repr=False)
    path: Path | None = None
    file: BinaryIO | None = field(default=None, repr=False)
    hash: hashlib._Hash = field(default_factory=hashlib.sha256, repr=False)
    held: int = 0

    @property
    def size(self) -> int:
        """Clear bytes taken."""
        return self.sealer.taken

    @property
    def sha(self) -> str:
        """The SHA-256 of the sealed bytes."""
        return self.hash.hexdigest()

    def data(self) -> bytes | None:
        """The sealed bytes, when they are in memory."""
        return b"".join(self.chunks) if self.path is None else None

    def add(self, clear: bytes | bytearray | memoryview) -> None:
        """The next clear bytes; they are sealed before they are kept."""
        self._write(self.sealer.add(clear))

    def end(self) -> None:
        """No more bytes will come."""
        self._write(self.sealer.finish())

    def clear(self, secret: bytes) -> bytes:
        """The attachment as the phone sent it, by the secret that sealed it."""
        if self.file is not None:
            self.file.flush()
        return unseal(self.path.read_bytes() if self.path else b"".join(self.chunks), secret)

    def drop(self) -> None:
        """Leaves nothing on disk; what was there is noise without its key."""
        if self.file is not None:
            self.file.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        if not data:
            return
        self.hash.update(data)
        self.held += len(data)
        if self.file is not None:
            self.file.write(data)
            return
        self.chunks.append(data)
        if self.held > IN_MEMORY:
            self.path = self.new_path()
            self.file = self.path.open("xb")
            self.file.write(b"".join(self.chunks))
            self.chunks.clear()


class Upload:
    """One multipart request: feed it with `take`, end it with `finish`; `discard` leaves nothing behind."""

    def __init__(
        self,
        content_type: str,
        key: DataKey,
        random: Randomness,
        new_path: Callable[[], Path],
        limits: UploadLimits = UploadLimits(),
    ) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if kind != "multipart/form-data" or not boundary:
            raise Malformed("bad_multipart")
        self.key, self._random, self._new_path, self._limits = key, random, new_path, limits
        try:
            self._parser = PushMultipartParser(boundary, max_segment_count=limits.parts)
        except MultipartError:
            raise Malformed("bad_multipart") from None
        self.xml = bytearray()
        self.files: dict[str, SealedFile] = {}
        self._seen_xml = False
        self._taken = 0
        self._current: SealedFile | bytearray | None = None

    def take(self, chunk: bytes) -> None:
        """The next bytes of the body."""
        self._taken += len(chunk)
        if self._taken > self._limits.total:
            raise TooLarge("too_large")
        try:
            for event in self._parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event is None:
                    self._end()
                else:
                    self._more(event)
        except MultipartError:
            raise Malformed("bad_multipart") from None

    def finish(self) -> bytes:
        """The XML, once the whole body has come; raises Malformed when the body was cut."""
        try:
            self._parser.close()
        except MultipartError:
            raise Malformed("body_cut") from None
        if not self._seen_xml:
            raise Malformed("no_xml_part")
        return bytes(self.xml)

    def discard(self, keep: frozenset[str] = frozenset()) -> None:
        """Drops every file but those named in `keep`; what was on disk is noise without its key."""
        for name, sealed in self.files.items():
            if name not in keep:
                sealed.drop()

    def _begin(self, segment: MultipartSegment) -> None:
        if segment.name == XML_PART:
            if self._seen_xml:
                raise Malformed("bad_multipart")
            self._seen_xml = True
            self._current = self.xml
        elif segment.filename:
            if segment.filename in self.files:
                raise Malformed("bad_multipart")
            sealed = SealedFile(Sealer(self.key, self._random), self._new_path)
            self._current = self.files[segment.filename] = sealed
        else:
            self._current = (
                None  # a text part such as *isIncomplete*: an instance is whole when its files are
            )

    def _more(self, data: bytes | bytearray) -> None:
        if isinstance(self._current, SealedFile):
            if self._current.size + len(data) > self._limits.part:
                raise TooLarge("too_large")
            self._current.add(data)
        elif self._current is not None:
            if len(self._current) + len(data) > self._limits.xml:
                raise TooLarge("xml_too_large")
            self._current += data

    def _end(self) -> None:
        if isinstance(self._current, SealedFile):
            self._current.end()
        self._current = None


def force_to_disk(sealed: SealedFile) -> None:
    """Makes sure that a sealed file would survive a power cut."""
    if sealed.file is not None:
        sealed.file.flush()
        os.fsync(sealed.file.fileno())
        sealed.file.close()
