"""Speaks OpenRosa, so that the ODK Collect of today works with this server as it is.

Every answer of the protocol is made here. Two rules come from how phones behave: on any doubt the form list
fails rather than being short, because phones delete what is not listed; and only 201 and 202 mean that an
interview has arrived.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, select

from server.core.access import STAFF
from server.core.problem import NotFound, Refused, Unavailable
from server.store import contacts, media, sendback
from server.store.forms import newest, xform_at
from server.store.nodes import centre_of
from server.store.parcel import Taken
from server.store.people import Who
from server.store.project import FORM
from server.web import messages
from server.web.asgi import exact
from server.web.door import Door, Knock, by_header, by_token
from server.web.errors import openrosa_headers, openrosa_message
from server.web.reception import Reception, take_in
from sync.db import reading

TYPE = "text/xml; charset=utf-8"
LIST_NS = "http://openrosa.org/xforms/xformsList"
MANIFEST_NS = "http://openrosa.org/xforms/xformsManifest"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
WORTH_PACKING = 1_000

# Those who may fetch forms and send interviews; the others read what has arrived.
MAY_SEND = frozenset({"enumerator", "supervisor", "admin"})
MAY_READ_FORMS = MAY_SEND | STAFF


@dataclass(frozen=True)
class OpenRosaDoor:
    """What the routes need: the door that recognises people, and the reception behind it.

    `contacts` gives the list of whom to find in a zone; it may be out of reach.
    """

    door: Door
    reception: Reception
    contacts: Callable[[str], bytes | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Listed:
    """A form as the list shows it."""

    id: str
    version: str
    title: str
    md5: str
    has_media: bool


def router(door: OpenRosaDoor) -> APIRouter:
    """The protocol's routes: under a token, under the project with Digest, and at the bare address."""
    routes = APIRouter()
    for prefix in ("/v1/key/{token}/projects/1", "/v1/projects/1", ""):
        _add(routes, door, prefix)
    return routes


def _add(routes: APIRouter, door: OpenRosaDoor, prefix: str) -> None:
    def form_list(request: Request) -> Response:
        _knock(door, request)
        with reading(door.reception.campaign.engine) as connection:
            listed = listed_forms(connection)
        if not listed and centre_of(door.reception.campaign):
            raise Unavailable("hub_not_synced")  # an empty list would make phones delete their forms
        wanted = request.query_params.get("formID")
        shown = [form for form in listed if wanted is None or form.id == wanted]
        return _cached(request, form_list_xml(shown, base_of(request)))

    def form_xml(request: Request) -> Response:
        _knock(door, request, MAY_READ_FORMS)
        with reading(door.reception.campaign.engine) as connection:
            row = _asked(connection, request)
            data = xform_at(connection, row.event)
        return _cached(request, data, "application/xml; charset=utf-8")

    def manifest(request: Request) -> Response:
        who = _knock(door, request)
        with reading(door.reception.campaign.engine) as connection:
            row = _asked(connection, request)
            files = media.listed(connection, row.id, row.version, _sheets(door, connection, who))
        return _cached(request, manifest_xml(row, files, base_of(request)))

    def attachment(request: Request) -> Response:
        who = _knock(door, request)
        name = _step(request, "name")
        with reading(door.reception.campaign.engine) as connection:
            row = _asked(connection, request)
            data = media.content(connection, row.id, row.version, name, _sheets(door, connection, who))
        if data is None:
            raise NotFound("not_found")
        return _cached(request, data, "application/octet-stream")

    def head(request: Request) -> Response:
        _knock(door, request)
        return Response(status_code=204, headers=openrosa_headers("fr"))

    async def submit(request: Request) -> Response:
        # A passphrase takes long to check on purpose: that must not make other phones wait.
        known = request.path_params.get("token")
        who = _knock(door, request) if known else await asyncio.to_thread(_knock, door, request)
        taken = await take_in(
            door.reception,
            request.stream(),
            request.headers.get("content-type", ""),
            who.login,
            request.query_params.get("deviceID", ""),
        )
        return _receipt(taken, messages.language(request.headers.get("accept-language", "")))

    # Plain routes: these take the request as it is, and are the busiest of the server.
    routes.add_route(f"{prefix}/submission", submit, methods=["POST"])
    routes.add_route(f"{prefix}/submission", head, methods=["HEAD"])
    routes.add_route(f"{prefix}/formList", form_list, methods=["GET"])
    if prefix:
        routes.add_route(f"{prefix}/forms/{{form}}.xml", form_xml, methods=["GET"])
        routes.add_route(f"{prefix}/forms/{{form}}/manifest", manifest, methods=["GET"])
        routes.add_route(f"{prefix}/forms/{{form}}/attachments/{{name}}", attachment, methods=["GET"])


def _step(request: Request, name: str) -> str:
    return exact(request.path_params[name])


def _asked(connection: Connection, request: Request) -> Any:
    """The form version that the address names."""
    return _version(connection, _step(request, "form"), request.query_params.get("v"))


def _knock(door: OpenRosaDoor, request: Request, may: frozenset[str] = MAY_SEND) -> Who:
    token = request.path_params.get("token")
    who = by_token(door.door, exact(token)) if token else by_header(door.door, _as_sent(request))
    if who.role not in may:
        raise Refused("not_for_this_role")
    return who


def _sheets(door: OpenRosaDoor, connection: Connection, who: Who) -> media.Sheets:
    """The lists that differ from phone to phone: whom to find, and what to correct."""
    return {
        contacts.FILE: lambda: door.contacts(who.zone),
        sendback.FILE: lambda: sendback.sheet(connection, door.reception.forms, who.login),
    }


def _as_sent(request: Request) -> Knock:
    """The request as Digest signs it: path and query byte for byte."""
    query = request.scope.get("query_string", b"").decode("latin-1")
    path = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0]
    return Knock(
        method=request.method,
        target=f"{path}?{query}" if query else path,
        authorization=request.headers.get("authorization", ""),
        scheme=request.url.scheme,
        address=request.client.host if request.client else "",
    )


def base_of(request: Request) -> str:
    """The address that this phone used, up to the project: it must find everything under the same one.

    A configured public name would send phones at a hub to a server that they cannot reach.
    """
    token = request.path_params.get("token")
    key = f"/key/{quote(token, safe='')}" if token else ""
    return f"{request.url.scheme}://{request.headers.get('host', '')}/v1{key}/projects/1"


def listed_forms(connection: Connection) -> list[Listed]:
    """The newest version of every form, by title."""
    found = []
    for form, version in newest(connection):
        row = _version(connection, form, version)
        has_media = bool(media.names(connection, form, version))
        found.append(Listed(row.id, row.version, row.title, row.md5, has_media))
    return sorted(found, key=lambda listed: (listed.title, listed.id))


def _version(connection: Connection, form: str, version: str | None) -> Any:
    if version is None:
        version = dict(newest(connection)).get(form)
    mine = (FORM.c.id == form) & (FORM.c.version == version)
    row = connection.execute(select(FORM).where(mine)).first() if version is not None else None
    if row is None:
        raise NotFound("not_found")
    return row


def form_list_xml(forms: Sequence[Listed], base: str) -> bytes:
    """The form list; the hash is the MD5 of exactly the bytes that the download address gives."""
    return _document(f'<xforms xmlns="{LIST_NS}">', [_list_entry(form, base) for form in forms], "</xforms>")


def _list_entry(form: Listed, base: str) -> str:
    address, query = f"{base}/forms/{quote(form.id, safe='')}", urlencode({"v": form.version})
    manifest = f"<manifestUrl>{escape(f'{address}/manifest?{query}')}</manifestUrl>" if form.has_media else ""
    return (
        f"<xform><formID>{escape(form.id)}</formID><name>{escape(form.title or form.id)}</name>"
        f"<version>{escape(form.version)}</version><hash>md5:{form.md5}</hash>"
        f"<downloadUrl>{escape(f'{address}.xml?{query}')}</downloadUrl>{manifest}</xform>"
    )


def manifest_xml(form: Any, files: Sequence[media.MediaFile], base: str) -> bytes:
    """The files of a form version."""
    address, query = f"{base}/forms/{quote(form.id, safe='')}", urlencode({"v": form.version})
    entries = []
    for file in files:
        url = f"{address}/attachments/{quote(file.name, safe='')}?{query}"
        entries.append(
            f"<mediaFile><filename>{escape(file.name)}</filename><hash>md5:{file.md5}</hash>"
            f"<downloadUrl>{escape(url)}</downloadUrl></mediaFile>"
        )
    return _document(f'<manifest xmlns="{MANIFEST_NS}">', entries, "</manifest>")


def _document(start: str, entries: Sequence[str], end: str) -> bytes:
    return (DECLARATION + start + "".join(entries) + end).encode()


def _cached(request: Request, data: bytes, kind: str = TYPE) -> Response:
    """`data` with an ETag, packed where the phone allows it: a form is half a megabyte of much the same."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = openrosa_headers("fr") | {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
        return Response(status_code=304, headers=headers)
    if len(data) >= WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        data = gzip.compress(data, compresslevel=6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(data, media_type=kind, headers=headers)


def _receipt(taken: Taken, language: str) -> Response:
    if taken.how == "held":
        return openrosa_message(202, messages.held(language, taken.reason), language)
    return openrosa_message(201, messages.COLLECT_SUCCESS, "en")
