"""Tells a program that polls whether anything has changed since it last asked, without reading the data."""

from __future__ import annotations

import hashlib

from fastapi import Request
from sqlalchemy import func, select
from starlette.responses import Response

from server.store.forget import EVENT
from server.store.home import Campaign
from server.store.people import Who
from sync.db import reading


def etag(request: Request, campaign: Campaign, who: Who) -> str:
    """What names this answer: the log's last place, and who asked for what.

    Whatever changes an answer is an event: an interview, an edit, a decision, a withdrawal, a purge.
    """
    with reading(campaign.engine) as connection:
        last = connection.execute(select(func.max(EVENT.c.n))).scalar() or 0
    asked = f"{last} {who.role} {who.zone} {request.url.path}?{request.url.query}"
    return f'"{hashlib.sha256(asked.encode()).hexdigest()[:32]}"'


def unchanged(request: Request, campaign: Campaign, who: Who) -> Response | None:
    """The answer that nothing has changed, when that is so."""
    tag = etag(request, campaign, who)
    if request.headers.get("if-none-match", "").removeprefix("W/") != tag:
        return None
    return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})
