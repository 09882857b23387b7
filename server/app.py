"""Puts the server together: the only place that knows every part."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from server.core.moments import stamp
from server.core.positions import Recollection
from server.core.problem import Unavailable
from server.store.aside import Aside
from server.store.checking import Arrivals, near
from server.store.codes import digest_one
from server.store.contacts import sheet
from server.store.daily import Daily
from server.store.forms import Forms
from server.store.home import Campaign, open_campaign
from server.store.matcher import Station
from server.store.sites import sites
from server.store.withdraw import finish as finish_withdrawals
from server.store.withdraw import fulfil
from server.store.writer import Writer
from server.web import central, chains, duplicates, errors, openrosa, pages, protection, render, review, sync
from server.web.asgi import ExactPath, Headers
from server.web.door import Door
from server.web.reception import Reception
from server.web.review.today import targets_of
from server.web.site import Site
from sync.postgres import Lead

COMPARED_EVERY = 0.5  # seconds
CHECKED_EVERY = 0.5
TOGETHER_AFTER = 60.0  # seconds without an interview, after which all are looked at together
IDLE = 2.0  # seconds without an interview, after which withdrawal codes are digested
# Phones and scripts get the same headers as pages: nothing here may be framed, sniffed or kept.
HEADERS = tuple((name.lower().encode(), value.encode()) for name, value in render.HEADERS.items())


@dataclass(frozen=True)
class World:
    """What the server cannot make itself: the time, randomness, and a key that lives in memory only."""

    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    memory: bytes
    alone: bool = True  # no other process serves the same campaign


def real_world() -> World:
    """The machine's clock and randomness. Workers share one memory key, handed down by their parent."""
    shared = os.environ.get("TAAMA_MEMORY", "")
    memory = bytes.fromhex(shared) if shared else os.urandom(32)
    return World(lambda: datetime.now(UTC), os.urandom, memory, alone=not shared)


def create_app(campaign: Campaign, world: World) -> ASGIApp:
    """The server of one campaign."""
    writer = Writer(campaign, world.memory)
    forms = Forms(campaign)
    recollection = Recollection(near(campaign))
    known = sites(campaign, forms)
    reception = Reception(campaign, forms, writer, world.clock, world.random, recollection, known)
    station = Station(campaign, world.random, alone=world.alone)
    site = Site(
        engine=campaign.engine,
        campaign=campaign.settings.name,
        door_key=campaign.keys.door,
        clock=world.clock,
        random=world.random,
    )

    aside = Aside.of(campaign, forms, site.now)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        finish_withdrawals(campaign)
        writer.start()
        lead = Lead(campaign.engine)
        stop_digesting = _digest_codes(campaign, writer, world, lead)
        stop_comparing = _compare(station, world)
        stop_checking = _check(Arrivals(campaign, forms), writer, lead)
        stop_renewing = _renew(writer, aside)
        _settle_memory()
        yield
        stop_renewing()
        stop_checking()
        stop_comparing()
        stop_digesting()
        lead.leave()
        writer.stop()

    app = FastAPI(
        title="Taama",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.include_router(
        openrosa.router(openrosa.OpenRosaDoor(Door.of(site), reception, _contacts(campaign, station)))
    )
    app.include_router(central.router(site, campaign, forms))
    app.include_router(pages.router(site, targets_of(campaign, aside.teams)))
    app.include_router(review.router(review.ReviewDesk(site, campaign, forms), aside, station))
    app.include_router(protection.router(site, campaign))
    app.include_router(duplicates.router(site, campaign, station))
    app.include_router(chains.router(site, campaign, station))
    app.include_router(sync.router(site, campaign))

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    errors.install(app, site)
    return ExactPath(Headers(app, HEADERS))


def _digest_codes(campaign: Campaign, writer: Writer, world: World, lead: Lead) -> Callable[[], None]:
    """Digests withdrawal codes while no interview is arriving, and withdraws what was asked for meanwhile.

    Returns what stops it.
    """
    daily = Daily(campaign)

    def work(stopped: threading.Event) -> None:
        if not lead.mine():
            return
        now = world.clock()
        while not stopped.is_set() and writer.quiet_for(IDLE) and digest_one(campaign):
            pass
        fulfil(campaign, at=stamp(now))
        daily.once(now, at=stamp(now))

    return _every(IDLE, work, "codes")


def _contacts(campaign: Campaign, station: Station) -> Callable[[str], bytes]:
    """The list of whom to find in a zone, for phones.

    While it is locked phones are told to come again: an empty list would make them forget the one they have.
    """

    def of_zone(zone: str) -> bytes:
        opened = station.opened()
        if opened is None:
            raise Unavailable("contacts_locked")
        return sheet(campaign, opened, zone)

    return of_zone


def _compare(station: Station, world: World) -> Callable[[], None]:
    """Compares arrivals within a second, once the matching key is unlocked; returns what stops it."""
    return _every(COMPARED_EVERY, lambda _: station.work(at=stamp(world.clock())), "comparing")


def _check(arrivals: Arrivals, writer: Writer, lead: Lead) -> Callable[[], None]:
    """Checks interviews once they are in, and all of them together while nothing arrives."""

    def work(stopped: threading.Event) -> None:
        if not lead.mine():
            return
        while not stopped.is_set() and arrivals.work():
            pass
        if not stopped.is_set() and writer.quiet_for(TOGETHER_AFTER):
            arrivals.compare(lambda: not stopped.is_set() and writer.quiet_for(TOGETHER_AFTER))

    return _every(CHECKED_EVERY, work, "checks")


def _renew(writer: Writer, aside: Aside) -> Callable[[], None]:
    """Works out anew what pages keep, while no interview is arriving; returns what stops it."""

    def work(stopped: threading.Event) -> None:
        aside.renew(lambda: not stopped.is_set() and writer.quiet_for(IDLE))

    return _every(IDLE, work, "pages")


def _every(seconds: float, work: Callable[[threading.Event], object], name: str) -> Callable[[], None]:
    """Does `work` again and again beside the server; returns what stops it and waits for its end.

    Whatever goes wrong is told to the log without its words, and tried again: a withdrawal must not wait for
    a restart because the disk was full for a moment.
    """
    stopped = threading.Event()

    def again() -> None:
        while not stopped.wait(seconds):
            try:
                work(stopped)
            except Exception as error:
                errors.problem_of(error)

    thread = threading.Thread(target=again, name=name, daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join()

    return stop


def _settle_memory() -> None:
    """What was loaded at the start stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def worker() -> ASGIApp:
    """The server as one of several workers, each of which opens the campaign in TAAMA_HOME."""
    return create_app(open_campaign(Path(os.environ["TAAMA_HOME"])), real_world())
