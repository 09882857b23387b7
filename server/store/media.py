"""The files that go with a form, as phones fetch them.

The list of enumerators is the campaign's own: it follows the accounts, so that a new one finds her code
at the next update. A list that was given at publication stays as it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from forms import catalog
from server.store.forms import md5
from server.store.people import enumerators
from server.store.project import MEDIA
from sync import log

# Lists that are made for whoever asks, by file name; None where the published file is to be given.
Sheets = Mapping[str, Callable[[], bytes | None]]


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that a phone fetches; `md5` is how Collect sees that it changed."""

    name: str
    md5: str


def names(connection: Connection, form: str, version: str) -> list[str]:
    """The names of the files of a form version."""
    mine = (MEDIA.c.form == form) & (MEDIA.c.version == version)
    return list(connection.execute(select(MEDIA.c.name).where(mine).order_by(MEDIA.c.name)).scalars())


def listed(connection: Connection, form: str, version: str, sheets: Sheets) -> list[MediaFile]:
    """The files of a form version, by name; `sheets` make the lists of whoever asks."""
    found = _rows(connection, form, version, sheets)
    return [MediaFile(row.name, row.md5 if own is None else md5(own)) for row, own in found]


def content(connection: Connection, form: str, version: str, name: str, sheets: Sheets) -> bytes | None:
    """The bytes of one file; None when the version has no such file."""
    for row, own in _rows(connection, form, version, sheets):
        if row.name == name:
            return log.body(connection, row.event, f"media:{name}") if own is None else own
    return None


def _rows(connection: Connection, form: str, version: str, sheets: Sheets) -> list[tuple[Any, bytes | None]]:
    """The published files, each with what the campaign puts in its place."""
    mine = (MEDIA.c.form == form) & (MEDIA.c.version == version)
    rows = connection.execute(select(MEDIA).where(mine).order_by(MEDIA.c.name)).all()
    return [
        (row, sheets[row.name]() if row.name in sheets else _of_campaign(connection, row.name, row.md5))
        for row in rows
    ]


def _of_campaign(connection: Connection, name: str, published: str) -> bytes | None:
    """The campaign's own list, where the form was published with the one that ships."""
    if name != catalog.ENUMERATORS or published != _shipped_list():
        return None
    codes = enumerators(connection)
    return catalog.enumerators_csv(codes) if codes else None


@cache
def _shipped_list() -> str:
    return md5(catalog.media()[catalog.ENUMERATORS])
