"""Packs an interview into request bodies as ODK Collect does, and builds the odd bodies that tests need."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MOST_FILES = 101
TYPES = {".m4a": "audio/mpeg", ".csv": "text/comma-separated-values", ".amr": "audio/amr"}


@dataclass(frozen=True)
class Part:
    """One part of a multipart body; a part without a file name is a plain field."""

    name: str
    content: bytes
    filename: str | None = None
    type: str | None = None


def bodies(
    xml: bytes, files: Mapping[str, bytes], limit: int, name: str = "interview.xml"
) -> Iterator[tuple[bytes, str]]:
    """The bodies of an interview's requests and their content types; each repeats the interview."""
    batches = list(split(len(xml), {name: len(content) for name, content in files.items()}, limit))
    for number, batch in enumerate(batches, start=1):
        parts = [Part("xml_submission_file", xml, name, "text/xml")]
        parts += [Part(file, files[file], file, type_of(file)) for file in batch]
        if number < len(batches):
            parts.append(Part("*isIncomplete*", b"yes"))
        yield multipart_body(parts)


def split(start: int, sizes: Mapping[str, int], limit: int) -> Iterator[list[str]]:
    """Which files go with each request: one to 101 of them, as many as fit in `limit` after `start` bytes."""
    batch: list[str] = []
    total = start
    for name, size in sizes.items():
        if batch and (len(batch) == MOST_FILES or total + size > limit):
            yield batch
            batch, total = [], start
        batch.append(name)
        total += size
    yield batch


def multipart_body(parts: Sequence[Part], boundary: str | None = None) -> tuple[bytes, str]:
    """A multipart/form-data body as Collect's HTTP library lays it out, and its content type."""
    mark = boundary or str(uuid.uuid4())
    lines: list[bytes] = []
    for part in parts:
        disposition = f'form-data; name="{_quoted(part.name)}"'
        if part.filename is not None:
            disposition += f'; filename="{_quoted(part.filename)}"'
        kind = f"Content-Type: {part.type}\r\n" if part.type else ""
        lines.append(f"--{mark}\r\nContent-Disposition: {disposition}\r\n{kind}\r\n".encode())
        lines.append(part.content + b"\r\n")
    lines.append(f"--{mark}--\r\n".encode())
    return b"".join(lines), f"multipart/form-data; boundary={mark}"


def type_of(name: str) -> str:
    """The content type that a phone gives a file, by its ending."""
    ending = f".{name.rpartition('.')[2].lower()}"
    return TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _quoted(name: str) -> str:
    return name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")
