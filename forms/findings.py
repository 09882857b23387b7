"""What the lint can say of a questionnaire, in French and English, with what to do about it.

The sentences stand in findings.csv beside this file, where someone who writes no programs can better them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]
Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: where it stands (row 0 when it is the whole sheet) and what to do."""

    severity: Severity
    sheet: str
    row: int
    column: str
    message: str
    remedy: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, before anyone asked where that stands: `path` of the question, `words` of the message.

    `excused` is set when the form says why it must be so.
    """

    code: str
    path: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    excused: bool = False


def finding(fault: Fault, sheet: str, row: int, lang: Language) -> Finding:
    """The fault in the words of `lang`, standing in `row` of `sheet`."""
    rule = _rules()[fault.code]
    words = {"name": fault.path.rpartition("/")[2]} | dict(fault.words)
    return Finding(
        severity="error" if rule["severity"] == "error" and not fault.excused else "warning",
        sheet=sheet,
        row=row,
        column=rule["column"].format(**words),
        message=rule[lang].format(**words),
        remedy=rule[f"{lang}_remedy"].format(**words),
        code=fault.code,
    )


@cache
def _rules() -> Mapping[str, Mapping[str, str]]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}
