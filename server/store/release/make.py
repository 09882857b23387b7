"""Makes a release: a folder with its tables, its codebooks and a manifest, made whole or not at all.

The same database and the same date give the same bytes, so that a release can be made again and compared.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version as code_version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from server.core.dataset.shape import Dataset, dataset
from server.core.dataset.sheets import Sheet, joined, sheets
from server.core.problem import Refused
from server.store.home import Campaign
from server.store.release.changes import Changes, changes_of
from server.store.release.interviews import Selection, Step, interviews, left_out, plans_of
from server.store.release.options import Options, Release, Released
from server.store.release.tables import CsvTables
from server.store.release.write import write_all
from server.store.releases import note_release
from sync.db import reading

ARCHIVE = "submissions.csv.zip"


def export(
    campaign: Campaign,
    release: Release,
    options: Options,
    out: Path,
    at: str,
    step: Step = lambda _: None,
) -> Released:
    """Writes the release into a new folder under `out`; `at` (ISO 8601) names it and dates its files."""
    stamp = at[:19].replace("-", "").replace(":", "")
    folder = out / f"{release.form}-{release.audience}-{stamp}Z"
    if folder.exists():
        raise Refused("release_exists", folder=str(folder))
    chosen = Selection(release.form, release.include_all)
    with reading(campaign.engine) as connection, _whole(folder) as part:
        shape = dataset(plans_of(campaign, connection, release.form))
        changes = changes_of(connection, release.form)
        made = write_internal(connection, shape, chosen, changes, options, part, at, step)
        lost = left_out(connection, chosen)
        manifest = {
            "form": release.form,
            "form_versions": shape.versions,
            "taama": code_version("taama"),
            "made": at,
            "release": asdict(release),
            "options": asdict(options),
            "rows": len(made),
            "left_out": lost,
            "files": {path.name: sha(path) for path in sorted(part.iterdir())},
        }
        write_json(part / "manifest.json", manifest)
        told = ("form", "audience", "include_all", "recipient", "purpose")
        facts: dict[str, Any] = {name: getattr(release, name) for name in told}
        facts |= {"rows": len(made), "sha256": sha(part / "manifest.json")}
        note_release(campaign, release=folder.name, facts=facts, instances=made, at=at, by=release.signed_by)
    return Released(str(folder), len(made), lost)


def write_internal(
    connection: Connection,
    shape: Dataset,
    chosen: Selection,
    changes: Changes,
    options: Options,
    folder: Path,
    at: str,
    step: Step,
) -> list[str]:
    """Writes all files but the manifest; returns whose interviews are in them, in order."""
    held: list[str] = []

    def parts() -> Iterator[list[Sheet]]:
        for page in interviews(connection, chosen, changes.effective, step):
            held.extend(interview.instance for interview in page)
            yield sheets(shape, page, options.multiple, reasons=options.tells_why)

    empty = sheets(shape, [], options.multiple, reasons=options.tells_why)
    if options.format == "csv":
        language = shape.language(options.language) if options.labels else None
        with CsvTables(folder, empty, language) as tables:
            for part in parts():
                tables.add(part)
    else:
        write_all(folder, shape, joined([empty, *parts()]), options, at)
    if options.zipped:
        _zip(folder, at)
    return held


def _zip(folder: Path, at: str) -> None:
    """All CSV files in one archive, dated `at`."""
    date = (int(at[:4]), int(at[5:7]), int(at[8:10]), int(at[11:13]), int(at[14:16]), int(at[17:19]))
    files = sorted(folder.glob("*.csv"))
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.name, date)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with archive.open(entry, "w") as target, path.open("rb") as source:
                shutil.copyfileobj(source, target)
    for path in files:
        path.unlink()


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to write into that takes its name only once all is done, and vanishes if something fails."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """A JSON file that a person can read."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def sha(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
