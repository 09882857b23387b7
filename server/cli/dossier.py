"""`taama dossier` and `taama breach`: the papers of data protection, made from the published forms and the
log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.cli.handouts import Lang
from server.cli.speak import DEFAULT_HOME, Home, Json, say


def dossier(
    out: Annotated[Path, typer.Option("--out", help="The folder for the two pages.")] = Path("dossier"),
    lang: Annotated[Lang, typer.Option("--lang")] = Lang.fr,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Write the record of processing and the skeleton of an impact assessment, from the forms themselves.

    Open them in a browser, fill in what is marked, print or save as PDF.

    Example: taama dossier --lang fr --out dossier --home kayes-2026
    """
    from server.store.breach import sheets
    from server.store.home import open_campaign
    from server.store.releases import releases
    from server.web import dossiers
    from sync.keys import write_private

    campaign = open_campaign(home)
    try:
        found, given = sheets(campaign), releases(campaign)
        about = dossiers.Campaign(campaign.settings.name, campaign.settings.ends, given)
    finally:
        campaign.close()
    made = datetime.now(UTC).isoformat(timespec="seconds")
    pages = {
        "record-of-processing.html": dossiers.record(found, about, lang.value, made),
        "impact-assessment.html": dossiers.assessment(found, about, lang.value, made),
    }
    for name, page in pages.items():
        write_private(out / name, page)
    files = [str(out / name) for name in pages]
    say({"files": files, "forms": [sheet.id for sheet in found]}, "\n".join(files), as_json=as_json)


def breach(
    at: Annotated[
        str, typer.Option("--at", help="When it was taken, as 2026-11-23T14:00Z. Now without it.")
    ] = "",
    noticed: Annotated[
        str, typer.Option("--noticed", help="When it was noticed; the deadlines run from it.")
    ] = "",
    out: Annotated[Path, typer.Option("--out", help="The folder for the page and the figures.")] = Path(
        "breach"
    ),
    hub: Annotated[str, typer.Option("--hub", help="At the centre: the hub that was taken.")] = "",
    lang: Annotated[Lang, typer.Option("--lang")] = Lang.fr,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Write what was on this node at a moment, for those who must be told within 48 and 72 hours.

    At the centre name the hub that was taken: what it had received until it was last met is counted, and the
    people of its zone. Or run it on a backup of that hub.

    Example: taama breach --hub Kayes --at 2026-11-23T14:00Z --out breach --home centre
    """
    from server.core.moments import stamp
    from server.core.problem import Malformed
    from server.store.breach import breach_pack, sheets
    from server.store.home import open_campaign
    from server.web import dossiers
    from sync.keys import write_private

    try:
        taken, seen = (_moment(text) for text in (at, noticed))
    except ValueError:
        raise Malformed("bad_date") from None
    campaign = open_campaign(home)
    try:
        until = stamp(taken)
        pack, found = breach_pack(campaign, until, hub), sheets(campaign)
    finally:
        campaign.close()
    write_private(out / "breach.html", dossiers.breach(pack, found, lang.value, seen))
    write_private(out / "breach.json", json.dumps(pack, ensure_ascii=False, indent=1))
    count = sum(pack["interviews"].values())
    say(
        {"folder": str(out), **pack},
        f"{count} interviews were there. See {out / 'breach.html'}",
        as_json=as_json,
    )


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text) if text else datetime.now(UTC)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
