"""Encodings of a person: keyed tokens and bit filters that compare without showing a name.

One layout serves both ways of comparing. Keyed (HMAC-SHA256, the key derived from a passphrase or random), it
is a pseudonym and no more: fields stay apart, so who holds many encodings may still guess frequent names by
counting. Unkeyed, it is only a compact form of clear text and must be treated as such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.core.linkage import normal
from server.core.linkage.coder import BITS, CUTS, Coder
from server.core.linkage.spelling import Name, folded, plain

FIELDS = (
    *("cycle", "kind", "source", "hub", "interviewer", "date", "first_name", "last_name", "nickname", "sex"),
    *("age", "birth_year", "region", "cercle", "village", "phone", "return_country", "return_year"),
    *("father_name", "id_number", "birth_date", "address"),
)
KINDS = {"list": 1, "referral": 2, "interview": 3}
BIRTH_REACH, YEAR_REACH, BUCKET = 6, 2, 6
TOKENS = (
    *("first", "first_key", "first_family", "first_other", "first_long", "first_initial"),
    *("nick", "nick_long", "last", "last_key", "last_family", "last_other", "father", "father_family"),
    *("sex", "village", "cercle", "region", "country", "paper", "address", "birth_month", "birth_day"),
)
FILTERED = ("first", "last", "village", "paper", "address")
LAYOUT = np.dtype(
    [
        *[(column, "<u8") for column in TOKENS],
        ("phone", "<u8", normal.MOST_PHONES),
        ("buckets", "<u8", 2),
        *[(f"{column}_bits", "<u8", BITS // 64) for column in FILTERED],
        ("cuts", "<u4", (normal.MOST_PHONES, CUTS)),
        ("birth", "<u2", 2 * BIRTH_REACH + 1),
        ("year", "<u2", 2 * YEAR_REACH + 1),
        *[(column, "u1") for column in ("first_known", "last_known", "kind", "cycle")],
    ],
    align=True,
)
Records = NDArray[np.void]
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One person's encoding: bytes of a fixed length, no clear value."""

    data: bytes

    @property
    def is_current(self) -> bool:
        """Whether it is laid out as this version lays encodings out; others compare with nothing."""
        return len(self.data) == LAYOUT.itemsize


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: its distinct values, and for each row which one."""

    values: Sequence[str]
    codes: Codes


def encode(columns: Mapping[str, Column], rows: int, key: bytes | None, written: int = 2020) -> Records:
    """Encodings, one a row; a missing column is an empty one. Ages without a date count from `written`."""
    coder = Coder(key)
    out = np.zeros(rows, dtype=LAYOUT)
    _names(columns, rows, coder, out)
    for field, reader in (("cercle", normal.place), ("region", normal.place)):
        _tokens(columns, field, lambda text, read=reader, at=field: coder.token(at, read(text)), out[field])  # type: ignore[misc]
    _written(columns, "village", normal.place, "village", coder, out)
    _tokens(columns, "sex", lambda text: coder.token("sex", normal.sex(text)), out["sex"])
    _tokens(columns, "return_country", lambda text: coder.token("land", normal.country(text)), out["country"])
    _written(columns, "id_number", normal.paper, "paper", coder, out)
    _written(columns, "address", normal.place, "address", coder, out)
    _tokens(columns, "kind", lambda text: KINDS.get(kind_of(text), 0), out["kind"])
    _tokens(columns, "cycle", cycle_of, out["cycle"])
    _tokens(
        columns, "return_year", lambda text: coder.around("back", normal.year(text), YEAR_REACH), out["year"]
    )
    _phones(columns, coder, out)
    _births(columns, rows, coder, out, written)
    return out


def encode_person(fields: Mapping[str, str], key: bytes, written: int = 2020) -> Encoded:
    """The encoding of one respondent; `fields` are named as the columns of `FIELDS`."""
    zero = np.zeros(1, dtype=np.int32)
    columns = {field: Column([fields[field]], zero) for field in FIELDS if fields.get(field)}
    return Encoded(encode(columns, 1, key, written)[0].tobytes())


def stacked(encoded: Sequence[Encoded]) -> Records:
    """Encodings side by side, as `encode` makes them."""
    return np.frombuffer(b"".join(one.data for one in encoded), dtype=LAYOUT)


@lru_cache(maxsize=1000)
def cycle_of(text: str) -> int:
    """A number from 1 to 251 that tells cycles apart, whether they are called 2, 2023 or B; 0 for none."""
    digits = "".join(sign for sign in text if sign in "0123456789")[:9]
    return (int(digits) if digits else sum(text.strip().encode())) % 251 + 1 if text.strip() else 0


@lru_cache(maxsize=1000)
def kind_of(text: str) -> str:
    """list, referral or interview, as French and English files name them."""
    word = plain(text)
    for kind, starts in (
        ("interview", ("interv", "entret", "enquet")),
        ("referral", ("ref", "pair", "peer", "contact", "nomm")),
    ):
        if word.startswith(starts):
            return kind
    return "list" if word.startswith(("list", "part")) else ""


def _tokens(columns: Mapping[str, Column], field: str, read: Callable[[str], Any], out: NDArray[Any]) -> None:
    """Fills `out` with what `read` makes of each distinct value."""
    column = columns.get(field)
    if column is not None and len(column.values):
        table = np.array([read(value) for value in column.values], dtype=out.dtype)
        out[...] = table[column.codes]


def _written(
    columns: Mapping[str, Column], field: str, read: Callable[[str], str], at: str, coder: Coder, out: Records
) -> None:
    """Fills a token and a filter of what stands in a field."""
    _tokens(columns, field, lambda text: coder.token(at, read(text)), out[at])
    _tokens(columns, field, lambda text: coder.filter(at, read(text)), out[f"{at}_bits"])


def _names(columns: Mapping[str, Column], rows: int, coder: Coder, out: Records) -> None:
    parts = [columns.get(field) for field in ("first_name", "last_name", "nickname")]
    joined = np.zeros(rows, dtype=np.int64)
    for part in parts:
        if part is not None:
            joined = joined * len(part.values) + part.codes
    _, where, codes = np.unique(joined, return_index=True, return_inverse=True)
    table = np.zeros(len(where), dtype=LAYOUT)
    for at, row in enumerate(where.tolist()):
        said = [part.values[part.codes[row]] if part is not None else "" for part in parts]
        _name(coder, normal.names(*said), table[at])
    for column in LAYOUT.names or ():
        if column.startswith(("first", "last", "nick")):
            out[column] = table[column][codes]
    fathers = lambda text: _father(coder, normal.father(text))  # noqa: E731
    pair = np.zeros((rows, 2), dtype=np.uint64)
    _tokens(columns, "father_name", fathers, pair)
    out["father"], out["father_family"] = pair[:, 0], pair[:, 1]


def _father(coder: Coder, found: tuple[Name, ...]) -> tuple[int, int]:
    if not found:
        return 0, 0
    return coder.token("name", found[0].key), coder.token("first", found[0].family)


def _name(coder: Coder, found: normal.Names, out: Any) -> None:
    """Writes one person's names into a row of the layout."""
    for at, words in (("first", found.first), ("last", found.last)):
        if not words:
            continue
        key = "".join(sorted(word.key for word in words))
        out[at] = coder.token("exact", " ".join(sorted(word.plain for word in words)))
        out[f"{at}_key"] = coder.token("name", key)
        out[f"{at}_family"] = coder.token(at, words[0].family)
        out[f"{at}_other"] = coder.token(at, words[1].family) if len(words) > 1 else 0
        out[f"{at}_bits"] = coder.filter("n", key)
        out[f"{at}_known"] = all(word.known for word in words)
    if found.first:
        out["first_initial"] = coder.token("initial", found.first[0].key[:1])
        out["first_long"] = coder.token("first", found.first[0].long)
    elif found.initial:
        out["first_initial"] = coder.token("initial", folded(found.initial)[:1])
    if found.nick:
        out["nick"] = coder.token("first", found.nick[0].family)
        out["nick_long"] = coder.token("first", found.nick[0].long)


def _phones(columns: Mapping[str, Column], coder: Coder, out: Records) -> None:
    column = columns.get("phone")
    if column is None:
        return
    table = np.zeros(len(column.values), dtype=LAYOUT.fields["phone"][0])  # type: ignore[index]
    cuts = np.zeros((len(column.values), normal.MOST_PHONES, CUTS), dtype="<u4")
    numbers = np.zeros((len(column.values), normal.MOST_PHONES), dtype=np.int64)
    for at, value in enumerate(column.values):
        for place, number in enumerate(normal.phones(value)):
            table[at, place] = int.from_bytes(coder.digest("phone", number)[:8], "little") or 1
            if coder.key is None:
                numbers[at, place] = int(number) if len(number) == normal.LENGTH else 0
            else:
                cuts[at, place] = coder.cuts(number)
    if coder.key is None:
        cuts = _clear_cuts(numbers)
    out["phone"] = table[column.codes]
    out["cuts"] = cuts[column.codes]


def _clear_cuts(numbers: NDArray[np.int64]) -> NDArray[np.uint32]:
    """What `Coder.cuts` says, without a key and for all numbers at once: the digits left, and which went."""
    found = np.zeros((*numbers.shape, CUTS), dtype="<u4")
    for at in range(CUTS):
        gone = 1 if at < normal.LENGTH else 2
        tail = 10 ** (normal.LENGTH - at % normal.LENGTH - gone)
        rest = numbers // (tail * 10**gone) * tail + numbers % tail
        found[..., at] = np.where(numbers > 0, rest * CUTS + at + 1, 0)
    return found


def _births(columns: Mapping[str, Column], rows: int, coder: Coder, out: Records, written: int) -> None:
    born = _years(columns, rows, written)
    years, codes = np.unique(born, return_inverse=True)
    out["birth"] = np.array([coder.around("born", int(one), BIRTH_REACH) for one in years], dtype="<u2")[
        codes
    ]
    low = [coder.token("low", str(one // BUCKET)) if one else 0 for one in years.tolist()]
    high = [coder.token("high", str((one + BUCKET // 2) // BUCKET)) if one else 0 for one in years.tolist()]
    out["buckets"] = np.array([low, high], dtype="<u8").T[codes]
    for field in ("birth_year", "birth_date"):
        days = np.zeros((rows, 2), dtype=np.uint64)
        _tokens(columns, field, lambda text: [coder.token("day", one) for one in normal.day(text)], days)
        told = days[:, 0] > 0
        out["birth_month"][told], out["birth_day"][told] = days[told, 0], days[told, 1]


def _years(columns: Mapping[str, Column], rows: int, written: int) -> NDArray[np.int32]:
    """Years of birth; an age counts from the record's year, else its cycle's, else `written`."""
    dated = np.zeros(rows, dtype=np.int32)
    _tokens(columns, "date", normal.year, dated)
    named = np.zeros(rows, dtype=np.int32)
    _tokens(columns, "cycle", normal.year, named)
    dated = np.where(dated > 0, dated, named)
    cycle = columns.get("cycle")
    cycles = cycle.codes if cycle is not None else np.zeros(rows, dtype=np.int32)
    for one in np.unique(cycles[dated == 0]):
        there = cycles == one
        known = dated[there & (dated > 0)]
        dated[there & (dated == 0)] = int(np.median(known)) if known.size else written
    said, aged = np.zeros(rows, dtype=np.int32), np.full(rows, -1, dtype=np.int32)
    _tokens(columns, "birth_year", normal.year, said)
    dates = np.zeros(rows, dtype=np.int32)
    _tokens(columns, "birth_date", normal.year, dates)
    said = np.where(dates > 0, dates, said)
    _tokens(columns, "age", normal.age, aged)
    return np.where(said > 0, said, np.where(aged >= 0, dated - aged, 0)).astype(np.int32)
