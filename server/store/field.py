"""What hubs and their centre tell each other beside interviews: accounts, partners' contacts, closed
accounts.

Each is told again when it differs from what was told last. A hub that works in one zone is told of that zone
only: names of the others' people have no business on a laptop that may be taken.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from server.core.canonical import canonical
from server.store.contacts import CLOSED, CONTACT
from server.store.forget import BODY, empty_journal
from server.store.home import Campaign
from server.store.people import accounts, close, take_account
from sync import log
from sync.db import writing
from sync.event import Draft, digest
from sync.hear import CENTRAL, ENROLLED, KNOWN, Placed

ACCOUNT, LISTED, SHUT = "account", "contact", "closed"
OF_A_ZONE = frozenset({ACCOUNT, LISTED})
CONTACT_FIELDS = ("id", "partner", "zone", "state", "same_as", "changed")


def zone_of_node(connection: Connection, origin: str) -> str:
    """The zone in which a hub works; empty for all."""
    found = [e.body.get("zone", "") for _, e in log.of_kind(connection, ENROLLED) if e.subject == origin]
    return str(found[-1]) if found else ""


def concerns(kind: str, parts: Mapping[str, bytes], zone: str) -> bool:
    """Whether an account or contact may be told to a hub of this zone; accounts without one work
    everywhere."""
    if not zone or kind not in parts:
        return True
    of = json.loads(parts[kind]).get("zone", "")
    return of == zone or (kind == ACCOUNT and not of)


def announce(campaign: Campaign, *, at: str) -> int:
    """Notes in the log what is to be told of accounts and contacts, and has changed; returns how many.

    Accounts are the centre's; what became of a contact may be told by whoever noted it.
    """
    with writing(campaign.engine) as connection:
        if not _has_others(connection):
            return 0
        drafts = [*_changed(connection, LISTED, _contacts(connection), at)]
        if campaign.settings.role == CENTRAL:
            drafts += _changed(connection, ACCOUNT, accounts(connection), at)
        placed = log.append(connection, campaign.keys, drafts) if drafts else []
        superseded = _forget_others(
            connection, [event.subject for _, event in placed if event.kind == LISTED]
        )
    if superseded:
        empty_journal(campaign.engine)
    return len(drafts)


def _has_others(connection: Connection) -> bool:
    """Whether there are nodes to be told."""
    return int(connection.execute(select(func.count()).select_from(KNOWN)).scalar_one()) > 1


def _changed(connection: Connection, kind: str, now: Mapping[str, bytes], at: str) -> list[Draft]:
    """What was not told yet: of an account the last word counts, of a contact the weightiest (see
    `_rank`)."""
    told: dict[str, list[str]] = defaultdict(list)
    for _, event in log.of_kind(connection, kind):
        told[event.subject].append(event.blobs.get(kind, ""))
    known = {subject: shas if kind == LISTED else shas[-1:] for subject, shas in told.items()}
    new = {subject: row for subject, row in now.items() if digest(row) not in known.get(subject, ())}
    return [Draft(kind, subject, {}, at, "", {kind: row}) for subject, row in sorted(new.items())]


def _contacts(connection: Connection) -> dict[str, bytes]:
    return {row.id: _told(row) for row in connection.execute(select(CONTACT))}


def _told(row: Any) -> bytes:
    """A contact as it is told: who it is stays encrypted under the matching key."""
    return canonical({name: getattr(row, name) for name in CONTACT_FIELDS} | {"data": bytes(row.data).hex()})


def take(connection: Connection, new: Sequence[Placed]) -> None:
    """Takes in what was told; what was not meant for this node came without its part, and changes nothing."""
    for place, event in new:
        part = log.body(connection, place, event.kind) if event.kind in OF_A_ZONE else None
        if event.kind == ACCOUNT:
            take_account(connection, part)
        elif event.kind == LISTED and part is not None:
            _take_contact(connection, json.loads(part))
        elif event.kind == SHUT:
            close(connection, event.subject, now=event.at)
    _forget_others(connection, [event.subject for _, event in new if event.kind == LISTED])


def _take_contact(connection: Connection, told: Mapping[str, Any]) -> None:
    """A contact that somebody closed stays closed; else the later word counts."""
    row: dict[str, Any] = {name: str(told[name]) for name in CONTACT_FIELDS}
    row["data"] = bytes.fromhex(told["data"])
    mine = CONTACT.c.id == row["id"]
    known = connection.execute(select(CONTACT).where(mine)).first()
    if known is None:
        connection.execute(insert(CONTACT), row)
    elif _rank(row) > _rank({**known._mapping, "data": bytes(known.data)}):
        connection.execute(update(CONTACT).where(mine).values(**row))


def _rank(row: Mapping[str, Any]) -> tuple[bool, str, bytes]:
    """Which of two words on a contact counts: the same at every node, whatever came first."""
    return row["state"] in CLOSED, row["changed"], row["data"]


def _forget_others(connection: Connection, subjects: Collection[str]) -> int:
    """Only the word that counts is kept of a contact: a name that was erased must not stay in another one."""
    count = 0
    for subject in set(subjects):
        row = connection.execute(select(CONTACT).where(CONTACT.c.id == subject)).first()
        if row is None:  # of another zone: nothing came with it
            continue
        counts = digest(_told(row))
        said = [(n, e) for n, e in log.placed_about(connection, [subject]) if e.kind == LISTED]
        others = [place for place, event in said if event.blobs.get(LISTED) != counts]
        count += connection.execute(delete(BODY).where(BODY.c.event.in_(others))).rowcount if others else 0
    return count


def close_account(campaign: Campaign, login: str, *, by: str, at: str) -> None:
    """Closes an account at once, and tells it on: a lost phone is stopped where it was lost.

    Raises NotFound for an account that is not open here.
    """
    with writing(campaign.engine) as connection:
        close(connection, login, now=at, known=True)
        if campaign.settings.role != CENTRAL and _has_others(connection):
            log.append(connection, campaign.keys, [Draft(SHUT, login, {}, at, by)])
