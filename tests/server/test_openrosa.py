"""The door of Collect, on a real socket: what OpenRosa and today's Collect ask of a server."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from support.world import AT, MEDIA, Person, Server, new_id, person, serving, small_form

from server.store.forms import NewForm, publish

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
SUCCESS = "full submission upload was successful!"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as running:
        yield running


def message(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    assert response.headers["x-openrosa-version"] == "1.0"
    found = ET.fromstring(response.text).find("{http://openrosa.org/http/response}message")
    assert found is not None
    return found.text or ""


def listed(server: Server) -> list[dict[str, str]]:
    response = server.http.get(f"{server.key}/formList", params={"deviceID": "collect:x"})
    assert response.status_code == 200
    root = ET.fromstring(response.text)
    assert root.tag == f"{LIST}xforms"
    return [{child.tag.removeprefix(LIST): child.text or "" for child in form} for form in root]


@pytest.mark.parametrize("query", ["", "?deviceID=collect%3Ax"])
def test_a_head_before_sending_says_204_with_the_two_headers_and_no_location(
    server: Server, query: str
) -> None:
    response = server.http.head(f"{server.key}/submission{query}")
    assert response.status_code == 204
    assert response.headers["x-openrosa-version"] == "1.0"
    assert int(response.headers["x-openrosa-accept-content-length"]) >= 5_000_000
    assert "location" not in response.headers


def test_the_list_gives_the_md5_of_exactly_what_the_download_gives(server: Server) -> None:
    [form] = listed(server)
    assert (form["formID"], form["name"], form["version"]) == ("small", "Petit questionnaire", "1")
    download = server.http.get(form["downloadUrl"], params={"deviceID": "collect:x"})
    assert form["hash"] == "md5:" + hashlib.md5(download.content).hexdigest()
    assert download.content == small_form()


def test_list_and_manifest_follow_the_address_and_token_that_the_phone_used(server: Server) -> None:
    here = server.key.replace("127.0.0.1", "localhost")
    response = server.http.get(f"{server.key}/formList", headers={"Host": here.split("/")[2]})
    form = ET.fromstring(response.text)[0]
    for tag in ("downloadUrl", "manifestUrl"):
        assert (form.findtext(f"{LIST}{tag}") or "").startswith(here + "/")


def test_the_manifest_names_each_file_with_its_md5_and_where_it_is(server: Server) -> None:
    [form] = listed(server)
    root = ET.fromstring(server.http.get(form["manifestUrl"]).text)
    assert root.tag == f"{MANIFEST}manifest"
    [file] = root
    assert file.findtext(f"{MANIFEST}filename") == "enumerators.csv"
    data = server.http.get(file.findtext(f"{MANIFEST}downloadUrl") or "").content
    assert data == MEDIA["enumerators.csv"]
    assert file.findtext(f"{MANIFEST}hash") == "md5:" + hashlib.md5(data).hexdigest()


def test_what_a_phone_has_already_is_not_sent_again(server: Server) -> None:
    first = server.http.get(f"{server.key}/formList")
    assert first.headers["cache-control"] == "private, no-cache"
    again = server.http.get(f"{server.key}/formList", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_form_travels_packed(server: Server) -> None:
    [form] = listed(server)
    with server.http.stream("GET", form["downloadUrl"], headers={"Accept-Encoding": "gzip"}) as response:
        packed = b"".join(response.iter_raw())
    assert gzip.decompress(packed) == small_form()


def test_a_new_version_takes_the_old_ones_place_in_the_list_and_both_are_accepted(server: Server) -> None:
    publish(server.campaign, NewForm(small_form("2"), MEDIA), by="", at=AT)
    assert [form["version"] for form in listed(server)] == ["2"]
    for version in ("1", "2"):
        assert server.post(Person(version=version)).status_code == 201


def test_a_lost_database_is_an_error_and_never_an_empty_list(server: Server) -> None:
    for file in server.campaign.folder.glob("taama.db*"):
        file.unlink()
    response = server.http.get(f"{server.key}/formList")
    assert response.status_code == 503
    assert "base de données" in message(response)
    assert server.post(person()).status_code == 503


def test_an_interview_is_stored_once_however_often_it_is_sent(server: Server) -> None:
    who = person()
    for _ in range(3):
        response = server.post(who)
        assert response.status_code == 201
        assert message(response) == SUCCESS
    assert len(server.rows("submission")) == 1
    assert len(server.rows("event")) == 2


def test_the_same_post_twice_at_the_same_time_is_stored_once(server: Server) -> None:
    who, statuses = person(), []

    def send() -> None:
        statuses.append(
            httpx.post(f"{server.key}/submission", files={"xml_submission_file": ("i.xml", who.xml)})
        )

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [response.status_code for response in statuses] == [201] * 8
    assert len(server.rows("submission")) == 1


def test_another_content_under_the_same_number_is_kept_sealed_and_answered_202(server: Server) -> None:
    who = person()
    server.post(who)
    other = Person({"age": "35"}, instance=who.instance)
    for _ in range(2):
        response = server.post(other)
        assert response.status_code == 202
        assert "même numéro" in message(response)
    [held] = server.rows("held")
    assert (held["reason"], held["open"]) == ("conflict", 1)
    assert server.open(server.body("held", "original") or b"") == other.xml
    assert len(server.rows("submission")) == 1


def test_after_a_restart_a_repetition_is_still_one_interview_and_nothing_is_lost(tmp_path: Path) -> None:
    who = person()
    with serving(tmp_path) as server:
        server.post(who)
    with serving(tmp_path) as server:
        for _ in range(2):
            assert server.post(who).status_code == 201
        assert len(server.rows("submission")) == 1
        [copy] = server.rows("held")
        assert (copy["reason"], copy["open"]) == ("resent", 0)
        assert server.open(server.body("held", "original") or b"") == who.xml
        assert server.post(Person({"age": "40"}, instance=who.instance)).status_code == 202


@pytest.mark.parametrize(
    ("who", "reason", "words"),
    [
        (Person(version="9"), "unknown_version", "version inconnue"),
        (Person(form="other"), "unknown_form", "questionnaire inconnu"),
        (
            Person({"age": "16", "assent": "yes", "guardian": "absent", "no_guardian": "danger"}),
            "minor",
            "mineur",
        ),
    ],
)
def test_what_cannot_be_taken_as_it_is_waits_sealed_and_is_answered_202(
    server: Server, who: Person, reason: str, words: str
) -> None:
    response = server.post(who)
    assert response.status_code == 202
    assert words in message(response)
    [held] = server.rows("held")
    assert held["reason"] == reason
    assert server.open(server.body("held", "original") or b"") == who.xml
    assert server.rows("submission") == []
    assert b"Bakary" not in server.bytes_on_disk()


def test_an_interview_held_for_its_version_is_taken_once_the_version_is_published(server: Server) -> None:
    who = Person(version="2")
    assert server.post(who).status_code == 202
    publish(server.campaign, NewForm(small_form("2"), MEDIA), by="", at=AT)
    assert server.post(who).status_code == 201
    assert len(server.rows("submission")) == 1


def test_messages_follow_the_phones_language(server: Server) -> None:
    response = server.post(Person(version="9"), headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert response.headers["content-language"] == "en"
    assert "version" in message(response)
    assert "inconnue" not in message(response)


def test_attachments_arrive_in_any_order_over_many_posts(server: Server) -> None:
    names = [f"{n}.jpg" for n in range(1)]
    who = person(photo=names[0], voice="voix.m4a")
    picture, voice = os.urandom(5_000), os.urandom(700_000)
    assert server.post(who).status_code == 201
    assert {row["state"] for row in server.rows("file")} == {"awaited"}
    assert server.post(who, {"voix.m4a": voice}).status_code == 201
    assert server.post(who, {names[0]: picture, "voix.m4a": voice}).status_code == 201
    files = {row["path"]: row for row in server.rows("file")}
    assert {row["state"] for row in files.values()} == {"here"}
    assert files["/q/photo"]["size"] == len(picture)
    sealed = server.campaign.blobs.get(files["/q/voice"]["sha"])
    assert sealed is not None
    assert server.open(sealed) == voice
    blobs = [p for p in server.campaign.blobs.folder.rglob("*") if p.is_file()]
    assert len(blobs) == 1


def test_a_file_larger_than_what_is_advertised_is_taken_and_never_in_clear_on_disk(server: Server) -> None:
    marker = b"VISIBLE-MARKER-"
    video = marker * 1_000_000
    assert server.post(person(photo="v.mp4"), {"v.mp4": video}).status_code == 201
    assert marker not in server.bytes_on_disk()
    [file] = server.rows("file")
    assert server.open(server.campaign.blobs.get(file["sha"]) or b"") == video


def test_files_that_the_interview_does_not_name_are_dropped(server: Server) -> None:
    assert (
        server.post(person(photo="a.jpg"), {"a.jpg": b"A" * 99, "old.jpg": b"B" * 400_000}).status_code == 201
    )
    [file] = server.rows("file")
    assert (file["path"], file["size"]) == ("/q/photo", 99)
    assert [p for p in server.campaign.blobs.folder.rglob("*") if p.is_file()] == []


def test_files_of_a_refused_interview_leave_no_trace(server: Server) -> None:
    who = person(consent="no", photo="a.jpg")
    xml = who.xml.replace(b"<meta>", b"<q><photo>a.jpg</photo></q><meta>")
    assert server.post(xml, {"a.jpg": b"FACE" * 200_000}).status_code == 201
    disk = server.bytes_on_disk()
    assert b"FACEFACE" not in disk
    assert who.instance.encode() not in disk
    assert [p for p in server.campaign.blobs.folder.rglob("*") if p.is_file()] == []
    assert len(server.rows("refusal")) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\x", "é ü.jpg", "a%2Fb.jpg", "x" * 255])
def test_a_file_name_is_only_a_name(server: Server, name: str) -> None:
    assert server.post(person(photo=name), {name: b"data"}).status_code == 201
    assert list(server.campaign.folder.parent.iterdir()) == [server.campaign.folder]
    assert len(server.rows("submission")) == 1


@pytest.mark.parametrize("instance", ["uuid:a/b", "100%", "l'été 🐫", "=+/*-451%/%", "uuid:" + "x" * 200])
def test_an_instance_id_may_be_any_text(server: Server, instance: str) -> None:
    for _ in range(2):
        assert server.post(Person(instance=instance)).status_code == 201
    assert [row["instance"] for row in server.rows("submission")] == [instance]


def test_a_form_id_may_hold_a_slash_and_more(server: Server) -> None:
    odd = "a/b 'c' %/é"
    xform = small_form().replace(b'id="small"', f'id="{odd}"'.encode())
    publish(server.campaign, NewForm(xform, MEDIA), by="", at=AT)
    form = next(form for form in listed(server) if form["formID"] == odd)
    assert server.http.get(form["downloadUrl"]).content == xform
    assert server.http.get(form["manifestUrl"]).status_code == 200
    assert server.post(Person(form=odd)).status_code == 201


def body_of(who: Person) -> tuple[bytes, str]:
    request = httpx.Request(
        "POST", "http://x/", files={"xml_submission_file": ("i.xml", who.xml, "text/xml")}
    )
    return request.read(), request.headers["content-type"]


def test_a_body_cut_anywhere_is_never_taken(server: Server) -> None:
    who = person()
    body, kind = body_of(who)
    url = f"{server.key}/submission"
    ends = [*range(0, len(body) - 4, 37), len(body) - 5, len(body) - 6]
    for end in ends:
        response = server.http.post(url, content=body[:end], headers={"Content-Type": kind})
        assert response.status_code == 400, end
        assert message(response)
    assert server.rows("submission") == []
    assert server.http.post(url, content=body, headers={"Content-Type": kind}).status_code == 201


def test_chunked_bodies_are_taken(server: Server) -> None:
    body, kind = body_of(person())
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    response = server.http.post(f"{server.key}/submission", content=pieces, headers={"Content-Type": kind})
    assert response.status_code == 201


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400),
        (b"hello", "text/plain", 400),
        (b"hello", "multipart/form-data", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            400,
        ),
    ],
)
def test_a_request_without_an_interview_is_told_so(
    server: Server, body: bytes, kind: str, status: int
) -> None:
    response = server.http.post(f"{server.key}/submission", content=body, headers={"Content-Type": kind})
    assert response.status_code == status
    assert message(response)


def test_two_interviews_in_one_request_are_refused(server: Server) -> None:
    parts = [
        ("xml_submission_file", ("i.xml", person().xml)),
        ("xml_submission_file", ("j.xml", person().xml)),
    ]
    assert server.http.post(f"{server.key}/submission", files=parts).status_code == 400
    assert server.rows("submission") == []


def test_an_edit_follows_its_original_in_any_order(server: Server) -> None:
    first = person()
    second = Person({"age": "35"}, replaces=first.instance)
    third = Person({"age": "36"}, replaces=second.instance)
    for who in (third, first, second, second):
        assert server.post(who).status_code == 201
    assert {row["instance"]: row["replaces"] for row in server.rows("submission")} == {
        first.instance: None,
        second.instance: first.instance,
        third.instance: second.instance,
    }


def test_an_edit_whose_original_is_elsewhere_is_taken(server: Server) -> None:
    assert server.post(Person(replaces=new_id())).status_code == 201


def test_files_of_an_encrypted_interview_that_it_does_not_name_are_dropped(server: Server) -> None:
    xml = (
        b'<data id="small" version="1" encrypted="yes" xmlns="http://www.opendatakit.org/xforms/encrypted">'
        b"<base64EncryptedKey>x</base64EncryptedKey><meta><instanceID>uuid:enc</instanceID></meta>"
        b"<media><file>a.jpg.enc</file></media><encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
    )
    files = {"a.jpg.enc": b"1", "submission.xml.enc": b"2", "a.jpg": b"CLEAR-PICTURE"}
    response = server.post(xml, files)
    assert response.status_code == 202
    parts = [row["part"] for row in server.rows("body") if row["part"].startswith("file:")]
    assert len(parts) == 2
    assert b"CLEAR-PICTURE" not in server.bytes_on_disk()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_wrong_token_is_403_and_says_what_to_do(server: Server, method: str) -> None:
    path = "formList" if method == "GET" else "submission"
    response = server.http.request(method, f"{server.base}/v1/key/wrong/projects/1/{path}")
    assert response.status_code == 403
    if method != "HEAD":
        assert "code QR" in message(response)


@pytest.mark.parametrize("prefix", ["", "/v1/projects/1"])
def test_digest_works_at_the_bare_address_and_under_the_project(server: Server, prefix: str) -> None:
    auth = httpx.DigestAuth(server.login, server.secret)
    with httpx.Client(auth=auth) as phone:
        assert phone.head(f"{server.base}{prefix}/submission").status_code == 204
        url = f"{server.base}{prefix}/submission?deviceID=collect%3Ax"
        response = phone.post(url, files={"xml_submission_file": ("i.xml", person().xml)})
        assert response.status_code == 201
        answer = phone.get(f"{server.base}{prefix}/formList")
        assert f"{server.base}/v1/projects/1/forms/small.xml" in answer.text
    [row] = server.rows("submission")
    assert (row["person"], row["device"]) == (server.login, "collect:x")


def test_without_a_name_a_phone_is_asked_for_digest_first(server: Server) -> None:
    response = server.http.get(f"{server.base}/formList")
    assert response.status_code == 401
    assert response.headers.get_list("www-authenticate")[0].startswith("Digest ")
    assert response.headers["x-openrosa-version"] == "1.0"


def test_a_wrong_secret_does_not_come_in(server: Server) -> None:
    auth = httpx.DigestAuth(server.login, "wrong")
    assert httpx.get(f"{server.base}/formList", auth=auth).status_code == 401


def test_no_token_shows_in_an_error(server: Server) -> None:
    secret = uuid.uuid4().hex
    for path in (
        f"/v1/key/{secret}/projects/1/formList",
        f"/v1/key/{secret}/projects/1/nowhere",
        f"/{secret}",
    ):
        assert secret not in server.http.get(f"{server.base}{path}").text
