"""Names of columns that Stata and SPSS accept: letters, digits and underscores, none too long, none reserved.

The codebook tells which name stands for which column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Stata: `help reserved`; SPSS: the words of its comparisons and commands.
RESERVED = frozenset(
    "_all _b _coef _cons _n _pi _pred _rc _skip byte double float if in int long strl using with "
    "all and by eq ge gt le lt ne not or to".split()
)
STATA, SPSS = 32, 64
UNFIT = re.compile(r"\W")
STR = re.compile(r"str\d+")


def safe_names(names: Sequence[str], longest: int) -> list[str]:
    """A name for each of `names`, all different without regard to case, at most `longest` bytes of UTF-8.

    What stands behind the last group is what matters in `group-question/choice`: long names lose their
    groups first, then their end.
    """
    taken: set[str] = set()
    return [_free(_safe(name, longest), longest, taken) for name in names]


def _safe(name: str, longest: int) -> str:
    fit = _fit(name)
    if len(fit.encode()) > longest:
        *groups, own = name.split("-")
        while groups and len(_fit("-".join([*groups, own])).encode()) > longest:
            groups.pop(0)
        fit = _fit("-".join([*groups, own]))
    return _short(fit, longest)


def _fit(name: str) -> str:
    fit = UNFIT.sub("_", name)
    if not fit or fit[0] == "_" or not fit[0].isalpha():
        fit = f"v{fit}"
    return f"{fit}_" if fit.lower() in RESERVED or STR.fullmatch(fit.lower()) else fit


def _short(name: str, longest: int) -> str:
    while len(name.encode()) > longest:
        name = name[:-1]
    return name.rstrip("_") or name


def _free(name: str, longest: int, taken: set[str]) -> str:
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        end = f"_{number}"
        found = _short(name, longest - len(end)) + end
    taken.add(found.lower())
    return found
