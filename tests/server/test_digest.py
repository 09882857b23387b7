"""Digest: what a phone proves, and what a listener on the hub's Wi-Fi cannot repeat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from server.store.people import ha1
from server.web.digest import REMEMBERED, WINDOW, Outcome, Seen, challenge, check, expected

KEY = b"door key of thirty-two bytes ...."
NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
URI = "/v1/projects/1/formList?deviceID=collect%3Aabc"
SECRETS = {"enq01": ha1("enq01", "s3cret")}
OK = Outcome("ok", "enq01")


def nonce_of(value: str) -> str:
    return value.partition('nonce="')[2].partition('"')[0]


def header(
    nonce: str, number: int = 1, *, uri: str = URI, method: str = "GET", knows: str = "s3cret", **more: str
) -> str:
    said = {
        "username": "enq01",
        "realm": "Taama",
        "nonce": nonce,
        "uri": uri,
        "nc": f"{number:08x}",
        "cnonce": "c0ffee",
        "qop": "auth",
    } | more
    said["response"] = expected(ha1(said["username"], knows), method, said).decode()
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in said.items())


class Server:
    """The server's side of a conversation."""

    def __init__(self) -> None:
        self.now, self.seen = NOW, Seen(NOW)

    def nonce(self) -> str:
        return nonce_of(challenge(KEY, self.now)[0])

    def check(self, said: str, method: str = "GET", uri: str = URI) -> Outcome:
        return check(said, method, uri, SECRETS.get, KEY, self.now, self.seen)


@pytest.fixture
def server() -> Server:
    return Server()


def test_the_challenge_is_one_that_collect_reads() -> None:
    (value,) = challenge(KEY, NOW)
    assert value.startswith('Digest realm="Taama", qop="auth", algorithm=MD5, nonce="')
    assert "stale" not in value
    assert challenge(KEY, NOW, stale=True)[0].endswith(", stale=true")


def test_two_phones_challenged_at_the_same_moment_get_different_nonces() -> None:
    assert challenge(KEY, NOW) != challenge(KEY, NOW)


def test_the_response_is_that_of_the_example_in_rfc_2617() -> None:
    said = {
        "uri": "/dir/index.html",
        "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "nc": "00000001",
        "cnonce": "0a4f113b",
        "qop": "auth",
    }
    # RFC 2617 §3.5: HA1 of Mufasa:testrealm@host.com:Circle Of Life
    assert expected("939e7578ed9e3c518a452acee763bce9", "GET", said) == b"6629fae49393a05397450978507c4ef1"


def test_a_real_client_is_recognised(server: Server) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        said = request.headers.get("authorization")
        if said and server.check(said, uri=request.url.raw_path.decode()) == OK:
            return httpx.Response(204)
        return httpx.Response(401, headers=[("WWW-Authenticate", v) for v in challenge(KEY, server.now)])

    client = httpx.Client(transport=httpx.MockTransport(serve), auth=httpx.DigestAuth("enq01", "s3cret"))
    assert [client.get(f"http://hub{URI}").status_code for _ in range(3)] == [204, 204, 204]
    wrong = httpx.Client(transport=httpx.MockTransport(serve), auth=httpx.DigestAuth("enq01", "guess"))
    assert wrong.get(f"http://hub{URI}").status_code == 401


def test_requests_sent_at_once_may_overtake_one_another(server: Server) -> None:
    nonce = server.nonce()
    assert [server.check(header(nonce, n)) for n in (1, 4, 2, 3, 130, 5)] == [OK] * 6


def test_a_repeated_request_is_answered_stale(server: Server) -> None:
    nonce = server.nonce()
    for number in (1, 7):
        assert server.check(header(nonce, number)) == OK
        assert server.check(header(nonce, number)).kind == "stale"


def test_a_number_far_behind_the_newest_is_stale(server: Server) -> None:
    nonce = server.nonce()
    assert server.check(header(nonce, WINDOW + 10)) == OK
    assert server.check(header(nonce, 10)).kind == "stale"
    assert server.check(header(nonce, 11)) == OK


def test_a_nonce_is_good_for_twelve_hours(server: Server) -> None:
    nonce = server.nonce()
    server.now += timedelta(hours=12)
    assert server.check(header(nonce, 1)) == OK
    server.now += timedelta(seconds=1)
    assert server.check(header(nonce, 2)).kind == "stale"


def test_a_nonce_used_before_a_restart_is_not_taken_again(server: Server) -> None:
    nonce = server.nonce()
    server.now += timedelta(seconds=5)
    server.seen = Seen(server.now)
    assert server.check(header(nonce)).kind == "stale"


def test_a_nonce_that_nobody_issued_is_stale_for_the_owner_and_wrong_for_others(server: Server) -> None:
    forged = "0" * 62
    assert server.check(header(forged)).kind == "stale"
    assert server.check(header(forged, knows="guess")).kind == "wrong"


def test_the_memory_is_bounded_and_forgetting_opens_no_door() -> None:
    seen = Seen(NOW, size=3)
    nonces = [(nonce_of(challenge(KEY, NOW + timedelta(seconds=n))[0]), n) for n in range(5)]
    base = int(nonces[0][0][:14], 16)
    for nonce, n in nonces:
        assert seen.first_use(nonce, base + n * 1_000_000, 1)
    for nonce, n in nonces:
        assert not seen.first_use(nonce, base + n * 1_000_000, 1)
    assert REMEMBERED >= 1_000


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Digest",
        "Basic ZW5xMDE6czNjcmV0",
        'Digest username="enq01"',
        "Digest " + "a" * 9_000,
        'Digest username="enq01", username="enq02"',
    ],
)
def test_what_cannot_be_read_is_wrong(server: Server, said: str) -> None:
    assert server.check(said).kind == "wrong"


@pytest.mark.parametrize(
    "change",
    [
        {"knows": "guess"},
        {"method": "POST"},
        {"uri": "/v1/projects/1/submission"},
        {"username": "enq02"},
        {"realm": "Other"},
        {"qop": "auth-int"},
        {"algorithm": "MD5-sess"},
        {"nc": "1"},
    ],
)
def test_what_was_signed_for_something_else_is_wrong(server: Server, change: dict[str, str]) -> None:
    assert server.check(header(server.nonce(), **change)).kind == "wrong"  # type: ignore[arg-type]
