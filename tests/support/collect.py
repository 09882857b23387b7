"""A phone for tests: fetches forms and sends interviews as ODK Collect 2026.3 does, and is as particular.

It judges a server's answers by what Collect's source says: where Collect would show an error or lose
something, this phone raises `Offended` or says that the sending failed. On purpose it is stricter in one
point: a wrong manifest or file is an error here, which Collect passes over in silence. It never sends Basic.
"""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Self
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
from support.formlist import ListedForm, MediaFile, Offended, read_list, read_manifest
from support.posting import bodies

AGENT = "org.odk.collect.android/v2026.3.3 Dalvik/2.1.0 (Linux; U; Android 14; SM-A155F)"
DEFAULT_LIMIT = 10_000_000


@dataclass(frozen=True)
class Blank:
    """A blank form on the phone with its media."""

    listed: ListedForm
    xml: bytes
    media: Mapping[str, bytes]


@dataclass(frozen=True)
class Sent:
    """What came of sending: whether Collect calls it sent, the last status, and what it shows."""

    ok: bool
    status: int
    message: str
    posts: int = 1


class Phone:
    """One phone with one project, whose server URL is `base_url`.

    `client` may be any httpx client, such as Starlette's test client, and is left open; without one the phone
    makes its own, and is to be used in a `with` block.
    """

    def __init__(
        self,
        base_url: str,
        login: str | None = None,
        secret: str | None = None,
        device_id: str | None = None,
        client: httpx.Client | None = None,
    ) -> None:
        self.base_url = base_url
        self.device_id = device_id or new_device_id()
        # It sends nothing until it is asked, and then only Digest, as Collect does on http.
        self._auth = httpx.DigestAuth(login, secret) if login is not None and secret is not None else None
        self._owns_client = client is None
        self._client = client or httpx.Client(timeout=httpx.Timeout(60, connect=30))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._owns_client:
            self._client.close()

    def forms(self) -> list[ListedForm]:
        """The form list. One bad entry spoils all, as for Collect."""
        return read_list(self._request("GET", self.base_url.rstrip("/") + "/formList"))

    def media_of(self, listed: ListedForm) -> list[MediaFile]:
        """The manifest; empty when the form has none."""
        if not listed.manifest_url:
            return []
        return read_manifest(self._request("GET", listed.manifest_url))

    def download(self, listed: ListedForm) -> Blank:
        """The form and all its media; every hash must be that of the bytes received."""
        # The hash of an entity list is only a token of change.
        media = {
            file.filename: self._file(file.download_url, None if file.type else file.md5)
            for file in self.media_of(listed)
        }
        if not listed.md5:
            raise Offended(f"{listed.form_id} has no hash that starts with md5:")
        return Blank(listed, self._file(listed.download_url, listed.md5), media)

    def sync(self) -> list[Blank]:
        """All that the server lists, as a phone in `match_exactly` has it after a first update."""
        return [self.download(listed) for listed in self.forms()]

    def head(self) -> httpx.Response:
        """The request before a submission."""
        return self._request("HEAD", self._submission())

    def send(self, xml: bytes, files: Mapping[str, bytes] | None = None, name: str = "interview.xml") -> Sent:
        """Sends one interview; over several requests when it is large. Stops at the first that fails."""
        try:
            return self._send(xml, files or {}, name)
        except httpx.TransportError as error:
            return Sent(False, 0, f"the server could not be reached ({type(error).__name__})", 0)

    def _send(self, xml: bytes, files: Mapping[str, bytes], name: str) -> Sent:
        head = self.head()
        if head.status_code == 401:
            return Sent(False, 401, "Invalid username or password", 0)
        if head.is_success and head.status_code != 204:
            return Sent(False, head.status_code, "Is this an OpenRosa submission endpoint?", 0)
        if head.status_code == 204 and "location" in head.headers:
            raise Offended("a Location with the 204 makes Collect forget the size limit afterwards")
        sent = Sent(False, 0, "", 0)
        for body, kind in bodies(xml, files, accepted_length(head), name):
            answer = outcome(self.post_raw(body, {"Content-Type": kind}))
            sent = Sent(answer.ok, answer.status, answer.message, sent.posts + 1)
            if not sent.ok:
                break
        return sent

    def post_raw(
        self, body: bytes | Iterator[bytes], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One POST of any body to the submission address, for bodies that no phone would make."""
        return self._request("POST", self._submission(), headers, body)

    def _submission(self) -> str:
        return self.base_url.removesuffix("/") + "/submission"

    def _file(self, url: str, md5: str | None) -> bytes:
        response = self._request("GET", url)
        if response.status_code != 200:
            raise Offended(f"status {response.status_code} for {url}")
        if md5 is not None and hashlib.md5(response.content).hexdigest() != md5:
            raise Offended(f"the hash of {url} is not that of its bytes")
        return response.content

    def _request(
        self,
        method: Literal["GET", "HEAD", "POST"],
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterator[bytes] | None = None,
    ) -> httpx.Response:
        if not url.startswith(("http://", "https://")):
            raise Offended(f"{url} is not an absolute address")
        sent = {
            "User-Agent": AGENT,
            "X-OpenRosa-Version": "1.0",
            "Accept-Encoding": "gzip",
            "Date": collect_date(datetime.now(UTC)),
        }
        request = self._client.build_request(
            method, with_device(url, self.device_id), headers=sent | dict(headers or {}), content=body
        )
        request.headers.pop("Accept", None)
        # The secret is for the host that the phone was set up with, and for no other.
        ours = request.url.host == httpx.URL(self.base_url).host
        return self._client.send(request, auth=self._auth if ours else None, follow_redirects=True)


def new_device_id() -> str:
    """A device id as Collect makes one when it is installed."""
    return "collect:" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))


def collect_date(now: datetime) -> str:
    """The Date header as Collect writes it, by a clock of twelve hours: wrong in the afternoon."""
    return now.strftime("%a, %d %b %Y %I:%M:%S GMT")


def with_device(url: str, device_id: str) -> str:
    """The address with the device's id after any query that is there."""
    return f"{url}{'&' if '?' in url else '?'}deviceID={quote(device_id, safe='')}"


def accepted_length(head: httpx.Response) -> int:
    """What the server takes in one request, in bytes; only a 204 is asked."""
    stated = head.headers.get("x-openrosa-accept-content-length", "") if head.status_code == 204 else ""
    return int(stated) if stated.isascii() and stated.isdigit() else DEFAULT_LIMIT


def outcome(response: httpx.Response) -> Sent:
    """What Collect makes of the answer to a POST."""
    status = response.status_code
    message = openrosa_message(response.text)
    if status in (201, 202):
        return Sent(True, status, message or "Success")
    if status == 200:
        return Sent(False, status, "Network login failure? Again?")
    if status != 401 and message is not None:
        return Sent(False, status, message)
    if status == 400:
        return Sent(False, status, "Make sure the form is configured to accept submissions on the server")
    return Sent(False, status, f"{response.reason_phrase} ({status})")


def openrosa_message(text: str) -> str | None:
    """The message in an OpenRosaResponse, or None."""
    if "OpenRosaResponse" not in text:
        return None
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return None
    return next(("".join(e.itertext()) for e in root.iter() if e.tag.rpartition("}")[2] == "message"), None)
