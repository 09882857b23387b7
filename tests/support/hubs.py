"""A centre and its hubs in one process: the real exchange over HTTP's own objects, without a socket."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from nacl.pwhash import argon2id
from sqlalchemy import func, select
from starlette.testclient import TestClient
from support.world import MEDIA, Person, small_form

from server.app import World as Surroundings
from server.app import create_app
from server.core.review import REASONS, Judgement
from server.store import nodes, people, withdraw
from server.store.field import close_account
from server.store.forms import NewForm, publish
from server.store.home import Campaign, create, open_campaign
from server.store.meet import Met, meet
from server.store.renew import renew
from server.store.reviewing import Reviewer, review
from server.store.stick import read_bundle, write_bundle
from server.store.vault import Asking, open_identities
from sync import keys, log
from sync.client import Remote
from sync.db import reading, writing
from sync.event import Draft
from sync.log import BODY
from sync.tables import WrappedKey, table_of

# Codes of invitations are not what these tests are about.
nodes.WORK = (argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)
AT = "2026-11-23T08:00:00.000Z"
SHOWN = ("submission", "file", "withdrawn", "decision", "form_version", "settled")


class Node:
    """A campaign's folder that phones, people and other nodes can be near."""

    def __init__(self, world: World, campaign: Campaign) -> None:
        self.world, self.campaign = world, campaign

    @property
    def app(self) -> Any:
        return create_app(self.campaign, Surroundings(lambda: datetime.now(UTC), os.urandom, b"m" * 32))

    def receives(self, one: Person) -> Person:
        """An interview from a phone, through the same reception and writer as the server's."""
        with TestClient(self.app) as phone:
            token = self._phone()
            files = [("xml_submission_file", ("i.xml", one.xml, "text/xml"))]
            answer = phone.post(f"/v1/key/{token}/projects/1/submission", files=files)
            assert answer.status_code in (201, 202), answer.text
        return one

    def _phone(self) -> str:
        made = self.world.phone
        with writing(self.campaign.engine) as connection:
            people.take_account(connection, made[1])
        return made[0]

    def form_list(self) -> httpx.Response:
        with TestClient(self.app) as phone:
            return phone.get(f"/v1/key/{self._phone()}/projects/1/formList")

    def remote(self, seen: Callable[[httpx.Response], Any] | None = None) -> Remote:
        http = TestClient(self.world.centre.app)
        if seen:
            http.event_hooks = {"response": [lambda r: (r.read(), seen(r))]}
        return Remote(http, self.campaign.settings.token)

    def meets(self, seen: Callable[[httpx.Response], Any] | None = None) -> Met:
        return meet(self.campaign, self.remote(seen), at=AT)

    def writes(self, receiver: str) -> Path:
        path = self.world.folder / f"{uuid.uuid4()}.taama"
        write_bundle(self.campaign, path, receiver, at=AT)
        return path

    def reads(self, path: Path) -> int:
        return read_bundle(self.campaign, path, at=AT).heard

    def renews(self) -> None:
        self.campaign, _ = renew(self.campaign, self.remote(), at=AT)

    def withdraws(self, code: str) -> int:
        return withdraw.withdraw_by_code(self.campaign, code, by="", at=AT)

    def withdraws_instance(self, instance: str) -> None:
        withdraw._entomb(self.campaign, [(instance, "all")], by="", at=AT)

    def decides(self, instance: str, verdict: str) -> None:
        reason = next((one for one in REASONS[verdict] if one), "")
        judged = Judgement(verdict, reason if "" not in REASONS[verdict] else "", "Voir la note.")
        done = review(self.campaign, [instance], judged, by=Reviewer("sup01"), at=AT)
        assert done.done, done.refused

    def says(self, kind: str, subject: str, parts: dict[str, bytes]) -> None:
        with writing(self.campaign.engine) as connection:
            log.append(connection, self.campaign.keys, [Draft(kind, subject, {}, AT, "", parts)])

    def adds(self, name: str, role: str, zone: str = "") -> str:
        return people.add(self.campaign.engine, name, role, now=AT, secret=os.urandom, zone=zone).login

    def removes(self, login: str) -> None:
        close_account(self.campaign, login, by="", at=AT)

    def rows(self, table: str) -> list[dict[str, Any]]:
        with reading(self.campaign.engine) as connection:
            return [dict(r._mapping) for r in connection.exec_driver_sql(f"SELECT * FROM {table}")]

    def answers(self, instance: str) -> Any:
        place = next(row["event"] for row in self.rows("submission") if row["instance"] == instance)
        with reading(self.campaign.engine) as connection:
            return json.loads(log.body(connection, place, "clean") or b"null")

    def identity(self, instance: str) -> dict[str, str]:
        private = keys.read_officer_private(self.world.officer)
        asking = Asking("request", "La personne le demande.")
        [found] = open_identities(self.campaign, [instance], private, asking, at=AT)
        return dict(found.identity)

    def bodies(self) -> int:
        """How many bodies of people are kept."""
        people_s = BODY.c.part.in_(("clean", "consent", "paradata", "identity", "original"))
        with reading(self.campaign.engine) as connection:
            return int(
                connection.execute(select(func.count()).select_from(BODY).where(people_s)).scalar_one()
            )

    def keys_left(self) -> int:
        with reading(self.campaign.vault) as connection:
            return len(connection.execute(select(table_of(WrappedKey))).all())

    def backup(self) -> Path:
        self.campaign.close()
        target = self.world.folder / str(uuid.uuid4())
        shutil.copytree(self.campaign.folder, target)
        return target

    def restore(self, backup: Path) -> None:
        self.campaign.close()
        shutil.rmtree(self.campaign.folder)
        shutil.copytree(backup, self.campaign.folder)
        self.campaign = open_campaign(self.campaign.folder)


class World:
    """A centre with the small form published, and hubs by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        made = create(folder / "centre", "Essai", role="central")
        self.officer, self.passphrase = made.officer_file, made.passphrase
        self.centre = Node(self, open_campaign(folder / "centre"))
        publish(self.centre.campaign, NewForm(small_form(), MEDIA), by="", at=AT)
        token = "t" * 64
        account = dict.fromkeys(people.ACCOUNT, "") | {"login": "enq90", "role": "enumerator", "name": "E"}
        account["token"] = people.fingerprint(token)
        self.phone = token, json.dumps(account).encode()
        self.hubs: dict[str, Node] = {}

    def hub(self, label: str, zone: str = "") -> Node:
        invitation = nodes.invite(self.centre.campaign, label, "http://centre", at=AT, zone=zone)
        home = self.folder / label
        nodes.accept(home, nodes.opened(invitation.data, invitation.code))
        self.hubs[label] = Node(self, open_campaign(home))
        return self.hubs[label]

    def revokes(self, label: str) -> None:
        nodes.revoke(self.centre.campaign, label, at=AT, by="adm01")

    def close(self) -> None:
        for node in (self.centre, *self.hubs.values()):
            node.campaign.close()


def views(node: Node) -> dict[str, list[dict[str, Any]]]:
    """What a node shows, without what only counts there: places in its own log, and where bytes lie."""
    found = {}
    for table in SHOWN:
        rows = [{k: v for k, v in row.items() if k not in ("event", "at")} for row in node.rows(table)]
        found[table] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    return found
