"""How two persons compare, field by field: levels, from the same to clearly different, never values."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from server.core.linkage.encode import BIRTH_REACH, YEAR_REACH, Codes
from server.core.linkage.people import People

Levels = NDArray[np.uint8]
Reason = Literal["agree", "close", "differ", "missing"]
# What each level means to a person; level 0 is missing.
REASONS: dict[str, tuple[Reason, ...]] = {
    "first_name": (
        "missing",
        "agree",
        "agree",
        "agree",
        "close",
        "close",
        "close",
        "differ",
        "differ",
        "differ",
    ),
    "last_name": (
        "missing",
        "agree",
        "agree",
        "agree",
        "close",
        "close",
        "close",
        "differ",
        "differ",
        "differ",
    ),
    "sex": ("missing", "agree", "differ"),
    "birth_year": ("missing", "agree", "close", "close", "close", "differ", "differ"),
    "place": ("missing", "agree", "close", "differ", "close", "differ", "close", "differ"),
    "phone": ("missing", "agree", "close", "close", "differ"),
    "return_country": ("missing", "agree", "differ"),
    "return_year": ("missing", "agree", "close", "close", "differ"),
    "father_name": ("missing", "agree", "close", "differ"),
    "birth_date": ("missing", "agree", "close", "differ"),
    "id_number": ("missing", "agree", "close", "differ"),
    "address": ("missing", "agree", "close", "differ"),
}
FIELDS = tuple(REASONS)
FIRST, LAST, SEX, BIRTH, PLACE, PHONE, COUNTRY, YEAR, FATHER, DAY, PAPER, ADDRESS = range(len(FIELDS))
SIZES = tuple(len(levels) for levels in REASONS.values())
EXACT, KEY, FAMILY, NEAR, LOOSE, PART, LIKE, DIFFERENT, APART = range(1, 10)
SIMILAR, ALIKE = 0.64, 0.42
SLIPPED = {"paper": 0.45, "address": 0.64}  # from what likeness a number or an address may be one miswritten


def levels(them: People, left: Codes, right: Codes) -> Levels:
    """Levels of pairs of rows, of shape (pairs, fields)."""
    out = np.zeros((len(left), len(FIELDS)), dtype=np.uint8)
    first, last = _name(them, left, right, "first"), _name(them, left, right, "last")
    _nicknames(them, left, right, first)
    _swapped(them, left, right, first, last)
    out[:, FIRST], out[:, LAST] = first, last
    out[:, SEX] = _same(them.codes["sex"], left, right, 2)
    out[:, BIRTH] = _distance(them.births, BIRTH_REACH, left, right, (0, 1, 2, 3, 4, 5, 5, 5, 6))
    out[:, PLACE] = _place(them, left, right)
    out[:, PHONE] = _phone(them, left, right)
    out[:, COUNTRY] = _same(them.codes["country"], left, right, 2)
    out[:, YEAR] = _distance(them.years, YEAR_REACH, left, right, (0, 1, 2, 3, 4))
    out[:, FATHER] = _father(them, left, right)
    if them.codes["birth_day"].any():
        out[:, DAY] = _day(them, left, right)
    for field, column in ((PAPER, "paper"), (ADDRESS, "address")):
        if them.codes[column].any():
            out[:, field] = _written(them, left, right, column)
    return out


def _same(codes: Codes, left: Codes, right: Codes, other: int) -> Levels:
    """1 where equal, `other` where not, 0 where one is missing."""
    here, there = codes[left], codes[right]
    return np.where((here == 0) | (there == 0), 0, np.where(here == there, 1, other)).astype(np.uint8)


def similarity(them: People, at: str, left: Codes, right: Codes, to: str = "") -> NDArray[np.float32]:
    """Dice's coefficient of two bit filters, 0 to 1; `to` names the right one where it is another."""
    to = to or at
    both = np.bitwise_count(them.bits[at][left] & them.bits[to][right]).sum(axis=1, dtype=np.int32)
    total = them.weights[at][left].astype(np.int32) + them.weights[to][right]
    return np.asarray(2 * both / np.maximum(total, 1), dtype=np.float32)


def _name(them: People, left: Codes, right: Codes, at: str) -> Levels:
    codes = them.codes
    family, other = codes[f"{at}_family"], codes[f"{at}_other"]
    here, there, here_too, there_too = family[left], family[right], other[left], other[right]
    out = np.full(len(left), DIFFERENT, dtype=np.uint8)
    part = ((here == there_too) | (there == here_too)) | ((here_too == there_too) & (here_too > 0))
    out[part | ((here == there) & ((here_too > 0) != (there_too > 0)))] = PART
    out[(here == there) & ((here_too > 0) == (there_too > 0)) & (here_too == there_too)] = FAMILY
    out[codes[f"{at}_key"][left] == codes[f"{at}_key"][right]] = KEY
    out[codes[at][left] == codes[at][right]] = EXACT
    unlike = np.flatnonzero(out == DIFFERENT)
    dice = similarity(them, at, left[unlike], right[unlike])
    alike, near = unlike[dice >= ALIKE], dice[dice >= ALIKE] >= SIMILAR
    known = them.known[at][left[alike]] & them.known[at][right[alike]]
    out[alike] = np.where(known, np.where(near, LIKE, APART), np.where(near, NEAR, LOOSE))
    apart = (out == DIFFERENT) & them.known[at][left] & them.known[at][right]
    out[apart] = APART
    out[(here == 0) | (there == 0)] = 0
    return out


def _nicknames(them: People, left: Codes, right: Codes, first: Levels) -> None:
    """A first name that is another's nickname or short form counts as a part of it."""
    weak = np.flatnonzero((first >= LIKE) | (first == 0))
    columns = [them.codes[column] for column in ("first_family", "first_long", "nick", "nick_long")]
    ours, theirs = [name[left[weak]] for name in columns], [name[right[weak]] for name in columns]
    met = np.zeros(len(weak), dtype=bool)
    for one in range(len(columns)):
        for other in range(len(columns)):
            if one + other:
                met |= (ours[one] == theirs[other]) & (ours[one] > 0)
    first[weak[met]] = PART
    initial = them.codes["first_initial"]
    here, there = initial[left], initial[right]
    first[(first == 0) & (here > 0) & (there > 0) & (here != there)] = DIFFERENT


def _swapped(them: People, left: Codes, right: Codes, first: Levels, last: Levels) -> None:
    weak = np.flatnonzero((first >= LIKE) & (last >= LIKE))
    here, there = left[weak], right[weak]
    turned = similarity(them, "first", here, there, "last") >= SIMILAR
    turned &= similarity(them, "last", here, there, "first") >= SIMILAR
    first[weak[turned]] = last[weak[turned]] = PART


def _distance(
    around: NDArray[np.uint16], reach: int, left: Codes, right: Codes, ranks: tuple[int, ...]
) -> Levels:
    """Levels by years apart: `ranks` for missing, 0, 1 ... `reach` years and more."""
    centre = around[right, reach]
    hit = around[left] == centre[:, None]
    apart = np.where(hit.any(axis=1), np.abs(hit.argmax(axis=1) - reach), reach + 1)
    missing = (centre == 0) | (around[left, reach] == 0)
    return np.array(ranks, dtype=np.uint8)[np.where(missing, 0, apart + 1)]


def _place(them: People, left: Codes, right: Codes) -> Levels:
    """1 same village, 2 nearly; 3 same cercle, other village, 4 village unknown; 5, 6 so for regions; 7."""
    codes = them.codes
    village = _same(codes["village"], left, right, 2)
    cercle, region = _same(codes["cercle"], left, right, 2), _same(codes["region"], left, right, 2)
    out = np.zeros(len(left), dtype=np.uint8)
    out[village == 2] = 7
    out[region == 2] = 7
    out[region == 1] = np.where(cercle[region == 1] == 2, 5, 6)
    out[cercle == 1] = np.where(village[cercle == 1] == 2, 3, 4)
    out[village == 1] = 1
    unlike = np.flatnonzero((village == 2) & (region != 2))
    out[unlike[similarity(them, "village", left[unlike], right[unlike]) >= SIMILAR]] = 2
    return out


def _phone(them: People, left: Codes, right: Codes) -> Levels:
    """1 any number the same, 2 one digit apart, 3 two neighbours apart, 4 different."""
    phone = them.codes["phone"]
    here, there = phone[left], phone[right]
    out = np.where((here[:, 0] == 0) | (there[:, 0] == 0), 0, 4).astype(np.uint8)
    known = np.flatnonzero(out)
    here, there = here[known], there[known]
    same = np.zeros(len(known), dtype=bool)
    for one in (0, 1):
        for other in (0, 1):
            same |= (here[:, one] == there[:, other]) & (here[:, one] > 0)
    out[known[same]] = 1
    unlike = known[~same]
    near = them.cuts[left[unlike], 0] == them.cuts[right[unlike], 0]
    near &= them.cuts[left[unlike], 0] > 0
    ones = (near.shape[1] + 1) // 2
    out[unlike[near[:, ones:].any(axis=1)]] = 3
    out[unlike[near[:, :ones].any(axis=1)]] = 2
    return out


def _father(them: People, left: Codes, right: Codes) -> Levels:
    out = _same(them.codes["father_family"], left, right, 3)
    out[(out == 1) & (them.codes["father"][left] != them.codes["father"][right])] = 2
    return out


def _day(them: People, left: Codes, right: Codes) -> Levels:
    """Day and month of birth: 1 both, 2 one of them or both the other way round, 3 neither."""
    month, day = them.codes["birth_month"], them.codes["birth_day"]
    months, days = month[left] == month[right], day[left] == day[right]
    turned = (month[left] == day[right]) & (day[left] == month[right])
    out = np.where(months & days, 1, np.where(months | days | turned, 2, 3))
    return np.where((day[left] == 0) | (day[right] == 0), 0, out).astype(np.uint8)


def _written(them: People, left: Codes, right: Codes, column: str) -> Levels:
    """1 the same signs, 2 nearly, 3 others."""
    out = _same(them.codes[column], left, right, 3)
    unlike = np.flatnonzero(out == 3)
    out[unlike[similarity(them, column, left[unlike], right[unlike]) >= SLIPPED[column]]] = 2
    return out
