"""The long table of indicators: a line for each category, in all and by group, fit to be shown to whom it is
for.

Counts are of respondents, or of turns of a repeat; nothing is weighted, and no interval is given: referral
samples do not carry one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.core.indicators import Book
from server.core.monitoring.frame import Frame

GROUPS = {"wave": "wave", "region": "region", "partner": "pmo_main", "sex": "sex"}  # --by: question
SMALL, FEWEST = 30, 10  # bases below are marked, or not shown outside the team


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `base_n`, `count` and `percent` are None where they are suppressed (or in a check).

    `kind` is `share`; `missing` for `dk` and `refuse`, which other categories may hold as well; `check` for a
    phrase that `holds` or not. `mark` is empty, `small` or `suppressed`. `n_unweighted` is the number of
    respondents behind the base, whatever its unit. `difference` is in points, second wave less first, on
    the rows of the second wave; `note` says why there is none, or what versions did not ask.
    """

    id: str
    base_n: int | None
    category: str
    count: int | None
    percent: float | None
    kind: str
    indicator: str
    label: str
    base: str
    unit: str
    group: str
    group_value: str
    group_label: str
    n_unweighted: int | None
    mark: str
    release: str
    questions: str
    section: str
    figure: str
    holds: bool | None = None
    difference: float | None = None
    note: str = ""


def table(
    book: Book, frame: Frame, *, by: str = "", release: str = "internal", lang: str = "fr"
) -> list[Row]:
    """Every line of the frame's form in all (`group` empty), then by group; `by` is one of GROUPS."""
    raise NotImplementedError


def answers(
    frame: Frame,
    question: str,
    *,
    base: str = "all",
    unit: str = "respondent",
    release: str = "internal",
    lang: str = "fr",
) -> list[Row]:
    """Every answer of a question in its order, `dk` and `refuse` too; ids are `question.choice`.

    What a figure draws: rows add up to the base with those of kind `missing`, of which `none` gave no answer.
    """
    raise NotImplementedError


def base_line(frame: Frame, rows: Sequence[Row], lang: str) -> str:
    """`Parmi 211 répondants (Bamako, Kayes, Koulikoro; octobre 2020)`."""
    raise NotImplementedError
