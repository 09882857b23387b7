"""The phone that tests use is as particular as Collect, and works with our server."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from support.collect import Phone, accepted_length, collect_date
from support.formlist import Offended
from support.posting import Part, multipart_body, split, type_of
from support.world import MEDIA, Server, person, serving, small_form

BASE = "http://hub.lan/v1/key/T/projects/1"
FORM = b"<h:html/>"
XML = {"content-type": "text/xml; charset=utf-8", "x-openrosa-version": "1.0"}
RESPONSE = (
    '<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message>{}</message></OpenRosaResponse>'
)

Answer = Callable[[httpx.Request], httpx.Response]


def listing(**changed: str) -> str:
    said = {
        "formID": "f",
        "name": "F",
        "hash": "md5:" + hashlib.md5(FORM).hexdigest(),
        "downloadUrl": f"{BASE}/forms/f.xml",
    } | changed
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in said.items())
    return f'<xforms xmlns="http://openrosa.org/xforms/xformsList"><xform>{inside}</xform></xforms>'


def phone(answer: Answer, **who: str) -> Phone:
    return Phone(
        BASE, device_id="collect:x", client=httpx.Client(transport=httpx.MockTransport(answer)), **who
    )


def answering(list_answer: httpx.Response, form: bytes = FORM) -> Phone:
    def answer(request: httpx.Request) -> httpx.Response:
        return list_answer if request.url.path.endswith("/formList") else httpx.Response(200, content=form)

    return phone(answer)


def test_a_right_list_is_read_and_its_form_downloaded() -> None:
    [blank] = answering(httpx.Response(200, headers=XML, text=listing())).sync()
    assert (blank.listed.form_id, blank.xml, blank.media) == ("f", FORM, {})


@pytest.mark.parametrize(
    ("answer", "offence"),
    [
        (httpx.Response(201, headers=XML, text=listing()), "status 201"),
        (httpx.Response(200, headers=XML | {"content-type": "application/xml"}, text=listing()), "text/xml"),
        (httpx.Response(200, headers={"content-type": "text/xml"}, text=listing()), "X-OpenRosa-Version"),
        (httpx.Response(200, headers=XML, text=listing()[:-3]), "is not XML"),
        (httpx.Response(200, headers=XML, text=listing().replace("xformsList", "other")), "the root"),
        (httpx.Response(200, headers=XML, text=listing(name=" ")), "no name"),
        (httpx.Response(200, headers=XML, text=listing(hash="sha1:00")), "no hash"),
        (httpx.Response(200, headers=XML, text=listing(hash="md5:00")), "is not that of its bytes"),
        (httpx.Response(200, headers=XML, text=listing(downloadUrl="/forms/f.xml")), "absolute"),
        (httpx.Response(200, headers=XML, text=listing(manifestUrl=f"{BASE}/m")), "manifest has the"),
    ],
)
def test_a_list_that_collect_does_not_take_offends(answer: httpx.Response, offence: str) -> None:
    def given(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/formList"):
            return answer
        return httpx.Response(200, headers={"content-type": "application/xml"}, content=FORM)

    with pytest.raises(Offended, match=offence):
        phone(given).sync()


def test_every_request_names_the_device_and_the_protocol() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path.endswith("/formList"):
            return httpx.Response(200, headers=XML, text=listing(downloadUrl=f"{BASE}/forms/f.xml?v=1"))
        return httpx.Response({"HEAD": 204, "POST": 201}.get(request.method, 200), content=FORM)

    sender = phone(answer)
    sender.sync()
    sender.send(b"<data/>")
    assert [request.url.query for request in seen] == [
        b"deviceID=collect%3Ax",
        b"v=1&deviceID=collect%3Ax",
        b"deviceID=collect%3Ax",
        b"deviceID=collect%3Ax",
    ]
    assert {request.headers["x-openrosa-version"] for request in seen} == {"1.0"}
    assert not any("accept" in request.headers for request in seen)


@pytest.mark.parametrize(
    ("head", "post", "body", "shown"),
    [
        (204, 201, RESPONSE.format("Merci"), (True, 201, "Merci", 1)),
        (204, 202, "", (True, 202, "Success", 1)),
        (404, 201, "", (True, 201, "Success", 1)),
        (200, 201, "", (False, 200, "Is this an OpenRosa submission endpoint?", 0)),
        (401, 201, "", (False, 401, "Invalid username or password", 0)),
        (204, 200, RESPONSE.format("ok"), (False, 200, "Network login failure? Again?", 1)),
        (204, 204, "", (False, 204, "No Content (204)", 1)),
        (204, 409, RESPONSE.format("Autre contenu"), (False, 409, "Autre contenu", 1)),
        (204, 503, "<html>busy</html>", (False, 503, "Service Unavailable (503)", 1)),
    ],
)
def test_only_201_and_202_after_a_fitting_head_are_success(
    head: int, post: int, body: str, shown: tuple[bool, int, str, int]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(head) if request.method == "HEAD" else httpx.Response(post, text=body)

    sent = phone(answer).send(b"<data/>")
    assert (sent.ok, sent.status, sent.message, sent.posts) == shown


def test_a_head_that_sends_phones_elsewhere_offends() -> None:
    with pytest.raises(Offended, match="Location"):
        phone(lambda request: httpx.Response(204, headers={"Location": f"{BASE}/other"})).send(b"<data/>")


def test_a_server_that_is_not_there_is_a_failed_sending() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    sent = phone(answer).send(b"<data/>")
    assert (sent.ok, sent.status) == (False, 0)


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({"X-OpenRosa-Accept-Content-Length": "500"}, 500),
        ({}, 10_000_000),
        ({"x-openrosa-accept-content-length": "x"}, 10_000_000),
    ],
)
def test_the_size_limit_is_read_from_a_204(headers: dict[str, str], limit: int) -> None:
    assert accepted_length(httpx.Response(204, headers=headers)) == limit
    assert accepted_length(httpx.Response(404, headers=headers)) == 10_000_000


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], [0]),
        ([1] * 101, [101]),
        ([1] * 102, [101, 1]),
        ([400, 400, 100, 1], [3, 1]),
        ([5000, 1], [1, 1]),
        ([1, 5000], [1, 1]),
    ],
)
def test_requests_are_split_at_101_files_and_at_the_limit(sizes: list[int], expected: list[int]) -> None:
    files = {f"{number}.jpg": size for number, size in enumerate(sizes)}
    batches = list(split(100, files, 1000))
    assert [len(batch) for batch in batches] == expected
    assert [name for batch in batches for name in batch] == list(files)


def test_all_requests_but_the_last_say_that_more_comes_and_each_holds_the_interview() -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(204, headers={"X-OpenRosa-Accept-Content-Length": "30"})
        bodies.append(request.read())
        return httpx.Response(201)

    sent = phone(answer).send(b"<data/>", {"é.jpg": b"a" * 20, "b.bin": b"b" * 20, "c.jpg": b"c" * 3})
    assert (sent.ok, sent.posts) == (True, 2)
    assert [b'name="*isIncomplete*"' in body for body in bodies] == [True, False]
    assert all(body.count(b"<data/>") == 1 for body in bodies)
    assert 'name="é.jpg"; filename="é.jpg"\r\nContent-Type: image/jpeg'.encode() in bodies[0]
    assert (b"bbb" in bodies[1], b"ccc" in bodies[1]) == (True, True)


def test_sending_stops_at_the_first_request_that_fails() -> None:
    answers = iter([httpx.Response(204), httpx.Response(500)])
    sent = phone(lambda request: next(answers)).send(b"<data/>", {f"{n}": b"x" for n in range(300)})
    assert (sent.ok, sent.status, sent.posts) == (False, 500, 1)


@pytest.mark.parametrize(
    ("challenge", "answered"),
    [('Digest realm="r", nonce="n", qop="auth"', True), ('Basic realm="r"', False)],
)
def test_credentials_are_only_given_for_digest_and_only_when_asked(challenge: str, answered: bool) -> None:
    given: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        given.append(request.headers.get("authorization", ""))
        return httpx.Response(204 if given[-1] else 401, headers={"WWW-Authenticate": challenge})

    phone(answer, login="enq07", secret="mot de passe").head()
    assert given[0] == ""
    assert [header.partition(" ")[0] for header in given[1:]] == ["Digest"] * answered
    assert "mot de passe" not in "".join(given)


def test_credentials_stay_with_the_host_they_are_for() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/formList"):
            return httpx.Response(200, headers=XML, text=listing(downloadUrl="http://elsewhere.lan/f.xml"))
        assert "authorization" not in request.headers
        return httpx.Response(401, headers={"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"'})

    with pytest.raises(Offended, match="401"):
        phone(answer, login="enq07", secret="mot").sync()


def test_a_body_is_built_as_told_even_when_it_is_wrong() -> None:
    body, kind = multipart_body([Part("a", b"1", 'x"y.jpg', "image/jpeg"), Part("b", b"2")], boundary="B")
    assert kind == "multipart/form-data; boundary=B"
    assert body == (
        b'--B\r\nContent-Disposition: form-data; name="a"; filename="x%22y.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n1\r\n"
        b'--B\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n--B--\r\n'
    )


def test_file_types_are_those_of_a_phone() -> None:
    assert type_of("a.JPG") == "image/jpeg"
    assert type_of("voice.m4a") == "audio/mpeg"
    assert type_of("audit.csv") == "text/comma-separated-values"
    assert type_of("nothing") == "application/octet-stream"


def test_the_date_is_wrong_in_the_afternoon_as_collects_is() -> None:
    afternoon = datetime(2026, 11, 23, 14, 5, 9, tzinfo=UTC)
    assert collect_date(afternoon) == "Mon, 23 Nov 2026 02:05:09 GMT"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def test_our_server_offends_nobody(server: Server) -> None:
    [blank] = Phone(server.key, client=server.http).sync()
    assert blank.xml == small_form()
    assert blank.media == MEDIA


@pytest.mark.parametrize("prefix", ["", "/v1/projects/1"])
def test_our_server_takes_an_interview_with_many_files_by_digest(server: Server, prefix: str) -> None:
    with Phone(server.base + prefix, server.login, server.secret) as sender:
        sent = sender.send(person(photo="0.jpg").xml, {f"{number}.jpg": b"x" for number in range(150)})
    assert (sent.ok, sent.status, sent.posts) == (True, 201, 2)
    assert len(server.rows("submission")) == 1
