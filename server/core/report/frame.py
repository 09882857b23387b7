"""Those who count: the respondents that indicators are computed from, with who was left out and why.

One person counts once a wave. The frame also knows when and where they were met, for the line under each
table: among how many respondents, where, when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from server.core.dataset.shape import Dataset
from server.core.expression import Record


@dataclass(frozen=True)
class Frame:
    """The respondents of one form. `versions` holds the form version of each of `records`, in the same order.

    `left_out` counts interviews that are here but do not count, by reason; `regions` are codes, the most
    frequent first; `first` and `last` are days of interviews, None without any. `compared` says whether
    interviews of the same person were looked for: if not, somebody met twice counts twice. `filters` are
    those that were asked for.
    """

    form: str
    shape: Dataset = field(repr=False)
    records: tuple[Record, ...] = field(repr=False)
    versions: tuple[str, ...] = field(repr=False)
    left_out: Mapping[str, int]
    regions: tuple[str, ...]
    first: date | None
    last: date | None
    compared: bool
    filters: Mapping[str, str] = field(default_factory=dict)
