"""Lets in what lies in quarantine: opened with the officer's key, it passes the same gate as everything else.

An interview that waited for its form, for a minor's guardian or for a form's own key comes in as it would
have at the door, with the time at which it arrived. If it turns out to be a refusal, that is what is kept of
it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.core.ingest import IDENTITY, ORIGINAL, Arriving, Gate, decide
from server.core.problem import Conflict, Malformed, NotFound, Refused
from server.core.sealing import KeyRing, Sealer, key_id, unseal
from server.store.codes import lock
from server.store.forget import forget_event
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.parcel import KeptFile, Parcel, Taken
from server.store.project import HELD, project
from server.store.vault import SHORTEST_REASON, secret_of
from server.store.writer import Writer
from server.web import attachments
from server.web.multipart import SealedFile, force_to_disk
from sync import log
from sync.db import reading, writing
from sync.event import Draft, Event

NEVER = ("conflict", "resent")
Unlock = Callable[[bytes, Mapping[str, bytes]], tuple[bytes, dict[str, bytes]]]


@dataclass(frozen=True)
class Admission:
    """Who lets in what: the campaign, the officer's private key, and where chance comes from.

    `unlock` decrypts an interview that was encrypted on the phone, with the form's own key.
    """

    campaign: Campaign
    private: bytes = field(repr=False)
    random: Callable[[int], bytes]
    unlock: Unlock | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something in quarantine, opened: what the phone sent."""

    row: Any
    event: Event
    xml: bytes = field(repr=False)
    files: dict[str, bytes] = field(repr=False)


def admit(admission: Admission, held: str, *, why: str, at: str) -> Taken:
    """Lets one thing in; raises NotFound, Refused when it cannot come in as it is, or Malformed without
    reason.

    Once it has come in, what was in quarantine is erased: the interview has its own sealed original.
    """
    if len(why.strip()) < SHORTEST_REASON:
        raise Malformed("no_reason")
    waiting = _opened(admission, held)
    campaign, keys = admission.campaign, KeyRing.fresh(admission.random)
    xml, files = waiting.xml, waiting.files
    if waiting.row.reason == "encrypted":
        if admission.unlock is None:
            raise Refused("form_key_needed")
        xml, files = admission.unlock(xml, files)
    forms = Forms(campaign)
    gate = Gate(forms.find, forms.knows, campaign.keys.refusal, admission.random)
    row = waiting.row
    arriving = Arriving(xml, row.person, row.device, row.received, keys, frozenset(files), admitted=True)
    receipt = decide(arriving, gate)
    if receipt.outcome == "held":
        raise Refused("still_held")
    sealed = {name: _sealed(admission, keys, data) for name, data in files.items()}
    plan = forms.find(receipt.form, receipt.version)
    if receipt.outcome == "interview" and plan is not None:
        receipt = attachments.settle_all(sealed, receipt, keys, plan)
    kept = {slot.place: _kept(campaign, sealed[slot.name]) for slot in receipt.slots if slot.name in sealed}
    for left in sealed.values():
        left.drop()
    code = lock(receipt.code, campaign.keys, admission.random)
    writer = Writer(campaign, admission.random(32))
    identity = campaign.matching.seal(receipt.identity) if receipt.identity else b""
    mark = writer.mark(xml)
    parcel = Parcel(receipt, keys, row.person, mark, kept, code, identity, admits=waiting.event.id)
    taken = writer.commit([parcel])[0]
    if taken.how != "stored":
        raise Conflict("other_content")
    _say(campaign, "admitted", waiting.event, why, at)
    forget_event(campaign, row.event, waiting.event)
    return taken


def drop(campaign: Campaign, held: str, *, why: str, at: str) -> None:
    """Erases something in quarantine that is not wanted; raises NotFound, or Malformed without a reason."""
    if len(why.strip()) < SHORTEST_REASON:
        raise Malformed("no_reason")
    row, event = _find(campaign, held)
    _say(campaign, "dropped", event, why, at)
    forget_event(campaign, row.event, event)


def _say(campaign: Campaign, kind: str, event: Event, why: str, at: str) -> None:
    with writing(campaign.engine) as connection:
        draft = Draft(
            kind, event.subject, {"drops": event.id}, at, "protection", {"why": why.strip().encode()}
        )
        project(connection, log.append(connection, campaign.keys, [draft]))


def _find(campaign: Campaign, held: str) -> tuple[Any, Event]:
    with reading(campaign.engine) as connection:
        mine = (HELD.c.id == held) | (HELD.c.instance == held)
        rows = connection.execute(select(HELD).where(mine, HELD.c.open)).all()
        event = log.event_at(connection, rows[0].event) if rows else None
    if event is None:
        raise NotFound("not_in_quarantine")
    if len(rows) > 1:
        raise Refused("several_in_quarantine")
    return rows[0], event


def _opened(admission: Admission, held: str) -> Waiting:
    campaign = admission.campaign
    row, event = _find(campaign, held)
    if row.reason in NEVER:
        raise Refused("still_held")
    with reading(campaign.engine) as connection:
        parts = log.bodies(connection, row.event)
    with reading(campaign.vault) as connection:
        secret = secret_of(connection, key_id(parts[ORIGINAL]), admission.private)
    if secret is None:
        raise NotFound("no_identity")
    names = json.loads(unseal(parts[IDENTITY], secret))["files"]
    files = {}
    for place, name in names.items():
        part = f"file:{place}"
        data = parts.get(part) or campaign.blobs.get(event.blobs.get(part, "0" * 64))
        if data is not None:
            files[name] = unseal(data, secret)
    return Waiting(row, event, unseal(parts[ORIGINAL], secret), files)


def _sealed(admission: Admission, keys: KeyRing, data: bytes) -> SealedFile:
    def new_path() -> Path:
        return admission.campaign.blobs.incoming / f"{admission.random(16).hex()}.part"

    sealed = SealedFile(Sealer(keys.base, keys.random), new_path)
    sealed.add(data)
    sealed.end()
    return sealed


def _kept(campaign: Campaign, sealed: SealedFile) -> KeptFile:
    data = sealed.data()
    if data is None and sealed.path is not None:
        force_to_disk(sealed)
        campaign.blobs.keep(sealed.path, sealed.sha)
        sealed.path = None
    return KeptFile(sealed.sha, sealed.size, data)
