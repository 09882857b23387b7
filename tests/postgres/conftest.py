"""What every test here shares: the PostgreSQL of `support.postgres`, whose absence is a failure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.world import Server, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A campaign in PostgreSQL that is being served."""
    with serving(tmp_path, postgres=True) as running:
        yield running
