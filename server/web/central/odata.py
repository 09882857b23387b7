"""The OData addresses of a form: service document, description, tables, one interview.

Rows are written as they are read, so that a season of interviews takes no more memory than a page of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import chain, islice
from urllib.parse import quote, urlencode

import orjson
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response, StreamingResponse

from server.core.odata.metadata import edmx, service
from server.core.odata.query import read_query, selected, token_of
from server.core.odata.shape import Row, Table, row, tables, turns
from server.core.problem import NotFound
from server.store import odata
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.people import Who
from server.web.asgi import exact
from server.web.central.door import Programs
from server.web.central.tags import etag, unchanged
from sync.db import reading

HEADERS = {"OData-Version": "4.0", "Cache-Control": "private, no-cache"}
JSON = "application/json; odata.metadata=minimal"
CHUNK = 200
STEP = re.compile(r"\('((?:[^']|'')*)'\)")


class Tables:
    """One method an address."""

    def __init__(self, campaign: Campaign, forms: Forms, programs: Programs) -> None:
        self._campaign, self._forms, self._programs = campaign, forms, programs

    def add(self, routes: APIRouter, prefix: str) -> None:
        """Puts the addresses under `prefix` of a form."""
        for path, method in (
            ("", self.service),
            ("/$metadata", self.metadata),
            ("/{table:path}", self.table),
        ):
            routes.add_api_route(f"{prefix}{{form}}.svc{path}", method, methods=["GET"])

    def service(self, request: Request) -> Response:
        """Which tables there are."""
        _, _, offered = self._open(request)
        return JSONResponse(service(_base(request), offered), headers=HEADERS, media_type=JSON)

    def metadata(self, request: Request) -> Response:
        """What the tables hold."""
        _, form, offered = self._open(request)
        return Response(edmx(form, offered), headers=HEADERS, media_type="application/xml")

    def table(self, request: Request) -> Response:
        """The rows of a table, of one interview's part of it, or one interview."""
        path = exact(request.path_params["table"])
        query = read_query(request.query_params)
        who, form, offered = self._open(request, wkt=query.wkt)
        numbers = [number.replace("''", "'") for number in STEP.findall(path)]
        name = STEP.sub("", path).replace("/", ".")
        table = next((one for one in offered if one.name == name), None)
        if table is None:
            raise NotFound("not_found")
        self._programs.reader(request, form, fields=name)
        zone = who.reach
        asked = odata.Asked(form, zone, query, self._programs.site.clock(), numbers[0] if numbers else "")
        if (known := unchanged(request, self._campaign, who)) is not None:
            return known
        body = self._document(request, table, asked, numbers[1:])
        headers = HEADERS | {"ETag": etag(request, self._campaign, who)}
        # What is wrong with the request shows in the first piece, before the answer has begun.
        return StreamingResponse(chain([next(body)], body), headers=headers, media_type=JSON)

    def _open(self, request: Request, *, wkt: bool = False) -> tuple[Who, str, list[Table]]:
        who = self._programs.who(request)
        if request.headers.get("odata-maxversion", "4.0").partition(".")[0] < "4":
            raise NotFound("not_found")
        form = exact(request.path_params["form"])
        return who, form, tables(self._forms.versions(form), who.role, wkt=wkt)

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._campaign.engine)

    def _rows(
        self, table: Table, asked: odata.Asked, holders: Sequence[str], limit: int | None
    ) -> Iterator[Row]:
        query = asked.query
        if table.above is None:
            for one in odata.interviews(self._reading, asked, limit):
                yield row(table, one.instance, one.answers, one.system, expand=query.expand)
            return
        # Turns are counted, not interviews: what to pass over is found by walking.
        everyone = odata.interviews(self._reading, replace(asked, query=replace(query, after="", skip=0)))
        found: Iterator[Row] = (t for one in everyone for t in turns(table, one.instance, one.answers))
        if holders:
            found = (turn for turn in found if turn[table.parent_key] == holders[-1])
        if query.after:
            found = _after(found, query.after)
        yield from islice(found, query.skip, None if limit is None else query.skip + limit)

    def _count(self, table: Table, asked: odata.Asked, holders: Sequence[str]) -> int:
        whole = replace(asked, query=replace(asked.query, after="", skip=0))
        if table.above is None:
            with self._reading() as connection:
                return odata.count(connection, whole)
        return sum(1 for _ in self._rows(table, whole, holders, None))

    def _document(
        self, request: Request, table: Table, asked: odata.Asked, holders: Sequence[str]
    ) -> Iterator[bytes]:
        """The answer's text; one row more than `$top` is read, to know whether there is a next page."""
        query, top = asked.query, asked.query.top
        start = b'{"@odata.context":' + orjson.dumps(f"{_base(request)}/$metadata#{table.name}")
        if query.count:
            start += b',"@odata.count":%d' % self._count(table, asked, holders)
        start += b',"value":['
        rows = self._rows(table, asked, holders, top + 1 if top else top)
        given, last, more = 0, "", False
        while some := list(islice(rows, CHUNK)):
            if top is not None and given + len(some) > top:
                some, more = some[: top - given], True
            if some:
                last = str(some[-1]["__id"])
                shown = (selected(one, query.select) for one in some) if query.select else some
                yield start + b",".join(map(orjson.dumps, shown))
                start = b","
            given += len(some)
        end = (b"" if given else start) + b"]"
        if more:
            end += b',"@odata.nextLink":' + orjson.dumps(_next(request, last, turn=table.above is not None))
        yield end + b"}"


def _after(rows: Iterator[Row], number: str) -> Iterator[Row]:
    for one in rows:
        if one["__id"] == number:
            break
    yield from rows


def _base(request: Request) -> str:
    """The address of the form's `.svc` as this program wrote it."""
    form = quote(exact(request.path_params["form"]), safe="")
    return f"{request.url.scheme}://{request.headers.get('host', '')}/v1/projects/1/forms/{form}.svc"


def _next(request: Request, last: str, *, turn: bool) -> str:
    options = {
        name: value for name, value in request.query_params.items() if name not in ("$skip", "$skiptoken")
    }
    options["$skiptoken"] = token_of(last, turn=turn)
    path = exact(request.path_params["table"])
    return f"{_base(request)}/{path}?{urlencode(options, safe='$')}"
