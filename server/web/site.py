"""What the pages and the door need to know of the campaign they serve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from server.core.moments import stamp


@dataclass(frozen=True)
class Site:
    """One campaign as the web sees it. `clock` gives aware UTC times, `random(n)` gives n random bytes.

    `secure` says that the server is reached over https only: cookies then never travel in clear.
    """

    engine: Engine
    campaign: str
    door_key: bytes = field(repr=False)
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    secure: bool = False
    languages: tuple[str, ...] = ("fr", "en")

    def now(self) -> str:
        """The time as it is kept: ISO 8601, UTC, milliseconds."""
        return stamp(self.clock())
