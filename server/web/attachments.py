"""What becomes of an attachment once its interview was consented to: cleaned, sealed anew, its log read.

While it streamed in it was sealed under the request's own key, as nobody knew yet where it belongs. Now
photos and recordings lose everything but what is seen and heard, and get the key of the scope that they need,
so that consent to a recording can be taken back alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from server.core.canonical import canonical
from server.core.ingest import Receipt
from server.core.media import Uncleanable, cleaned
from server.core.paradata import read_audit, read_too_fast
from server.core.plan import Plan
from server.core.privacy import Slot
from server.core.sealing import KeyRing, Sealer
from server.web.multipart import SealedFile

AUDIT = "/meta/audit"
MEDIA = "media"
MANY = "media_as_sent"
CLEANED = ("image/", "audio/", "video/")


def settle_all(files: dict[str, SealedFile], receipt: Receipt, keys: KeyRing, plan: Plan) -> Receipt:
    """Settles every attachment of a consented interview that is among `files`; returns what is now known."""
    flags: Counter[str] = Counter()
    for slot in receipt.slots:
        sealed = files.get(slot.name)
        if sealed is None:
            continue
        if is_audit(slot):
            receipt = with_audit(receipt, sealed.clear(keys.base.secret), plan)
        files[slot.name], flag = settled(sealed, slot, keys)
        flags.update([flag] if flag else [])
    return flagged(receipt, flags) if flags else receipt


def settled(sealed: SealedFile, slot: Slot, keys: KeyRing) -> tuple[SealedFile, str]:
    """The attachment sealed anew under its own key, and a flag when it could not be cleaned.

    What cannot be cleaned is kept as it came: it is sealed, and no release ever holds media.
    """
    clear, flag = sealed.clear(keys.base.secret), ""
    if slot.media.startswith(CLEANED):
        try:
            clear = cleaned(clear, slot.name).data
        except Uncleanable:
            flag = MANY
    anew = SealedFile(Sealer(keys.key(slot.scope or MEDIA), keys.random), sealed.new_path)
    anew.add(clear)
    anew.end()
    sealed.drop()
    return anew, flag


def with_audit(receipt: Receipt, log: bytes, plan: Plan) -> Receipt:
    """The receipt with what the phone's audit log tells: the timeline, and how long consent took."""
    timeline = read_audit(log, plan.form.root, plan.spots)
    if timeline is None:
        return flagged(receipt, {"audit_unreadable": 1})
    parts = dict(receipt.parts) | {"paradata": canonical(timeline.as_json())}
    seconds = timeline.seconds(plan.form.consent.path) if plan.form.consent else None
    if seconds is not None:
        kept = json.loads(parts["consent"])
        kept["consent"]["reading_seconds"] = round(seconds, 1)
        parts["consent"] = canonical(kept)
    found = replace(receipt, parts=parts)
    return flagged(found, {"consent_fast": 1}) if read_too_fast(seconds, plan.consent_words) else found


def flagged(receipt: Receipt, more: Mapping[str, int]) -> Receipt:
    """The receipt with more flags."""
    flags = dict(sorted({**receipt.body["flags"], **more}.items()))
    return replace(receipt, body=dict(receipt.body) | {"flags": flags})


def is_audit(slot: Slot) -> bool:
    """Whether this is the log that the phone keeps of the interview."""
    return slot.place.endswith(AUDIT) and Path(slot.name).suffix.lower() == ".csv"
