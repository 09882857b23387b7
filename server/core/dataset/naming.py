"""Names of columns that Stata and SPSS accept: letters, digits and underscores, none too long, none reserved.

The codebook tells which name stands for which column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# Stata takes 32, but pyreadstat names the labels of a variable after it and its number.
STATA, SPSS = 28, 64
# Stata: `help reserved`; SPSS: the words of its comparisons and commands.
RESERVED = frozenset(
    [
        "_all",
        "_b",
        "_coef",
        "_cons",
        "_n",
        "_pi",
        "_pred",
        "_rc",
        "_skip",
        "byte",
        "double",
        "float",
        "if",
        "in",
        "int",
        "long",
        "strl",
        "using",
        "with",
        "all",
        "and",
        "by",
        "eq",
        "ge",
        "gt",
        "le",
        "lt",
        "ne",
        "not",
        "or",
        "to",
    ]
)
UNFIT = re.compile(r"\W")
STR = re.compile(r"str\d+")


def safe_names(names: Sequence[str], shorts: Sequence[str], longest: int) -> list[str]:
    """A name for each of `names`, all different without regard to case, at most `longest` bytes of UTF-8.

    `shorts` are the same names without their groups, which are taken where no two are alike.
    """
    counts = Counter(short.lower() for short in shorts)
    taken: set[str] = set()
    return [
        _free(_short(_fit(short if counts[short.lower()] == 1 else name), longest), longest, taken)
        for name, short in zip(names, shorts, strict=True)
    ]


def _fit(name: str) -> str:
    fit = UNFIT.sub("_", name)
    if not fit or fit[0] == "_" or not fit[0].isalpha():
        fit = f"v{fit}"
    return f"{fit}_" if fit.lower() in RESERVED or STR.fullmatch(fit.lower()) else fit


def _short(name: str, longest: int) -> str:
    if len(name.encode()) <= longest:
        return name
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
