"""What was on this computer at a moment: counted from the log, for those who must be told that it was taken.

It holds no answer and no name: fields by name, counts, and whether they lay sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from typing import Any

from sqlalchemy import func, select

from server.core.dossier import FormSheet, form_sheet
from server.core.problem import NotFound
from server.store.contacts import CONTACT, OPEN
from server.store.doctor import encrypted_disk
from server.store.forms import Forms, newest
from server.store.home import Campaign
from server.store.nodes import nodes
from server.store.people import PERSON
from server.store.project import ALL
from server.store.purge import policy_of
from server.store.releases import releases
from sync import log
from sync.db import reading


def sheets(campaign: Campaign) -> list[FormSheet]:
    """The newest version of every form, for the dossiers."""
    forms = Forms(campaign)
    with reading(campaign.engine) as connection:
        names = newest(connection)
    plans = [plan for form, version in names if (plan := forms.find(form, version))]
    return [form_sheet(plan, policy_of(campaign)) for plan in plans]


def breach_pack(campaign: Campaign, at: str, hub: str = "") -> dict[str, Any]:
    """What had come up to `at` (ISO 8601, UTC) and is still here, or had been erased by then.

    Counts interviews with consent by form and by scope granted, refusals, quarantine, attachments, accounts,
    contacts not closed. With a hub's label: what that hub had received, as far as the centre has heard of it
    (`heard_until`), and the people of its zone. Raises NotFound for a hub that there is not.
    """
    theirs = [one for one in nodes(campaign) if hub and not one.me and hub in (one.label, one.origin)]
    if hub and not theirs:
        raise NotFound("unknown_node")
    facts = _told_until(campaign, at, frozenset(one.origin for one in theirs))
    zone = next((one.zone for one in reversed(theirs) if one.zone), "")
    given = [row for row in releases(campaign) if row.at <= at]
    return facts | {
        "hub": hub,
        "heard_until": max((one.met for one in theirs), default=""),
        "campaign": campaign.settings.name,
        "node": theirs[-1].origin if theirs else campaign.keys.origin,
        "until": at,
        **_people(campaign, zone),
        "releases": 0 if theirs else len(given),
        "disk_encrypted": None if theirs else encrypted_disk(campaign.folder),
        "officer_key": campaign.officer.id,
    }


def _people(campaign: Campaign, zone: str) -> dict[str, Any]:
    """Open accounts by role, and how many contacts still have a name; of a zone, or all."""
    open_ = [PERSON.c.removed == "", *([PERSON.c.zone.in_(("", zone))] if zone else [])]
    named = [CONTACT.c.state.in_(OPEN), *([CONTACT.c.zone == zone] if zone else [])]
    with reading(campaign.engine) as connection:
        query = select(PERSON.c.role, func.count()).where(*open_).group_by(PERSON.c.role)
        accounts = {role: int(count) for role, count in connection.execute(query)}
        count = connection.execute(select(func.count()).select_from(CONTACT).where(*named)).scalar_one()
    return {"accounts": accounts, "contacts": int(count)}


def _told_until(campaign: Campaign, at: str, origins: Container[str]) -> dict[str, Any]:
    interviews: dict[str, str] = {}
    scopes: dict[str, list[str]] = {}
    files: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    gone: set[str] = set()
    with reading(campaign.engine) as connection:
        for _, event in log.told(connection):
            if event.at > at:
                continue
            body = event.body
            if event.kind == "withdrawn" and body["scope"] == ALL:
                gone.add(event.subject)
            elif origins and event.origin not in origins:
                continue
            elif event.kind == "submitted" and body["verdict"] == "refused":
                counts["refusals"] += 1
            elif event.kind == "submitted":
                interviews[event.subject] = body["form"]
                scopes[event.subject] = body["scopes"]
            elif event.kind == "held":
                counts["held"] += 1
            elif event.kind == "opened":
                counts["identities_opened"] += 1
            files[event.subject] += sum(part.startswith("file:") for part in event.blobs)
    left = {subject: form for subject, form in interviews.items() if subject not in gone}
    return {
        "interviews": dict(Counter(left.values())),
        "scopes": dict(Counter(scope for subject in left for scope in scopes[subject])),
        "attachments": sum(count for subject, count in files.items() if subject not in gone),
        "withdrawn": len(gone & interviews.keys()),
        **{name: counts[name] for name in ("refusals", "held", "identities_opened")},
    }
