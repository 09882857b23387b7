"""Sessions: how long they last, and whose form a POST is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from support.world import shut

from server.store import people
from server.web.session import (
    close_session,
    give_cookie,
    is_ours,
    open_session,
    same_origin,
    session_of,
)
from server.web.site import Site

NOW = "2026-11-23T14:05:00.000Z"


@pytest.fixture
def login(site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(people, "hashed", lambda _: "hash")
    return people.add(site.engine, "Aminata Essai", "supervisor", now=NOW, secret=os.urandom).login


def opened(site: Site, login: str, old: str = "") -> str:
    return open_session(site.engine, login, site.clock(), os.urandom, old=old)


def alive(site: Site, token: str) -> bool:
    return session_of(site.engine, token, site.clock()) is not None


def test_a_session_knows_who_signed_in(site: Site, login: str) -> None:
    session = session_of(site.engine, opened(site, login), site.clock())
    assert session is not None
    assert session.who.login == login


def test_a_session_ends_after_half_an_hour_of_idleness(site: Site, login: str, clock: Any) -> None:
    token = opened(site, login)
    for _ in range(5):
        clock.move(minutes=30)
        assert alive(site, token)
    clock.move(minutes=30, seconds=1)
    assert not alive(site, token)


def test_a_session_ends_after_eight_hours_of_work(site: Site, login: str, clock: Any) -> None:
    token = opened(site, login)
    for _ in range(16):
        clock.move(minutes=30)
        assert alive(site, token)
    clock.move(seconds=1)
    assert not alive(site, token)


def test_signing_in_again_kills_the_cookie_that_was_there(site: Site, login: str) -> None:
    planted = opened(site, login)
    fresh = opened(site, login, old=planted)
    assert fresh != planted
    assert not alive(site, planted)
    assert alive(site, fresh)


def test_signing_out_and_closing_the_account_end_sessions(site: Site, login: str) -> None:
    first, second = opened(site, login), opened(site, login)
    close_session(site.engine, first)
    assert not alive(site, first)
    assert alive(site, second)
    shut(site.engine, login, now=NOW)
    assert not alive(site, second)


@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_a_made_up_cookie_opens_nothing(site: Site, login: str, token: str) -> None:
    opened(site, login)
    assert not alive(site, token)


def test_the_cookie_itself_is_not_in_the_database(site: Site, login: str, tmp_path: Path) -> None:
    token = opened(site, login)
    site.engine.dispose()
    assert all(token.encode() not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("secure", "start"), [(False, "taama="), (True, "__Host-taama=")], ids=["plain http", "https"]
)
def test_the_cookie_stays_with_our_pages(secure: bool, start: str) -> None:
    response = Response()
    give_cookie(response, "abc", secure=secure)
    cookie = response.headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert cookie.startswith(start)
    assert {"httponly", "path=/", "samesite=strict"} <= parts
    assert ("secure" in parts) is secure
    assert not any(part.startswith(("domain=", "max-age=", "expires=")) for part in parts)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://hub.lan:8383"}, True),
        ({"origin": "http://hub.lan"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://hub.lan:8383"}, False),
    ],
)
def test_a_post_from_elsewhere_is_not_ours(headers: dict[str, str], ours: bool) -> None:
    assert same_origin({"host": "hub.lan:8383"} | headers) is ours


def test_a_form_needs_the_word_of_its_session(site: Site, login: str, random: Callable[[int], bytes]) -> None:
    session = session_of(site.engine, opened(site, login), site.clock())
    assert session is not None
    headers = {"host": "hub.lan"}
    assert is_ours(session, headers, session.csrf)
    assert not is_ours(session, headers, "")
    assert not is_ours(session, headers, "é" + session.csrf[1:])
