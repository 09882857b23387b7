"""The pages, as a browser gets them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from lxml import html
from sqlalchemy import insert
from starlette.testclient import TestClient

from server.store import attempts, people, read
from server.web import errors, pages
from server.web.site import Site
from sync.db import writing

HERE = ("127.0.0.1", 50000)
ELSEWHERE = ("192.168.1.20", 50000)
PEOPLE = {"supervisor": "sup01", "analyst": "ana01", "protection": "pro01", "admin": "adm01"}


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is tried elsewhere; here it would only take time."""
    monkeypatch.setattr(people, "hashed", lambda passphrase: f"hash of {passphrase}")
    monkeypatch.setattr(attempts, "matches", lambda kept, said: kept == f"hash of {said}")


@pytest.fixture
def secrets(site: Site) -> dict[str, str]:
    """A secret of each role, by login."""
    made = [
        people.add(site.engine, f"Essai {role}", role, now=site.now(), secret=os.urandom)
        for role in (*PEOPLE, "enumerator")
    ]
    return {credentials.login: credentials.secret for credentials in made}


def browser(site: Site, address: tuple[str, int] = HERE, base: str = "http://hub.lan") -> TestClient:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(pages.router(site))
    errors.install(app, site)
    return TestClient(app, base_url=base, client=address, follow_redirects=False)


@pytest.fixture
def client(site: Site) -> Iterator[TestClient]:
    with browser(site) as made:
        yield made


def sign_in(client: TestClient, login: str, passphrase: str, **headers: str) -> Any:
    return client.post("/sign-in", data={"login": login, "passphrase": passphrase}, headers=headers)


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    return found[1]


def with_data(site: Site, **interview: Any) -> None:
    row = {
        "event": 5,
        "instance": "uuid:1a2b3c4d-0000-4000-8000-000000000000",
        "form": "returnee",
        "version": "1",
        "received": "2026-11-23T13:07:00.000Z",
        "person": "enq01",
        "device": "",
        "verdict": "given",
        "scopes": "",
        "flags": '{"unknown":1}',
        "enumerator": "E001",
        "wave": "c3",
    }
    form = {"id": "returnee", "version": "1", "title": "Retour <b>", "md5": "", "event": 1, "clock": 1}
    with writing(site.engine) as connection:
        connection.execute(insert(read.FORM), form | {"origin": "o", "published": "2026-11-01T08:00:00Z"})
        connection.execute(insert(read.SUBMISSION), row | interview)


@pytest.mark.parametrize(("role", "login"), PEOPLE.items())
def test_everyone_but_enumerators_sees_the_overview(
    site: Site, client: TestClient, secrets: dict[str, str], role: str, login: str
) -> None:
    with_data(site)
    answer = sign_in(client, login, secrets[login])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = html.fromstring(client.get("/").content)
    assert page.findtext(".//h1") == "Aujourd’hui"
    assert "1a2b3c4d" in page.text_content()
    assert "23 novembre 2026 à 13 h 07" in page.text_content().replace("\u00a0", " ")


def test_an_enumerator_is_told_that_these_pages_are_not_for_phones(
    client: TestClient, secrets: dict[str, str]
) -> None:
    answer = sign_in(client, "enq01", secrets["enq01"])
    assert answer.status_code == 403
    assert "ne se connectent pas à ces pages" in answer.text
    assert "set-cookie" not in answer.headers


def test_a_wrong_passphrase_says_the_same_as_an_unknown_login(
    client: TestClient, secrets: dict[str, str]
) -> None:
    known, unknown = sign_in(client, "sup01", "faux"), sign_in(client, "sup99", "faux")
    assert known.status_code == unknown.status_code == 403
    assert known.text == unknown.text
    assert "Identifiant ou mot de passe incorrect" in known.text


def test_guessing_is_told_to_wait(client: TestClient, secrets: dict[str, str]) -> None:
    for _ in range(5):
        sign_in(client, "sup01", "faux")
    answer = sign_in(client, "sup01", secrets["sup01"])
    assert answer.status_code == 429
    assert "Trop d’essais" in answer.text


def test_nothing_is_shown_to_someone_who_has_not_signed_in(site: Site, client: TestClient) -> None:
    with_data(site)
    assert "1a2b3c4d" not in client.get("/").text
    assert client.get("/keys").status_code == 303


def test_signing_out_ends_the_session_on_the_server(client: TestClient, secrets: dict[str, str]) -> None:
    sign_in(client, "sup01", secrets["sup01"])
    cookie = client.cookies["taama"]
    answer = client.post("/sign-out", data={"csrf": csrf_of(client.get("/").text)})
    assert answer.status_code == 303
    client.cookies.set("taama", cookie)
    assert "Se connecter" in client.get("/").text


def test_a_cookie_planted_before_signing_in_is_worth_nothing_after(
    client: TestClient, secrets: dict[str, str]
) -> None:
    sign_in(client, "sup01", secrets["sup01"])
    planted = client.cookies["taama"]
    sign_in(client, "adm01", secrets["adm01"])
    assert client.cookies["taama"] != planted
    client.cookies.clear()
    client.cookies.set("taama", planted)
    assert "Se connecter" in client.get("/").text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/language"])
def test_no_form_is_taken_from_another_site(client: TestClient, secrets: dict[str, str], path: str) -> None:
    sign_in(client, "sup01", secrets["sup01"])
    fields = {"csrf": csrf_of(client.get("/").text), "language": "en", "login": "sup01"}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(path, data=fields, headers=headers).status_code == 403
    assert "Aujourd’hui" in client.get("/").text


def test_signing_out_needs_the_word_of_the_session(client: TestClient, secrets: dict[str, str]) -> None:
    sign_in(client, "sup01", secrets["sup01"])
    assert client.post("/sign-out", data={"csrf": "x"}).status_code == 403
    assert "Aujourd’hui" in client.get("/").text


def test_a_passphrase_is_not_taken_where_others_can_listen(site: Site, secrets: dict[str, str]) -> None:
    with browser(site, ELSEWHERE) as client:
        assert "passphrase" not in client.get("/").text
        assert "https" in client.get("/").text
        assert sign_in(client, "sup01", secrets["sup01"]).status_code == 403
    with browser(site, ELSEWHERE, "https://hub.lan") as client:
        assert sign_in(client, "sup01", secrets["sup01"]).status_code == 303
        assert client.cookies["__Host-taama"]
        assert "Aujourd’hui" in client.get("/").text


def test_the_language_follows_the_browser_until_it_is_chosen(client: TestClient) -> None:
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    assert '<html lang="fr">' in client.get("/").text
    assert '<html lang="en">' in client.get("/", headers=english).text
    answer = client.post("/language", data={"language": "fr", "here": "/keys"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/keys")
    assert '<html lang="fr">' in client.get("/", headers=english).text


@pytest.mark.parametrize("here", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_choosing_a_language_leads_nowhere_else(client: TestClient, here: str) -> None:
    answer = client.post("/language", data={"language": "en", "here": here})
    assert answer.headers["location"] == "/"


def test_every_page_forbids_what_it_does_not_need(client: TestClient, secrets: dict[str, str]) -> None:
    sign_in(client, "adm01", secrets["adm01"])
    for path in ("/", "/keys", "/nowhere"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


def test_a_title_is_text_and_never_markup(site: Site, client: TestClient, secrets: dict[str, str]) -> None:
    with_data(site, wave="<script>x</script>")
    sign_in(client, "adm01", secrets["adm01"])
    page = client.get("/").text
    assert "Retour &lt;b&gt;" in page
    assert page.count("<script") == 1, "our own, by its address"


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("path", ["/", "/keys", "/nowhere", "signed out"])
def test_pages_can_be_read_by_ear(
    site: Site, client: TestClient, secrets: dict[str, str], path: str, lang: str
) -> None:
    with_data(site)
    if path != "signed out":
        sign_in(client, "adm01", secrets["adm01"])
    page = html.fromstring(
        client.get(path if path[0] == "/" else "/", headers={"Accept-Language": lang}).content
    )
    assert page.get("lang") == lang
    assert page.findtext(".//title")
    assert len(page.findall(".//h1")) == 1
    skip = page.find(".//a[@class='skip']")
    assert page.get_element_by_id(skip.get("href")[1:]).tag == "main"
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for field in page.iterfind(".//input"):
        if field.get("type") != "hidden" and next(field.iterancestors("label"), None) is None:
            assert page.find(f".//label[@for='{field.get('id')}']") is not None
    for table in page.iterfind(".//table"):
        assert table.findtext("caption")
        assert all(cell.get("scope") for cell in table.iter("th"))
        region = table.getparent()
        assert region.get("tabindex") == "0"
        assert page.get_element_by_id(region.get("aria-labelledby")) is not None


def test_pages_hold_no_inline_code_and_fetch_nothing_from_elsewhere() -> None:
    folder = Path(pages.__file__).parent / "templates"
    for template in (*folder.glob("*.html"), *(folder / "review").glob("*.html")):
        source = template.read_text(encoding="utf-8")
        assert not re.search(r"<script(?! src=\"/static/)|<style|\sstyle=|\son\w+=|https?://", source), (
            template.name
        )
    assert "url(" not in (pages.STATIC / "taama.css").read_text(encoding="utf-8")


def test_the_style_sheet_is_fetched_once(client: TestClient) -> None:
    first = client.get("/static/taama.css")
    assert first.headers["content-type"].startswith("text/css")
    again = client.get("/static/taama.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["none.css", "..%2Fpages.py", "%2e%2e%2fpages.py", "taama.txt"])
def test_nothing_but_our_own_files_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_a_form_that_is_too_long_or_no_form_is_refused(client: TestClient) -> None:
    assert client.post("/language", content=b"a=" + b"x" * 70_000).status_code == 413
    assert client.post("/language", json={"language": "en"}).status_code == 400


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "paper", 7),
        ("quiet", "paper", 4.5),
        ("quiet", "card", 4.5),
        ("accent", "paper", 4.5),
        ("card", "accent", 4.5),
        ("warm", "warm-paper", 4.5),
        ("ink", "bad-paper", 7),
        ("edge", "card", 3),
    ],
)
def test_text_stands_out_from_its_ground(text: str, ground: str, least: float) -> None:
    css = (pages.STATIC / "taama.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))
    assert contrast(colours[text], colours[ground]) >= least
