"""What each kind of event means for the views; the order in which events arrive makes no difference.

Handlers take rows of a whole batch at once: a commit of thirty interviews writes each table once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from server.core.canonical import canonical
from server.store.tables import FileRow, FormMedia, FormVersion, Held, Refusal, Submission, Withdrawn
from sync import log
from sync.db import insert_once
from sync.event import Event
from sync.tables import table_of

FORM, MEDIA, SUBMISSION, REFUSAL, FILE, HELD, WITHDRAWN = (
    table_of(model) for model in (FormVersion, FormMedia, Submission, Refusal, FileRow, Held, Withdrawn)
)
GONE = select(WITHDRAWN.c.subject).where(WITHDRAWN.c.subject.in_(bindparam("subjects", expanding=True)))

Placed = tuple[int, Event]
Rows = dict[str, list[dict[str, Any]]]


def project(connection: Connection, said: Sequence[Placed]) -> None:
    """Brings the views up to date with `said`; kinds that this version does not know are left alone."""
    by_kind: dict[str, list[Placed]] = defaultdict(list)
    gone = withdrawn(connection, [event.subject for _, event in said])
    for placed in said:
        if placed[1].subject not in gone or placed[1].kind == "withdrawn":
            by_kind[placed[1].kind].append(placed)
    for kind, handler in HANDLERS.items():
        if by_kind[kind]:
            handler(connection, by_kind[kind])


def withdrawn(connection: Connection, subjects: Sequence[str]) -> frozenset[str]:
    """Those of the subjects whose consent was taken back: nothing of them is taken in again."""
    return frozenset(connection.execute(GONE, {"subjects": list(subjects)}).scalars())


def _withdrawn(connection: Connection, said: Sequence[Placed]) -> None:
    """Whatever the views still show of these people goes; the tombstone stays."""
    insert_once(connection, WITHDRAWN, [{"subject": event.subject, "at": event.at} for _, event in said])
    subjects = [event.subject for _, event in said]
    for table in (SUBMISSION, FILE, HELD):
        connection.execute(delete(table).where(table.c.instance.in_(subjects)))


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
    for place, event in said:
        if event.body["verdict"] == "refused":
            refusals.append(_refusal_row(connection, place, event))
            continue
        interviews.append(_submission_row(place, event))
        files += _file_rows(place, event)
    insert_once(connection, SUBMISSION, interviews)
    insert_once(connection, REFUSAL, refusals)
    insert_once(connection, FILE, files)


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
            insert_once(connection, FILE, [row | {"state": "awaited"}])
            connection.execute(update(FILE).where(key, FILE.c.state == "awaited").values(**here))


def _held(connection: Connection, said: Sequence[Placed]) -> None:
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
                "open": event.body["reason"] != "resent",
            }
            for place, event in said
        ],
    )


HANDLERS: dict[str, Callable[[Connection, Sequence[Placed]], None]] = {
    "published": _published,
    "submitted": _submitted,
    "attached": _attached,
    "held": _held,
    "withdrawn": _withdrawn,  # last: it also takes away what came in the same batch
}
