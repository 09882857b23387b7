"""Reads the options of an OData request, and cuts rows to what was asked for."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.core.odata.filter import Condition, read_filter, read_order
from server.core.problem import Malformed, Unsupported

KNOWN = frozenset(
    {"$top", "$skip", "$count", "$filter", "$orderby", "$select", "$expand", "$wkt", "$skiptoken", "$format"}
)
MARK = "01"  # the first signs of a skip token: its version


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; `after` is the number of the last row that the asker has."""

    top: int | None = None
    skip: int = 0
    count: bool = False
    wkt: bool = False
    expand: bool = False
    select: tuple[str, ...] = ()
    where: Condition | None = None
    order: tuple[tuple[str, bool], ...] = ()
    after: str = ""


def read_query(options: Mapping[str, str]) -> Query:
    """The options of a request; raises Malformed for broken ones, Unsupported for those that are not
    offered."""
    unknown = [name for name in options if name.startswith("$") and name not in KNOWN]
    if unknown:
        raise Unsupported("odata_option", option=unknown[0][:40])
    expand, select = options.get("$expand", ""), options.get("$select", "")
    if expand not in ("", "*"):
        raise Unsupported("odata_expand")
    if expand and select:
        raise Unsupported("odata_select_expand")
    token, order = options.get("$skiptoken", ""), options.get("$orderby", "")
    if token and order:
        raise Unsupported("odata_order_token")
    return Query(
        top=_whole(options["$top"]) if "$top" in options else None,
        skip=_whole(options.get("$skip", "0")),
        count=_said(options.get("$count", "")),
        wkt=_said(options.get("$wkt", "")),
        expand=bool(expand),
        select=tuple(one.strip() for one in select.split(",") if one.strip()),
        where=read_filter(options["$filter"]) if options.get("$filter") else None,
        order=tuple(read_order(order)) if order else (),
        after=read_token(token) if token else "",
    )


def token_of(number: str, *, turn: bool) -> str:
    """The skip token after the row of this number."""
    said = json.dumps({"repeatId" if turn else "instanceId": number}, separators=(",", ":"))
    return MARK + base64.b64encode(said.encode()).decode()


def read_token(token: str) -> str:
    """The row's number in a skip token; raises Malformed."""
    try:
        said = json.loads(base64.b64decode(token.removeprefix(MARK), validate=True))
        number = said.get("repeatId") or said["instanceId"]
    except (binascii.Error, ValueError, KeyError, AttributeError, TypeError):
        raise Malformed("bad_request") from None
    if not token.startswith(MARK) or not isinstance(number, str):
        raise Malformed("bad_request")
    return number


def selected(row: Mapping[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """Only the named columns of a row; `group` means all of it, `group/field` one. Raises Malformed."""
    found: dict[str, Any] = {}
    for path in paths:
        source: Any = row
        target = found
        *steps, last = path.split("/")
        for step in steps:
            source = source.get(step) if isinstance(source, Mapping) else None
            target = target.setdefault(step, {})
        if not isinstance(source, Mapping) or last not in source:
            raise Malformed("odata_unknown_column")
        target[last] = source[last]
    return found


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Malformed("bad_request")
    return int(text)


def _said(text: str) -> bool:
    if text.casefold() not in ("", "true", "false"):
        raise Malformed("bad_request")
    return text.casefold() == "true"
