"""What is asked of a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from server.core.dataset.fields import Multiple

Format = Literal["csv", "xlsx", "dta", "sav", "parquet"]
Audience = Literal["internal", "partner", "public"]


@dataclass(frozen=True, slots=True)
class Options:
    """How files are written. `language` is that of labels; `labels` writes them in place of codes.

    `missing` "coded" writes why a cell is empty; Stata and SPSS files always tell. `zipped` puts the CSV
    files into one archive, as ODK Central does.
    """

    format: Format = "csv"
    language: str = "fr"
    multiple: Multiple = "both"
    labels: bool = False
    missing: Literal["empty", "coded"] = "empty"
    zipped: bool = False

    @property
    def tells_why(self) -> bool:
        """Whether files tell why a cell is empty."""
        return self.missing == "coded" or self.format in ("dta", "sav")


@dataclass(frozen=True, slots=True)
class Release:
    """What is asked for. `include_all` takes interviews that nobody has approved yet.

    `recipient` and `purpose` say who will hold it and what for: whoever withdraws later is to be erased
    there. `signed_by` is the login of who answers for a release that leaves; `keys` are the questions by
    which someone might be recognised that it shall keep, in order of importance (empty: as many as pass);
    `limits` change the gate's, and need a `reason` if they are looser.
    """

    form: str
    audience: Audience = "internal"
    include_all: bool = False
    recipient: str = ""
    purpose: str = ""
    signed_by: str = ""
    keys: tuple[str, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """Where a release lies, how many interviews are in it, and how many were left out for which reason."""

    folder: str
    rows: int
    left_out: dict[str, int]
