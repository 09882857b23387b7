"""The campaign's file of sites: checked whole before it is taken in, read when the server starts."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from server.core.problem import Malformed, NotFound
from server.core.sites import COLUMNS, Sites, sites_of
from server.store.forms import Forms, newest
from server.store.home import Campaign
from sync.db import reading

FILE = "sites.csv"


def sites(campaign: Campaign, forms: Forms) -> Sites:
    """The sites in force; none without a file, nor from one that is wrong: arrivals do not wait for it."""
    path = campaign.folder / FILE
    if not path.exists():
        return Sites()
    try:
        return _read(path, campaign, forms)
    except (Malformed, NotFound):
        return Sites()


def import_sites(campaign: Campaign, source: Path, forms: Forms) -> int:
    """Checks a whole file of sites, then takes it in place of the earlier one; returns how many it has."""
    found = _read(source, campaign, forms)
    waiting = campaign.folder / f"{FILE}.part"
    waiting.write_bytes(source.read_bytes())
    waiting.replace(campaign.folder / FILE)
    return sum(len(points) for places in found.points.values() for points in places.values())


def _read(path: Path, campaign: Campaign, forms: Forms) -> Sites:
    with reading(campaign.engine) as connection:
        published = newest(connection)
    plans = [plan for form, version in published if (plan := forms.find(form, version))]

    def known(question: str) -> Collection[str]:
        return {
            choice.name
            for plan in plans
            for one in plan.form.with_role("stratum")
            if one.name == question and plan.reads(one)
            for choice in one.choices or ()
        }

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise Malformed("sites_header", columns=", ".join(COLUMNS))
            return sites_of(reader, known)
    except (UnicodeDecodeError, csv.Error):
        raise Malformed("sites_header", columns=", ".join(COLUMNS)) from None
