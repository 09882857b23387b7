"""Reads columns of any CSV file as codes, and writes the file again with some columns changed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from server.core.disclosure.keys import MISSING, Coder, Floats, Ints
from server.core.problem import Malformed, NotFound, Refused

SEPARATORS = (",", ";", "\t")
ABSENT = frozenset({"", "NA"})
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the code of each row, -1 where nothing was answered, and the text of each code."""

    codes: Ints
    values: list[str]

    def text(self) -> list[str]:
        """The answers, "" where there is none."""
        return [self.values[code] if code != MISSING else "" for code in self.codes.tolist()]


class Tabular:
    """A CSV file in UTF-8, with a header, separated by commas, semicolons or tabs."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with self._lines() as lines:
            first = next(lines, "")
            fields = {mark: len(next(csv.reader([first], delimiter=mark), [])) for mark in SEPARATORS}
        self.separator = max(SEPARATORS, key=lambda mark: fields[mark])
        with self._lines() as lines:
            names = next(csv.reader(lines, delimiter=self.separator), [])
        self.names = [name.strip() for name in names]
        if not any(self.names):
            raise Malformed("empty_table", file=file.name)
        if len(set(self.names)) != len(self.names):
            raise Malformed("column_twice", file=file.name)

    @contextmanager
    def _lines(self) -> Iterator[Iterator[str]]:
        try:
            opened = self.file.open(encoding="utf-8-sig", newline="")
        except OSError:
            raise NotFound("file_not_readable", file=self.file.name) from None
        with opened as lines:
            try:
                yield lines
            except UnicodeDecodeError:
                raise Malformed("no_text_file", file=self.file.name) from None
            except csv.Error:
                raise Malformed("no_table", file=self.file.name) from None

    def columns(self, names: Sequence[str], blank: frozenset[str] = ABSENT) -> dict[str, Column]:
        """The named columns; values are stripped, and those in `blank` are missing."""
        unknown = [name for name in names if name not in self.names]
        if unknown:
            raise NotFound("no_column", columns=", ".join(unknown), known=", ".join(self.names))
        places = {name: self.names.index(name) for name in names}
        coders = {name: Coder(frozenset()) for name in names}
        parts: dict[str, list[Ints]] = {name: [] for name in names}
        with self._lines() as lines:
            for rows in self._chunks(lines):
                turned = list(zip(*rows, strict=True))
                for name, place in places.items():
                    parts[name].append(coders[name].add(turned[place]))
        if not all(parts.values()):
            raise Malformed("empty_table", file=self.file.name)
        return {name: _tidied(np.concatenate(parts[name]), coders[name].seen(), blank) for name in names}

    def _chunks(self, lines: Iterator[str]) -> Iterator[list[list[str]]]:
        """Rows, many at a time, all of the header's length."""
        reader = csv.reader(lines, delimiter=self.separator)
        next(reader, None)
        filled = filter(None, reader)
        while rows := list(islice(filled, CHUNK)):
            if {*map(len, rows)} != {len(self.names)}:
                raise Malformed("ragged_table", file=self.file.name, fields=str(len(self.names)))
            yield rows

    def rewrite(self, out: Path, changed: Mapping[str, Sequence[str]], dropped: Sequence[str]) -> None:
        """Writes the file to `out` with columns `changed` or `dropped`, whole or not at all."""
        if out.resolve() == self.file.resolve():
            raise Refused("same_file")
        kept = [place for place, name in enumerate(self.names) if name not in dropped]
        part = out.with_name(out.name + ".part")
        try:
            with part.open("w", encoding="utf-8", newline="") as target, self._lines() as lines:
                writer = csv.writer(target, delimiter=self.separator, lineterminator="\n")
                writer.writerow([self.names[place] for place in kept])
                new = {self.names.index(name): iter(values) for name, values in changed.items()}
                for rows in self._chunks(lines):
                    writer.writerows(
                        [next(new[place]) if place in new else row[place] for place in kept] for row in rows
                    )
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)


def weights(name: str, column: Column) -> Floats:
    """A column of sampling weights: numbers of at least 1, since each record stands for itself at least."""
    numbers = np.array([_number(value) for value in column.values] or [0.0])
    result: Floats = np.where(column.codes == MISSING, np.nan, numbers[column.codes])
    bad = ~(np.isfinite(result) & (result >= 1))
    if bad.any():
        raise Malformed(
            "bad_weight", column=name, row=str(int(np.argmax(bad)) + 1), count=str(int(bad.sum()))
        )
    return result


def clusters(column: Column) -> Ints:
    """The cluster of each record; one without a cluster stands alone."""
    alone = column.codes == MISSING
    result: Ints = np.where(alone, len(column.values) + np.arange(len(alone)), column.codes)
    return result


def parents(file: Path) -> dict[str, str]:
    """The parent of each answer: the first two columns of a CSV file."""
    table = Tabular(file)
    if len(table.names) < 2:
        raise Malformed("no_parents", file=file.name)
    child, parent = (column.text() for column in table.columns(table.names[:2], frozenset({""})).values())
    return dict(zip(child, parent, strict=True))


def _tidied(codes: Ints, values: Sequence[str], blank: frozenset[str]) -> Column:
    """Codes of the stripped values, without those that mean nothing was answered."""
    coder = Coder(blank)
    new = coder.add(value.strip() for value in values)
    return Column(new[codes], coder.seen())


def _number(value: str) -> float:
    try:
        return float(value.replace(",", "."))
    except ValueError:
        return float("nan")
