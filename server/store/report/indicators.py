"""Writes the indicators as a table: `id, base_n, category, count, percent`, a line for each category.

Ids are `indicator.category`, so that each is there once; nothing but ASCII stands in it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from server.core.report.counted import FEWEST, SMALL
from server.core.report.frame import Frame
from server.core.report.text import counted

HEADER = ("id", "base_n", "category", "count", "percent", "unit", "section", "figure", "mark", "indicator")


def write_indicators(path: Path, frames: Sequence[Frame], release: str) -> None:
    """The indicators of all forms. Where too few answered for this audience, numbers are left empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        for frame in frames:
            for name, one in counted(frame, release).items():
                line, hidden = one.indicator, one.base < FEWEST and release != "internal"
                mark = "suppressed" if hidden else "small" if one.base < SMALL else ""
                numbers = ("", "") if hidden else (one.count, f"{one.percent:.1f}")
                base = "" if hidden else one.base
                table.writerow(
                    (name, base, line.category, *numbers, line.unit, line.section, line.figure, mark, line.id)
                )
