"""How long a program waits for a whole table over OData, and how long it would take only to read it.

Run: python benchmarks/odata.py [--interviews 10000]. The baseline reads the same answers and writes them as
JSON as they are, without shape, types or role.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import grown
import httpx

from server.app import create_app, real_world
from server.cli.serving import address, claim, serve_beside
from server.store import people
from server.store.home import Campaign
from server.store.project import SUBMISSION
from sync import log
from sync.db import reading

ROLES = ("supervisor", "analyst")


def main() -> None:
    """Serves a grown campaign and fetches a form's table as each role may see it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--interviews", type=int, default=10_000)
    options.add_argument("--form", default="returnee")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        campaign = grown.grown(Path(folder), asked.form, asked.interviews)
        print(f"baseline, answers as they are: {_plain(campaign, asked.form):.2f} s")
        listener = claim("127.0.0.1", 0)
        base = address(*listener.getsockname()[:2])
        stop = serve_beside(create_app(campaign, real_world()), listener)
        for role in ROLES:
            _fetch(campaign, base, role, asked.form)
        stop()
        campaign.close()


def _plain(campaign: Campaign, form: str) -> float:
    start = time.perf_counter()
    with reading(campaign.engine) as connection:
        places = connection.execute(SUBMISSION.select().where(SUBMISSION.c.form == form)).all()
        for row in places:
            json.dumps(json.loads(log.body(connection, row.event, "clean") or b"{}"))
    return time.perf_counter() - start


def _fetch(campaign: Campaign, base: str, role: str, form: str) -> None:
    made = people.add(campaign.engine, role, role, now="2026-01-01T00:00:00.000Z", secret=os.urandom)
    with httpx.Client(base_url=base, timeout=600) as program:
        token = program.post("/v1/sessions", json={"email": made.login, "password": made.secret}).json()[
            "token"
        ]
        bearer = {"Authorization": f"Bearer {token}"}
        times = []
        for _ in range(3):
            start = time.perf_counter()
            answer = program.get(f"/v1/projects/1/forms/{form}.svc/Submissions", headers=bearer)
            times.append(time.perf_counter() - start)
        size, rows = len(answer.content) / 1e6, len(answer.json()["value"])
    said = " / ".join(f"{one:.2f}" for one in sorted(times))
    print(f"{role}: {rows} interviews, {size:.0f} MB in {said} s (min / median / max)")


if __name__ == "__main__":
    main()
