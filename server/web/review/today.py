"""The first page: what needs the reader now, how far the campaign is, and what has just come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.core.access import may_open
from server.core.problem import Problem
from server.core.team.pace import Progress
from server.store import read, today
from server.store.home import Campaign
from server.store.persons import open_pairs
from server.store.teamwork import TARGETS, Teams
from server.web import messages
from server.web.review.drawings import bars
from server.web.review.words import NEEDS, STANDINGS
from server.web.session import Session
from server.web.site import Site
from sync.db import reading

# How far each target is, and what is wrong with the file of targets.
Targets = Callable[[], tuple[list[Progress], Problem | None]]


def no_targets() -> tuple[list[Progress], Problem | None]:
    """For a server without a team."""
    return [], None


def targets_of(campaign: Campaign, teams: Teams) -> Targets:
    """The targets of a campaign; a file that is wrong is told, and hides nothing else."""

    def progress() -> tuple[list[Progress], Problem | None]:
        if not (campaign.folder / TARGETS).exists():
            return [], None
        try:
            with reading(campaign.engine) as connection:
                forms = read.titles(connection)
            return [one for form in forms for one in teams.report(form).value.progress], None
        except Problem as problem:
            return [], problem

    return progress


def overview(site: Site, session: Session, lang: str, targets: Targets) -> dict[str, Any]:
    """What stands where today; a supervisor of a zone sees his own."""
    role, zone = session.who.role, session.who.reach
    with reading(site.engine) as connection:
        forms = read.forms(connection, zone)
        totals = read.totals(connection, forms, zone)
        days = today.by_day(connection, zone)
        standings = today.by_standing(connection, zone)
        counts = {
            "urgent": today.urgent(connection, zone),
            "pairs": open_pairs(connection, zone),
            "held": totals.held,
            **standings,
        }
        arrivals = read.arrivals(connection, 10, zone)
    progress, problem = targets()
    rows = [(f"{day[8:]}/{day[5:7]}", messages.day(lang, day), count) for day, count in days]
    return {
        "forms": forms,
        "totals": totals,
        "arrivals": arrivals,
        "needs": _needs(role, counts),
        "days": [(name, count) for _, name, count in rows],
        "drawing": bars(rows, "days-title") if rows else "",
        "progress": progress,
        "trouble": messages.problem(lang, problem) if problem else "",
        "by_standing": standings,
        "standings": STANDINGS,
        "may_read": may_open(role, "/interviews"),
        "day": lambda stamp: messages.day(lang, stamp),
    }


def _needs(role: str, counts: dict[str, int]) -> list[tuple[str, str, int, str]]:
    """What waits for somebody of this role: address, severity, count, words."""
    wanted = [
        ("/queue", "critical", "urgent"),
        ("/queue", "warning", ""),
        ("/queue?standing=contested", "critical", "contested"),
        ("/queue?standing=query", "info", "query"),
        ("/duplicates", "warning", "pairs"),
        ("/quarantine", "warning", "held"),
    ]
    return [
        (path, severity if counts.get(key) else "", counts.get(key, 0), NEEDS[key])
        for path, severity, key in wanted
        if may_open(role, path.partition("?")[0])
    ]
