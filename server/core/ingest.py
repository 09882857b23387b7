"""From the bytes of one interview to everything that will be kept of it; nothing is done yet.

The order matters: read, find the form, ask for consent, part what may be read from what must not, seal.
Only what a `Receipt` holds is ever written, and a refusal's receipt holds a short list and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lxml import etree

from server.core.canonical import canonical
from server.core.consent import Consent, Values, decide_consent
from server.core.derived import derived
from server.core.identity import identity_fields
from server.core.plan import Plan
from server.core.positions import Fix, fix_of
from server.core.privacy import Leaf, Slot, Split, leaves, split, values_of
from server.core.record import consent_record
from server.core.sealing import KeyRing, Randomness, seal
from server.core.submission import Submission, file_names, printable, read_submission

Outcome = Literal["interview", "refusal", "held"]
FindPlan = Callable[[str, str], Plan | None]
KnowsForm = Callable[[str], bool]

# What a refusal leaves (requirement C6), by the role that the form gives the question: closed lists only.
REFUSAL_ROLES = (
    "stratum",
    "enumerator",
    "refusal_reason",
    "contact_result",
    "interview_mode",
    "contact_source",
)


# The parts of an interview that are sealed; what needs a scope is a part of its own, as `identity:recontact`.
IDENTITY, ORIGINAL = "identity", "original"


@dataclass(frozen=True, slots=True)
class Arriving:
    """What came through the door: the XML, who sent it, when (ISO 8601, UTC), and this request's keys."""

    xml: bytes
    person: str
    device: str
    at: str
    keys: KeyRing
    files: frozenset[str] = frozenset()
    # Somebody answerable let it in although a minor's guardian was absent.
    admitted: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was decided: the envelope `body` for the log, the `parts` to keep, and where attachments go.

    `subject` is the instance for interviews and held ones, a number of its own for refusals.
    `original` is what a conflict or a repetition keeps: the sealed XML. `code` is the withdrawal code, and
    `identity` what tells this person from another, to be sealed before it is kept. `fix` is compared in
    memory and never kept.
    """

    outcome: Outcome
    subject: str
    form: str
    version: str
    body: Mapping[str, Any]
    parts: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    slots: Sequence[Slot] = ()
    reason: str = ""
    at: str = ""
    code: str = field(default="", repr=False)
    identity: Mapping[str, str] = field(default_factory=dict, repr=False)
    fix: Fix | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Gate:
    """The campaign's side of the decision: its forms, its refusal numbers, and where chance comes from."""

    find: FindPlan
    knows: KnowsForm
    refusal_key: bytes
    random: Randomness


def decide(arriving: Arriving, gate: Gate) -> Receipt:
    """What becomes of an arriving interview; raises Malformed or TooLarge for what can never be stored."""
    submission = read_submission(arriving.xml)
    plan = gate.find(submission.form, submission.version)
    if submission.encrypted:
        return _hold(arriving, gate, submission, "encrypted")
    if plan is None:
        known = gate.knows(submission.form)
        return _hold(arriving, gate, submission, "unknown_version" if known else "unknown_form")
    found = leaves(plan, submission.root)
    values = values_of(found)
    consent = decide_consent(plan.form, values)
    if consent.verdict == "refused":
        return _refusal(arriving, gate, submission, plan, values)
    if consent.verdict == "minor_waits" and not arriving.admitted:
        return replace(_hold(arriving, gate, submission, "minor"), code=plan.code(values))
    return _interview(arriving, gate, submission, plan, (found, values, consent))


def _interview(
    arriving: Arriving,
    gate: Gate,
    submission: Submission,
    plan: Plan,
    read: tuple[list[Leaf], Values, Consent],
) -> Receipt:
    found, values, consent = read
    parted = split(found, consent)
    flags = dict(parted.flags)
    if submission.text != (plan.form.consent_text or ""):
        flags["consent_text"] = 1
    body = _envelope(arriving, submission, known=True) | {
        "verdict": consent.verdict,
        "scopes": sorted(consent.scopes),
        "enumerator": plan.listed(values, "enumerator"),
        "wave": plan.listed(values, "wave"),
        "files": [slot.place for slot in parted.slots],
        "needs": {slot.place: slot.scope for slot in parted.slots if slot.scope},
        "flags": dict(sorted(flags.items())),
    }
    if submission.replaces:
        body["replaces"] = submission.replaces
    salt = gate.random(16).hex()
    record = consent_record(plan, values, consent, submission.text)
    parts = {
        "clean": canonical({"salt": salt, "answers": parted.clean}),
        "consent": canonical({"salt": salt, "consent": record}),
        "original": _sealed(_allowed_xml(arriving, submission, parted), arriving, gate, ORIGINAL),
    }
    more = derived(found, gate.refusal_key)
    if more:
        parts["derived"] = canonical({"salt": salt, "derived": more})
    for scope, answers in parted.identity.items():
        name = f"{IDENTITY}:{scope}" if scope else IDENTITY
        parts[name] = _sealed(canonical({"identity": answers}), arriving, gate, scope)
    return Receipt(
        "interview",
        submission.instance,
        submission.form,
        submission.version,
        body,
        parts,
        parted.slots,
        at=arriving.at,
        code=plan.code(values),
        identity=identity_fields(plan, found, consent) if plan.form.consent is not None else {},
        fix=fix_of(found),
    )


def _sealed(data: bytes, arriving: Arriving, gate: Gate, name: str) -> bytes:
    return seal(data, arriving.keys.key(name), gate.random)


def _allowed_xml(arriving: Arriving, submission: Submission, parted: Split) -> bytes:
    """The original as sent, or without what the person did not allow to be kept."""
    if not parted.denied:
        return arriving.xml
    for element in parted.denied:
        element.text = None
    return bytes(etree.tostring(submission.root, encoding="utf-8", xml_declaration=True))


def _refusal(arriving: Arriving, gate: Gate, submission: Submission, plan: Plan, values: Values) -> Receipt:
    day = arriving.at[:10]
    kept = {role: plan.listed(values, role) for role in REFUSAL_ROLES}
    contact, said = kept.pop("contact_result"), kept.pop("refusal_reason")
    asked = any(text for q in plan.form.with_role("consent") for text in values.get(q.path, ()))
    # Whoever was not reached was not asked: then the result of the contact is the reason.
    row = kept | {"day": day, "reason": said if asked else contact}
    number = hashlib.blake2b(submission.instance.encode(), key=gate.refusal_key, digest_size=16).hexdigest()
    return Receipt(
        "refusal",
        number,
        submission.form,
        submission.version,
        {"form": submission.form, "version": submission.version, "verdict": "refused"},
        {"clean": canonical({"salt": gate.random(16).hex(), "refusal": row})},
        at=day,
    )


def _hold(arriving: Arriving, gate: Gate, submission: Submission, reason: str) -> Receipt:
    """Keeps all of it sealed, as nobody can tell yet what may be read."""
    known = gate.find(submission.form, submission.version) is not None
    wanted = file_names(submission) & arriving.files
    slots = [Slot(f"/held/{count}", name) for count, name in enumerate(sorted(wanted), 1)]
    names = canonical({"files": {slot.place: slot.name for slot in slots}})
    return Receipt(
        "held",
        submission.instance,
        submission.form,
        submission.version,
        _envelope(arriving, submission, known=known)
        | {"reason": reason, "files": [slot.place for slot in slots]},
        {
            IDENTITY: seal(names, arriving.keys.base, gate.random),
            ORIGINAL: seal(arriving.xml, arriving.keys.base, gate.random),
        },
        slots,
        reason=reason,
        at=arriving.at,
    )


def _envelope(arriving: Arriving, submission: Submission, *, known: bool) -> dict[str, Any]:
    """Facts of the journey. Names that no published form vouches for may hold anything: only plain ones."""
    form, version = submission.form, submission.version
    return {
        "form": form if known else printable(form),
        "version": version if known or not version else printable(version),
        "device": printable(arriving.device) if arriving.device else "",
        "key": arriving.keys.base.id.hex(),
        "size": submission.size,
    }
