"""The door: tokens, Digest, and passphrases only where nobody can listen."""

from __future__ import annotations

import base64
import os

import pytest
from support.world import shut

from server.core.problem import Refused
from server.store import people
from server.web.digest import expected
from server.web.door import Door, Knock, Unidentified, by_header, by_token, unheard
from server.web.site import Site

PATH = "/v1/projects/1/formList"
NOW = "2026-11-23T14:05:00.000Z"


@pytest.fixture
def door(site: Site) -> Door:
    return Door.of(site)


@pytest.fixture
def phone(site: Site) -> people.Credentials:
    return people.add(site.engine, "Moussa Essai", "enumerator", now=NOW, secret=os.urandom)


def basic(login: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{secret}".encode()).decode()


def signed(value: str, phone: people.Credentials) -> str:
    said = {
        "username": phone.login,
        "realm": "Taama",
        "nonce": value.partition('nonce="')[2].partition('"')[0],
        "uri": PATH,
        "nc": "00000001",
        "cnonce": "ab",
        "qop": "auth",
    }
    said["response"] = expected(people.ha1(phone.login, phone.secret), "GET", said).decode()
    return "Digest " + ", ".join(f'{name}="{text}"' for name, text in said.items())


def offered(door: Door, **knock: str) -> list[str]:
    with pytest.raises(Unidentified) as challenged:
        by_header(door, Knock("GET", PATH, **knock))
    return [value.partition(" ")[0] for value in challenged.value.challenges]


def test_a_phone_comes_in_by_its_token(door: Door, phone: people.Credentials) -> None:
    assert by_token(door, phone.token).login == phone.login


def test_a_wrong_or_withdrawn_token_is_refused_and_not_asked_for_a_password(
    door: Door, phone: people.Credentials
) -> None:
    shut(door.engine, phone.login, now=NOW)
    for token in (phone.token, "x" * 64, "\udc80"):
        with pytest.raises(Refused, match="wrong_token"):
            by_token(door, token)


def test_over_plain_http_only_digest_is_offered(door: Door) -> None:
    assert offered(door, address="192.168.1.20") == ["Digest"]


def test_over_https_and_on_the_machine_itself_basic_is_offered_after_digest(door: Door) -> None:
    assert offered(door, scheme="https", address="192.168.1.20") == ["Digest", "Basic"]
    assert offered(door, address="127.0.0.1") == ["Digest", "Basic"]


def test_a_phone_that_answers_the_challenge_comes_in_once(door: Door, phone: people.Credentials) -> None:
    with pytest.raises(Unidentified) as challenged:
        by_header(door, Knock("GET", PATH, address="192.168.1.20"))
    said = signed(challenged.value.challenges[0], phone)
    assert by_header(door, Knock("GET", PATH, said, address="192.168.1.20")).login == phone.login
    with pytest.raises(Unidentified) as again:
        by_header(door, Knock("GET", PATH, said, address="192.168.1.20"))
    assert "stale=true" in again.value.challenges[0]


def test_a_passphrase_in_clear_is_not_even_looked_at(door: Door, phone: people.Credentials) -> None:
    right = basic(phone.login, phone.secret)
    assert offered(door, authorization=right, address="192.168.1.20") == ["Digest"]
    assert by_header(door, Knock("GET", PATH, right, "https", "192.168.1.20")).login == phone.login
    assert by_header(door, Knock("GET", PATH, right, "http", "::1")).login == phone.login


@pytest.mark.parametrize("said", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Basic /w==", "Bearer x"])
def test_what_cannot_be_read_is_challenged(door: Door, said: str) -> None:
    assert offered(door, authorization=said, address="127.0.0.1") == ["Digest", "Basic"]


def test_no_secret_shows_when_a_knock_is_printed() -> None:
    assert "c2VjcmV0" not in repr(Knock("GET", PATH, "Basic c2VjcmV0"))


@pytest.mark.parametrize(
    ("scheme", "address", "safe"),
    [
        ("https", "192.168.1.20", True),
        ("http", "127.0.0.7", True),
        ("http", "::1", True),
        ("http", "192.168.1.20", False),
        ("http", "fe80::1%wlan0", False),
        ("http", "localhost.example.org", False),
        ("http", "", False),
    ],
)
def test_only_https_and_the_machine_itself_are_safe_from_listeners(
    scheme: str, address: str, safe: bool
) -> None:
    assert unheard(scheme, address) is safe
