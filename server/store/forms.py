"""The forms of this campaign: published once by version, never changed, and read by everyone from the log."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from forms.consented import fingerprints
from forms.reader import read_form
from forms.schema import Form
from forms.taint import tainted
from server.core.plan import Plan
from server.core.problem import Conflict, NotFound, Refused
from server.store.home import Campaign
from server.store.project import FORM, MEDIA, project
from sync import log
from sync.db import reading, writing
from sync.event import Draft
from sync.hear import CENTRAL, known


@dataclass(frozen=True, slots=True)
class NewForm:
    """A form to publish: the XForm's bytes as phones will get them, and the files that go with it."""

    xform: bytes = field(repr=False)
    media: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    without_consent: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it; `again` when the same bytes had been published before."""

    form: str
    version: str
    again: bool = False


def publish(campaign: Campaign, new: NewForm, *, by: str, at: str) -> Published:
    """Publishes a form version; raises Conflict when the version exists with other bytes.

    A phone that is told of other bytes under a version it has deletes its copy, even if the download then
    fails: so a version never changes.
    """
    form = read_form(new.xform, new.media)
    if form.consent is None and not new.without_consent:
        raise Refused("form_without_consent", form=form.id)
    if form.consent is not None and not form.consent_text:
        raise Refused("form_without_text", form=form.id)
    with writing(campaign.engine) as connection:
        if any(
            node.role == CENTRAL and name != campaign.keys.origin for name, node in known(connection).items()
        ):
            raise Refused("centre_only")
        if _there(connection, form, new):
            return Published(form.id, form.version, again=True)
        _same_words(connection, form)
        body, parts = _told(form, new)
        draft = Draft("published", f"{form.id}@{form.version}", body, at, by, parts)
        project(connection, log.append(connection, campaign.keys, [draft]))
    return Published(form.id, form.version)


def _there(connection: Connection, form: Form, new: NewForm) -> bool:
    mine = (FORM.c.id == form.id) & (FORM.c.version == form.version)
    row = connection.execute(select(FORM.c.md5, FORM.c.event).where(mine)).first()
    if row is None:
        return False
    ours = (MEDIA.c.form == form.id) & (MEDIA.c.version == form.version)
    media = {m.name: m.md5 for m in connection.execute(select(MEDIA.c.name, MEDIA.c.md5).where(ours))}
    if row.md5 == md5(new.xform) and media == {name: md5(data) for name, data in new.media.items()}:
        return True
    raise Conflict("version_exists", form=form.id, version=form.version)


def _told(form: Form, new: NewForm) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the log says of a new form version, and the bytes beside it."""
    body: dict[str, Any] = {
        "form": form.id,
        "version": form.version,
        "title": form.title,
        "md5": md5(new.xform),
        "consented": form.consent is not None,
        "media": {name: {"md5": md5(data), "size": len(data)} for name, data in new.media.items()},
    }
    parts = {"xform": new.xform} | {f"media:{name}": data for name, data in new.media.items()}
    if form.consent_text:
        body["consent"] = {"text": form.consent_text, "sha256": fingerprints(form)}
    if new.without_consent:
        parts["why"] = new.without_consent.encode()
    return body, parts


def _same_words(connection: Connection, form: Form) -> None:
    """A consent text keeps its words: other words need another version of the text (requirement C10)."""
    mine = fingerprints(form)
    query = select(FORM.c.event).where(FORM.c.id == form.id)
    for place in connection.execute(query).scalars().all():
        event = log.event_at(connection, place)
        told = event.body.get("consent") if event else None
        if not told or told["text"] != form.consent_text:
            continue
        if any(mine.get(lang, sha) != sha for lang, sha in told["sha256"].items()):
            raise Conflict("consent_text_changed", text=form.consent_text or "")


def md5(data: bytes) -> str:
    """Collect compares forms by MD5; nothing else here relies on it."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


class Forms:
    """Reads published forms, and remembers how to part their answers."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._plans: dict[tuple[str, str], Plan] = {}
        self._lock = threading.Lock()

    def find(self, form: str, version: str) -> Plan | None:
        """The plan of a published version, or None when this node does not know it."""
        key = (form, version)
        plan = self._plans.get(key)
        if plan is None:
            with self._lock, reading(self._campaign.engine) as connection:
                plan = _plan(connection, form, version)
            if plan is not None:
                self._plans[key] = plan
        return plan

    def versions(self, form: str) -> list[Plan]:
        """The plans of all versions of a form, oldest first; raises NotFound when it is not published
        here."""
        query = select(FORM.c.version).where(FORM.c.id == form).order_by(FORM.c.clock, FORM.c.origin)
        with reading(self._campaign.engine) as connection:
            said = connection.execute(query).scalars().all()
        found = [plan for version in said if (plan := self.find(form, version))]
        if not found:
            raise NotFound("unknown_form_here", form=form)
        return found

    def knows(self, form: str) -> bool:
        """Whether any version of the form was published."""
        with reading(self._campaign.engine) as connection:
            query = select(FORM.c.version).where(FORM.c.id == form).limit(1)
            return connection.execute(query).first() is not None


def _plan(connection: Connection, form: str, version: str) -> Plan | None:
    mine = (FORM.c.id == form) & (FORM.c.version == version)
    row = connection.execute(select(FORM.c.event).where(mine)).first()
    if row is None:
        return None
    read = read_form(xform_at(connection, row.event), media_of(connection, form, version))
    return Plan.of(read, tainted(read))


def xform_at(connection: Connection, place: int) -> bytes:
    """The XForm published by the event at `place`, byte for byte."""
    found = log.body(connection, place, "xform")
    if found is None:
        raise Conflict("form_bytes_missing")
    return found


def media_of(connection: Connection, form: str, version: str) -> dict[str, bytes]:
    """The files published with a version."""
    ours = (MEDIA.c.form == form) & (MEDIA.c.version == version)
    found: dict[str, bytes] = {}
    for row in connection.execute(select(MEDIA.c.name, MEDIA.c.event).where(ours).order_by(MEDIA.c.name)):
        data = log.body(connection, row.event, f"media:{row.name}")
        if data is not None:
            found[row.name] = data
    return found


def newest(connection: Connection) -> list[tuple[str, str]]:
    """Id and version of each form's newest version, by id."""
    query = select(FORM.c.id, FORM.c.version).order_by(FORM.c.id, FORM.c.clock, FORM.c.origin)
    return list({row.id: (row.id, row.version) for row in connection.execute(query)}.values())
