"""`taama contacts`: partners' lists of people to find, each once, and what came of it."""

from __future__ import annotations

import os
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, say

if TYPE_CHECKING:
    from server.store.home import Campaign
    from server.store.matching import Unlocked

app = typer.Typer(help="Partners' lists of people to find.", no_args_is_help=True)
Secret = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file with the matching passphrase; asked without.")
]
Zone = Annotated[str, typer.Option("--zone", help="The zone, as in the enumerators' accounts.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="The partner's list: CSV or .xlsx, a row a person.")],
    partner: Annotated[str, typer.Option("--partner", help="Whose list it is.")],
    zone: Zone = "",
    renamed: Annotated[
        list[str] | None, typer.Option("--map", help="theirs=ours, for a header that is not understood.")
    ] = None,
    passphrase_file: Secret = None,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Take a partner's list in: whoever is on another list or was interviewed is noted and not called.

    Names and numbers are kept encrypted. Erase the partner's file afterwards.

    Example: taama contacts import oim.xlsx --partner OIM --zone kayes --home kayes-2026
    """
    from server.cli.link import mapping
    from server.store.contacts import import_list
    from server.store.home import open_campaign
    from server.store.lists import read_persons

    persons = read_persons(file, mapping(renamed or []))
    campaign = open_campaign(home)
    try:
        opened = _opened(campaign, passphrase_file)
        made = import_list(campaign, opened, persons, partner=partner, zone=zone, at=now(), random=os.urandom)
    finally:
        campaign.close()
    told = {"rows": made.rows, "doubles": made.doubles, "interviewed": made.interviewed}
    text = f"{made.rows} people are taken in: {made.doubles} doubles, {made.interviewed} interviewed already."
    say(told, text, as_json=as_json)


@app.command("list")
def list_contacts(
    zone: Annotated[str | None, typer.Option("--zone", help="Only this zone.")] = None,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """List contacts by their codes: partner, zone and what came of each. No name is shown.

    Example: taama contacts list --zone kayes --home kayes-2026
    """
    from server.store.contacts import contacts
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    found = contacts(campaign, zone)
    campaign.close()
    names = ("id", "partner", "zone", "state", "same_as", "changed")
    rows = [{name: getattr(row, name) for name in names} for row in found]
    lines = [f"{row.id}  {row.zone:<12} {row.partner:<16} {row.state} {row.same_as}" for row in found]
    say({"contacts": rows}, "\n".join(lines) or "No contact is there.", as_json=as_json)


@app.command("choose")
def choose_contacts(
    count: Annotated[int, typer.Argument(min=1, help="How many to call next.")],
    zone: Zone = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Draw at random whom to call next in a zone; the phones of the zone get them with the next update.

    Example: taama contacts choose 30 --zone kayes --home kayes-2026
    """
    from server.store.contacts import choose
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    try:
        drawn = choose(campaign, zone, count, at=now(), rng=SystemRandom())
    finally:
        campaign.close()
    say({"chosen": drawn}, f"{len(drawn)} contacts are on the list of the zone.", as_json=as_json)


@app.command("mark")
def mark_contact(
    contact: Annotated[str, typer.Argument(help="The contact's code.")],
    state: Annotated[str, typer.Argument(help="reached, refused, not_found, interviewed, chosen or new.")],
    passphrase_file: Secret = None,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Note what came of a contact. Refused, not found or interviewed: name and number are erased.

    Example: taama contacts mark c7k2mq interviewed --home kayes-2026
    """
    from server.store.contacts import mark
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    try:
        opened = _opened(campaign, passphrase_file)
        mark(campaign, contact, state, at=now(), unlocked=opened, random=os.urandom)
    finally:
        campaign.close()
    say({"contact": contact, "state": state}, "It is noted.", as_json=as_json)


def _opened(campaign: Campaign, passphrase_file: Path | None) -> Unlocked:
    from server.cli.link import passphrase
    from server.store.matching import unlock

    return unlock(campaign.matching, passphrase(passphrase_file))
