"""Writes a release: a folder with its tables, choice labels and a manifest, made whole or not at all.

Interviews are read in pages, so that memory stays flat however many there are.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version as code_version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from server.core.plan import Plan
from server.core.problem import NotFound, Refused
from server.core.tabulate import BACK, FRONT, Interview, Table, choice_rows, rows, tables
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.local import Person
from server.store.project import FILE, FORM, HELD, REFUSAL, SUBMISSION
from server.store.releases import note_release
from sync import log
from sync.db import reading
from sync.tables import table_of

PERSON = table_of(Person)
PAGE = 200


@dataclass(frozen=True, slots=True)
class Release:
    """What is asked for. `include_all` takes interviews that nobody has approved yet.

    `recipient` and `purpose` say who will hold it and what for: whoever withdraws later is to be erased
    there.
    """

    form: str
    audience: str = "internal"
    include_all: bool = False
    recipient: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """Where a release lies, how many interviews are in it, and how many were left out for which reason."""

    folder: str
    rows: int
    left_out: dict[str, int]


def export_csv(
    campaign: Campaign,
    release: Release,
    out: Path,
    at: str,
    step: Callable[[int], None] = lambda _: None,
) -> Released:
    """Writes the release as CSV into a new folder under `out`; `at` (ISO 8601) names it."""
    if release.audience != "internal":
        raise Refused("release_needs_gate", release=release.audience)
    stamp = at[:19].replace("-", "").replace(":", "")
    folder = out / f"{release.form}-{release.audience}-{stamp}Z"
    part = folder.with_name(folder.name + ".part")
    if folder.exists():
        raise Refused("release_exists", folder=str(folder))
    shutil.rmtree(part, ignore_errors=True)
    with reading(campaign.engine) as connection:
        plans = _plans(connection, campaign, release.form)
        part.mkdir(parents=True)
        shapes = tables(plans)
        held: list[str] = []
        count = _write_tables(part, shapes, _noted(_interviews(connection, release, step), held))
        _write_choices(part / f"{release.form}-choices.csv", plans)
        left_out = _left_out(connection, release, count)
    manifest = {
        "form": release.form,
        "form_versions": [plan.form.version for plan in plans],
        "taama": code_version("taama"),
        "made": at,
        "release": asdict(release),
        "rows": count,
        "left_out": left_out,
        "files": {path.name: _sha(path) for path in sorted(part.iterdir())},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (part / "manifest.json").write_text(text, encoding="utf-8")
    facts = asdict(release) | {"rows": count, "sha256": _sha(part / "manifest.json")}
    note_release(campaign, release=folder.name, facts=facts, instances=held, at=at)
    part.replace(folder)
    return Released(str(folder), count, left_out)


def _plans(connection: Connection, campaign: Campaign, form: str) -> list[Plan]:
    query = select(FORM.c.version).where(FORM.c.id == form).order_by(FORM.c.clock, FORM.c.origin)
    versions = connection.execute(query).scalars().all()
    forms = Forms(campaign)
    found = [plan for version in versions if (plan := forms.find(form, version))]
    if not found:
        raise NotFound("unknown_form_here", form=form)
    return found


def _write_tables(folder: Path, shapes: Sequence[Table], found: Iterator[Interview]) -> int:
    files = [(folder / f"{shape.name}.csv").open("w", encoding="utf-8-sig", newline="") for shape in shapes]
    try:
        writers = [csv.writer(file, lineterminator="\n") for file in files]
        for writer, shape in zip(writers, shapes, strict=True):
            writer.writerow(shape.header)
        count = 0
        for count, interview in enumerate(found, 1):  # noqa: B007 (the last count is the result)
            for number, row in rows(shapes, interview):
                writers[number].writerow(row)
        return count
    finally:
        for file in files:
            file.close()


def _noted(found: Iterator[Interview], held: list[str]) -> Iterator[Interview]:
    """Passes interviews on, and notes whose they are."""
    for interview in found:
        held.append(interview.instance)
        yield interview


def _write_choices(path: Path, plans: Sequence[Plan]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("question", "choice", "language", "label"))
        writer.writerows(choice_rows(plans))


def _interviews(connection: Connection, release: Release, step: Callable[[int], None]) -> Iterator[Interview]:
    """Interviews in order of arrival, without those that an edit has replaced."""
    if not release.include_all:
        return  # nothing can be approved before there is somebody who approves
    numbers = {row.login: str(row.number) for row in connection.execute(select(PERSON))}
    last, count = 0, 0
    while True:
        mine = (SUBMISSION.c.form == release.form) & (SUBMISSION.c.event > last) & ~_replaced()
        page = connection.execute(
            select(SUBMISSION).where(mine).order_by(SUBMISSION.c.event).limit(PAGE)
        ).all()
        if not page:
            return
        files = _files(connection, [row.instance for row in page])
        for row in page:
            clean = log.body(connection, row.event, "clean")
            if clean is not None:
                yield _interview(connection, row, json.loads(clean)["answers"], files, numbers)
        last = page[-1].event
        count += len(page)
        step(count)


def _interview(
    connection: Connection,
    row: Any,
    answers: dict[str, Any],
    files: dict[str, tuple[int, int]],
    numbers: dict[str, str],
) -> Interview:
    here, expected = files.get(row.instance, (0, 0))
    values = (
        row.instance,
        numbers.get(row.person, ""),
        row.person,
        str(here),
        str(expected),
        "" if here == expected else "missingAttachments",
        "",
        row.device,
        str(_edits(connection, row.replaces)),
        row.version,
    )
    system = dict(zip(FRONT, (row.received,), strict=True)) | dict(zip(BACK, values, strict=True))
    return Interview(row.instance, system, answers)


def _files(connection: Connection, instances: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Attachments here and expected, by instance."""
    here = func.count(func.nullif(FILE.c.sha, ""))
    query = select(FILE.c.instance, here, func.count()).where(FILE.c.instance.in_(instances))
    return {row[0]: (int(row[1]), row[2]) for row in connection.execute(query.group_by(FILE.c.instance))}


def _edits(connection: Connection, replaces: str | None) -> int:
    """How many earlier states an interview has; a chain that loops is cut."""
    seen: set[str] = set()
    while replaces and replaces not in seen:
        seen.add(replaces)
        query = select(SUBMISSION.c.replaces).where(SUBMISSION.c.instance == replaces)
        replaces = connection.execute(query).scalar()
    return len(seen)


def _replaced() -> Any:
    newer = SUBMISSION.alias("newer")
    return select(newer.c.event).where(newer.c.replaces == SUBMISSION.c.instance).exists()


def _left_out(connection: Connection, release: Release, count: int) -> dict[str, int]:
    def number(table: Any, *where: Any) -> int:
        query = select(func.count()).select_from(table).where(table.c.form == release.form, *where)
        return int(connection.execute(query).scalar_one())

    replaced = number(SUBMISSION, _replaced())
    found = {
        "not_approved": number(SUBMISSION) - replaced - count,
        "replaced_by_an_edit": replaced,
        "refused": number(REFUSAL),
        "quarantined": number(HELD, HELD.c.open),
    }
    return {reason: amount for reason, amount in found.items() if amount}


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
