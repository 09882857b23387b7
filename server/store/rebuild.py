"""Drops the views and reads the log again: what we show is what happened, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update

from server.store.home import NODE, Campaign
from server.store.local import Local
from server.store.project import project
from server.store.tables import VIEWS, View
from sync.db import writing
from sync.log import told


def rebuild(campaign: Campaign, step: Callable[[int], None] = lambda _: None) -> int:
    """Rebuilds every view in one transaction; `step` is told of progress. Returns the number of events."""
    count = 0
    Local.metadata.create_all(campaign.engine)  # tables that came with a newer version
    with writing(campaign.engine) as connection:
        View.metadata.drop_all(connection)
        View.metadata.create_all(connection)
        page = []
        for placed in told(connection):
            page.append(placed)
            if len(page) == 500:
                project(connection, page)
                count += len(page)
                step(count)
                page = []
        project(connection, page)
        count += len(page)
        connection.execute(update(NODE).values(views=VIEWS))
    step(count)
    return count
