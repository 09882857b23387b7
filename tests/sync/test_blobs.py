"""The blob folder: a name that exists is a promise."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from sync.blobs import Blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    blobs = Blobs(tmp_path / "blobs")
    blobs.prepare(time.time())
    return blobs


def arrive(blobs: Blobs, data: bytes) -> tuple[Path, str]:
    part = blobs.incoming / "x.part"
    part.write_bytes(data)
    return part, hashlib.sha256(data).hexdigest()


def test_a_finished_body_is_found_by_its_digest(blobs: Blobs) -> None:
    part, sha = arrive(blobs, b"sealed")
    blobs.keep(part, sha)
    assert blobs.get(sha) == b"sealed"
    assert not part.exists()


def test_the_same_body_twice_is_kept_once(blobs: Blobs) -> None:
    for _ in range(2):
        blobs.keep(*arrive(blobs, b"sealed"))
    assert len([p for p in blobs.folder.rglob("*") if p.is_file()]) == 1


def test_a_forgotten_body_is_gone(blobs: Blobs) -> None:
    part, sha = arrive(blobs, b"sealed")
    blobs.keep(part, sha)
    blobs.forget(sha)
    assert blobs.get(sha) is None
    blobs.forget(sha)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 63 + "/"])
def test_only_a_digest_names_a_body(blobs: Blobs, name: str) -> None:
    with pytest.raises(ValueError, match="name of a body"):
        blobs.get(name)


def test_what_a_broken_upload_left_is_cleared_after_a_day(blobs: Blobs) -> None:
    old, fresh = blobs.incoming / "old.part", blobs.incoming / "fresh.part"
    for part in (old, fresh):
        part.write_bytes(b"x")
    os.utime(old, (0, 0))
    blobs.prepare(time.time())
    assert not old.exists()
    assert fresh.exists()
