"""Large bodies lie in a folder, each under the SHA-256 of its bytes, whole or not at all.

They are written under another name, forced to disk, then renamed: a name that exists is a promise.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

LITTER_AGE = 86_400.0


class Blobs:
    """The blob folder of one campaign. Everything in it is sealed before it arrives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"

    def prepare(self, now: float) -> None:
        """Makes the folders, and clears uploads broken off long before `now` (seconds)."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        for litter in self.incoming.iterdir():
            if now - litter.stat().st_mtime > LITTER_AGE:
                litter.unlink(missing_ok=True)

    def path(self, sha: str) -> Path:
        """Where the body named `sha` (64 hexadecimal digits) lies."""
        if len(sha) != 64 or not all(c in "0123456789abcdef" for c in sha):
            raise ValueError("not the name of a body")
        return self.folder / sha[:2] / sha[2:]

    def keep(self, part: Path, sha: str) -> None:
        """Gives the finished file `part` its name, durably; a body that is already here is left as it is."""
        target = self.path(sha)
        if target.exists():
            part.unlink()
            return
        target.parent.mkdir(exist_ok=True)
        part.replace(target)
        for folder in (target.parent, self.folder):
            sync_folder(folder)

    def begun(self, sha: str) -> int:
        """How many bytes of a body have come so far."""
        part = self._part(sha)
        return part.stat().st_size if part.exists() else 0

    def add(self, sha: str, offset: int, total: int, piece: bytes) -> int:
        """Adds a piece that comes from another node; returns how much is here, `total` once it has its name.

        A piece that does not follow is left aside; a body whose bytes are not what its name says is dropped,
        with a ValueError.
        """
        if self.path(sha).exists():
            return total
        part = self._part(sha)
        here = self.begun(sha)
        if offset != here:
            return here
        if here + len(piece) > total:
            raise ValueError("a body longer than announced")
        with part.open("ab") as file:
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if here + len(piece) == total:
            with part.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != sha:
                part.unlink()
                raise ValueError("a body that is not what its name says")
            self.keep(part, sha)
        return here + len(piece)

    def _part(self, sha: str) -> Path:
        self.path(sha)  # a name, nothing that leads elsewhere
        self.incoming.mkdir(parents=True, exist_ok=True)
        return self.incoming / f"{sha}.part"

    def get(self, sha: str) -> bytes | None:
        """The bytes of a body, or None when they are not here."""
        try:
            return self.path(sha).read_bytes()
        except FileNotFoundError:
            return None

    def forget(self, sha: str) -> None:
        """Removes a body; what was sealed under a deleted key is noise in any case."""
        self.path(sha).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Forces a folder's list of names to disk where the system allows it (Windows does it by itself)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
