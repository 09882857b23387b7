"""A small world for tests: a form, made-up people, a campaign, and its server on a real socket."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import httpx
import uvicorn.server
from sqlalchemy import Engine
from support.postgres import EVERYWHERE, cluster

from server.app import World, create_app
from server.cli.serving import address, claim, serve_beside
from server.core.sealing import key_id, unseal
from server.store import people
from server.store.forms import NewForm, publish
from server.store.home import Campaign, Settings, create, make_databases, open_campaign
from server.store.vault import secret_of
from sync import keys, log
from sync.db import reading, writing


class Hurried:
    """asyncio with shorter naps."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 20)


# uvicorn looks every tenth of a second whether it shall end, and then waits a tenth more.
uvicorn.server.asyncio = Hurried()  # type: ignore[assignment]

AT = "2026-11-23T08:00:00.000Z"
MEDIA = {"enumerators.csv": b"name,label\nE001,E001\nE002,E002\n"}
FORM = """
| survey |
| | type | name | label::Français (fr) | relevant | calculation | bind::dp:class | bind::dp:role | bind::dp:scope | choice_filter |
| | start | start | | | | operational | | | |
| | end | end | | | | operational | | | |
| | select_one_from_file enumerators.csv | enumerator | Code ? | | | operational | enumerator | | |
| | select_one wave | wave | Cycle ? | | | operational | wave | | |
| | select_one commune | commune | Commune ? | | | quasi | stratum | | |
| | select_one yn | consent | Acceptez-vous ? | | | consent | consent | | |
| | select_one reason | reason | Pourquoi ? | ${consent} = 'no' | | operational | refusal_reason | | |
| | begin_group | q | Questions | ${consent} = 'yes' | | | | | |
| | select_one yn | recontact | Recontacter ? | | | consent | | recontact | |
| | select_one yn | photo_ok | Photo ? | | | consent | | photo | |
| | calculate | code | | | once('12345678903') | consent | withdrawal_code | | |
| | text | referral | Coupon reçu ? | | | direct | referral_code | | |
| | text | coupon1 | Coupon remis ? | | | direct | coupon_given | | |
| | text | coupon2 | Coupon remis ? | | | direct | coupon_given | | |
| | integer | known | Combien de personnes ? | | | quasi | network_size | | |
| | integer | age | Âge ? | | | quasi | age | | |
| | select_one yn | assent | D'accord ? | ${age} < 18 | | consent | assent | | |
| | select_one guardian | guardian | L'adulte ? | ${age} < 18 | | consent | guardian | | |
| | select_one no_guardian | no_guardian | Pourquoi ? | ${age} < 18 | | consent | no_guardian_reason | | |
| | text | nom | Nom ? | | | direct | name | | |
| | text | phone | Téléphone ? | ${recontact} = 'yes' | | direct | phone | recontact | |
| | text | job | Métier ? | | | quasi | | | |
| | text | story | Racontez | | | free_text | | | |
| | calculate | label | | | concat('x', ${nom}) | public | | | |
| | select_multiple help | help | Aides ? | | | public | | | |
| | geopoint | place | Où ? | | | | | | |
| | begin_repeat | trip | Voyage | | | | | | |
| | integer | year | Année ? | | | quasi | | | |
| | begin_repeat | stop | Étape | | | | | | |
| | select_one commune | town | Lieu ? | | | quasi | | | |
| | end_repeat | | | | | | | | |
| | end_repeat | | | | | | | | |
| | image | photo | Photo | ${photo_ok} = 'yes' | | direct | | photo | |
| | audio | voice | Voix | | | direct | | | |
| | end_group | | | | | | | | |
| choices |
| | list_name | name | label::Français (fr) |
| | yn | yes | Oui |
| | yn | no | Non |
| | wave | c1 | Cycle 1 |
| | wave | c3 | Cycle 3 |
| | commune | kayes | Kayes |
| | commune | kita | Kita |
| | reason | no_time | Pas le temps |
| | guardian | yes | Oui |
| | guardian | no | Non |
| | guardian | absent | Absent |
| | no_guardian | danger | Danger |
| | help | food | Nourriture |
| | help | kit | Matériel |
| settings |
| | form_id | form_title | version | namespaces | attribute::dp:consent_text | default_language | client_editable |
| | small | Petit questionnaire | VERSION | dp="https://taama.org/data-protection/1" | fr-1 | Français (fr) | yes |
"""


@cache
def small_form(version: str = "1") -> bytes:
    """The XForm of a small questionnaire with every kind of question that the server treats apart."""
    from pyxform.xls2xform import convert

    return convert(xlsform=FORM.replace("VERSION", version), file_type=".md").xform.encode()


def new_id() -> str:
    """An instance id as phones make them."""
    return f"uuid:{uuid.uuid4()}"


@dataclass(frozen=True)
class Person:
    """A made-up respondent; change any answer by name, or leave it out with None."""

    answers: Mapping[str, str | None] = field(default_factory=dict)
    instance: str = field(default_factory=new_id)
    replaces: str = ""
    version: str = "1"
    form: str = "small"

    @property
    def xml(self) -> bytes:
        """The interview as Collect writes it; no two were held at the same spot."""
        own = zlib.crc32(self.instance.encode())
        said = {
            "recontact": "yes",
            "photo_ok": "yes",
            "code": "12345678903",
            "age": "34",
            "nom": "Bakary Tounkara",
            "phone": "76 12 34 56",
            "job": "maçon",
            "story": "Je suis parti avec mon frère Lassana",
            "label": "xBakary Tounkara",
            "help": "food kit",
            "place": f"14.45{own % 10_000:04} -11.43{own // 10_000 % 10_000:04} 30 5",
        } | dict(self.answers)
        front = {"enumerator": "E001", "wave": "c3", "commune": "kayes", "consent": "yes"}
        for name in (*front, "reason"):
            if name in said:
                front[name] = said.pop(name) or ""
        trips = said.pop("trips", None) or ""
        end = said.pop("end", None)
        inside = "".join(f"<{n}>{escape(v)}</{n}>" for n, v in said.items() if v is not None)
        outside = "".join(f"<{n}>{escape(v)}</{n}>" for n, v in front.items())
        group = f"<q>{inside}{trips}</q>" if front["consent"] == "yes" else ""
        edit = f"<deprecatedID>{escape(self.replaces)}</deprecatedID>" if self.replaces else ""
        return (
            "<?xml version='1.0' ?>"
            f'<data xmlns:dp="https://taama.org/data-protection/1" id="{escape(self.form)}" '
            f'version="{escape(self.version)}" dp:consent_text="fr-1"><start>2026-11-23T07:30:00.000Z</start>'
            f"{f'<end>{end}</end>' if end else ''}{outside}{group}<meta><instanceID>{escape(self.instance)}</instanceID>{edit}</meta></data>"
        ).encode()


def person(**answers: str | None) -> Person:
    """A respondent with these answers."""
    return Person(answers)


@dataclass(frozen=True)
class Server:
    """A campaign that is being served, with one phone's way in."""

    campaign: Campaign
    base: str
    login: str
    secret: str
    token: str
    http: httpx.Client
    officer_file: Path

    @property
    def key(self) -> str:
        """The server URL that an enumerator's phone has."""
        return f"{self.base}/v1/key/{self.token}/projects/1"

    def post(
        self, xml: bytes | Person, files: Mapping[str, bytes] | None = None, **options: Any
    ) -> httpx.Response:
        """One POST as Collect makes it."""
        data = xml.xml if isinstance(xml, Person) else xml
        parts = [("xml_submission_file", ("interview.xml", data, "text/xml"))]
        parts += [
            (name, (name, content, "application/octet-stream")) for name, content in (files or {}).items()
        ]
        return self.http.post(options.pop("url", f"{self.key}/submission"), files=parts, **options)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        with reading(self.campaign.engine) as connection:
            result = connection.exec_driver_sql(f"SELECT * FROM {table}")
            return [dict(row._mapping) for row in result]

    def body(self, table: str, part: str, number: int = 0) -> bytes | None:
        """A body kept beside the event of a row."""
        place = self.rows(table)[number]["event"]
        with reading(self.campaign.engine) as connection:
            return log.body(connection, place, part)

    def open(self, sealed: bytes) -> bytes:
        """What the protection officer sees."""
        return opened(self.campaign, self.officer_file, sealed)

    def bytes_on_disk(self) -> bytes:
        """Every byte under the campaign's folder."""
        return b"".join(p.read_bytes() for p in sorted(self.campaign.folder.rglob("*")) if p.is_file())


def opened(campaign: Campaign, officer_file: Path, sealed: bytes) -> bytes:
    """Opens sealed bytes with the officer's private key."""
    private = keys.read_officer_private(officer_file)
    with reading(campaign.vault) as connection:
        secret = secret_of(connection, key_id(sealed), private)
    assert secret is not None
    return unseal(sealed, secret)


def shut(engine: Engine, login: str, *, now: str) -> None:
    """Closes an account, as a campaign of one node does."""
    with writing(engine) as connection:
        people.close(connection, login, now=now, known=True)


def new_campaign(folder: Path, *, postgres: bool = EVERYWHERE) -> tuple[Campaign, Path]:
    """A fresh campaign with the small form published, and the officer's key file."""
    home = folder / "home"
    template = _template(postgres)
    shutil.copytree(template / "home", home)
    if postgres:
        settings = json.loads((home / "campaign.json").read_text(encoding="utf-8"))
        keep_in(home, cluster().database(like=settings["database"]))
    campaign = open_campaign(home)
    campaign.blobs.prepare(time.time())
    return campaign, template / "home-protection-officer.key"


def keep_in(home: Path, database: str) -> Settings:
    """Writes the address of another database into a campaign's settings; returns them."""
    file = home / "campaign.json"
    settings = Settings.model_validate_json(file.read_bytes()).model_copy(update={"database": database})
    file.write_text(settings.model_dump_json(), encoding="utf-8")
    return settings


@cache
def _template(postgres: bool) -> Path:
    """Making a campaign takes a while; each test gets a copy of one."""
    import atexit
    import tempfile

    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = create(folder / "home", "Essai")
    if postgres:
        (folder / "home" / "taama.db").unlink(missing_ok=True)
        make_databases(folder / "home", keep_in(folder / "home", cluster().database()))
    (folder / "passphrase").write_text(made.passphrase, encoding="utf-8")
    campaign = open_campaign(folder / "home")
    publish(campaign, NewForm(small_form(), MEDIA), by="", at=AT)
    campaign.close()
    return folder


def matching_passphrase(*, postgres: bool = EVERYWHERE) -> str:
    """The passphrase of the matching key of every campaign made here."""
    return (_template(postgres) / "passphrase").read_text(encoding="utf-8")


@contextmanager
def serving(folder: Path, memory: bytes | None = None, *, postgres: bool = EVERYWHERE) -> Iterator[Server]:
    """Serves the campaign under `folder`, made anew if there is none; `memory` as if not restarted."""
    if (folder / "home").exists():
        campaign = open_campaign(folder / "home")
        officer = _template(postgres) / "home-protection-officer.key"
    else:
        campaign, officer = new_campaign(folder, postgres=postgres)
    made = people.add(campaign.engine, "Enquêteur", "enumerator", now=AT, secret=os.urandom)
    world = World(lambda: datetime.now(UTC), os.urandom, memory or os.urandom(32))
    listener = claim("127.0.0.1", 0)
    base = address(*listener.getsockname()[:2])
    stop = serve_beside(create_app(campaign, world), listener)
    try:
        with httpx.Client(timeout=30, verify=False) as http:  # noqa: S501 (plain http on this machine)
            yield Server(campaign, base, made.login, made.secret, made.token, http, officer)
    finally:
        stop()
        listener.close()
        campaign.close()
