"""Opens one identity, by the protection officer's own key, after the log says who asks for it and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from nacl.exceptions import CryptoError
from sqlalchemy import select

from server.core.problem import Malformed, NotFound, Refused
from server.core.sealing import key_id, unseal
from server.store.home import Campaign
from server.store.project import SUBMISSION
from sync import log
from sync.db import reading, writing
from sync.event import Draft
from sync.keys import open_sealed
from sync.tables import WrappedKey, table_of

WRAPPED = table_of(WrappedKey)
PURPOSES = ("recontact", "protection", "complaint", "correction", "request", "duplicate", "legal")
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """One person's sealed answers, by the place of the question."""

    instance: str
    form: str
    identity: Mapping[str, str] = field(repr=False)


def open_identity(
    campaign: Campaign, instance: str, private: bytes, *, purpose: str, why: str, at: str
) -> Opened:
    """The identity behind an interview; that it was asked for is on disk before anything is opened.

    Raises Malformed without a purpose of the list and a reason, NotFound, or Refused for another key.
    """
    if purpose not in PURPOSES:
        raise Malformed("bad_purpose", purposes=", ".join(PURPOSES))
    if len(why.strip()) < SHORTEST_REASON:
        raise Malformed("no_reason")
    with reading(campaign.engine) as connection:
        row = connection.execute(select(SUBMISSION).where(SUBMISSION.c.instance == instance)).first()
        sealed = log.body(connection, row.event, "identity") if row else None
    if row is None or sealed is None:
        raise NotFound("no_identity")
    asked = {"purpose": purpose, "officer": campaign.officer.id}
    with writing(campaign.engine) as connection:
        draft = Draft("opened", instance, asked, at, "protection", {"why": why.strip().encode()})
        log.append(connection, campaign.keys, [draft])
    with reading(campaign.vault) as connection:
        box = connection.execute(select(WRAPPED.c.box).where(WRAPPED.c.id == key_id(sealed))).scalar()
    if box is None:
        raise NotFound("no_identity")
    try:
        secret = open_sealed(private, bytes(box))
    except CryptoError:
        raise Refused("other_key") from None
    return Opened(instance, row.form, json.loads(unseal(sealed, secret))["identity"])


def openings(campaign: Campaign) -> list[tuple[str, str, str, str]]:
    """When, which interview, for which purpose and why, oldest first: all that was ever asked for."""
    found = []
    with reading(campaign.engine) as connection:
        for place, event in log.told(connection):
            if event.kind == "opened":
                # A person who withdrew takes the officer's words about her along.
                why = log.body(connection, place, "why") or b"(erased)"
                found.append((event.at, event.subject, event.body["purpose"], why.decode()))
    return found
