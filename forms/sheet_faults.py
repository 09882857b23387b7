"""Looks through the sheets of a form that does not compile, so that all its faults are told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from forms.findings import Fault
from forms.sheets import Row, Sheets

REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}\s]+)\s*\}")
NAME = re.compile(r"[^\W\d][\w.-]*")
SELECTS = ("select_one", "select_multiple", "rank", "select one", "select all that apply", "select")
FROM_FILE = ("_from_file", "_external", "from map")
OPEN = re.compile(r"^begin[ _](group|repeat)\b")
CLOSE = re.compile(r"^end[ _](group|repeat)\b")
GROUP = re.compile(r"^(begin|end)[ _](group|repeat)\b")
WITHOUT_NAME = re.compile(r"^(end[ _]|audit$|include$|#)")
PLAIN = frozenset(
    {
        *("text", "integer", "decimal", "int", "string", "date", "time", "datetime", "dateTime", "note"),
        *("calculate", "calculation", "hidden", "range", "geopoint", "gps", "geotrace", "geoshape", "image"),
        *("photo", "audio", "video", "file", "barcode", "acknowledge", "trigger", "start", "end", "today"),
        *("deviceid", "phonenumber", "username", "email", "audit", "subscriberid", "simserial", "include"),
        *("start-geopoint", "background-audio", "background-geopoint", "csv-external", "xml-external", "osm"),
    }
)
ALIASES = ("q ", "add ", "begin loop", "end loop")
Cells = Mapping[str, str]


def sheet_faults(sheets: Sheets) -> Iterator[tuple[Fault, Row]]:
    """Unknown types and lists, names that are missing or cannot be, unknown references, open groups."""
    lists = {cells.get("list_name") or cells.get("list name", "") for cells in _cells(sheets)}
    names = {row.cells.get("name", "") for row in sheets.survey}
    for row in sheets.survey:
        yield from _type(row, lists)
        yield from _name(row)
        for column, text in row.cells.items():
            for name in dict.fromkeys(REFERENCE.findall(text)):
                if name not in names:
                    yield Fault("reference_unknown", words={"column": column, "other": name}), row
    yield from _groups(sheets.survey)
    yield from _twice(sheets.survey)
    for row in sheets.choices:
        if not row.cells.get("name"):
            yield Fault("name_missing"), row


def _cells(sheets: Sheets) -> Iterator[Cells]:
    for row in (*sheets.choices, *sheets.spare):
        yield row.cells


def _type(row: Row, lists: set[str]) -> Iterator[tuple[Fault, Row]]:
    kind = row.cells.get("type", "").strip()
    if not kind:
        if row.cells.get("name") or any(key.startswith("label") for key in row.cells):
            yield Fault("type_missing", row.path), row
        return
    words = kind.split()
    if kind.startswith(SELECTS):
        if any(part in kind for part in FROM_FILE):
            return
        given = [
            word for word in words[1:] if word not in ("or_other", "one", "all", "that", "apply", "from")
        ]
        if given and "${" not in given[0] and given[0] not in lists:
            yield Fault("list_missing", row.path, {"list": given[0]}), row
    elif words[0] not in PLAIN and not kind.startswith(ALIASES) and not GROUP.match(kind):
        yield Fault("type_unknown", row.path, {"type": kind}), row


def _name(row: Row) -> Iterator[tuple[Fault, Row]]:
    kind, name = row.cells.get("type", "").strip(), row.cells.get("name", "").strip()
    if not kind or WITHOUT_NAME.match(kind):
        return
    if not name:
        yield Fault("name_missing", row.path), row
    elif not NAME.fullmatch(name):
        yield Fault("name_bad", row.path, {"name": name}), row


def _groups(survey: Sequence[Row]) -> Iterator[tuple[Fault, Row]]:
    opened: list[tuple[str, Row]] = []
    for row in survey:
        kind = row.cells.get("type", "").strip()
        if found := OPEN.match(kind):
            opened.append((found[1], row))
        elif found := CLOSE.match(kind):
            if not opened or opened[-1][0] != found[1]:
                yield Fault("group_closed", words={"kind": found[1]}), row
            else:
                opened.pop()
    for kind, row in opened:
        yield Fault("group_open", row.path, {"kind": kind, "name": row.cells.get("name", "")}), row


def _twice(survey: Sequence[Row]) -> Iterator[tuple[Fault, Row]]:
    """Names that stand twice in one group: rows of the same path."""
    seen: dict[str, int] = {}
    for row in survey:
        if row.path and row.cells.get("name"):
            if row.path in seen:
                yield Fault("name_again", row.path, {"row": str(seen[row.path])}), row
            seen.setdefault(row.path, row.number)
