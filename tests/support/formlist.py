"""Reads a server's form list and manifests with the checks that ODK Collect makes, in its order."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

import httpx

LIST = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"


class Offended(Exception):
    """The server's answer is one that Collect does not take; the text says what was wrong with it."""


@dataclass(frozen=True)
class ListedForm:
    """A form as the server's list offers it; `md5` is empty when there is no hash that Collect knows."""

    form_id: str
    name: str
    version: str
    md5: str
    download_url: str
    manifest_url: str


@dataclass(frozen=True)
class MediaFile:
    """A file as a manifest offers it."""

    filename: str
    md5: str
    download_url: str
    type: str


def read_list(response: httpx.Response) -> list[ListedForm]:
    """The forms that the answer lists; one bad entry spoils all."""
    return [_listed(entry) for entry in _document(response, LIST, "xforms").iterfind(f"{{{LIST}}}xform")]


def read_manifest(response: httpx.Response) -> list[MediaFile]:
    """The files that the answer lists; one bad entry spoils all."""
    root = _document(response, MANIFEST, "manifest")
    return [_media_file(entry) for entry in root.iterfind(f"{{{MANIFEST}}}mediaFile")]


def _document(response: httpx.Response, namespace: str, root: str) -> ET.Element:
    if response.status_code != 200:
        raise Offended(f"status {response.status_code} for the {root}")
    kind = response.headers.get("content-type", "text/xml")
    if "text/xml" not in kind.lower():
        raise Offended(f"the {root} has the Content-Type {kind}, not text/xml")
    if "x-openrosa-version" not in response.headers:
        raise Offended(f"the {root} comes without X-OpenRosa-Version")
    try:
        document = ET.fromstring(response.content)
    except ET.ParseError as error:
        raise Offended(f"the {root} is not XML: {error}") from error
    if document.tag != f"{{{namespace}}}{root}":
        raise Offended(f"the root of the {root} is {document.tag}")
    return document


def _fields(entry: ET.Element, namespace: str) -> dict[str, str]:
    start = f"{{{namespace}}}"
    return {e.tag.removeprefix(start): (e.text or "").strip() for e in entry if e.tag.startswith(start)}


def _listed(entry: ET.Element) -> ListedForm:
    found = _fields(entry, LIST)
    for needed in ("formID", "name", "downloadUrl"):
        if not found.get(needed):
            raise Offended(f"a form in the list has no {needed}")
    md5 = found.get("hash", "")
    return ListedForm(
        found["formID"],
        found["name"],
        found.get("version", ""),
        md5.removeprefix("md5:") if md5.startswith("md5:") else "",
        found["downloadUrl"],
        found.get("manifestUrl", ""),
    )


def _media_file(entry: ET.Element) -> MediaFile:
    found = _fields(entry, MANIFEST)
    for needed in ("filename", "hash", "downloadUrl"):
        if not found.get(needed):
            raise Offended(f"a file in the manifest has no {needed}")
    name = found["filename"].replace("\\", "/").rpartition("/")[2]
    return MediaFile(name, found["hash"][4:], found["downloadUrl"], entry.get("type", ""))
