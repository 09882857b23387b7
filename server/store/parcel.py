"""A decided interview on its way to disk, and what the log will say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from server.core.ingest import IDENTITY, ORIGINAL, Receipt
from server.core.sealing import KeyRing
from server.core.settle import Before
from sync.event import Draft

READABLE = frozenset({"clean", "consent", "derived", "paradata"})
ENVELOPE = ("form", "version", "device", "key", "size")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A sealed attachment: in `data`, or in the blob folder under `sha`. `size` counts clear bytes."""

    sha: str
    size: int
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A decided interview on its way to disk. `mark` is the keyed digest of its bytes in this `epoch`."""

    receipt: Receipt
    keys: KeyRing = field(repr=False)
    person: str
    mark: bytes = field(repr=False)
    files: Mapping[str, KeptFile] = field(default_factory=dict)
    code: bytes = field(default=b"", repr=False)  # the withdrawal code, locked
    identity: bytes = field(default=b"", repr=False)  # what is compared, sealed to the matching key
    admits: str = ""  # the id of the quarantined event that it comes from

    @property
    def kind(self) -> str:
        """`interview`, `refusal` or `held REASON`."""
        return f"held {self.receipt.reason}" if self.receipt.outcome == "held" else self.receipt.outcome


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer: `stored`, `again` (it was here already) or `held` and why; and which files were kept."""

    how: Literal["stored", "again", "held"]
    reason: str = ""
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """What one parcel comes to: its answer, what the log says of it, and how it is remembered."""

    taken: Taken
    draft: Draft | None = None
    remember: str = ""


def keep(parcel: Parcel) -> Step:
    """A parcel that nothing stands against."""
    receipt, files = parcel.receipt, frozenset(parcel.files)
    if receipt.outcome == "held":
        return Step(Taken("held", receipt.reason, files), sealed_draft(parcel, receipt.reason), parcel.kind)
    by = "" if receipt.outcome == "refusal" else parcel.person
    admitted = {"admits": parcel.admits} if parcel.admits else {}
    draft = _draft(parcel, "submitted", dict(receipt.body) | admitted, receipt.parts, by=by)
    return Step(Taken("stored", files=files), draft, receipt.outcome)


def sealed_draft(parcel: Parcel, reason: str) -> Draft:
    """What is kept of a parcel that may not be read yet: its envelope, and the rest sealed."""
    body = {name: parcel.receipt.body[name] for name in ENVELOPE if name in parcel.receipt.body}
    places = [slot.place for slot in parcel.receipt.slots]
    parts = {part: data for part, data in parcel.receipt.parts.items() if part not in READABLE}
    return _draft(parcel, "held", body | {"reason": reason, "files": places}, parts, by=parcel.person)


def again(parcel: Parcel, before: Before, awaited: frozenset[str], *, copy: bool) -> Step:
    """A repetition: answered as the first time, and its attachments taken where they are still `awaited`.

    With `copy` the bytes could not be compared (the server was restarted in between), so that they are kept
    once more, sealed and closed.
    """
    held = before.kind.removeprefix("held ") if before.kind.startswith("held ") else ""
    taken = Taken("held", held) if held else Taken("again")
    if copy:
        taken = replace(taken, files=frozenset(parcel.files))
        return Step(taken, sealed_draft(parcel, "resent"), before.kind)
    files = {place: kept for place, kept in parcel.files.items() if place in awaited}
    if not files:
        return Step(taken)
    body = {name: parcel.receipt.body[name] for name in ("form", "version", "key")}
    more = replace(parcel, files=files)
    taken = replace(taken, files=frozenset(files))
    parts = {part: data for part, data in parcel.receipt.parts.items() if part == "paradata"}
    needs = {place: scope for place, scope in parcel.receipt.body["needs"].items() if place in files}
    body |= {"files": sorted(files), "needs": needs}
    return Step(taken, _draft(more, "attached", body, parts, by=parcel.person))


def lessened(parcel: Parcel, scopes: frozenset[str]) -> Parcel:
    """The parcel without what needs one of these scopes: the person took them back before it came.

    The original goes too, as it cannot be parted once it is sealed.
    """
    receipt = parcel.receipt
    if not scopes or receipt.outcome != "interview":
        return parcel
    gone = {f"{IDENTITY}:{scope}" for scope in scopes} | {ORIGINAL}
    slots = [slot for slot in receipt.slots if slot.scope not in scopes]
    places = {slot.place for slot in slots}
    body = dict(receipt.body) | {
        "scopes": [one for one in receipt.body["scopes"] if one not in scopes],
        "files": [slot.place for slot in slots],
        "needs": {place: scope for place, scope in receipt.body["needs"].items() if place in places},
    }
    parts = {name: data for name, data in receipt.parts.items() if name not in gone}
    under = {name: key for name, key in parcel.keys.under.items() if name not in {*scopes, ORIGINAL}}
    return replace(
        parcel,
        receipt=replace(receipt, body=body, parts=parts, slots=slots),
        keys=replace(parcel.keys, under=under),
        files={place: kept for place, kept in parcel.files.items() if place in places},
    )


def _draft(parcel: Parcel, kind: str, body: dict[str, Any], parts: Mapping[str, bytes], *, by: str) -> Draft:
    inline = {f"file:{place}": kept.data for place, kept in parcel.files.items() if kept.data is not None}
    elsewhere = {f"file:{place}": kept.sha for place, kept in parcel.files.items() if kept.data is None}
    if "key" in body:
        body["keys"] = parcel.keys.ids()
    if parcel.files:
        body["sizes"] = {place: kept.size for place, kept in parcel.files.items()}
    return Draft(
        kind=kind,
        subject=parcel.receipt.subject,
        body=body,
        at=parcel.receipt.at,
        by=by,
        parts=dict(parts) | inline,
        files=elsewhere,
    )
