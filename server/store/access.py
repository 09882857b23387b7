"""The access log: who looked at or changed what, each line bound to the one before it by a hash.

Fields are named, never their values. Lines that were changed or taken out are noticed when the chain is
walked; lines cut off at the end are noticed because the signed log of events repeats the chain's head now and
then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from server.core.canonical import canonical
from server.store.home import Campaign
from server.store.local import Access
from sync import log
from sync.db import reading, writing
from sync.event import Draft, digest
from sync.tables import table_of

ACCESS = table_of(Access)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `who` (a login, empty for a stranger) did `action` to `subject`, with what `result`."""

    at: str
    who: str
    role: str
    action: str
    subject: str = ""
    fields: str = ""
    purpose: str = ""
    result: str = "done"


def note(engine: Engine, entry: Entry) -> None:
    """Writes a line; it is on disk when this returns."""
    with writing(engine) as connection:
        newest = select(ACCESS.c.n, ACCESS.c.hash).order_by(ACCESS.c.n.desc()).limit(1)
        last = connection.execute(newest).first()
        number, before = (last.n + 1, last.hash) if last else (1, "")
        row = asdict(entry) | {"n": number, "prev": before}
        connection.execute(insert(ACCESS), row | {"hash": digest(canonical(row))})


def lines(engine: Engine, most: int = 200) -> list[Entry]:
    """The newest lines, newest first."""
    names = [ACCESS.c[name] for name in Entry.__dataclass_fields__]
    with reading(engine) as connection:
        query = select(*names).order_by(ACCESS.c.n.desc()).limit(most)
        return [Entry(*row) for row in connection.execute(query)]


def head(engine: Engine) -> tuple[int, str]:
    """The number and hash of the last line; 0 and nothing when there is none."""
    with reading(engine) as connection:
        query = select(ACCESS.c.n, ACCESS.c.hash).order_by(ACCESS.c.n.desc()).limit(1)
        last = connection.execute(query).first()
    return (last.n, last.hash) if last else (0, "")


def last_until(connection: Connection, moment: str) -> tuple[int, str]:
    """The last line up to a moment: from it the chain goes on when what stood before is purged."""
    query = (
        select(ACCESS.c.n, ACCESS.c.hash).where(ACCESS.c.at <= moment).order_by(ACCESS.c.n.desc()).limit(1)
    )
    last = connection.execute(query).first()
    return (last.n, last.hash) if last else (0, "")


def witness(campaign: Campaign, *, at: str) -> bool:
    """Says the chain's head in the signed log of events, from where it travels; False if it is known."""
    number, newest = head(campaign.engine)
    if not number or _witnessed(campaign).get(number) == newest:
        return False
    with writing(campaign.engine) as connection:
        said = {"line": number, "hash": newest}
        log.append(connection, campaign.keys, [Draft("witnessed", "access", said, at)])
    return True


def broken_at(campaign: Campaign) -> int:
    """The first line at which the chain does not hold; 0 when it is sound."""
    witnessed = _witnessed(campaign)
    first, before = _purged(campaign)
    number = first
    for number, row in enumerate(_walk(campaign.engine), first + 1):
        told = str(row.pop("hash"))
        sound = row["n"] == number and row["prev"] == before and digest(canonical(row)) == told
        if not sound or witnessed.get(number, told) != told:
            return number
        before = told
    return number + 1 if max(witnessed, default=0) > number else 0


def _purged(campaign: Campaign) -> tuple[int, str]:
    """The line up to which the log was purged on purpose, and its hash."""
    with reading(campaign.engine) as connection:
        mine = [e.body for _, e in log.of_kind(connection, "purged") if e.origin == campaign.keys.origin]
    return max(((body["line"], body["hash"]) for body in mine if "line" in body), default=(0, ""))


def _walk(engine: Engine) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        with reading(engine) as connection:
            query = select(ACCESS).where(ACCESS.c.n > after).order_by(ACCESS.c.n).limit(1000)
            page = [row._asdict() for row in connection.execute(query)]
        yield from page
        if not page:
            return
        after = page[-1]["n"]


def _witnessed(campaign: Campaign) -> dict[int, str]:
    with reading(campaign.engine) as connection:
        mine = [e for _, e in log.of_kind(connection, "witnessed") if e.origin == campaign.keys.origin]
    return {int(event.body["line"]): str(event.body["hash"]) for event in mine}
