"""Reads a list of persons as partners send it, and writes what linkage found beside it.

CSV of any usual kind: UTF-8, UTF-16 or Windows letters; commas, semicolons or tabs; headers in French or
English.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from server.core.linkage.encode import FIELDS, Column
from server.core.linkage.run import Linked
from server.core.linkage.spelling import plain, read_table
from server.core.problem import Malformed

SEPARATORS = (";", "\t", "|", ",")
KNOWN = ("record_id", *FIELDS)
SAMPLE = 1 << 16
TITLE_LINES = 10
WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class PersonList:
    """A list by columns; `ignored` are its headers that were not understood."""

    columns: dict[str, Column]
    rows: int
    ignored: list[str]
    uneven: int
    unnamed: int

    @property
    def ids(self) -> list[str]:
        column = self.columns["record_id"]
        return [column.values[code] for code in column.codes.tolist()]


def read_persons(path: Path, renamed: Mapping[str, str]) -> PersonList:
    """The persons of a CSV file or of an Excel workbook, by its name."""
    return (read_workbook if path.suffix.lower() in WORKBOOKS else read_list)(path, renamed)


def read_workbook(path: Path, renamed: Mapping[str, str]) -> PersonList:
    """The persons on the first sheet of an Excel workbook; raises Malformed as `read_list` does."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        table = book.worksheets[0].iter_rows(values_only=True)
        return _table(([_cell(value) for value in row] for row in table), renamed, path.name)
    except (InvalidFileException, BadZipFile, KeyError, ValueError):
        raise Malformed("broken_list", file=path.name) from None
    except OSError:
        raise Malformed("no_list_file", file=path.name) from None


def _cell(value: object) -> str:
    """A cell as text: a telephone number that Excel took for a number has no decimals."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def read_list(path: Path, renamed: Mapping[str, str]) -> PersonList:
    """The persons of a CSV file; `renamed` maps its headers to ours.

    Malformed when it is no CSV text, holds no rows, has no record_id, or names a record twice.
    """
    try:
        with io.open(path, encoding=_encoding(path), errors="replace", newline="") as file:  # noqa: UP020
            first = file.readline(SAMPLE)
            file.seek(0)
            return _table(csv.reader(file, delimiter=_separator(first)), renamed, path.name)
    except OSError:
        raise Malformed("no_list_file", file=path.name) from None
    except csv.Error:
        raise Malformed("broken_list", file=path.name) from None


def _table(rows: Iterator[list[str]], renamed: Mapping[str, str], file: str) -> PersonList:
    """Columns below the first line with a record_id: above it partners write titles, dates and the like."""
    above = list(islice(rows, TITLE_LINES))
    at = next((n for n, row in enumerate(above) if "record_id" in _meanings(row, renamed)), 0)
    headers = above[at] if above else []
    return _columns(headers, chain(above[at + 1 :], rows), _places(headers, renamed, file), file)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _separator(header: str) -> str:
    return max(SEPARATORS, key=lambda sign: (header.count(sign), sign == ","))


def _places(headers: Sequence[str], renamed: Mapping[str, str], file: str) -> list[str]:
    """What each header means, "" where it means nothing to us; the first of two with one meaning counts."""
    unknown = [theirs for theirs in renamed if theirs not in headers]
    if unknown:
        raise Malformed("unknown_list_column", column=", ".join(unknown), file=file)
    found = _meanings(headers, renamed)
    if "record_id" not in found:
        raise Malformed("no_record_id", file=file)
    return found


def _meanings(headers: Sequence[str], renamed: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    ours = set(renamed.values())
    for header in headers:
        meaning = renamed.get(header) or _meaning(header)
        taken = meaning in found or (header not in renamed and meaning in ours)
        found.append("" if taken else meaning)
    return found


def _meaning(header: str) -> str:
    if header.strip() in KNOWN:
        return header.strip()
    return _headers().get(re.sub(r"\W+|_", " ", plain(header)).strip(), "")


@cache
def _headers() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in read_table("headers.csv"):
        for alias in (row["column"], *row["aliases"].split(";")):
            found.setdefault(re.sub(r"\W+|_", " ", plain(alias)).strip(), row["column"])
    return found


def _columns(
    headers: Sequence[str], rows: Iterator[list[str]], places: Sequence[str], file: str
) -> PersonList:
    values: list[dict[str, int]] = [{} for _ in places]
    codes = [array("i") for _ in places]
    uneven = unnamed = count = 0
    wanted = [at for at, place in enumerate(places) if place]
    id_at = places.index("record_id")
    for row in rows:
        if not any(row):
            continue
        count += 1
        if len(row) != len(places):
            uneven += 1
            row = [*row, *[""] * (len(places) - len(row))]
        if not row[id_at].strip():
            unnamed += 1
            row[id_at] = f"line-{count + 1}"
        for at in wanted:
            known = values[at]
            codes[at].append(known.setdefault(row[at], len(known)))
    if not count:
        raise Malformed("empty_list", file=file)
    if len(values[id_at]) < count:
        raise Malformed("record_id_twice", file=file, count=str(count - len(values[id_at])))
    columns = {
        places[at]: Column(list(values[at]), np.frombuffer(codes[at], dtype=np.int32)) for at in wanted
    }
    ignored = [header for header, place in zip(headers, places, strict=True) if not place]
    return PersonList(columns, count, ignored, uneven, unnamed)


def write_linked(folder: Path, persons: PersonList, found: Linked) -> None:
    """clusters.csv and pairs.csv in `folder`; each appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = persons.ids
    labels = found.labels.tolist()
    _write(
        folder / "clusters.csv",
        ("record_id", "cluster_id"),
        ((ids[r], ids[labels[r]]) for r in range(len(ids))),
    )
    pairs = found.pairs
    lines = zip(
        pairs.left.tolist(), pairs.right.tolist(), pairs.p.tolist(), found.decisions.tolist(), strict=True
    )
    _write(
        folder / "pairs.csv",
        ("record_id_l", "record_id_r", "p", "decision"),
        ((ids[one], ids[other], f"{p:.4f}", decision) for one, other, p, decision in lines),
    )


def write_summary(folder: Path, summary: Mapping[str, Any]) -> None:
    """summary.json in `folder`."""
    part = folder / "summary.json.part"
    part.write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(folder / "summary.json")


def _write(path: Path, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)
    part.replace(path)
