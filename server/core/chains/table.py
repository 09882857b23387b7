"""A CSV's columns as respondents, however the file was saved: encoding, separator, dates, missing codes."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from server.core.chains.forest import Respondent
from server.core.problem import Malformed, TooLarge

SEPARATORS = ",;\t|"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
MOST_PEOPLE, MOST_VALUES = 20_000, 30
DAY = len("2026-11-23")
FORMATS = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what; `coupons` is one column of counts or lists, or several of one code each."""

    id: str
    recruiter: str
    size: str
    outcome: str
    date: str | None = None
    coupons: Sequence[str] = ()

    @property
    def all(self) -> list[str]:
        return [
            self.id,
            self.recruiter,
            self.size,
            self.outcome,
            *([self.date] if self.date else []),
            *self.coupons,
        ]


def respondents(data: bytes, columns: Columns) -> list[Respondent]:
    """One respondent for each row. Raises Malformed or TooLarge: what is wrong and where, never a value."""
    head, rows = _rows(data)
    places = {}
    for name in columns.all:
        if head.count(name) != 1:
            code = "snowball_column_twice" if name in head else "snowball_column"
            raise Malformed(code, column=name)
        places[name] = head.index(name)
    if not rows:
        raise Malformed("snowball_empty")
    if len(rows) > MOST_PEOPLE:
        raise TooLarge("snowball_many", most=str(MOST_PEOPLE))
    counted = _counted(rows, [places[name] for name in columns.coupons])
    days = columns.date is not None and any(0 < len(row[places[columns.date]]) <= DAY for _, row in rows)
    found = []
    for line, row in rows:
        code = row[places[columns.id]]
        if not code:
            raise Malformed("snowball_no_id", line=str(line), column=columns.id)
        outcome, when = row[places[columns.outcome]], None
        if columns.date is not None:
            when = _when(row[places[columns.date]], line, columns.date, days=days)
        given = _coupons([row[places[name]] for name in columns.coupons], counted=counted)
        found.append(
            Respondent(
                id=code,
                recruiter=row[places[columns.recruiter]],
                size=_size(row[places[columns.size]], line, columns.size),
                outcome="" if outcome.casefold() in MISSING else outcome,
                when=when,
                coupons=given,
            )
        )
    if len({person.outcome for person in found}) > MOST_VALUES:
        raise Malformed("snowball_values", column=columns.outcome, most=str(MOST_VALUES))
    return found


def _rows(data: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The head and the other lines that are not empty, each with its number in the file."""
    text = _text(data)
    if not text.strip():
        raise Malformed("snowball_empty")
    first = next(line for line in text.splitlines() if line.strip())
    separator = max(SEPARATORS, key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error:
        raise Malformed("snowball_csv") from None
    kept = [(line, row) for line, row in lines if any(row)]
    head = kept[0][1]
    for line, row in kept[1:]:
        if len(row) > len(head):
            raise Malformed("snowball_row", line=str(line))
        row.extend([""] * (len(head) - len(row)))
    return head, kept[1:]


def _text(data: bytes) -> str:
    """UTF-8, else UTF-16 by its mark, else what spreadsheets in Western Europe write."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text or data[:4] == b"PK\x03\x04":
        raise Malformed("snowball_csv")
    return text


def _size(said: str, line: int, column: str) -> float | None:
    """Persons known; None when missing. A negative number is a code of missing, such as -98."""
    if said.casefold() in MISSING:
        return None
    try:
        size = float(said.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", "."))
    except ValueError:
        raise Malformed("snowball_size", line=str(line), column=column) from None
    if not math.isfinite(size):
        raise Malformed("snowball_size", line=str(line), column=column)
    return size if size >= 0 else None


def _when(said: str, line: int, column: str, *, days: bool) -> datetime | None:
    """A moment in UTC, or the day alone when the column holds days."""
    if said.casefold() in MISSING:
        return None
    try:
        when = datetime.fromisoformat(said)
    except ValueError:
        when = _european(said, line, column)
    if days:
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _european(said: str, line: int, column: str) -> datetime:
    for form in FORMATS:
        try:
            return datetime.strptime(said, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Malformed("snowball_date", line=str(line), column=column)


def _counted(rows: Sequence[tuple[int, list[str]]], places: Sequence[int]) -> bool:
    """Whether one column says how many coupons, rather than which: all its numbers are below a hundred."""
    if len(places) != 1:
        return False
    said = [row[places[0]] for _, row in rows if row[places[0]].casefold() not in MISSING]
    return bool(said) and all(each.isdecimal() and len(each) <= len("99") for each in said)


def _coupons(said: Sequence[str], *, counted: bool) -> tuple[str, ...] | int | None:
    """A count, or the codes; a list in one cell is parted by blanks, commas, semicolons or bars."""
    if not said:
        return None
    if counted:
        return 0 if said[0].casefold() in MISSING else int(said[0])
    codes = " ".join(said)
    for sign in ",;|/":
        codes = codes.replace(sign, " ")
    return tuple(dict.fromkeys(code for code in codes.split() if code.casefold() not in MISSING))
