"""Texts as values: whole numbers, numbers, days and moments; what cannot be one is None."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from server.core.dataset.fields import Kind

Value = str | int | float | date | datetime
Found = TypeVar("Found")


def values(texts: Sequence[str], kind: Kind) -> list[Value | None]:
    """The values of `texts` by the kind of their column; each distinct text is read once."""
    read = READ.get(kind, _text)
    known = {text: read(text) if text else None for text in set(texts)}
    return [known[text] for text in texts]


def _text(text: str) -> str | None:
    return text


def _tried(make: Callable[[str], Found]) -> Callable[[str], Found | None]:
    def read(text: str) -> Found | None:
        try:
            return make(text)
        except (ValueError, OverflowError):
            return None

    return read


def _moment(text: str) -> datetime:
    """In UTC, without saying so: none of the files that hold it knows time zones."""
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


READ: dict[str, Callable[[str], Value | None]] = {
    "whole": _tried(int),
    "tick": _tried(int),
    "number": _tried(float),
    "day": _tried(date.fromisoformat),
    "moment": _tried(_moment),
}
