"""What reviewers corrected in the interviews of a form, to apply to answers and to tell as a cleaning log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection


@dataclass(frozen=True)
class Changes:
    """All corrections of a form's interviews, by instance."""

    by_instance: dict[str, list[Any]] = field(default_factory=dict)

    def effective(self, instance: str, answers: Any) -> Any:
        """The answers of an interview with its corrections."""
        return answers


def changes_of(connection: Connection, form: str) -> Changes:
    """The corrections that hold now."""
    return Changes()
