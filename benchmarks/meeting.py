"""How long a hub takes to give its interviews to the centre over loopback, and how many bytes that is.

Run: python benchmarks/meeting.py [COUNT]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from server.app import World, create_app
from server.cli.serving import address, claim, serve_beside
from server.core.canonical import canonical
from server.store import nodes
from server.store.home import create, open_campaign
from server.store.meet import meet
from server.store.project import project
from server.store.rebuild import rebuild
from sync import log
from sync.client import TIMEOUT, Remote
from sync.db import insert_once, writing
from sync.event import Draft
from sync.tables import WrappedKey, table_of

AT = "2026-11-23T08:00:00.000Z"


def interviews(campaign: object, count: int) -> None:
    """Interviews as the writer keeps them: readable answers, sealed identity and original, a key each."""
    for start in range(0, count, 500):
        drafts, rows = [], []
        for number in range(start, min(start + 500, count)):
            key = os.urandom(16)
            rows.append({"id": key, "officer": "o", "under": b"", "box": os.urandom(80)})
            body = {"form": "small", "version": "1", "verdict": "given", "scopes": ["recontact"], "flags": []}
            body |= {"files": [], "needs": {}, "size": 6000, "key": key.hex(), "keys": {}}
            clean = canonical(
                {"salt": os.urandom(16).hex(), "answers": {f"q{n}": str(n * number) for n in range(120)}}
            )
            parts = {"clean": clean, "consent": os.urandom(200), "identity": os.urandom(700)}
            parts["original"] = os.urandom(3000)
            drafts.append(Draft("submitted", f"uuid:{number}", body, AT, "enq01", parts))
        with writing(campaign.vault) as connection:
            insert_once(connection, table_of(WrappedKey), rows)
        with writing(campaign.engine) as connection:
            project(connection, log.append(connection, campaign.keys, drafts))


def main(count: int) -> None:
    """Fills a hub, meets the centre, meets it again."""
    folder = Path(tempfile.mkdtemp())
    create(folder / "centre", "Essai", role="central")
    centre = open_campaign(folder / "centre")
    listener = claim("127.0.0.1", 0)
    base = address(*listener.getsockname()[:2])
    invitation = nodes.invite(centre, "Kayes", base, at=AT)
    nodes.accept(folder / "hub", nodes.opened(invitation.data, invitation.code))
    hub = open_campaign(folder / "hub")
    stop = serve_beside(
        create_app(centre, World(lambda: datetime.now(UTC), os.urandom, os.urandom(32))), listener
    )
    interviews(hub, count)
    wire = [0]

    def seen(answer: httpx.Response) -> None:
        answer.read()
        sizes = [len(answer.content), len(answer.request.content)]
        sizes += [sum(len(k) + len(v) + 4 for k, v in one.headers.raw) for one in (answer, answer.request)]
        wire[0] += sum(sizes)

    with httpx.Client(base_url=base, timeout=TIMEOUT, event_hooks={"response": [seen]}) as http:
        remote = Remote(http, hub.settings.token)
        for name in ("first", "second"):
            wire[0], started = 0, time.perf_counter()
            met = meet(hub, remote, at=AT)
            took = time.perf_counter() - started
            print(f"{name}: {met.told} told, {took:.2f} s, {wire[0]} bytes")
    stop()
    started = time.perf_counter()
    print(f"rebuild: {rebuild(centre)} events, {time.perf_counter() - started:.2f} s")
    centre.close()
    hub.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
