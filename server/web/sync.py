"""The centre's door for hubs, and the page that shows who was met and what waits.

A hub shows its token; one that is unknown or was taken off is told nothing but that. What is said is checked
by its own signature, so that the road need not be trusted.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable

import orjson
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from server.core.problem import Problem
from server.store import nodes
from server.store.field import announce
from server.store.home import Campaign
from server.store.meeting import here
from server.store.withdraw import fulfil
from server.web import render
from server.web.desk import Desk
from server.web.errors import json_error, problem_of
from server.web.site import Site
from sync.client import NOT_HEARD, STATE, TOTAL
from sync.event import digest
from sync.hear import NotHeard
from sync.keys import verified
from sync.peer import CHUNK, PAGE
from sync.wire import FORMAT, LARGEST, Garbled, as_vector, line, unpack, unpacked

REASONS = {kind: name for name, kind in NOT_HEARD.items()}
MOST_NAMES = 10_000
LARGEST_BODY = 2_000_000_000


def router(site: Site, campaign: Campaign) -> APIRouter:
    """The hubs' door and the page."""
    door = Door(site, campaign)
    routes = APIRouter(include_in_schema=False)
    for path, method, limit, act in (
        ("/sync/vector", "GET", 0, door.vector),
        ("/sync/since", "POST", 1_000_000, door.since),
        ("/sync/events", "POST", LARGEST, door.events),
        ("/sync/missing", "POST", 1_000_000, door.missing),
        ("/sync/renew", "POST", 10_000, door.renew),
        ("/sync/blobs/{sha}", "PATCH", CHUNK, door.keep),
        ("/sync/blobs/{sha}", "GET", 0, door.fetch),
    ):
        routes.add_route(path, door.guarded(limit, act), methods=[method])
    page = Page(site, campaign)
    routes.add_api_route("/sync", page.show, methods=["GET"])
    return routes


class Door:
    """One method a route; each is given the hub's name, the request and its body."""

    def __init__(self, site: Site, campaign: Campaign) -> None:
        self._site, self._campaign = site, campaign

    def guarded(
        self, limit: int, act: Callable[[str, Request, bytes], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        """The route of `act`: who knocks is looked at before anything that he sends."""

        async def route(request: Request) -> Response:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            hub = await asyncio.to_thread(nodes.by_token, self._campaign, token) if token else ""
            if not hub:
                return JSONResponse({"reason": "unknown_node"}, 403)
            data = bytearray()
            async for chunk in request.stream():
                data += chunk
                if len(data) > limit:
                    return JSONResponse({"reason": "too_large"}, 413)
            return await asyncio.to_thread(_answered, act, hub, request, bytes(data))

        return route

    def vector(self, hub: str, _: Request, __: bytes) -> Response:
        """How far the centre has heard each node."""
        return JSONResponse(self._head(hub))

    def since(self, hub: str, _: Request, data: bytes) -> Response:
        """The next events for a hub, after a line with the centre's own vector."""
        asked = orjson.loads(unpacked(data))
        theirs = as_vector(asked["vector"])
        announce(self._campaign, at=self._site.now())
        nodes.note_meeting(self._campaign, hub, theirs, at=self._site.now())
        said = here(self._campaign, hub).since(theirs, max(1, min(int(asked["page"]), PAGE)))
        lines = [orjson.dumps(self._head(hub)), *(line(one) for one in said)]
        return Response(_packed(b"\n".join(lines)), media_type="application/octet-stream")

    def _head(self, hub: str) -> dict[str, object]:
        vector = here(self._campaign, hub).vector()
        return {"format": FORMAT, "vector": {o: list(one) for o, one in vector.items()}}

    def events(self, hub: str, _: Request, data: bytes) -> Response:
        """Takes a page in."""
        said = unpack(data)
        if len(said) > PAGE:
            raise Garbled
        here(self._campaign, hub).tell(said)
        fulfil(self._campaign, at=self._site.now())
        return JSONResponse({"taken": len(said)})

    def missing(self, hub: str, _: Request, data: bytes) -> Response:
        """Which bodies are wanted."""
        shas = orjson.loads(unpacked(data))
        if not isinstance(shas, list) or len(shas) > MOST_NAMES:
            raise Garbled
        return JSONResponse(here(self._campaign, hub).missing([str(sha) for sha in shas]))

    def keep(self, hub: str, request: Request, data: bytes) -> Response:
        """A piece of a body; the answer tells how much is here."""
        offset, total = int(request.headers[STATE]), int(request.headers[TOTAL])
        if not 0 <= offset <= total <= LARGEST_BODY:
            raise Garbled
        there = here(self._campaign, hub).offer(request.path_params["sha"], offset, total, data)
        return Response(status_code=204, headers={STATE: str(there)})

    def fetch(self, hub: str, request: Request, _: bytes) -> Response:
        """A piece of a body from an offset on, where the hub may have it."""
        offset = max(0, int(request.headers.get(STATE, "0")))
        piece, total = here(self._campaign, hub).fetch(request.path_params["sha"], offset)
        return Response(piece, headers={TOTAL: str(total)}, media_type="application/octet-stream")

    def renew(self, hub: str, request: Request, data: bytes) -> Response:
        """A hub that was restored from an old backup takes a new name; its token stays."""
        asked = orjson.loads(unpacked(data))
        origin, public = str(asked["origin"]), bytes.fromhex(asked["public"])
        if not verified(public, digest(origin.encode()), bytes.fromhex(asked["proof"])):
            raise Garbled
        before = next(node for node in nodes.nodes(self._campaign) if node.origin == hub)
        token = request.headers["authorization"].removeprefix("Bearer ")
        new = nodes.NewNode(origin, public, before.label, before.zone)
        nodes.welcome(self._campaign, new, token, at=self._site.now())
        return JSONResponse({"label": before.label})


def _answered(
    act: Callable[[str, Request, bytes], Response], hub: str, request: Request, data: bytes
) -> Response:
    try:
        return act(hub, request, data)
    except NotHeard as error:
        return JSONResponse({"reason": REASONS[type(error)], "origin": error.origin}, 409)
    except FileNotFoundError:
        return JSONResponse({"reason": "not_found"}, 404)
    except (Garbled, ValueError, KeyError, TypeError, AttributeError):
        return JSONResponse({"reason": "garbled"}, 400)
    except Problem as problem:
        return json_error(problem, "en")
    except Exception as error:
        return json_error(problem_of(error), "en")


def _packed(data: bytes) -> bytes:
    return zlib.compress(data, 1)


class Page:
    """Who was met when, and what waits where."""

    def __init__(self, site: Site, campaign: Campaign) -> None:
        self._site, self._campaign, self._desk = site, campaign, Desk(site)

    def show(self, request: Request) -> Response:
        """The nodes of the campaign."""
        session = self._desk.admit(request, "/sync")
        lang = render.language_of(request)
        found = nodes.nodes(self._campaign)
        hub = self._campaign.settings.role != "central"
        return render.page(self._site, "sync.html", lang, session=session, nodes=found, hub=hub)
