"""The CSV addresses of a form: its own table, or all tables in a ZIP, as a role may see them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from server.core.odata.flat import columns, file_name, header, main_row, turn_rows
from server.core.odata.query import read_query
from server.core.odata.shape import Table, tables
from server.store import odata
from server.store.forms import Forms
from server.store.home import Campaign
from server.web.asgi import exact
from server.web.central.door import Programs
from server.web.central.tags import etag, unchanged
from sync.db import reading

MARK = "\ufeff"  # without it Excel breaks letters
CHUNK = 500


class Sheets:
    """One method an address."""

    def __init__(self, campaign: Campaign, forms: Forms, programs: Programs) -> None:
        self._campaign, self._forms, self._programs = campaign, forms, programs

    def add(self, routes: APIRouter, prefix: str) -> None:
        """Puts the addresses under `prefix` of a form."""
        routes.add_api_route(f"{prefix}/submissions.csv", self.one, methods=["GET"])
        routes.add_api_route(f"{prefix}/submissions.csv.zip", self.all, methods=["GET", "POST"])

    def one(self, request: Request) -> Response:
        """The form's own table."""
        return self._answer(request, packed=False)

    def all(self, request: Request) -> Response:
        """Every table, in one file; no attachments, as none ever leaves."""
        return self._answer(request, packed=True)

    def _answer(self, request: Request, *, packed: bool) -> Response:
        who = self._programs.who(request)
        form = exact(request.path_params["form"])
        offered = tables(self._forms.versions(form), who.role)
        query = read_query({name: text for name, text in request.query_params.items() if name == "$filter"})
        self._programs.reader(request, form, fields="csv")
        if (known := unchanged(request, self._campaign, who)) is not None:
            return known
        zone = who.reach
        asked = odata.Asked(form, zone, query, self._programs.site.clock())
        groups = request.query_params.get("groupPaths", "true").casefold() != "false"
        headers = {
            "ETag": etag(request, self._campaign, who),
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f'attachment; filename="submissions.csv{".zip" if packed else ""}"',
        }
        if packed:
            data = self._packed(form, offered, asked, groups=groups)
            return Response(data, headers=headers, media_type="application/zip")
        pieces = self._lines(offered[0], asked, groups=groups)
        return StreamingResponse(pieces, headers=headers, media_type="text/csv; charset=utf-8")

    def _lines(self, table: Table, asked: odata.Asked, *, groups: bool) -> Iterator[bytes]:
        shown = columns(table)
        yield (MARK + _written([header(table, shown, groups=groups)])).encode()
        rows: list[list[str]] = []
        for one in odata.interviews(self._reading, asked):
            if table.above is None:
                rows.append(main_row(shown, one.instance, one.answers, one.system))
            else:
                rows += turn_rows(table, shown, one.instance, one.answers)
            if len(rows) >= CHUNK:
                yield _written(rows).encode()
                rows = []
        yield _written(rows).encode()

    def _packed(self, form: str, offered: Sequence[Table], asked: odata.Asked, *, groups: bool) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in offered:
                with archive.open(file_name(form, table), "w") as file:
                    for piece in self._lines(table, asked, groups=groups):
                        file.write(piece)
        return out.getvalue()

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._campaign.engine)


def _written(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
