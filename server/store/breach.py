"""What was on this computer at a moment: counted from the log, for those who must be told that it was taken.

It holds no answer and no name: fields by name, counts, and whether they lay sealed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from server.core.dossier import FormSheet, form_sheet
from server.store.doctor import encrypted_disk
from server.store.forms import Forms, newest
from server.store.home import Campaign
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


def breach_pack(campaign: Campaign, at: str) -> dict[str, Any]:
    """What had come up to `at` (ISO 8601, UTC) and is still here, or had been erased by then.

    Counts interviews with consent by form and by scope granted, refusals, quarantine, attachments, accounts.
    """
    facts = _told_until(campaign, at)
    with reading(campaign.engine) as connection:
        query = select(PERSON.c.role, func.count()).where(PERSON.c.removed == "").group_by(PERSON.c.role)
        accounts = {role: int(count) for role, count in connection.execute(query)}
    given = [row for row in releases(campaign) if row.at <= at]
    return facts | {
        "campaign": campaign.settings.name,
        "node": campaign.keys.origin,
        "until": at,
        "accounts": accounts,
        "releases": len(given),
        "disk_encrypted": encrypted_disk(campaign.folder),
        "officer_key": campaign.officer.id,
    }


def _told_until(campaign: Campaign, at: str) -> dict[str, Any]:
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
        "withdrawn": sum(not subject.startswith("code:") for subject in gone),
        **{name: counts[name] for name in ("refusals", "held", "identities_opened")},
    }
