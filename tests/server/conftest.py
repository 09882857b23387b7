"""A campaign's database and a clock that the test moves."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from server.store.local import Local
from server.store.tables import View
from server.web.site import Site
from sync.db import connect, sqlite_url
from sync.tables import Durable

with warnings.catch_warnings():
    # Starlette's client works with httpx as it is; it only says that it would like a newer one.
    warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
    import starlette.testclient  # noqa: F401  # tests that import it later are not warned again


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def random() -> Callable[[int], bytes]:
    """Bytes that differ at each call, and are the same in each run."""
    counter = itertools.count()

    def made(size: int) -> bytes:
        number = next(counter)
        return bytes((number * 37 + place * 11 + (number * place) // 3) % 256 for place in range(size))

    return made


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(sqlite_url(tmp_path / "taama.db"), create=True)
    for metadata in (Durable.metadata, View.metadata, Local.metadata):
        metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def site(engine: Engine, clock: Clock, random: Callable[[int], bytes]) -> Site:
    return Site(engine, "Campagne d’essai", b"k" * 32, clock, random)
