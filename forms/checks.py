"""The rules that a compiled form must keep, whatever made it: consent first, nothing personal by accident.

They read the XForm and not the sheets, because that is what phones run; `lint` says where a fault stands.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from forms.backcheck import accepted_range
from forms.findings import Fault
from forms.gate import gated, referred
from forms.lists import shown
from forms.reader import LIMITS
from forms.schema import DP, MEDIA, NUMBER_KINDS, PLACE_KINDS, TEXT_KINDS, Form, Question
from forms.taint import PRIVATE, tainted
from forms.xml import local, parse

JR = "{http://openrosa.org/javarosa}"
META = "/meta/"
LONGEST_NAME = 32  # Stata's limit for a variable
SHORTEST_KEY = 290  # bytes of the public key that goes with 2048 bits of RSA
SCOPES = frozenset({"recontact", "audio", "photo", "quote", "share"})
ROLES = frozenset(
    {
        *(
            "consent",
            "withdrawal_code",
            "assent",
            "guardian",
            "guardian_role",
            "no_guardian_reason",
            "age",
            "audio",
        ),
        *("referral_code", "coupon_given", "network_size", "network_seen"),
        *(
            "enumerator",
            "wave",
            "stratum",
            "contact_source",
            "contact",
            "contact_result",
            "interview_mode",
            "refusal_reason",
        ),
        *("name", "nickname", "father_name", "phone", "birth_year", "village", "sex", "return_year"),
        *("return_country", "id_number", "language", "interpreter"),
    }
)
BACKCHECKS = frozenset({"1", "2", "3"})  # facts, hard questions, answers that may change
TOLD = frozenset({"direct", "free_text", "sensitive"})
OPEN_KINDS = TEXT_KINDS | PLACE_KINDS | {MEDIA}


def form_faults(form: Form) -> Iterator[Fault]:
    """What is wrong with the questions of a form."""
    yield from _consent(form)
    for question in form.questions:
        yield from _names(question)
        yield from _classes(form, question)
        yield from _asked_again(question)
    yield from _taint(form)
    yield from _twice(form)
    yield from _choices_twice(form)
    if form.public_key is not None and _key_size(form.public_key) < SHORTEST_KEY:
        yield Fault("key_short")


def _consent(form: Form) -> Iterator[Fault]:
    consent = form.consent
    if consent is None:
        yield Fault("consent_missing")
        return
    if not form.consent_text:
        yield Fault("consent_text")
    if consent.yes is None:
        yield Fault("consent_yes", consent.path)
    elif consent.choices and consent.yes not in {choice.name for choice in consent.choices}:
        yield Fault("consent_yes_unknown", consent.path, {"yes": consent.yes})
    if not consent.asked or consent.default or consent.repeat:
        yield Fault("consent_assumed", consent.path)
    if consent.required != "true()":
        yield Fault("consent_optional", consent.path)
    if not form.with_role("withdrawal_code"):
        yield Fault("withdrawal_missing")
    if not form.with_role("age"):
        yield Fault("age_missing")
    yield from _order(form, consent)


def _order(form: Form, consent: Question) -> Iterator[Fault]:
    """Before consent only the circumstances of the contact; after it nothing unless the person agreed."""
    words = {"consent": consent.name, "yes": consent.yes or "yes"}
    place = form.questions.index(consent)
    for question in form.questions[:place]:
        if question.classes & TOLD and not _aside(question):
            yield Fault("before_consent", question.path)
    for question in form.questions[place + 1 :]:
        if _aside(question) or _about_the_contact(question, consent):
            continue
        if not gated(form, question, consent):
            yield Fault("outside_consent", question.path, words)


def _aside(question: Question) -> bool:
    """What is not an answer: notes, metadata, and what the phone fills (judged by rules of its own)."""
    return question.kind == "note" or bool(question.preload) or question.path.startswith(META)


def _about_the_contact(question: Question, consent: Question) -> bool:
    """A fact about the contact that holds no answer, like the reason of a refusal picked from a list."""
    if question.classes != {"operational"} or question.kind in OPEN_KINDS - {"text"}:
        return False
    if question.calculate:
        return True
    return question.kind not in OPEN_KINDS and consent.name in referred(question.relevant)


def _names(question: Question) -> Iterator[Fault]:
    if len(question.name) > LONGEST_NAME:
        yield Fault("name_long", question.path)
    for rule, messages in (
        ("constraint", question.constraint and question.constraint_messages),
        ("required", question.required not in ("", "false()") and question.required_messages),
    ):
        if question.asked and messages == {}:
            yield Fault("message_missing", question.path, {"rule": rule})


def _classes(form: Form, question: Question) -> Iterator[Fault]:
    if not question.declared and question.kind != "note" and not question.path.startswith(META):
        yield Fault("class_missing", question.path)
    for role in sorted(question.roles - ROLES):
        yield Fault("role_unknown", question.path, {"role": role})
    if question.scope and question.scope not in SCOPES:
        yield Fault("scope_unknown", question.path, {"scope": question.scope})
    if question.scope and "consent" not in question.classes and not _granted(form, question.scope):
        yield Fault("scope_not_asked", question.path, {"scope": question.scope})


def _asked_again(question: Question) -> Iterator[Fault]:
    """What is wrong with how a question is marked for back-checks."""
    if question.backcheck and question.backcheck not in BACKCHECKS:
        yield Fault("backcheck_unknown", question.path)
    if question.backcheck and (question.classes & PRIVATE or not question.asked or question.repeat):
        yield Fault("backcheck_private", question.path)
    if question.okrange and (question.kind not in NUMBER_KINDS or accepted_range(question.okrange) is None):
        yield Fault("okrange_unknown", question.path)


def _granted(form: Form, scope: str) -> bool:
    return any(q.scope == scope and "consent" in q.classes for q in form.questions)


def _taint(form: Form) -> Iterator[Fault]:
    """What draws on a direct item must be as secret as that item."""
    private = {q.name for q in form.questions if q.classes & PRIVATE}
    secret = tainted(form)
    for question in form.questions:
        if question.path == f"{META}instanceName":
            if question.path in secret or referred(question.calculate) & private:
                yield Fault("instance_name", question.path)
        elif "/meta/entity/" in question.path:
            if question.path in secret:
                yield Fault("entity", question.path)
        elif question.path in secret and not question.classes & PRIVATE:
            column = "type" if question.choices is None and question.choice_filter else "calculation"
            yield Fault("calculate_taint", question.path, {"column": column})
        elif referred(question.choice_filter) & private and not question.classes & PRIVATE:
            yield Fault("choice_filter", question.path)


def _choices_twice(form: Form) -> Iterator[Fault]:
    told: set[tuple[str, ...]] = set()
    for question in form.questions:
        count = Counter(choice.name for choice in question.choices or ())
        twice = tuple(name for name, times in count.items() if times > 1)
        if twice and twice not in told:
            told.add(twice)
            yield Fault("choice_twice", question.path, {"choices": shown(twice)})


def _twice(form: Form) -> Iterator[Fault]:
    asked = [q for q in form.questions if q.kind != "note" and "/meta/" not in q.path]
    count = Counter(q.name for q in asked)
    for question in asked:
        if count[question.name] > 1:
            yield Fault("name_twice", question.path)


def _key_size(key: str) -> int:
    try:
        return len(base64.b64decode("".join(key.split()), validate=True))
    except (binascii.Error, ValueError):
        return 0


def xform_faults(form: Form, xform: bytes) -> Iterator[Fault]:
    """What an XForm does beyond asking: recording by itself, handing data to other phones."""
    root = parse(xform, LIMITS)
    binds = {_path(e.get("nodeset"), form): e for e in root.iter() if local(e) == "bind"}
    for path, what in _recordings(root, form, binds):
        excused = path in binds and bool(binds[path].get(f"{{{DP}}}justified"))
        yield Fault("records_always", path, {"what": what}, excused)
    for path, bind in binds.items():
        handed = any(etree.QName(name).localname == "saveto" for name in bind.attrib)
        question = form.by_path.get(path)
        if handed and question is not None and question.classes & PRIVATE:
            yield Fault("entity", path)


def _recordings(
    root: etree._Element, form: Form, binds: dict[str, etree._Element]
) -> Iterator[tuple[str, str]]:
    """What records by itself, before consent or despite a refusal: path and what is recorded."""
    for path, bind in binds.items():
        options = {etree.QName(name).localname for name in bind.attrib}
        if options & {"location-priority", "location-min-interval", "location-max-age"}:
            yield path, "audit: location"
        if (
            "track-changes" in options
            and bind.get("{http://www.opendatakit.org/xforms}track-changes") == "true"
        ):
            yield path, "audit: track-changes"
        preload = (bind.get(f"{JR}preloadParams") or "").removeprefix("uri:")
        if bind.get(f"{JR}preload") == "property" and preload in ("phonenumber", "email"):
            yield path, preload
    for element in root.iter():
        if local(element) == "recordaudio":
            yield _path(element.get("ref"), form), "background-audio"
        elif local(element) == "setgeopoint" and "load" in (element.get("event") or ""):
            yield _path(element.get("ref"), form), "start-geopoint"


def _path(nodeset: str | None, form: Form) -> str:
    return (nodeset or "").strip().removeprefix(f"/{form.root}")
