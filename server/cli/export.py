"""`taama export`: a clean dataset of one form."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, progress, say


class Format(StrEnum):
    """File formats that this version writes."""

    csv = "csv"


class Audience(StrEnum):
    """Who will hold the file."""

    internal = "internal"
    partner = "partner"
    public = "public"


class Include(StrEnum):
    """Which interviews."""

    approved = "approved"
    all = "all"


def export(
    form: Annotated[str, typer.Argument(help="The form's id.")],
    out: Annotated[Path, typer.Option("--out", help="The folder in which the release's folder is made.")],
    home: Home = DEFAULT_HOME,
    file_format: Annotated[Format, typer.Option("--format")] = Format.csv,
    release: Annotated[Audience, typer.Option("--release")] = Audience.internal,
    include: Annotated[
        Include, typer.Option("--include", help="`all` takes those not yet approved.")
    ] = Include.approved,
    recipient: Annotated[str, typer.Option("--to", help="Who will hold the file, an organisation.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What for, in a few words.")] = "",
    as_json: Json = False,
) -> None:
    """Write a form's answers as tables, with choice labels and a manifest. Identities are never in it.

    Example: taama export returnee --include all --out releases --to "Équipe d'analyse" --purpose rapport
    """
    from server.store.export import Release, export_csv
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    wanted = Release(form, release.value, include is Include.all, recipient, purpose)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with progress("Writing interviews", quiet=as_json) as step:
        made = export_csv(campaign, wanted, out, now, step)
    campaign.close()
    left = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in made.left_out.items())
    say(
        {"folder": made.folder, "rows": made.rows, "left_out": made.left_out, "format": file_format.value},
        f"{made.rows} interviews in {made.folder}" + (f"\nLeft out: {left}" if left else ""),
        as_json=as_json,
    )
