"""What the phone's audit log tells of an interview: how long each question stood on the screen.

Only times and places in the form are taken: never positions, never the old or new value of an answer, which
a log may also hold. The log itself stays sealed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

# Rows of the log in which a question was on the screen (ODK XForms specification, "audit").
SHOWN = frozenset({"question", "group questions"})
# The other rows that are counted; whatever else a log holds may be anything, and is passed over.
COUNTED = SHOWN | {
    *("form start", "form exit", "form resume", "form save", "form finalize", "save error", "finalize error"),
    *(
        "constraint error",
        "add repeat",
        "delete repeat",
        "promptnewrepeat",
        "jump",
        "hierarchy",
        "end screen",
    ),
    *("device time changed", "background audio enabled", "background audio disabled"),
}
MOST_ROWS = 20_000
# Words a second that nobody reads aloud; a faster consent screen was not read.
FASTEST_READING = 5.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Visits in order: question's path (without turns), start in ms after the first, length in ms."""

    visits: tuple[tuple[str, int, int], ...]
    events: Mapping[str, int]

    @property
    def spent(self) -> dict[str, int]:
        """How many milliseconds each question was on the screen in all."""
        found: dict[str, int] = {}
        for path, _, length in self.visits:
            found[path] = found.get(path, 0) + length
        return found

    def seconds(self, path: str) -> float | None:
        """How long a question was on the screen in all; None when it never was."""
        spent = self.spent.get(path)
        return None if spent is None else spent / 1000

    def as_json(self) -> dict[str, Any]:
        """The form in which it is kept."""
        return {"visits": [list(visit) for visit in self.visits], "events": dict(sorted(self.events.items()))}


def read_audit(data: bytes, root: str, known: Container[str]) -> Timeline | None:
    """The timeline in an `audit.csv`, for a form with this root element and these paths; None if it is none.

    Times are epoch milliseconds; rows with an end before their start (the clock was set) count as 0 ms.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))[:MOST_ROWS]
    except (UnicodeDecodeError, csv.Error):
        return None
    if not rows or not {"event", "node", "start", "end"} <= rows[0].keys():
        return None
    events: dict[str, int] = {}
    found: list[tuple[str, int, int]] = []
    for row in rows:
        event = row["event"] or ""
        if event not in COUNTED:
            continue
        events[event] = events.get(event, 0) + 1
        start, end = _time(row["start"]), _time(row["end"])
        path = _path(row["node"] or "", root)
        if event in SHOWN and path in known and start is not None and end is not None:
            found.append((path, start, max(0, end - start)))
    first = min((start for _, start, _ in found), default=0)
    return Timeline(tuple((path, start - first, length) for path, start, length in found), events)


def read_too_fast(seconds: float | None, words: int) -> bool:
    """Whether a text of so many words cannot have been read aloud in this time."""
    return seconds is not None and words > 0 and seconds < words / FASTEST_READING


def _time(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 15 else None


def _path(node: str, root: str) -> str:
    """`/data/group/loop[2]/q` as the form's own path, `/group/loop/q`."""
    steps = [step.partition("[")[0] for step in node.strip("/").split("/")]
    return "/" + "/".join(steps[1:] if steps[:1] == [root] else steps)
