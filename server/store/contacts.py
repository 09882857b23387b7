"""Partners' lists of people to find: kept encrypted, each person once, given to phones by zone, erased when
done.

A field team must hold names and numbers of people whom it has yet to meet. They are kept under the matching
key, opened in memory only while that is unlocked, and blanked once the contact is closed; the keyed encoding
stays, so that the next list does not bring the same person again.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from sqlalchemy import insert, select, update

from server.core.canonical import canonical
from server.core.dataset.fields import harmless
from server.core.linkage.encode import FIELDS, Encoded, encode_person
from server.core.linkage.index import Index
from server.core.problem import Malformed, NotFound
from server.core.sealing import Randomness
from server.store.home import Campaign
from server.store.lists import PersonList
from server.store.local import Contact, Encoding
from server.store.matching import Unlocked
from sync.db import reading, writing
from sync.tables import table_of

CONTACT, ENCODING = table_of(Contact), table_of(Encoding)
FILE = "contacts.csv"
MET = "interviewed"
OPEN = ("new", "chosen", "reached")
CLOSED = ("refused", "not_found", MET)
SAME = 0.9
# What helps to find someone, and nothing else, goes to a phone.
SHOWN = ("first_name", "last_name", "nickname", "village", "phone")
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a list: rows taken, doubles within it or of other lists, and those interviewed already."""

    rows: int
    doubles: int
    interviewed: int


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact as lists show it, without the person: `same_as` is the contact that it doubles."""

    id: str
    partner: str
    zone: str
    state: str
    same_as: str
    changed: str


def import_list(
    campaign: Campaign,
    unlocked: Unlocked,
    persons: PersonList,
    *,
    partner: str,
    zone: str,
    at: str,
    random: Randomness,
) -> Imported:
    """Takes a partner's list in; whoever is there already, or was interviewed, is noted and not called."""
    index, before = _known(campaign, unlocked)
    rows = []
    counts: Counter[str] = Counter()
    for number in range(persons.rows):
        fields = {name: column.values[column.codes[number]] for name, column in persons.columns.items()}
        fields = {name: text.strip() for name, text in fields.items() if name in FIELDS and text.strip()}
        identity = _new_id(before, random)
        encoded = encode_person(fields, unlocked.encoding)
        same = [other for _, other, score in index.arrivals([(identity, encoded)]) if score.p >= SAME]
        met = any(before.get(other, MET) == MET for other in same)
        state = MET if met else "double" if same else "new"
        before[identity] = state
        counts[state] += 1
        rows.append(
            {
                "id": identity,
                "partner": partner,
                "zone": zone,
                "state": state,
                "same_as": min(same) if state == "double" else "",
                "changed": at,
                "data": _kept(unlocked, encoded, fields if state == "new" else {}, random),
            }
        )
    with writing(campaign.engine) as connection:
        if rows:
            connection.execute(insert(CONTACT), rows)
    return Imported(len(rows), counts["double"], counts[MET])


def contacts(campaign: Campaign, zone: str | None = None) -> list[ContactRow]:
    """Every contact, or those of one zone."""
    columns = [CONTACT.c[name] for name in ContactRow.__dataclass_fields__]
    query = select(*columns).order_by(CONTACT.c.zone, CONTACT.c.partner, CONTACT.c.id)
    if zone is not None:
        query = query.where(CONTACT.c.zone == zone)
    with reading(campaign.engine) as connection:
        return [ContactRow(*row) for row in connection.execute(query)]


def choose(campaign: Campaign, zone: str, count: int, *, at: str, rng: Random) -> list[str]:
    """Draws at random whom to call next in a zone, among those who are new; returns their ids."""
    new = [row.id for row in contacts(campaign, zone) if row.state == "new"]
    drawn = sorted(rng.sample(new, min(count, len(new))))
    with writing(campaign.engine) as connection:
        mine = CONTACT.c.id.in_(drawn)
        connection.execute(update(CONTACT).where(mine).values(state="chosen", changed=at))
    return drawn


def mark(
    campaign: Campaign, identity: str, state: str, *, at: str, unlocked: Unlocked, random: Randomness
) -> None:
    """Notes what came of a contact; once it is closed, name and number are erased."""
    if state not in (*OPEN, *CLOSED):
        raise Malformed("bad_state", states=", ".join((*OPEN, *CLOSED)))
    with reading(campaign.engine) as connection:
        row = connection.execute(select(CONTACT).where(CONTACT.c.id == identity)).first()
    if row is None:
        raise NotFound("no_contact")
    values: dict[str, object] = {"state": state, "changed": at}
    if state in CLOSED:
        encoded, _ = _opened(unlocked, bytes(row.data))
        values["data"] = _kept(unlocked, encoded, {}, random)
    with writing(campaign.engine) as connection:
        connection.execute(update(CONTACT).where(CONTACT.c.id == identity).values(**values))


def sheet(campaign: Campaign, unlocked: Unlocked, zone: str) -> bytes:
    """The list for the phones of a zone, as a CSV that Collect reads: `name` is the id, `label` whom to
    find."""
    with reading(campaign.engine) as connection:
        mine = (CONTACT.c.zone == zone) & CONTACT.c.state.in_(("chosen", "reached"))
        rows = connection.execute(select(CONTACT).where(mine).order_by(CONTACT.c.id)).all()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "label"))
    for row in rows:
        _, fields = _opened(unlocked, bytes(row.data))
        said = " · ".join(fields[name] for name in SHOWN if fields.get(name))
        writer.writerow((row.id, harmless(f"{said} ({row.id})" if said else row.id)))
    return out.getvalue().encode()


def _known(campaign: Campaign, unlocked: Unlocked) -> tuple[Index, dict[str, str]]:
    """Everyone on a list or interviewed, to be compared with; and the contacts among them with their
    state."""
    index, before = Index(), {}
    with reading(campaign.engine) as connection:
        listed = connection.execute(select(CONTACT).where(CONTACT.c.state != "double")).all()
        met = connection.execute(select(ENCODING).where(~ENCODING.c.waiting)).all()
    for row in listed:
        before[row.id] = row.state
        index.add(row.id, _opened(unlocked, bytes(row.data))[0])
    for row in met:
        data = unlocked.read(bytes(row.data))
        if data is not None:
            index.add(row.instance, Encoded(base64.b64decode(json.loads(data)["code"])))
    return index, before


def _kept(unlocked: Unlocked, encoded: Encoded, fields: Mapping[str, str], random: Randomness) -> bytes:
    code = base64.b64encode(encoded.data).decode()
    return unlocked.lock(canonical({"code": code, "fields": dict(fields)}), random)


def _opened(unlocked: Unlocked, data: bytes) -> tuple[Encoded, dict[str, str]]:
    kept = json.loads(unlocked.read(data) or b'{"code": "", "fields": {}}')
    return Encoded(base64.b64decode(kept["code"])), kept["fields"]


def _new_id(taken: Iterable[str], random: Randomness) -> str:
    while True:
        drawn = "".join(SIGNS[byte % len(SIGNS)] for byte in random(6))
        if drawn not in taken:
            return drawn
