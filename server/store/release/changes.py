"""What reviewers changed in the interviews of a form: the answers as they count, and the logs that tell why.

The layout is that of humanitarian cleaning logs: one row a change in the cleaning log, one row an interview
in the deletion log. Raw answers with the cleaning log give the release: `verify` proves it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from server.core.dataset.fields import harmless
from server.core.overlay import Correction, effective
from server.store.corrections import overlay_of
from server.store.project import DECISION, SUBMISSION

CLEANING, DELETION = "cleaning_log.csv", "deletion_log.csv"
COLUMNS = (
    *("uuid", "enumerator", "date", "question", "issue", "check_id", "old_value", "new_value"),
    *("change_type", "feedback", "decided_by", "decided_at"),
)
GONE = ("uuid", "enumerator", "date", "change_type", "reason", "feedback", "decided_by", "decided_at")


@dataclass
class Changes:
    """All corrections of a form's interviews, by instance; `done` gathers what was applied to those read."""

    by_instance: Mapping[str, Sequence[Correction]] = field(default_factory=dict)
    done: list[tuple[str, Correction, bool]] = field(default_factory=list)

    def effective(self, instance: str, answers: Any) -> Any:
        """The answers of an interview with its corrections."""
        corrections = self.by_instance.get(instance)
        if not corrections:
            return answers
        result = effective(answers, corrections)
        self.done += [(instance, one, True) for one in result.applied]
        self.done += [(instance, one, False) for one in corrections if one not in result.applied]
        return result.answers


def changes_of(connection: Connection, form: str) -> Changes:
    """The corrections that stand now on the form's interviews, and on those that they replace."""
    touched = set(
        connection.execute(
            select(DECISION.c.about).where(DECISION.c.kind == "corrected").distinct()
        ).scalars()
    )
    mine = (SUBMISSION.c.form == form) & SUBMISSION.c.latest
    if not touched:
        return Changes()
    rows = connection.execute(select(SUBMISSION.c.instance, SUBMISSION.c.replaces).where(mine)).all()
    asked = [row.instance for row in rows if row.instance in touched or row.replaces]
    return Changes({instance: found for instance in asked if (found := overlay_of(connection, instance))})


def write_logs(connection: Connection, folder: Path, form: str, changes: Changes) -> None:
    """The cleaning log of what is in the release, and the deletion log of what is not."""
    who = {
        row.instance: (row.enumerator, row.received)
        for row in connection.execute(
            select(SUBMISSION.c.instance, SUBMISSION.c.enumerator, SUBMISSION.c.received).where(
                SUBMISSION.c.form == form
            )
        )
    }
    _write(folder / CLEANING, COLUMNS, [_row(who, *one) for one in changes.done])
    _write(folder / DELETION, GONE, _deleted(connection, form))


def _row(who: Mapping[str, tuple[str, str]], instance: str, one: Correction, applied: bool) -> Sequence[str]:
    enumerator, date = who.get(instance, ("", ""))
    kind = one.change if applied else "no_action"
    said = (one.place, one.reason, "", one.old, one.new, kind, one.why, one.by, one.at)
    return (instance, enumerator, date, *said)


def _deleted(connection: Connection, form: str) -> Iterable[Sequence[str]]:
    """Interviews that were rejected, with who did it and why, and those that an edit has replaced."""
    mine = SUBMISSION.c.form == form
    replacing = {
        row.replaces: row.instance
        for row in connection.execute(
            select(SUBMISSION.c.replaces, SUBMISSION.c.instance).where(
                mine, SUBMISSION.c.replaces.is_not(None)
            )
        )
    }
    gone = select(SUBMISSION).where(mine, (SUBMISSION.c.standing == "rejected") | ~SUBMISSION.c.latest)
    for row in connection.execute(gone.order_by(SUBMISSION.c.event)).all():
        first = (row.instance, row.enumerator, row.received)
        if not row.latest:
            yield (*first, "remove_survey", "replaced_by_an_edit", replacing.get(row.instance, ""), "", "")
            continue
        rejected = (DECISION.c.about == row.instance) & (DECISION.c.verdict == "rejected")
        last = connection.execute(select(DECISION).where(rejected).order_by(DECISION.c.at.desc())).first()
        if last:
            yield (*first, "remove_survey", last.reason, "", last.by, last.at)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([harmless(cell) for cell in row] for row in rows)


def changes_in(folder: Path) -> Changes:
    """The corrections that a release's own cleaning log tells."""
    found: dict[str, list[Correction]] = {}
    with (folder / CLEANING).open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            old, new = (row[name].removeprefix("'") for name in ("old_value", "new_value"))
            one = Correction(
                str(number),
                row["question"],
                old,
                new,
                row["change_type"],
                row["issue"],
                row["feedback"],
                row["decided_by"],
                row["decided_at"],
            )
            found.setdefault(row["uuid"], []).append(one)
    return Changes(found)
