"""What indicators, their categories and their bases are called, in French and in English.

The words stand in the table beside: an indicator by its id, a category by its code (or `id.code` where the
code means something else there), a base by its expression (or `expression|unit`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from server.core.indicators import Indicator


@cache
def _words() -> Mapping[tuple[str, str], Mapping[str, str]]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {(row["kind"], row["key"]): row for row in csv.DictReader(file)}


def _said(kind: str, keys: Iterable[str], lang: str, otherwise: str) -> str:
    known = _words()
    return next((known[kind, key][lang] for key in keys if (kind, key) in known), otherwise)


def indicator_words(line: Indicator, lang: str) -> str:
    """What an indicator is about; its id when nobody has put it into words."""
    return _said("indicator", (line.id,), lang, line.id)


def category_words(line: Indicator, lang: str) -> str:
    """What a category is; its code when nobody has put it into words."""
    return _said("category", (f"{line.id}.{line.category}", line.category), lang, line.category)


def base_words(line: Indicator, lang: str) -> str:
    """Who the base is; its expression when nobody has put it into words."""
    return _said("base", (f"{line.base}|{line.unit}", line.base), lang, line.base)
