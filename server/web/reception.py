"""Takes one interview from the door to the disk: stream, decide, keep its files, wait for the commit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from forms.filled import at
from server.core.canonical import canonical
from server.core.ingest import Arriving, Gate, Receipt, decide
from server.core.moments import stamp
from server.core.positions import Recollection, Visit
from server.core.sealing import KeyRing
from server.core.sites import Sites
from server.store.codes import lock
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.parcel import KeptFile, Parcel, Taken
from server.store.writer import Writer
from server.web import attachments
from server.web.multipart import SealedFile, Upload, UploadLimits, force_to_disk

# Beyond this size reading the XML takes long enough to make other phones wait: it moves to a thread.
LONG_XML = 200_000


@dataclass(frozen=True)
class Reception:
    """What receiving needs: the campaign, its forms and writer, the clock, and randomness."""

    campaign: Campaign
    forms: Forms
    writer: Writer
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    recollection: Recollection
    sites: Sites = field(default_factory=Sites)
    limits: UploadLimits = field(default_factory=UploadLimits)
    # Two photos at a time: each takes memory for all its pixels.
    cleaning: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    @property
    def gate(self) -> Gate:
        """The campaign's side of the decision on an interview."""
        return Gate(self.forms.find, self.forms.knows, self.campaign.keys.refusal, self.random)

    def new_path(self) -> Path:
        """A name for a file that is still arriving."""
        return self.campaign.blobs.incoming / f"{self.random(16).hex()}.part"


async def take_in(
    reception: Reception, stream: AsyncIterator[bytes], content_type: str, person: str, device: str
) -> Taken:
    """Receives one POST. When it returns, what it says is on disk; when it raises, nothing was kept."""
    keys = KeyRing.fresh(reception.random)
    upload = Upload(content_type, keys.base, reception.random, reception.new_path, reception.limits)
    moved: dict[str, KeptFile] = {}
    try:
        with reception.writer.expecting():
            async for chunk in stream:
                upload.take(chunk)
            xml = upload.finish()
            at = stamp(reception.clock())
            arriving = Arriving(xml, person, device, at, keys, frozenset(upload.files))
            receipt = await _decided(reception, arriving)
            receipt = await _settle(reception, upload, receipt, keys)
            receipt = _noted(reception, receipt, person)
            await _keep_files(reception, upload, receipt, moved)
            code = lock(receipt.code, reception.campaign.keys, reception.random)
            mark = reception.writer.mark(xml)
            identity = reception.campaign.matching.seal(receipt.identity) if receipt.identity else b""
            parcel = Parcel(receipt, keys, person, mark, moved, code, identity)
            future = reception.writer.put(parcel)
    except BaseException:
        await _forget(reception, moved)
        raise
    finally:
        upload.discard()
    return await _written(reception, future, moved)


async def _written(reception: Reception, future: asyncio.Future[Taken], files: dict[str, KeptFile]) -> Taken:
    """Waits for the commit. If the wait itself is broken off, the files stay: the commit may come yet."""
    try:
        taken = await future
    except Exception:
        await _forget(reception, files)
        raise
    await _forget(reception, {place: kept for place, kept in files.items() if place not in taken.files})
    return taken


async def _decided(reception: Reception, arriving: Arriving) -> Receipt:
    if len(arriving.xml) > LONG_XML:
        return await asyncio.to_thread(decide, arriving, reception.gate)
    return decide(arriving, reception.gate)


def _noted(reception: Reception, receipt: Receipt, person: str) -> Receipt:
    """The receipt with what its position tells beside those that memory holds."""
    if receipt.fix is None or "derived" not in receipt.parts:
        return receipt
    body = receipt.body
    visit = Visit(receipt.subject, body.get("replaces", ""), body["enumerator"] or person)
    told = reception.recollection.note(receipt.fix, visit, reception.clock())
    beyond = (
        reception.sites.beyond(receipt.fix, _places(reception, receipt)) if reception.sites.points else None
    )
    if beyond is not None:
        told["beyond"] = beyond
    part = json.loads(receipt.parts["derived"])
    part["derived"] |= told
    return replace(receipt, fix=None, parts=dict(receipt.parts) | {"derived": canonical(part)})


def _places(reception: Reception, receipt: Receipt) -> dict[str, str]:
    """The answers that say where an interview was held, by the name of the question."""
    plan = reception.forms.find(receipt.form, receipt.version)
    answers = json.loads(receipt.parts["clean"])["answers"]
    return {q.name: at(answers, q.path) for q in plan.form.with_role("stratum")} if plan else {}


async def _settle(reception: Reception, upload: Upload, receipt: Receipt, keys: KeyRing) -> Receipt:
    """Cleans the attachments of a consented interview and reads the phone's audit log."""
    plan = reception.forms.find(receipt.form, receipt.version)
    present = any(slot.name in upload.files for slot in receipt.slots)
    if receipt.outcome != "interview" or plan is None or not present:
        return receipt
    async with reception.cleaning:
        return await asyncio.to_thread(attachments.settle_all, upload.files, receipt, keys, plan)


async def _keep_files(
    reception: Reception, upload: Upload, receipt: Receipt, kept: dict[str, KeptFile]
) -> None:
    """Fills `kept` with the attachments of this interview: small in memory, large in their folder."""
    for slot in receipt.slots:
        sealed = upload.files.get(slot.name)
        if sealed is None:
            continue
        data = sealed.data()
        if data is None:
            await asyncio.to_thread(_move, reception.campaign, sealed)
        del upload.files[slot.name]
        kept[slot.place] = KeptFile(sealed.sha, sealed.size, data)


def _move(campaign: Campaign, sealed: SealedFile) -> None:
    force_to_disk(sealed)
    if sealed.path is not None:
        campaign.blobs.keep(sealed.path, sealed.sha)


async def _forget(reception: Reception, files: dict[str, KeptFile]) -> None:
    for kept in files.values():
        if kept.data is None:
            await asyncio.to_thread(reception.campaign.blobs.forget, kept.sha)
