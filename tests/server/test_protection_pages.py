"""The pages of protection: a withdrawal by telephone, what was given out, and who looked at what."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from support.world import Server, person, serving

from server.core.access import PAGES, STAFF
from server.core.codes import is_code
from server.store import attempts, people
from server.store.access import broken_at, lines, witness
from server.store.codes import digest_one
from server.store.doctor import examine
from server.store.forms import Forms
from server.store.matcher import Station
from server.store.places import Places
from server.store.release.make import export
from server.store.release.options import Options, Release
from server.store.teamwork import Teams
from server.store.withdraw import fulfil
from server.web import chains, duplicates, errors, pages, protection, render, review, sync
from server.web.site import Site
from sync.db import writing

AT = "2026-02-01T10:00:00.000Z"
MINE, NOBODYS = "48559668677", "12345678903"
ROLES = ("supervisor", "analyst", "protection", "admin")


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is tried elsewhere; here it would only take time."""
    monkeypatch.setattr(people, "hashed", lambda passphrase: f"hash of {passphrase}")
    monkeypatch.setattr(attempts, "matches", lambda kept, said: kept == f"hash of {said}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as made:
        yield made


def browser(server: Server, role: str = "", clock: datetime | None = None) -> TestClient:
    """A browser at the pages, signed in as someone of this role."""
    now = clock or datetime(2026, 2, 1, 10, 0, 5, tzinfo=UTC)
    engine = server.campaign.engine
    site = Site(engine, "Essai", b"k" * 32, lambda: now, os.urandom)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(pages.router(site))
    app.include_router(protection.router(site, server.campaign))
    station = Station(server.campaign, os.urandom)
    app.include_router(duplicates.router(site, server.campaign, station))
    app.include_router(chains.router(site, server.campaign, station))
    forms = Forms(server.campaign)
    desk = review.ReviewDesk(site, server.campaign, forms)
    app.include_router(
        review.router(
            desk, Teams(server.campaign, forms, site.now), Places(server.campaign, forms, site.now), station
        )
    )
    app.include_router(sync.router(site, server.campaign))
    errors.install(app, site)
    client = TestClient(app, base_url="http://hub.lan", client=("127.0.0.1", 5000), follow_redirects=False)
    if role:
        made = people.add(engine, f"Essai {role}", role, now=AT, secret=os.urandom)
        signed = client.post("/sign-in", data={"login": made.login, "passphrase": made.secret})
        assert signed.status_code == 303
    return client


def ask(client: TestClient, code: str, scope: str = "all", csrf: str | None = None) -> Any:
    page = client.get("/withdrawal", headers={"accept-language": "en"})
    word = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert word
    data = {"csrf": word[1] if csrf is None else csrf, "code": code, "scope": scope}
    return client.post("/withdrawal", data=data, headers={"accept-language": "en"})


def done_in_the_background(server: Server) -> None:
    while digest_one(server.campaign):
        pass
    fulfil(server.campaign, at=AT)


def test_a_withdrawal_by_telephone_erases_the_person(server: Server) -> None:
    me, other = person(code=MINE), person(code=NOBODYS[:-1] + "3")
    for who in (me, other):
        server.post(who)
    client = browser(server, "supervisor")
    answer = ask(client, " 4855 966 8677 ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/withdrawal?done")
    assert "The request is noted" in client.get("/withdrawal?done", headers={"accept-language": "en"}).text
    done_in_the_background(server)
    assert [row["instance"] for row in server.rows("submission")] == [other.instance]


def test_right_and_wrong_codes_get_the_same_answer(server: Server) -> None:
    server.post(person(code=MINE))
    client = browser(server, "protection")
    known, unknown = ask(client, MINE), ask(client, NOBODYS)
    assert known.status_code == unknown.status_code == 303
    assert known.content == unknown.content
    assert dict(known.headers) == dict(unknown.headers)


def test_a_misread_code_is_told_and_costs_no_try(server: Server) -> None:
    client = browser(server, "supervisor")
    for _ in range(8):
        answer = ask(client, "48559668678")
        assert answer.status_code == 400
        assert "This code is not right" in answer.text
        assert "48559668678" not in answer.text
    assert ask(client, MINE).status_code == 303


def test_codes_cannot_be_tried_out(server: Server) -> None:
    client = browser(server, "supervisor")
    codes = [code for n in range(60) if is_code(code := f"480{n:08}")][:5]
    statuses = [ask(client, code).status_code for code in [*codes, MINE]]
    assert statuses == [303] * 5 + [429]
    assert int(ask(client, MINE).headers["retry-after"]) <= 60


@pytest.mark.parametrize(("data", "status"), [({"csrf": "wrong"}, 403), ({"scope": "everything"}, 400)])
def test_a_form_that_is_not_ours_is_refused(server: Server, data: dict[str, str], status: int) -> None:
    client = browser(server, "supervisor")
    assert ask(client, MINE, **data).status_code == status
    assert server.rows("withdrawn") == []


# Interviews have a page each, and none together.
WHOLE = sorted(set(PAGES) - {"/interviews"})


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_pages_and_no_other(server: Server, role: str) -> None:
    client = browser(server, role)
    opened = {page: client.get(page).status_code for page in WHOLE}
    assert opened == {page: 200 if role in PAGES[page] else 403 for page in WHOLE}
    linked = {path for path in WHOLE if f'href="{path}"' in client.get("/").text}
    assert linked == {path for path in WHOLE if role in PAGES[path]}
    refused = [line.subject for line in lines(server.campaign.engine) if line.result == "refused"]
    assert sorted(refused) == [page for page in WHOLE if role not in PAGES[page]]


def test_a_stranger_is_led_to_the_door(server: Server) -> None:
    stranger = browser(server)
    for page in set(WHOLE) - {"/"}:
        answer = stranger.get(page)
        assert (page, answer.status_code, answer.headers["location"]) == (page, 303, "/")


def test_every_page_is_in_the_table_of_roles(server: Server) -> None:
    shown = {"/", "/keys", "/interviews", *(path for path, _, _ in render.NAV)}
    assert shown == set(PAGES)
    assert all(roles <= STAFF for roles in PAGES.values())


def test_a_release_tells_who_must_be_told_of_a_withdrawal(server: Server, tmp_path: Path) -> None:
    for who in (person(code=MINE), person(code=NOBODYS)):
        server.post(who)
    release = Release("small", include_all=True, recipient="Cabinet Djoliba", purpose="rapport")
    export(server.campaign, release, Options(), tmp_path / "out", AT)
    client = browser(server, "analyst")
    assert "Cabinet Djoliba" in client.get("/releases").text
    assert "à prévenir" not in client.get("/releases").text
    ask(browser(server, "supervisor"), MINE)
    done_in_the_background(server)
    assert "1 · à prévenir" in client.get("/releases").text
    # A number that nobody may call any more was never in a release.
    ask(browser(server, "supervisor"), NOBODYS, "recontact")
    done_in_the_background(server)
    assert "1 · à prévenir" in client.get("/releases").text


def test_the_access_log_notices_what_was_changed_or_taken_out(server: Server) -> None:
    client = browser(server, "admin")
    for _ in range(3):
        client.get("/people")
    assert broken_at(server.campaign) == 0
    assert "intacte" in client.get("/access").text
    assert witness(server.campaign, at=AT)
    assert not witness(server.campaign, at=AT)
    last = max(row["n"] for row in server.rows("access"))
    with writing(server.campaign.engine) as connection:
        connection.exec_driver_sql(f"DELETE FROM access WHERE n = {last}")
    assert broken_at(server.campaign) == last
    with writing(server.campaign.engine) as connection:
        connection.exec_driver_sql("UPDATE access SET who = 'sup09' WHERE n = 2")
    assert broken_at(server.campaign) == 2
    assert "rompue" in client.get("/access").text
    assert "access_log" in {finding.code for finding in examine(server.campaign)}


def test_the_access_log_holds_names_of_fields_and_no_code(server: Server) -> None:
    client = browser(server, "supervisor")
    ask(client, MINE, "photo")
    newest = lines(server.campaign.engine)[0]
    assert (newest.action, newest.fields, newest.subject) == ("withdrawal", "photo", "")
    assert MINE.encode() not in server.bytes_on_disk()
