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
from dataclasses import asdict, dataclass
from importlib.metadata import version as code_version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from server.core.access import may_open
from server.core.dataset.codebook import book
from server.core.dataset.pages import Interview
from server.core.dataset.shape import Dataset, dataset
from server.core.dataset.sheets import Sheet, joined, sheets
from server.core.problem import Refused
from server.store.home import Campaign
from server.store.release.books import write_books
from server.store.release.changes import Changes, changes_of, write_logs
from server.store.release.gated import gated, scope_of
from server.store.release.interviews import PERSON, Selection, Step, interviews, left_out, plans_of
from server.store.release.options import Options, Release, Released
from server.store.release.tables import CsvTables
from server.store.release.write import write_all
from server.store.releases import note_release
from sync.db import reading

MANY = 1 << 60  # more than anything is counted
ARCHIVE, MANIFEST = "submissions.csv.zip", "manifest.json"
# Counts of answers below this are not told in the codebook of a release (`privacy`, tables).
FEWEST = {"internal": 1, "partner": 5, "public": 5}


@dataclass(frozen=True)
class Work:
    """What a release is made from: an open database, the form's variables, its corrections, and what was
    asked."""

    connection: Connection
    campaign: Campaign
    shape: Dataset
    changes: Changes
    release: Release
    options: Options
    chosen: Selection
    at: str
    step: Step

    def pages(self) -> Iterator[list[Interview]]:
        """The interviews as they count, page by page."""
        return interviews(self.connection, self.chosen, self.changes.effective, self.step)


@dataclass(frozen=True)
class Written:
    """Whose interviews are in the files, the tables with their rows, and what the gate said."""

    instances: list[str]
    files: list[tuple[str, int]]
    gate: dict[str, Any] | None = None


def export(
    campaign: Campaign,
    release: Release,
    options: Options,
    out: Path,
    at: str,
    step: Step = lambda _: None,
) -> Released:
    """Writes the release into a new folder under `out`; `at` (ISO 8601) names it and dates its files.

    Refuses one for partners or the public that nobody signs or that does not pass the gate, and one for
    nobody in particular: names of rows are a recipient's own.
    """
    stamp = at[:19].replace("-", "").replace(":", "")
    folder = out / f"{release.form}-{release.audience}-{stamp}Z"
    if folder.exists():
        raise Refused("release_exists", folder=str(folder))
    with reading(campaign.engine) as connection:
        if release.audience != "internal":
            check_signer(connection, release.signed_by)
        if release.audience == "partner" and not release.recipient.strip():
            raise Refused("release_needs_recipient")
        work = prepared(connection, campaign, release, options, at, step)
        with whole(folder) as part:
            written = write_files(work, part)
            lost = left_out(connection, work.chosen)
            write_json(part / MANIFEST, manifest(work, written, lost, part))
            told = ("form", "audience", "include_all", "recipient", "purpose")
            facts: dict[str, Any] = {name: getattr(release, name) for name in told}
            facts |= {"rows": len(written.instances), "sha256": sha(part / MANIFEST)}
            signed, held = release.signed_by, written.instances
            note_release(campaign, release=folder.name, facts=facts, instances=held, at=at, by=signed)
    return Released(str(folder), len(written.instances), lost)


def prepared(
    connection: Connection, campaign: Campaign, release: Release, options: Options, at: str, step: Step
) -> Work:
    """All that a release is made from."""
    shape = dataset(plans_of(campaign, connection, release.form))
    changes = changes_of(connection, release.form)
    scope = "" if release.audience == "internal" else scope_of(shape)
    chosen = Selection(release.form, release.include_all, scope)
    return Work(connection, campaign, shape, changes, release, options, chosen, at, step)


def risk(
    campaign: Campaign, release: Release, options: Options, at: str, step: Step = lambda _: None
) -> dict[str, Any]:
    """What the gate would say of a release, which is not written: for whoever is to sign it."""
    with reading(campaign.engine) as connection:
        work = prepared(connection, campaign, release, options, at, step)
        found = [one for page in work.pages() for one in page]
        made = gated(work.shape, found, release, options, campaign.settings.code_salt)
        return {"rows": len(found), "left_out": left_out(connection, work.chosen), **made.told()}


def check_signer(connection: Connection, login: str) -> None:
    """Refuses a release that nobody signs, or somebody who may not see releases."""
    if not login:
        raise Refused("release_needs_signature")
    mine = (PERSON.c.login == login) & (PERSON.c.removed == "")
    role = connection.execute(select(PERSON.c.role).where(mine)).scalar()
    if role is None or not may_open(role, "/releases"):
        raise Refused("may_not_sign", login=login)


def write_files(work: Work, folder: Path) -> Written:
    """Writes all files but the manifest."""
    if work.release.audience == "internal":
        written = _internal(work, folder)
        write_logs(work.connection, folder, work.release.form, work.changes)
    else:
        written = _gated(work, folder)
    if work.options.zipped:
        _zip(folder, [f"{name}.csv" for name, _ in written.files], work.at)
    return written


def _internal(work: Work, folder: Path) -> Written:
    held: list[str] = []
    shape, options = work.shape, work.options

    def parts() -> Iterator[list[Sheet]]:
        for page in work.pages():
            held.extend(interview.instance for interview in page)
            yield sheets(shape, page, options.multiple, reasons=options.tells_why)

    empty = sheets(shape, [], options.multiple, reasons=options.tells_why)
    if options.format == "csv":
        heights = [0] * len(empty)
        with CsvTables(folder, empty, shape.language(options.language) if options.labels else None) as tables:
            for part in parts():
                tables.add(part)
                heights = [height + sheet.height for height, sheet in zip(heights, part, strict=True)]
        files = [(sheet.name, height) for sheet, height in zip(empty, heights, strict=True)]
        write_books(folder, book(shape, empty, fewest=MANY), files, work.at)
    else:
        files = _whole_tables(work, folder, joined([empty, *parts()]))
    return Written(held, files)


def _gated(work: Work, folder: Path) -> Written:
    found = [one for page in work.pages() for one in page]
    made = gated(work.shape, found, work.release, work.options, work.campaign.settings.code_salt)
    if not made.safe.decision.passed:
        failed = ", ".join(f"{one.condition} = {one.measured:.3g}" for one in made.safe.decision.failed)
        raise Refused("gate_closed", release=work.release.audience, failed=failed)
    files = _whole_tables(work, folder, made.sheets)
    return Written([one.instance for one in found], files, made.told())


def _whole_tables(work: Work, folder: Path, found: Sequence[Sheet]) -> list[tuple[str, int]]:
    """Tables that were put together in memory, with their codebooks."""
    shape, options, audience = work.shape, work.options, work.release.audience
    told = book(shape, found, fewest=FEWEST[audience], recoded=audience != "internal")
    if options.format == "csv":
        with CsvTables(folder, found, shape.language(options.language) if options.labels else None) as tables:
            tables.add(found)
    else:
        write_all(folder, shape, found, options, work.at, told)
    files = [(sheet.name, sheet.height) for sheet in found]
    write_books(folder, told, files, work.at)
    return files


def manifest(work: Work, written: Written, lost: dict[str, int], folder: Path) -> dict[str, Any]:
    """What a release is, how it was made, and the digest of each of its files."""
    told: dict[str, Any] = {
        "form": work.release.form,
        "form_versions": work.shape.versions,
        "taama": code_version("taama"),
        "made": work.at,
        "release": asdict(work.release),
        "options": asdict(work.options),
        "rows": len(written.instances),
        "left_out": lost,
        "tables": dict(written.files),
        "corrections": sum(applied for *_, applied in work.changes.done),
    }
    if written.gate is not None:
        told["disclosure"] = written.gate
    return told | {"files": {path.name: sha(path) for path in sorted(folder.iterdir())}}


def _zip(folder: Path, names: Sequence[str], at: str) -> None:
    """The tables in one archive, dated `at`."""
    date = (int(at[:4]), int(at[5:7]), int(at[8:10]), int(at[11:13]), int(at[14:16]), int(at[17:19]))
    files = [folder / name for name in names]
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.name, date)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with archive.open(entry, "w") as target, path.open("rb") as source:
                shutil.copyfileobj(source, target)
    for path in files:
        path.unlink()


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
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
