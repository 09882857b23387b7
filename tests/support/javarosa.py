"""Fills questionnaires with JavaRosa, the engine inside ODK Collect, so that tests send what phones send.

The engine comes with pyxform, inside the program that pyxform checks forms with. Our own small interviewer
(java/) is compiled once for each state of its source; one start of Java then holds many interviews.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

SOURCES = Path(__file__).with_name("java")
JAR = Path("validators", "odk_validate", "bin", "ODK_Validate.jar")
LONGEST = 600  # seconds

Answer = str | int | float | Sequence[str]


class InterviewFailed(Exception):
    """The engine could not load the form or could not finish an interview; the text says where."""


@dataclass(frozen=True)
class Filled:
    """A finalised interview and its attachments, byte for byte as a phone keeps them."""

    xml: bytes
    files: Mapping[str, bytes]
    instance_id: str


def available() -> bool:
    """Whether this machine has a Java development kit."""
    return shutil.which("javac") is not None


def fill(
    xform: Path,
    media: Path | None,
    out: Path,
    seed: int,
    count: int,
    answers: Mapping[str, Answer] | None = None,
) -> list[Filled]:
    """Holds `count` interviews; each is kept in `out`/N with N from 1.

    `answers` maps a question's name to what is said wherever that is possible (a list for several choices),
    or a repeat's name to how often it is filled; "{i}" stands for N. All else is invented from `seed`, except
    instance ids and times. Raises InterviewFailed.
    """
    if out.exists() and any(out.iterdir()):
        raise InterviewFailed(f"{out} is not empty: give a new folder, or interviews would mix.")
    said = {name: _text(answer) for name, answer in (answers or {}).items()}
    folder = str(media if media is not None else xform.parent)
    job = {
        "form": str(xform),
        "media": folder,
        "out": str(out),
        "seed": seed,
        "count": count,
        "answers": said,
    }
    _hold(job)
    return [read_filled(out / str(number)) for number in range(1, count + 1)]


def edit(xform: Path, media: Path, finished: Path, out: Path, answers: Mapping[str, Answer]) -> Filled:
    """The finished interview in the folder `finished`, opened again and sent as one that replaces it.

    Only `answers` change, and what they make wrong. Raises InterviewFailed.
    """
    job = {"form": str(xform), "media": str(media), "out": str(out), "seed": 1, "count": 1}
    said = {name: _text(answer) for name, answer in answers.items()}
    _hold(job | {"answers": said, "edit": str(finished)})
    return read_filled(out / "1")


def _hold(job: Mapping[str, object]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        order = Path(scratch, "job.json")
        order.write_text(json.dumps(job), encoding="utf-8")
        _run(["java", "-Xss8m", "-cp", f"{_classes()}{os.pathsep}{_jar()}", "Interviewer", str(order)])


def read_filled(folder: Path) -> Filled:
    """An interview from its folder: FOLDER/FOLDER.xml, and beside it the attachments."""
    xml = folder / f"{folder.name}.xml"
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path != xml}
    return Filled(xml.read_bytes(), files, _instance_id(xml.read_bytes()))


def _instance_id(xml: bytes) -> str:
    found = [e.text or "" for e in ET.fromstring(xml).iter() if e.tag.rpartition("}")[2] == "instanceID"]
    return found[-1] if found else ""


def _text(answer: Answer) -> str:
    if isinstance(answer, str | int | float):
        return str(answer)
    return " ".join(answer)


def _jar() -> Path:
    spec = importlib.util.find_spec("pyxform")
    if spec is None or spec.origin is None:
        raise InterviewFailed("pyxform is not installed: run `uv sync --extra dev`.")
    return Path(spec.origin).parent / JAR


def _classes() -> Path:
    """The compiled interviewer, from the cache when its source has not changed."""
    sources = sorted(SOURCES.glob("*.java"))
    digest = hashlib.sha256(f"{_jar()} {_jar().stat().st_size}".encode())
    for source in sources:
        digest.update(source.read_bytes())
    ready = Path(tempfile.gettempdir(), f"taama-interviewer-{digest.hexdigest()[:20]}")
    if not ready.is_dir():
        making = Path(tempfile.mkdtemp(prefix=f"{ready.name}-"))
        _run(["javac", "-encoding", "UTF-8", "-d", str(making), "-cp", str(_jar()), *map(str, sources)])
        try:
            making.rename(ready)
        except OSError:  # another test process was faster
            shutil.rmtree(making)
    return ready


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=LONGEST
    )
    if done.returncode != 0:
        raise InterviewFailed(f"{command[0]}: {done.stderr.strip()[-2000:]}")
