"""Opens an XLSForm that somebody gives us (.xlsx, .xls, .md), once it is sure to be only a questionnaire.

A workbook is a zip archive of XML: one that unpacks to a flood, or that defines XML entities, is refused
before any library reads it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from forms.problems import FormError
from forms.sheets import Row, Sheets, with_paths

SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")
LARGEST = 10_000_000
ZIP_ENTRIES, ZIP_TOTAL, ZIP_RATIO = 1_000, 200_000_000, 100
ZIP_HEADER = 30
MOST_QUESTIONS, MOST_CHOICES = 10_000, 200_000
SYMLINK = 0o120000
CHUNK = 1_000_000

Workbook = dict[str, Any]


def read_workbook(path: Path) -> Workbook:
    """The sheets of an XLSForm as pyxform takes them; raises FormError."""
    if path.stat().st_size > LARGEST:
        raise FormError([f"{path.name} is larger than 10 MB. Remove what is not part of the questionnaire."])
    kind = path.suffix.lower()
    if kind == ".xlsx":
        _refuse_bomb(path)
    workbook = _rows(path, kind)
    for sheet, most in (("survey", MOST_QUESTIONS), ("choices", MOST_CHOICES)):
        if len(workbook.get(sheet) or ()) > most:
            raise FormError([f"{path.name}: the sheet {sheet} has more than {most} rows. Split the form."])
    if not workbook.get("survey"):
        raise FormError([f"{path.name} has no survey sheet. Write the questions in a sheet called survey."])
    return workbook


def _rows(path: Path, kind: str) -> Workbook:
    """Reads with pyxform, whose import is slow: it happens when a form is read, not when a server starts."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2json_backends import get_xlsform

    try:
        data = get_xlsform(path.read_bytes(), file_type=kind)
    except PyXFormError:
        found = None
    except Exception:  # a broken workbook fails in a hundred ways inside the library; all mean the same
        found = None
    else:
        found = {
            name: list(rows)
            for sheet in SHEETS
            for name in (sheet, f"{sheet}_header")
            if (rows := getattr(data, name, None))
        }
    if found is None:
        raise FormError([f"{path.name} is not a readable XLSForm. Open it in Excel and save it again."])
    return found | {"fallback_form_name": path.stem}


def sheets_in(workbook: Mapping[str, Any]) -> Sheets:
    """The rows of an XLSForm with their numbers, so that a fault can be shown where it stands."""
    settings: Sequence[Mapping[str, Any]] = workbook.get("settings") or [{}]
    return Sheets(
        survey=with_paths(_numbered("survey", workbook.get("survey"))),
        choices=_numbered("choices", workbook.get("choices")),
        settings={key: str(value) for key, value in settings[0].items()},
    )


def _numbered(sheet: str, rows: Iterable[Mapping[str, Any]] | None) -> list[Row]:
    return [
        Row(sheet, number, {key: str(value) for key, value in row.items() if key and value is not None})
        for number, row in enumerate(rows or (), 2)
        if row
    ]


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
            _refuse_flood(path.name, entries)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels", ".vml")):
                    _refuse_entities(path.name, archive, entry)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, RuntimeError, OSError):
        raise FormError([f"{path.name} is not an Excel workbook. Save it again as .xlsx."]) from None


def _refuse_flood(name: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    total, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    overlapping = any(
        after.header_offset < before.header_offset + ZIP_HEADER + before.compress_size
        for before, after in pairwise(entries)
    )
    outside = any(_leaves(entry) for entry in entries)
    flood = len(entries) > ZIP_ENTRIES or total > ZIP_TOTAL or total > ZIP_RATIO * max(packed, 1)
    if flood or overlapping or outside:
        raise FormError([f"{name} unpacks to something else than a questionnaire. It was not opened."])


def _leaves(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a link, or would be written elsewhere than under the archive's own folder."""
    parts = entry.filename.replace("\\", "/").split("/")
    return entry.external_attr >> 16 & 0o170000 == SYMLINK or ".." in parts or parts[0] in ("", "~")


def _refuse_entities(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """XML in UTF-16, which hides a document type from a search for its letters, is refused as well."""
    kept = b""
    with archive.open(entry) as file:
        while block := file.read(CHUNK):
            seen = kept + block
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or b"\x00" in seen:
                raise FormError([f"{name} defines XML entities. It was not opened; save it again in Excel."])
            kept = block[-16:]
