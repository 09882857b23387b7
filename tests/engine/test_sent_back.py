"""The whole way of an interview that is sent back: page, phone, engine, edit, page; with the engine inside
Collect."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from lxml import html
from support.collect import Phone
from support.javarosa import Filled, edit, fill
from support.world import AT, Server, serving

from forms.compile import Built, build
from server.store import people
from server.store.forms import NewForm, publish
from server.store.read import short
from server.store.release.make import export
from server.store.release.options import Options, Release

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.usefixtures("java"), pytest.mark.timeout(300)]
SAID = {
    "contact_result": "reached",
    "consent": "yes",
    "consent_recontact": "yes",
    "consent_audio": "no",
    "age": "34",
    "is_malian": "yes",
    "has_returned": "yes",
    "already_interviewed": "no",
    "last_name": "Quissambequist",
}
AGE = "/consented/c_screen/age"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        corrections = build("corrections")
        publish(running.campaign, NewForm(corrections.xform, corrections.media, "asks nobody"), by="", at=AT)
        yield running


class Desk:
    """A supervisor in a browser."""

    def __init__(self, server: Server, http: httpx.Client) -> None:
        made = people.add(server.campaign.engine, "Essai", "supervisor", now=AT, secret=os.urandom)
        self.http = http
        http.post("/sign-in", data={"login": made.login, "passphrase": made.secret})

    def page(self, path: str) -> html.HtmlElement:
        return html.fromstring(self.http.get(path).raise_for_status().text)

    def send(self, path: str, here: str, **fields: str) -> None:
        page = self.page(here)
        hidden = {name: page.xpath(f"//input[@name='{name}']/@value")[0] for name in ("csrf", "seen")}
        assert self.http.post(path, data=hidden | fields).status_code == 303


def on_the_phone(folder: Path, built: Built) -> tuple[Path, Path]:
    media = folder / "media"
    media.mkdir(parents=True)
    for name, data in built.media.items():
        (media / name).write_bytes(data)
    (folder / "form.xml").write_bytes(built.xform)
    return folder / "form.xml", media


def to_correct(phone: Phone) -> list[dict[str, str]]:
    [blank] = [blank for blank in phone.sync() if blank.listed.form_id == "corrections"]
    return list(csv.DictReader(io.StringIO(blank.media["corrections.csv"].decode())))


def sent(phone: Phone, filled: Filled) -> int:
    return phone.send(filled.xml, filled.files).status


def test_an_interview_goes_back_to_the_phone_is_edited_there_and_seen_again(
    server: Server, tmp_path: Path
) -> None:
    built = build("returnee")
    publish(server.campaign, NewForm(built.xform, built.media), by="", at=AT)
    form, media = on_the_phone(tmp_path / "phone", built)
    [first] = fill(form, media, tmp_path / "held", 7, 1, SAID)
    here = f"/interviews/{first.instance_id}"
    with (
        Phone(server.key) as phone,
        httpx.Client(base_url=server.base, follow_redirects=False, timeout=30) as http,
    ):
        assert sent(phone, first) == 201
        assert to_correct(phone) == []
        desk = Desk(server, http)
        desk.send(f"{here}/remark", here, place=AGE, text="43 ou 34 ans ?")
        desk.send(f"{here}/decide", here, verdict="query", reason="implausible", why="Voir l’âge")
        [row] = to_correct(phone)
        assert row["name"] == short(first.instance_id)
        assert "43 ou 34 ans ?" in row["todo"]
        assert "Quissambequist" not in str(row)

        edited = edit(form, media, tmp_path / "held" / "1", tmp_path / "edited", {"age": "43"})
        assert edited.instance_id != first.instance_id
        assert sent(phone, edited) == 201
        assert sent(phone, edited) == 201, "a repetition changes nothing"
        assert to_correct(phone) == []

        again = f"/interviews/{edited.instance_id}"
        page = desk.page(again)
        changed = page.xpath("//section[h2[@id='diff-title']]//tbody/tr")
        ages = [[cell.text_content() for cell in row.xpath("td")] for row in changed if "ge" in row[0].text]
        assert ["34", "43"] in ages
        happened = " ".join(page.xpath("//ol[@class='history']")[0].text_content().split())
        assert "43 ou 34 ans ?" in happened
        assert "Quissambequist" not in page.text_content()
        assert "Une version plus récente" in desk.page(here).text_content()
        desk.send(f"{again}/decide", again, verdict="approved")
    made = export(server.campaign, Release("returnee"), Options(multiple="one"), tmp_path / "out", AT)
    with (Path(made.folder) / "returnee.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["KEY"], row["consented-c_screen-age"]) == (edited.instance_id, "43")


def test_an_edit_that_comes_before_what_it_replaces_is_the_same_in_the_end(
    server: Server, tmp_path: Path
) -> None:
    built = build("returnee")
    publish(server.campaign, NewForm(built.xform, built.media), by="", at=AT)
    form, media = on_the_phone(tmp_path / "phone", built)
    [first] = fill(form, media, tmp_path / "held", 8, 1, SAID)
    edited = edit(form, media, tmp_path / "held" / "1", tmp_path / "edited", {"age": "43"})
    twice = edit(form, media, tmp_path / "edited" / "1", tmp_path / "twice", {"age": "44"})
    with Phone(server.key) as phone:
        assert [sent(phone, one) for one in (twice, first, edited)] == [201] * 3
    standing = {row["instance"]: (row["replaces"], row["latest"]) for row in server.rows("submission")}
    assert standing == {
        first.instance_id: (None, 0),
        edited.instance_id: (first.instance_id, 0),
        twice.instance_id: (edited.instance_id, 1),
    }
