"""Proves a release: its files are as they were written, and raw answers with its cleaning log give its cells.

Answers are read again from the log, the release's own cleaning log is applied to them, the files are made
once more and compared cell by cell. What goes on living after a release (review, attachments) is not
compared.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.core.dataset.shape import dataset
from server.core.problem import Refused
from server.store.home import Campaign
from server.store.project import SUBMISSION
from server.store.release.changes import CLEANING, Changes, changes_in
from server.store.release.interviews import Selection, Step
from server.store.release.make import MANIFEST, Work, prepared, sha, write_files
from server.store.release.options import Options, Release
from server.store.release.reading import Rows, read_tables
from server.store.releases import holding
from sync.db import reading

LIVING = frozenset(
    {"ReviewState", "AttachmentsPresent", "AttachmentsExpected", "Status", "SubmitterID", "Edits"}
)
MOST = 100  # cells that are named


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is not what the database says: never its content, only where it is."""

    file: str
    row: str
    column: str


@dataclass(frozen=True)
class Verified:
    """What came of it. `cells` names the first that differ; `withdrawn` people have gone since."""

    rows: int
    files_changed: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    differing: int = 0
    withdrawn: int = 0
    compared: bool = True
    logged: bool = True

    @property
    def proved(self) -> bool:
        """Whether the release is what was written, and what the database says."""
        return self.logged and not self.files_changed and not self.differing

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        told = {
            name: getattr(self, name)
            for name in ("rows", "files_changed", "differing", "withdrawn", "compared")
        }
        cells = [{"file": one.file, "row": one.row, "column": one.column} for one in self.cells]
        return {"proved": self.proved, **told, "logged": self.logged, "cells": cells}

    def sentences(self) -> list[str]:
        """For a person."""
        lines = [f"{name} is not as it was written." for name in self.files_changed]
        if not self.logged:
            lines.append("This campaign's log does not know the release, or its manifest was changed.")
        lines += [
            f"{one.file}: {one.column} of {one.row} is not what the database says." for one in self.cells
        ]
        if self.differing > len(self.cells):
            lines.append(f"{self.differing} cells differ in all.")
        if self.withdrawn:
            lines.append(
                f"{self.withdrawn} people have withdrawn since: whoever holds the files must erase them."
            )
        if not self.compared:
            lines.append("Cells could not be compared, since people have withdrawn from a protected release.")
        return [*lines, f"Proved: {self.rows} interviews." if self.proved else "Not proved."]


def verify(campaign: Campaign, folder: Path, step: Step = lambda _: None) -> Verified:
    """Compares the release in `folder` with the database; raises Refused if it is none."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files: Mapping[str, str] = told["files"]
    except (OSError, ValueError, KeyError):
        raise Refused("not_a_release", folder=str(folder)) from None
    changed = [name for name, digest in files.items() if not _same(folder / name, digest)]
    held = holding(campaign, folder.resolve().name)
    if held is None:
        return Verified(told["rows"], changed, compared=False, logged=False)
    logged = held.sha256 == sha(folder / MANIFEST)
    with reading(campaign.engine) as connection:
        query = select(SUBMISSION.c.instance).where(SUBMISSION.c.form == told["form"])
        there = frozenset(one for one in connection.execute(query).scalars() if held.holds(one))
        gone = told["rows"] - len(there)
        if gone and told["release"]["audience"] != "internal":
            return Verified(told["rows"], changed, withdrawn=gone, compared=False, logged=logged)
        work = _work(prepared(connection, campaign, *_asked(told), told["made"], step), told, there, folder)
        with tempfile.TemporaryDirectory(dir=folder.parent) as again:
            write_files(work, Path(again))
            cells = list(_differences(folder, Path(again), told["tables"], without_gone=bool(gone)))
    return Verified(told["rows"], changed, cells[:MOST], len(cells), gone, logged=logged)


def _same(path: Path, digest: str) -> bool:
    return path.is_file() and sha(path) == digest


def _asked(told: Mapping[str, Any]) -> tuple[Release, Options]:
    release = told["release"] | {"keys": tuple(told["release"]["keys"])}
    return Release(**release), Options(**told["options"])


def _work(work: Work, told: Mapping[str, Any], there: frozenset[str], folder: Path) -> Work:
    """The same work as then: those interviews, those form versions, those corrections."""
    plans = tuple(plan for plan in work.shape.plans if plan.form.version in told["form_versions"])
    chosen = Selection(told["form"], only=there)
    if (folder / CLEANING).is_file():
        changes = changes_in(folder)
    else:
        made = told["made"]
        early = {
            who: [one for one in found if one.at <= made] for who, found in work.changes.by_instance.items()
        }
        changes = Changes(early)
    return replace(work, shape=dataset(plans), chosen=chosen, changes=changes)


def _differences(folder: Path, again: Path, names: Sequence[str], *, without_gone: bool) -> Iterator[Cell]:
    """Every cell that differs; a row that is only in one of both counts as one."""
    before, after = read_tables(folder, names), read_tables(again, names)
    for name in names:
        yield from _in_table(name, before.get(name, {}), after.get(name, {}), without_gone=without_gone)


def _in_table(name: str, before: Rows, after: Rows, *, without_gone: bool) -> Iterator[Cell]:
    for key, row in before.items():
        other = after.get(key)
        if other is None:
            if not without_gone:
                yield Cell(name, key, "")
            continue
        for column, value in row.items():
            if column not in LIVING and other.get(column) != value:
                yield Cell(name, key, column)
    for key in after.keys() - before.keys():
        yield Cell(name, key, "")
