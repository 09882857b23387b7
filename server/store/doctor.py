"""Examines a campaign: keys, database, log, sealed files, disk. Every finding says what to do next."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError

from server.store.access import broken_at
from server.store.home import Campaign, free_space, views_are_current
from server.store.project import FILE, SETTLED, WITHDRAWN
from server.store.purge import certificates
from server.store.rekey import sealed_to_others
from sync.db import DatabaseGone, reading
from sync.event import digest, statement
from sync.keys import verified
from sync.log import told
from sync.postgres import shown
from sync.tables import Body, WrappedKey, table_of

WRAPPED, BODY = table_of(WrappedKey), table_of(Body)
ROOM = 1_000_000_000
# Settings of PostgreSQL: what makes a commit safe, and what keeps answers out of its log.
SAFE = {"fsync": "on", "full_page_writes": "on"}
QUIET = {
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length_on_error": "0",
}
OPEN_WIRE = (
    "SELECT NOT ssl AND coalesce(NOT inet_client_addr() <<= '127.0.0.0/8', false)"
    " AND inet_client_addr() IS DISTINCT FROM '::1' FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that needs care: `error` when the campaign is broken, `warning` when it is at risk."""

    level: Literal["error", "warning"]
    code: str
    message: str


def examine(campaign: Campaign) -> list[Finding]:
    """All findings, the gravest first."""
    found = list(_databases(campaign))
    if not found:
        found += [*_log(campaign), *_access(campaign), *_files(campaign), *_views(campaign)]
        found += _postgres(campaign.engine) if campaign.engine.dialect.name != "sqlite" else []
    found += [*_officer_key(campaign), *_room(campaign), *_disk(campaign)]
    return sorted(found, key=lambda finding: finding.level)


def _databases(campaign: Campaign) -> Iterator[Finding]:
    for name, engine in (("taama.db", campaign.engine), ("keys.db", campaign.vault)):
        trouble = _trouble(engine)
        if trouble and engine.dialect.name == "sqlite":
            advice = "Stop the server and restore the folder from a backup."
            yield Finding("error", "database", f"{name} {trouble}. {advice}")
        elif trouble:
            message = f"The database {shown(engine)} {trouble}. See that PostgreSQL runs and lets us in."
            yield Finding("error", "database", message)


def _trouble(engine: Engine) -> str:
    try:
        with reading(engine) as connection:
            if engine.dialect.name != "sqlite":
                return ""
            answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            return "" if answer == "ok" else "is damaged"
    except DatabaseGone:
        return "is missing"
    except DatabaseError:
        return "cannot be read"


def _postgres(engine: Engine) -> Iterator[Finding]:
    """What the database's own settings put at risk: interviews that were acknowledged, or answers."""
    with reading(engine) as connection:
        said = {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in (*SAFE, *QUIET)}
        open_wire = connection.exec_driver_sql(OPEN_WIRE).scalar()
    unsafe = [name for name, value in SAFE.items() if said[name] != value]
    if unsafe:
        message = f"PostgreSQL may lose interviews: turn on {' and '.join(unsafe)}."
        yield Finding("error", "database_settings", message)
    loud = [f"{name} = {value}" for name, value in QUIET.items() if said[name] != value]
    if loud:
        message = f"PostgreSQL's own log may hold answers. Set {', '.join(loud)}."
        yield Finding("warning", "database_log", message)
    if open_wire:
        message = (
            "Answers go to the database unencrypted. Put ?sslmode=verify-full at the end of its address."
        )
        yield Finding("warning", "database_wire", message)
    message = "Whether the database's disk is encrypted cannot be told from here: see that it is."
    yield Finding("warning", "database_disk", message)


def _log(campaign: Campaign) -> Iterator[Finding]:
    """Walks the chain of this node's own events, checks each one's id and signature, and its key."""
    with reading(campaign.vault) as connection:
        keys = {bytes(key).hex() for key in connection.execute(select(WRAPPED.c.id)).scalars()}
    prev, lost = "", 0
    purged = _identities_until(campaign)
    public = campaign.keys.public
    with reading(campaign.engine) as connection:
        gone = set(connection.execute(select(WITHDRAWN.c.subject)).scalars())
        settled = set(connection.execute(select(SETTLED.c.id)).scalars())
        for _, event in told(connection):
            if event.origin != campaign.keys.origin:
                continue
            said = {
                name: getattr(event, name)
                for name in ("origin", "seq", "prev", "clock", "at", "by", "kind", "subject", "body", "blobs")
            }
            sound = digest(statement(said)) == event.id and verified(public, event.id, event.sig)
            if event.prev != prev or not sound:
                message = f"The log was altered at entry {event.seq}. Restore the folder from a backup."
                yield Finding("error", "log", message)
                return
            prev = event.id
            expected = "key" in event.body and event.subject not in gone and event.at > purged[event.kind]
            expected = expected and event.id not in settled
            lost += expected and event.body["key"] not in keys
    if lost:
        yield Finding(
            "warning",
            "keys",
            f"{lost} interviews have no key any more: their identities are erased for good.",
        )


def _identities_until(campaign: Campaign) -> dict[str, str]:
    """Up to when identities were purged on purpose, by kind of event."""
    until: dict[str, str] = defaultdict(str)
    for one in certificates(campaign):
        for kind in {"identity": ("submitted", "attached"), "held": ("held",)}.get(one["class"], ()):
            until[kind] = max(until[kind], one["until"])
    return until


def _access(campaign: Campaign) -> Iterator[Finding]:
    line = broken_at(campaign)
    if line:
        message = (
            f"The access log was altered at line {line}. Find out who could; tell the protection officer."
        )
        yield Finding("error", "access_log", message)


def _files(campaign: Campaign) -> Iterator[Finding]:
    """Attachments that the log names and that are neither in the database nor in the folder."""
    with reading(campaign.engine) as connection:
        inline = select(BODY.c.n).where(BODY.c.event == FILE.c.event, BODY.c.sha == FILE.c.sha).exists()
        query = select(FILE.c.sha).where(FILE.c.state == "here", ~inline)
        missing = sum(not campaign.blobs.path(sha).exists() for sha in connection.execute(query).scalars())
    if missing:
        yield Finding(
            "error", "files", f"{missing} attachments are missing. Restore the folder from a backup."
        )


def _views(campaign: Campaign) -> Iterator[Finding]:
    if not views_are_current(campaign):
        yield Finding("warning", "views", "The views are of another version. Run: taama rebuild")


def _officer_key(campaign: Campaign) -> Iterator[Finding]:
    others = sealed_to_others(campaign) if not _trouble(campaign.vault) else 0
    if others:
        message = f"{others} keys are sealed to another officer's key. Run taama vault rotate once more."
        yield Finding("warning", "rotation", message)
    file = campaign.settings.officer_file
    if file and Path(file).exists() and not campaign.settings.demo:
        yield Finding(
            "warning",
            "officer_key",
            "The protection officer's private key is still on this machine. "
            f"Give it to her, then erase the file {Path(file).name}.",
        )


def _room(campaign: Campaign) -> Iterator[Finding]:
    free = free_space(campaign.folder)
    if free < ROOM:
        yield Finding(
            "warning",
            "room",
            f"Only {free // 1_000_000} MB are free on this disk. Make room before fieldwork.",
        )


def _disk(campaign: Campaign) -> Iterator[Finding]:
    """Whether the disk is encrypted, where the system tells (Linux: lsblk)."""
    state = encrypted_disk(campaign.folder) if sys.platform == "linux" else None
    if state is False:
        message = (
            "This disk is not encrypted: whoever takes the laptop reads the answers (not the identities)."
        )
        yield Finding("warning", "disk", f"{message} Turn on full-disk encryption.")
    elif state is None:
        yield Finding(
            "warning",
            "disk",
            "It cannot be told whether this disk is encrypted. Check it: the answers depend on it.",
        )


def encrypted_disk(folder: Path) -> bool | None:
    """True or False when `lsblk` knows, None when it cannot tell."""
    df, lsblk = shutil.which("df"), shutil.which("lsblk")
    if not (df and lsblk):
        return None
    try:
        device = subprocess.run(  # noqa: S603 (fixed programs, no shell)
            [df, "--output=source", str(folder)], capture_output=True, text=True, timeout=10, check=True
        ).stdout.split()[-1]
        tree = subprocess.run(  # noqa: S603
            [lsblk, "--json", "--inverse", "-o", "TYPE", device],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (subprocess.SubprocessError, OSError, IndexError):
        return None
    return "crypt" in json.dumps(json.loads(tree))
