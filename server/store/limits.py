"""Counts tries by the minute, so that nobody can try out codes: a full minute has to pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update

from server.core.problem import Refused
from server.store.local import Tries
from sync.db import writing
from sync.tables import table_of

TRIES = table_of(Tries)


def count_try(engine: Engine, limits: Mapping[str, int], now: datetime) -> None:
    """Counts one try against each key; raises Refused once a key has had its number in this minute."""
    minute = now.strftime("%Y-%m-%dT%H:%M")
    with writing(engine) as connection:
        connection.execute(delete(TRIES).where(TRIES.c.minute != minute))
        counts = {key: int(tries) for key, tries in connection.execute(select(TRIES.c.key, TRIES.c["count"]))}
        full = any(counts.get(key, 0) >= most for key, most in limits.items())
        for key in () if full else limits:
            if key in counts:
                mine = TRIES.c.key == key
                connection.execute(update(TRIES).where(mine).values(count=counts[key] + 1))
            else:
                connection.execute(insert(TRIES).values(key=key, minute=minute, count=1))
    if full:
        raise Refused("too_many_tries", seconds=str(60 - now.second))
