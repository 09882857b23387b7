"""Makes the monitoring report: a folder with page, PDF, Word, tables and figures, made whole or not at all.

The same database and the same date give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version as code_version
from pathlib import Path
from typing import Any

from server.core.problem import Malformed, NotFound, Problem, Refused
from server.core.report.counted import Counted, protected
from server.core.report.declared import figures
from server.core.report.drawing import Drawing, Edition, drawings
from server.core.report.frame import Frame
from server.core.report.text import chapters
from server.store.home import Campaign
from server.store.release.make import sha, whole, write_json
from server.store.report.document import (
    Part,
    Report,
    cautions,
    labels_of_filters,
    left_out,
    long_date,
    met,
    part,
)
from server.store.report.indicators import write_indicators
from server.store.report.page import page
from server.store.report.paper import pdf
from server.store.report.people import any_approved, frame
from server.store.report.pictures import Picture, pictures
from server.store.report.word import docx

MANIFEST = "manifest.json"
FEWEST_PEOPLE = 2  # a report on one person would be about that person


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a report. `forms` empty: all that have figures; `filters` by wave, region…

    With `may_be_provisional`, all interviews count as long as nobody has approved any; the report says so.
    """

    lang: str = "fr"
    release: str = "internal"
    include_all: bool = False
    may_be_provisional: bool = False
    forms: Sequence[str] = ()
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """Where the report lies, how many count in each form, who was left out and why, and its figures."""

    folder: str
    rows: dict[str, int]
    left_out: dict[str, dict[str, int]]
    figures: list[int]


Step = Callable[[int, int | None], None]


def write_report(
    campaign: Campaign, wanted: Wanted, out: Path, at: str, step: Step = lambda *_: None
) -> Made:
    """Writes the report into the new folder `out`; `at` (ISO 8601) dates it. Refuses a folder that exists."""
    if out.exists():
        raise Refused("release_exists", folder=str(out))
    day = date.fromisoformat(at[:10])
    if wanted.may_be_provisional and not any_approved(campaign):
        wanted = replace(wanted, include_all=True)
    frames = read(campaign, wanted, day)
    edition = {one.form: _edition(one, wanted, day) for one in frames}
    found = {one.form: _drawings(one, wanted, edition[one.form]) for one in frames}
    drawn = [drawing for some in found.values() for drawing in some]
    shown = pictures(drawn, wanted.lang, step)
    parts = [
        part(one, chapters(one, found[one.form], wanted.lang, wanted.release), wanted.lang, wanted.release)
        for one in frames
    ]
    whole_report = _report(campaign, wanted, frames, parts, shown, day)
    with whole(out) as folder:
        write_files(folder, whole_report, frames, wanted)
        write_json(folder / MANIFEST, manifest(folder, frames, wanted, at))
    return Made(
        str(out),
        {one.form: len(one.records) for one in frames},
        {one.form: dict(one.left_out) for one in frames},
        [one.figure.number for one in drawn],
    )


def read(campaign: Campaign, wanted: Wanted, day: date) -> list[Frame]:
    """Those who count on that day, by form; a form that is not published here is passed over. Refuses a
    report on nobody, or on one person."""
    include = "all" if wanted.include_all else "approved"
    frames: list[Frame] = []
    problem: Problem | None = None
    for name in wanted.forms or dict.fromkeys(one.form for one in figures()):
        try:
            frames.append(frame(campaign, name, include=include, filters=wanted.filters, until=day))
        except (NotFound, Malformed) as error:  # not here, or does not ask what is filtered by
            problem = problem or error
    if problem and not frames:
        raise problem
    counted = [one for one in frames if len(one.records) >= FEWEST_PEOPLE]
    if counted:
        return counted
    if any(one.records for one in frames):
        raise Refused("report_on_one")
    waiting = sum(one.left_out.get("not_approved", 0) for one in frames)
    raise Malformed("report_not_approved", count=str(waiting)) if waiting else Malformed("report_on_nobody")


def write_files(folder: Path, whole_report: Report, frames: Sequence[Frame], wanted: Wanted) -> None:
    """All files but the manifest."""
    drawn = folder / "figures"
    drawn.mkdir()
    for name, picture in whole_report.pictures.items():
        (drawn / f"{name}.svg").write_text(picture.whole, encoding="utf-8", newline="\n")
        (drawn / f"{name}.png").write_bytes(picture.whole_png)
    write_indicators(folder, frames, wanted.release, wanted.lang)
    (folder / "report.html").write_text(page(whole_report), encoding="utf-8", newline="\n")
    (folder / "report.pdf").write_bytes(pdf(whole_report))
    (folder / "report.docx").write_bytes(docx(whole_report))


def manifest(folder: Path, frames: Sequence[Frame], wanted: Wanted, at: str) -> dict[str, Any]:
    """What the report is made from, and the digest of each of its files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "taama": code_version("taama"),
        "made": at,
        "lang": wanted.lang,
        "release": wanted.release,
        "include": "all" if wanted.include_all else "approved",
        "filters": dict(wanted.filters),
        "forms": {
            one.form: {
                "form_versions": one.shape.versions,
                "rows": protected(len(one.records), wanted.release),
                "left_out": left_out(one, wanted.release),
                "doubles_looked_for": one.compared,
            }
            for one in frames
        },
        "files": {path.relative_to(folder).as_posix(): sha(path) for path in files},
    }


def _edition(one: Frame, wanted: Wanted, day: date) -> Edition:
    return Edition(wanted.lang, long_date(day, wanted.lang), met(one, wanted.lang), wanted.release)


def _drawings(one: Frame, wanted: Wanted, edition: Edition) -> list[Drawing]:
    return drawings(Counted(one, wanted.lang, wanted.release), edition, figures())


def _report(
    campaign: Campaign,
    wanted: Wanted,
    frames: Sequence[Frame],
    parts: Sequence[Part],
    shown: Sequence[Picture],
    day: date,
) -> Report:
    chosen = labels_of_filters(frames[0], wanted.filters, wanted.lang)
    return Report(
        wanted.lang,
        campaign.settings.name,
        day,
        cautions(wanted.lang, wanted.release, chosen, include_all=wanted.include_all),
        tuple(parts),
        {one.drawing.figure.name: one for one in shown},
    )
