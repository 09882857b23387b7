"""Takes back consent: first the tombstone, then the keys, then everything that can be forgotten.

The tombstone is an event like any other: signed, numbered, told to other nodes, kept for ever, and without
identity. Once it is on disk the rest may be interrupted at any point: it is finished at the next start.
Consent to one thing (a recording, being called again) may be taken back alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, or_, select

from server.core.codes import as_typed, is_code
from server.core.ingest import IDENTITY, ORIGINAL
from server.core.problem import Malformed
from server.store import codes
from server.store.backchecks import back_checks_of
from server.store.codes import CODE
from server.store.flags import forget_flags
from server.store.forget import BODY, EVENT, empty_journal, forget_keys, forget_parts
from server.store.home import Campaign
from server.store.local import Arrival, Encoding, PersonOf, Suggestion
from server.store.project import ALL, SUBMISSION, WITHDRAWN, project
from sync import log
from sync.db import insert_once, reading, writing
from sync.event import Draft, Event
from sync.tables import KeyBox, Tombstone, table_of

ARRIVAL, ENCODING, SUGGESTION, PERSON_OF, TOMBSTONE = (
    table_of(model) for model in (Arrival, Encoding, Suggestion, PersonOf, Tombstone)
)
BY_CODE = "code:"
SCOPES = (ALL, "recontact", "audio", "photo", "quote", "share")
Wish = tuple[str, str]  # whose (an instance or a code), and the scope

# Interviews here whose code was asked for and that are not withdrawn yet. Asked every other second, so it
# goes from the few tombstones of codes to their interviews by the index.
DONE = WITHDRAWN.alias("done")
ASKED = select(CODE.c.instance, WITHDRAWN.c.scope).where(
    WITHDRAWN.c.subject.between(BY_CODE, BY_CODE + "~"),
    CODE.c.digest == func.substr(WITHDRAWN.c.subject, len(BY_CODE) + 1),
    ~exists().where(DONE.c.subject == CODE.c.instance, DONE.c.scope.in_([WITHDRAWN.c.scope, ALL])),
)


def withdraw_by_code(
    campaign: Campaign,
    code: str,
    *,
    by: str,
    at: str,
    scope: str = ALL,
    step: Callable[[int], None] = lambda _: None,
) -> int:
    """Withdraws the interviews behind a card's code, now or when they arrive; returns how many were here.

    Raises Malformed when the check digit is wrong or the scope unknown, before anything is looked up. Codes
    that wait for their digest are digested first, which `step` is told of.
    """
    subject = _subject(campaign, code, scope)
    for done in count(1):
        if not codes.digest_one(campaign):
            break
        step(done)
    found = _whole_person(campaign, codes.behind(campaign, subject.removeprefix(BY_CODE)))
    _entomb(campaign, [(one, scope) for one in (subject, *found)], by=by, at=at)
    return len(found)


def ask_by_code(campaign: Campaign, code: str, *, by: str, at: str, scope: str = ALL) -> None:
    """Notes that a code's interviews are to go, and no more: `fulfil` does it a moment later.

    So the answer takes as long whether the code leads to anybody or not. Raises Malformed as above.
    """
    _say(campaign, [(_subject(campaign, code, scope), scope)], by=by, at=at)


def fulfil(campaign: Campaign, *, at: str) -> int:
    """Withdraws the interviews here whose code was asked for; returns how many there were."""
    with reading(campaign.engine) as connection:
        open_ones = sorted(_wishes(connection, ASKED))
    by_scope: dict[str, set[str]] = defaultdict(set)
    for instance, scope in open_ones:
        by_scope[scope].add(instance)
    for scope, instances in by_scope.items():
        whole = _whole_person(campaign, instances)
        _entomb(campaign, [(one, scope) for one in whole], by="", at=at)
    return len(open_ones)


def finish(campaign: Campaign) -> int:
    """Erases what an interrupted withdrawal, or a restored backup, has left; returns how many it found."""
    _remind(campaign)
    left: dict[str, list[str]] = defaultdict(list)
    with reading(campaign.engine) as connection:
        for subject, scope in connection.execute(select(WITHDRAWN.c.subject, WITHDRAWN.c.scope)).all():
            if not subject.startswith(BY_CODE) and _is_left(connection, subject, scope):
                left[scope].append(subject)
    for scope, subjects in left.items():
        erase(campaign, subjects, scope)
    return sum(map(len, left.values()))


def _subject(campaign: Campaign, code: str, scope: str) -> str:
    code = as_typed(code)
    if not is_code(code):
        raise Malformed("bad_code")
    if scope not in SCOPES:
        raise Malformed("bad_scope", scopes=", ".join(SCOPES))
    return BY_CODE + codes.digest_of(campaign, code)


def _is_left(connection: Connection, subject: str, scope: str) -> bool:
    places = select(EVENT.c.n).where(EVENT.c.subject == subject, EVENT.c.kind != "withdrawn")
    parts = select(BODY.c.part).where(BODY.c.event.in_(places))
    found = set(connection.execute(parts).scalars())
    return bool(found) if scope == ALL else f"{IDENTITY}:{scope}" in found


def _wishes(connection: Connection, query: Select[Any]) -> set[Wish]:
    return {(subject, scope) for subject, scope in connection.execute(query)}


def _remind(campaign: Campaign) -> None:
    """Says again in the log what the key store remembers and a restored log does not."""
    KeyBox.metadata.create_all(campaign.vault)
    with reading(campaign.vault) as connection:
        noted = connection.execute(select(TOMBSTONE)).all()
    for row in noted:
        _entomb(campaign, [(row.subject, row.scope)], by="", at=row.at)


def _say(campaign: Campaign, wishes: Sequence[Wish], *, by: str, at: str) -> list[Wish]:
    """Puts tombstones into the log and beside the keys; returns those that are new."""
    with writing(campaign.engine) as connection:
        there = select(WITHDRAWN.c.subject, WITHDRAWN.c.scope).where(
            WITHDRAWN.c.subject.in_([subject for subject, _ in wishes])
        )
        known = _wishes(connection, there)
        new = [wish for wish in wishes if wish not in known and (wish[0], ALL) not in known]
        drafts = [Draft("withdrawn", subject, {"scope": scope}, at, by) for subject, scope in new]
        project(connection, log.append(connection, campaign.keys, drafts))
    with writing(campaign.vault) as connection:
        rows = [{"subject": subject, "scope": scope, "at": at} for subject, scope in wishes]
        insert_once(connection, TOMBSTONE, rows)
    return new


def _entomb(campaign: Campaign, wishes: Sequence[Wish], *, by: str, at: str) -> None:
    new = _say(campaign, wishes, by=by, at=at)
    by_scope: dict[str, list[str]] = defaultdict(list)
    for subject, scope in new:
        if not subject.startswith(BY_CODE):
            by_scope[scope].append(subject)
    for scope, subjects in by_scope.items():
        erase(campaign, subjects, scope)


def _whole_person(campaign: Campaign, instances: Iterable[str]) -> list[str]:
    """The interviews, with their edits before and after and their back-checks: all are of the same person."""
    found = set(instances)
    with reading(campaign.engine) as connection:
        while found:
            near = or_(SUBMISSION.c.instance.in_(found), SUBMISSION.c.replaces.in_(found))
            rows = connection.execute(select(SUBMISSION.c.instance, SUBMISSION.c.replaces).where(near)).all()
            wider = found | {name for row in rows for name in row if name} | back_checks_of(connection, found)
            if wider == found:
                break
            found = wider
    return sorted(found)


def remember(campaign: Campaign, told: Sequence[Event]) -> None:
    """Notes tombstones that another node told beside the keys, where no backup of the answers undoes them."""
    with writing(campaign.vault) as connection:
        rows = [{"subject": e.subject, "scope": e.body["scope"], "at": e.at} for e in told]
        insert_once(connection, TOMBSTONE, rows)


def erase_left(campaign: Campaign) -> None:
    """Erases what is left of interviews whose edits, or what they edit, were withdrawn elsewhere."""
    left = (
        select(WITHDRAWN.c.subject)
        .where(
            WITHDRAWN.c.scope == ALL,
            EVENT.c.subject == WITHDRAWN.c.subject,
            EVENT.c.kind != "withdrawn",
            BODY.c.event == EVENT.c.n,
        )
        .distinct()
    )
    with reading(campaign.engine) as connection:
        subjects = list(connection.execute(left).scalars())
    erase(campaign, subjects, ALL)


def erase(campaign: Campaign, instances: Sequence[str], scope: str) -> None:
    """Erases what was taken back of these interviews, wholly or one scope.

    Keys first: without them everything else is noise. Every step may be done twice."""
    if not instances:
        return
    keys: list[bytes] = []
    files: list[str] = []
    parts = {f"{IDENTITY}:{scope}", ORIGINAL}
    with reading(campaign.engine) as connection:
        for event in log.about(connection, instances):
            held = event.body.get("keys", {})
            keys += [bytes.fromhex(held[name]) for name in (scope, ORIGINAL) if name in held]
            places = {part for part in event.blobs if part.startswith("file:")}
            if scope == ALL:
                keys += [bytes.fromhex(one) for one in (event.body.get("key"), *held.values()) if one]
            else:
                needs = event.body.get("needs", {})
                places = {place for place in places if needs.get(place.removeprefix("file:")) == scope}
            files += [event.blobs[place] for place in places]
            parts |= places
    forget_keys(campaign, keys)
    forget_parts(campaign, instances, None if scope == ALL else parts, files)
    if scope in (ALL, "recontact"):  # a telephone number cannot be taken out of an encoding
        with writing(campaign.engine) as connection:
            connection.execute(delete(ENCODING).where(ENCODING.c.instance.in_(instances)))
            theirs = SUGGESTION.c.one.in_(instances) | SUGGESTION.c.other.in_(instances)
            connection.execute(delete(SUGGESTION).where(theirs))
            connection.execute(delete(PERSON_OF).where(PERSON_OF.c.instance.in_(instances)))
    if scope == ALL:
        with writing(campaign.engine) as connection:
            connection.execute(delete(ARRIVAL).where(ARRIVAL.c.subject.in_(instances)))
            connection.execute(delete(CODE).where(CODE.c.instance.in_(instances)))
            forget_flags(connection, instances)
    empty_journal(campaign.engine)
