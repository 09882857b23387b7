"""What each kind of event means for the views; the order in which events arrive makes no difference.

Handlers take rows of a whole batch at once: a commit of thirty interviews writes each table once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from server.core.canonical import canonical
from server.store.contended import contend, own_names
from server.store.judged import DECISION, SUBMISSION, decided, place_in_chain
from server.store.persons_gone import ALL, blank, limits, spread
from server.store.tables import (
    FileRow,
    FormMedia,
    FormVersion,
    Held,
    Refusal,
    Settled,
    Withdrawn,
)
from sync import log
from sync.db import insert_once
from sync.event import Event
from sync.tables import EventRow, table_of

FORM, MEDIA, REFUSAL, FILE, HELD, SETTLED, WITHDRAWN = (
    table_of(model) for model in (FormVersion, FormMedia, Refusal, FileRow, Held, Settled, Withdrawn)
)
EVENT = table_of(EventRow)
__all__ = [
    "ALL",
    "DECISION",
    "FILE",
    "FORM",
    "HELD",
    "MEDIA",
    "REFUSAL",
    "SETTLED",
    "SUBMISSION",
    "WITHDRAWN",
    "limits",
]

Placed = tuple[int, Event]
Rows = dict[str, list[dict[str, Any]]]


def project(connection: Connection, said: Sequence[Placed]) -> None:
    """Brings the views up to date with `said`; kinds that this version does not know are left alone."""
    by_kind: dict[str, list[Placed]] = defaultdict(list)
    before = _inherited(connection, said)
    for placed in said:
        if ALL not in before.get(placed[1].subject, ()) or placed[1].kind == "withdrawn":
            by_kind[placed[1].kind].append(placed)
    for kind, handler in HANDLERS.items():
        if by_kind[kind]:
            handler(connection, by_kind[kind])
    spread(connection, said)
    parted = [event for _, event in said if before.get(event.subject, frozenset()) - {ALL}]
    for event in parted:
        for scope in before[event.subject] - {ALL}:
            _lessen(connection, [event.subject], scope)


def _inherited(connection: Connection, said: Sequence[Placed]) -> dict[str, frozenset[str]]:
    """What was taken back for the subjects of `said`, also by way of the interviews that they replace."""
    edits = {e.subject: e.body["replaces"] for _, e in said if e.kind == "submitted" and "replaces" in e.body}
    before = limits(connection, [*(e.subject for _, e in said), *edits.values()])
    for subject, earlier in edits.items():
        more = before.get(earlier, frozenset()) - before.get(subject, frozenset())
        if more:
            rows = [{"subject": subject, "scope": scope, "at": ""} for scope in sorted(more)]
            insert_once(connection, WITHDRAWN, rows)
            before[subject] = before.get(subject, frozenset()) | more
    return before


def _withdrawn(connection: Connection, said: Sequence[Placed]) -> None:
    """Whatever the views still show of these people goes; the tombstone stays."""
    by_scope: dict[str, list[str]] = defaultdict(list)
    for _, event in said:
        by_scope[event.body["scope"]].append(event.subject)
    rows = [{"subject": e.subject, "scope": e.body["scope"], "at": e.at} for _, e in said]
    insert_once(connection, WITHDRAWN, rows)
    for scope, subjects in by_scope.items():
        if scope != ALL:
            _lessen(connection, subjects, scope)
            continue
        blank(connection, subjects)


def _lessen(connection: Connection, subjects: Sequence[str], scope: str) -> None:
    """Takes one scope away from interviews, with the files that needed it."""
    mine = SUBMISSION.c.instance.in_(subjects)
    for instance, scopes in connection.execute(
        select(SUBMISSION.c.instance, SUBMISSION.c.scopes).where(mine)
    ).all():
        left = " ".join(one for one in scopes.split() if one != scope)
        connection.execute(update(SUBMISSION).where(SUBMISSION.c.instance == instance).values(scopes=left))
    connection.execute(delete(FILE).where(FILE.c.instance.in_(subjects), FILE.c.scope == scope))


def _published(connection: Connection, said: Sequence[Placed]) -> None:
    forms, media = [], []
    for place, event in said:
        body = event.body
        form, version = body["form"], body["version"]
        forms.append(
            {
                "id": form,
                "version": version,
                "title": body["title"],
                "md5": body["md5"],
                "event": place,
                "clock": event.clock,
                "origin": event.origin,
                "published": event.at,
                "consented": body.get("consented", True),
            }
        )
        media += [
            {"form": form, "version": version, "name": name, "event": place, **facts}
            for name, facts in body.get("media", {}).items()
        ]
    insert_once(connection, FORM, forms)
    insert_once(connection, MEDIA, media)


def _submitted(connection: Connection, said: Sequence[Placed]) -> None:
    interviews, refusals, files = [], [], []
    admitted = [event.body["admits"] for _, event in said if "admits" in event.body]
    _settle(connection, admitted)
    for place, event in said:
        if event.body["verdict"] == "refused":
            refusals.append(_refusal_row(connection, place, event))
            continue
        interviews.append(_submission_row(place, event))
        files += [row | {"said": place} for row in _file_rows(place, event)]
    beaten = contend(connection, {event.id: (place, event) for place, event in said}, interviews)
    interviews = [row for row in interviews if row["event"] not in beaten]
    place_in_chain(connection, interviews)
    insert_once(connection, SUBMISSION, interviews)
    insert_once(connection, REFUSAL, refusals)
    insert_once(connection, FILE, [row for row in files if row.pop("said") not in beaten])


def _submission_row(place: int, event: Event) -> dict[str, Any]:
    body = event.body
    return {
        "event": place,
        "instance": event.subject,
        "form": body["form"],
        "version": body["version"],
        "received": event.at,
        "person": event.by,
        "device": body.get("device", ""),
        "verdict": body["verdict"],
        "scopes": " ".join(body["scopes"]),
        "flags": canonical(body["flags"]).decode(),
        "enumerator": body.get("enumerator", ""),
        "wave": body.get("wave", ""),
        "replaces": body.get("replaces"),
        "latest": True,
        "standing": "",
    }


def _file_rows(place: int, event: Event) -> list[dict[str, Any]]:
    sizes = event.body.get("sizes", {})
    rows = []
    for path in event.body["files"]:
        sha = event.blobs.get(f"file:{path}", "")
        rows.append(
            {
                "instance": event.subject,
                "path": path,
                "event": place if sha else 0,
                "sha": sha,
                "size": sizes.get(path, 0),
                "state": "here" if sha else "awaited",
                "scope": event.body["needs"].get(path, ""),
            }
        )
    return rows


def _refusal_row(connection: Connection, place: int, event: Event) -> dict[str, Any]:
    found = log.body(connection, place, "clean")
    kept = json.loads(found)["refusal"] if found else {}
    return {
        "id": event.subject,
        "form": event.body["form"],
        "version": event.body["version"],
        "day": kept.get("day", event.at[:10]),
        "stratum": kept.get("stratum", ""),
        "enumerator": kept.get("enumerator", ""),
        "reason": kept.get("reason", ""),
        "mode": kept.get("interview_mode", ""),
        "contact_source": kept.get("contact_source", ""),
    }


def _attached(connection: Connection, said: Sequence[Placed]) -> None:
    """An attachment that came later. A file row may not exist yet, nor its interview."""
    for place, event in said:
        for path in event.body["files"]:
            here = {
                "event": place,
                "sha": event.blobs[f"file:{path}"],
                "size": event.body.get("sizes", {}).get(path, 0),
                "state": "here",
            }
            key = (FILE.c.instance == event.subject) & (FILE.c.path == path)
            row = {"instance": event.subject, "path": path, "event": 0, "sha": "", "size": 0}
            scope = event.body["needs"].get(path, "")
            insert_once(connection, FILE, [row | {"state": "awaited", "scope": scope}])
            connection.execute(update(FILE).where(key, FILE.c.state == "awaited").values(**here))


def _held(connection: Connection, said: Sequence[Placed]) -> None:
    ids = [event.id for _, event in said]
    settled = set(connection.execute(select(SETTLED.c.id).where(SETTLED.c.id.in_(ids))).scalars())
    insert_once(
        connection,
        HELD,
        [
            {
                "id": event.id,
                "reason": event.body["reason"],
                "form": event.body["form"],
                "version": event.body["version"],
                "instance": event.subject,
                "received": event.at,
                "person": event.by,
                "device": event.body.get("device", ""),
                "event": place,
                "size": event.body["size"],
                "open": event.body["reason"] != "resent" and event.id not in settled,
            }
            for place, event in said
        ],
    )


def _purged(connection: Connection, said: Sequence[Placed]) -> None:
    """What the views show of something that was kept long enough."""
    ours = own_names(connection)
    for _, event in said:
        kind, until = event.subject, event.body["until"]
        if event.origin not in ours:
            continue  # what another node purged is still here, until this one purges it
        places = select(EVENT.c.n).where(EVENT.c.at <= until)
        if kind in ("media", "identity"):
            mine = FILE.c.event.in_(places) & (FILE.c.state == "here")
            connection.execute(update(FILE).where(mine).values(state="purged"))
        elif kind == "held":
            connection.execute(update(HELD).where(HELD.c.event.in_(places)).values(open=False))
        elif kind == "refusals":
            connection.execute(delete(REFUSAL).where(REFUSAL.c.day <= until[:10]))


def _dropped(connection: Connection, said: Sequence[Placed]) -> None:
    """Somebody decided on something in quarantine."""
    _settle(connection, [event.body["drops"] for _, event in said])


def _settle(connection: Connection, ids: Sequence[str]) -> None:
    if ids:
        insert_once(connection, SETTLED, [{"id": one} for one in ids])
        connection.execute(update(HELD).where(HELD.c.id.in_(ids)).values(open=False))


HANDLERS: dict[str, Callable[[Connection, Sequence[Placed]], None]] = {
    "published": _published,
    "submitted": _submitted,
    "attached": _attached,
    "held": _held,
    **dict.fromkeys(("linked", "reviewed", "remarked", "corrected", "explained"), decided),
    "admitted": _dropped,
    "dropped": _dropped,
    "purged": _purged,
    "withdrawn": _withdrawn,  # last: it also takes away what came in the same batch
}
