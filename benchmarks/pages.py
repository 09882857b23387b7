"""How long the supervisor's pages take on the server, with a few thousand interviews and with a season's.

Run: python benchmarks/pages.py [--interviews 5000] [--home FOLDER]. Each page is asked for over loopback by a
signed-in supervisor who sees every zone; the first time is told apart, as what a page keeps in memory until
the next arrival is worked out then. The baseline is a page that reads nothing: what signing in, the socket
and the frame of a page cost.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
from grown import grown
from sqlalchemy import select

from server.app import World, create_app
from server.cli.serving import address, claim, serve_beside
from server.store import people
from server.store.checking import check_all
from server.store.forms import Forms
from server.store.project import SUBMISSION
from sync.db import reading

FORM, TURNS = "returnee", 5
PAGES = (
    "/keys",  # the baseline
    "/",
    "/queue",
    "/queue?standing=all&page=40",
    "/queue?standing=all&zone=kayes",
    "/queue?standing=all&check=NIGHT",
    "/enumerators",
    f"/enumerators?form={FORM}",
    "/map",
    "/backchecks",
    "/checks",
    "/duplicates",
    "/chains",
    "/quarantine",
    "/contacts",
    "/people",
    "/releases",
    "/sync",
)


def asked(http: httpx.Client, path: str) -> float:
    """Milliseconds for one page, which must be a page."""
    start = time.perf_counter()
    answer = http.get(path)
    taken = 1000 * (time.perf_counter() - start)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")
    return taken


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--interviews", type=int, default=5_000)
    parser.add_argument("--home", type=Path, help="A folder to keep the campaign in, for the next time.")
    said = parser.parse_args()
    with ExitStack() as stack:
        folder = said.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        campaign = grown(folder, FORM, said.interviews)
        stack.callback(campaign.close)
        with reading(campaign.engine) as connection:
            one = connection.execute(
                select(SUBMISSION.c.instance).order_by(SUBMISSION.c.event.desc())
            ).scalar()
            unseen = connection.exec_driver_sql(
                "SELECT count(*) FROM submission WHERE instance NOT IN (SELECT instance FROM risk)"
            ).scalar()
        if unseen:
            check_all(campaign, Forms(campaign))
        now = datetime.now(UTC).isoformat()
        made = people.add(campaign.engine, "Bench", "supervisor", now=now, secret=os.urandom)
        world = World(lambda: datetime.now(UTC), os.urandom, os.urandom(32))
        listener = stack.enter_context(claim("127.0.0.1", 0))
        stack.callback(serve_beside(create_app(campaign, world), listener))
        base = address(*listener.getsockname()[:2])
        http = stack.enter_context(httpx.Client(base_url=base, timeout=120))
        http.post("/sign-in", data={"login": made.login, "passphrase": made.secret})
        print(
            f"{said.interviews} interviews; milliseconds: first, then the median and the longest of {TURNS}"
        )
        for path in (*PAGES, f"/interviews/{one}"):
            first = asked(http, path)
            later = [asked(http, path) for _ in range(TURNS)]
            print(f"{path[:48]:<50}{first:8.0f}{statistics.median(later):8.0f}{max(later):8.0f}")


if __name__ == "__main__":
    main()
