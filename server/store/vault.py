"""Opens identities by the protection officer's own key, after the log says who asks for them and why.

One at a time; for more than one a second person has to agree, with an account and passphrase of her own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nacl.exceptions import CryptoError
from sqlalchemy import Connection, select

from server.core.ingest import IDENTITY
from server.core.problem import Malformed, NotFound, Refused
from server.core.sealing import key_id, unseal, unwrap
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
FEWEST_UNUSUAL = 5


@dataclass(frozen=True, slots=True)
class Asking:
    """Why identities are opened: a purpose of the list, the case in words, and who agreed as the second."""

    purpose: str
    why: str
    second: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """One person's sealed answers, by the place of the question."""

    instance: str
    form: str
    identity: Mapping[str, str] = field(repr=False)


def open_identities(
    campaign: Campaign, instances: Sequence[str], private: bytes, asking: Asking, *, at: str
) -> list[Opened]:
    """The identities behind these interviews; that they were asked for is on disk before any is opened.

    Raises Malformed without a purpose of the list and a reason, Refused for another key, or for more than one
    without a second person, and NotFound when one of them has no identity here: then none is opened.
    """
    if asking.purpose not in PURPOSES:
        raise Malformed("bad_purpose", purposes=", ".join(PURPOSES))
    if len(asking.why.strip()) < SHORTEST_REASON:
        raise Malformed("no_reason")
    wanted = list(dict.fromkeys(instances))
    if len(wanted) > 1 and not asking.second:
        raise Refused("second_needed")
    with reading(campaign.engine) as connection:
        sealed = [_sealed(connection, instance) for instance in wanted]
    said = {"purpose": asking.purpose, "officer": campaign.officer.id, "count": len(wanted)}
    if asking.second:
        said["second"] = asking.second
    why = {"why": asking.why.strip().encode()}
    with writing(campaign.engine) as connection:
        drafts = [Draft("opened", one, said, at, "protection", why) for one in wanted]
        log.append(connection, campaign.keys, drafts)
    return [
        Opened(instance, form, _opened(campaign, parts, private))
        for instance, (form, parts) in zip(wanted, sealed, strict=True)
    ]


def _sealed(connection: Connection, instance: str) -> tuple[str, list[bytes]]:
    row = connection.execute(select(SUBMISSION).where(SUBMISSION.c.instance == instance)).first()
    parts = log.bodies(connection, row.event) if row else {}
    found = [data for name, data in sorted(parts.items()) if name.partition(":")[0] == IDENTITY]
    if row is None or not found:
        raise NotFound("no_identity")
    return str(row.form), found


def _opened(campaign: Campaign, parts: Sequence[bytes], private: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    with reading(campaign.vault) as connection:
        for sealed in parts:
            secret = secret_of(connection, key_id(sealed), private)
            if secret is not None:
                found |= json.loads(unseal(sealed, secret))["identity"]
    if not found:
        raise NotFound("no_identity")
    return found


def secret_of(connection: Connection, name: bytes, private: bytes) -> bytes | None:
    """The secret of a key in the key store; None when it was erased; raises Refused for another officer's."""
    row = connection.execute(select(WRAPPED).where(WRAPPED.c.id == name)).first()
    if row is None:
        return None
    box = bytes(row.box)
    if row.under:
        base = secret_of(connection, bytes(row.under), private)
        return unwrap(box, name, base) if base is not None else None
    try:
        return open_sealed(private, box)
    except CryptoError:
        raise Refused("other_key") from None


def summary(rows: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """Openings counted by quarter, purpose and second person, and the days that stand out.

    A day stands out with more than three times the usual (median) number of a day with openings, and at least
    5.
    """
    days = Counter(row["at"][:10] for row in rows)
    usual = sorted(days.values())[len(days) // 2] if days else 0
    quarters = Counter(f"{row['at'][:4]}-Q{(int(row['at'][5:7]) + 2) // 3}" for row in rows)
    return {
        "openings": len(rows),
        "people": len({row["instance"] for row in rows}),
        "by_quarter": dict(sorted(quarters.items())),
        "by_purpose": dict(Counter(row["purpose"] for row in rows).most_common()),
        "by_second": dict(Counter(row["second"] or "-" for row in rows).most_common()),
        "unusual_days": {
            day: count for day, count in sorted(days.items()) if count >= FEWEST_UNUSUAL and count > 3 * usual
        },
    }


def openings(campaign: Campaign) -> list[dict[str, str]]:
    """All that was ever asked for, oldest first: `at, instance, purpose, second, why`."""
    found = []
    with reading(campaign.engine) as connection:
        for place, event in log.of_kind(connection, "opened"):
            # A person who withdrew takes the officer's words about her along.
            why = log.body(connection, place, "why") or b"(erased)"
            facts = {"purpose": event.body["purpose"], "second": event.body.get("second", "")}
            found.append({"at": event.at, "instance": event.subject, **facts, "why": why.decode()})
    return found
