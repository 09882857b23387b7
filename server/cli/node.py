"""`taama node` makes hubs and takes them off; `taama sync` exchanges with the centre."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, progress, say, say_failure

if TYPE_CHECKING:
    from server.store.home import Campaign
    from sync.client import Remote

app = typer.Typer(name="node", help="Hubs of the field and their centre.", no_args_is_help=True)
UNITS = {"s": 1, "m": 60, "h": 3600}


@app.command("invite")
def invite(
    label: Annotated[str, typer.Argument(help="The hub's name, as people will see it.")],
    out: Annotated[Path, typer.Option("--out", help="Where the invitation is written.")],
    url: Annotated[str, typer.Option("--url", help="Where the hub finds the centre.")] = "",
    zone: Annotated[str, typer.Option("--zone", help="It is told of this zone's people only.")] = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """At the centre: make the file from which a hub is made, and the code that opens it.

    Example: taama node invite "Kayes" --zone kayes --url https://centre.example.org --out kayes.invitation
    """
    from server.store import nodes
    from server.store.home import open_campaign
    from sync.keys import write_private

    campaign = open_campaign(home)
    made = nodes.invite(campaign, label, url, at=now(), zone=zone)
    campaign.close()
    write_private(out, made.data)
    say(
        {"file": str(out), "code": made.code, "node": made.origin},
        f"The invitation is in {out}. Its code, shown only now; tell it by another way:\n  {made.code}\n"
        f"At the hub: taama node enrol {out.name} --code CODE --home {home.name}",
        as_json=as_json,
    )


@app.command("enrol")
def enrol(
    file: Annotated[Path, typer.Argument(help="The invitation made at the centre.")],
    code: Annotated[
        str, typer.Option("--code", prompt=True, hide_input=True, help="The code that opens it.")
    ],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Make this machine a hub of the centre's campaign. The file is of no further use: erase it.

    Example: taama node enrol kayes.invitation --home kayes-2026
    """
    from server.store import nodes

    found = nodes.opened(file.read_bytes(), code)
    settings = nodes.accept(home, found)
    say(
        {"home": str(home), "name": settings.name, "node": found["origin"], "centre": settings.centre},
        f"This is now the hub “{found['label']}” of “{settings.name}”. Erase {file.name}.\n"
        f"Next: taama sync --home {home}",
        as_json=as_json,
    )


@app.command("status")
def status(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Show every node, when it was met and what waits for it.

    Example: taama node status --home kayes-2026
    """
    from dataclasses import asdict

    from server.store import nodes
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    rows = [asdict(node) for node in nodes.nodes(campaign)]
    campaign.close()
    lines = [
        f"{row['label']:<20} {row['role']:<8} {row['zone'] or 'all zones':<12} "
        f"{row['met'][:16] or 'never met':<17} {row['waiting']} waiting"
        f"{'  (here)' if row['me'] else ''}{'  (revoked)' if row['revoked'] else ''}"
        for row in rows
    ]
    say({"nodes": rows}, "\n".join(lines), as_json=as_json)


@app.command("revoke")
def revoke(
    label: Annotated[str, typer.Argument(help="The hub that was lost.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """At the centre: hear a stolen hub no further. Then see what it held: taama breach.

    Example: taama node revoke Kayes --home centre
    """
    from server.store import nodes
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    names = nodes.revoke(campaign, label, at=now(), by="")
    campaign.close()
    told = f"{label} is heard no further. See what it held: taama breach --hub {label} --home {home}"
    say({"revoked": names}, told, as_json=as_json)


@app.command("renew")
def renew(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Give this hub a new name after it was restored from an old backup; nothing is lost. Stop `serve` first.

    Example: taama node renew --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.renew import renew as renewal

    with told(), _centre(campaign := open_campaign(home)) as remote:
        renewed, met = renewal(campaign, remote, at=now())
    facts = {"node": renewed.keys.origin, "heard": met.heard, "told": met.told}
    renewed.close()
    say(facts, f"This hub has a new name. Heard {met.heard}, told {met.told}.", as_json=as_json)


def sync(
    every: Annotated[str, typer.Option("--every", help="Again and again: 30s, 5m, 2h.")] = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Exchange all that is new with the centre. Interrupted, it goes on where it was.

    Example: taama sync --every 5m --home kayes-2026
    """
    from server.store.home import open_campaign
    from sync.client import waits

    found = re.fullmatch(r"(\d+)([smh])", every) if every else None
    if every and (found is None or int(found[1]) == 0):
        from server.core.problem import Malformed

        raise Malformed("bad_interval")
    campaign = open_campaign(home)
    if found is None:
        once(campaign, as_json=as_json)
        campaign.close()
        return
    after = waits(int(found[1]) * UNITS[found[2]])
    try:
        while True:
            good = True
            try:
                once(campaign, as_json=as_json)
            except Exception as error:  # whatever it is, it is told, and tried again later
                say_failure(error)
                good = False
            threading.Event().wait(after(good))
    except KeyboardInterrupt:
        campaign.close()


def once(campaign: Campaign, *, as_json: bool) -> None:
    """One meeting with the centre, told."""
    from server.store.meet import meet

    with told(), _centre(campaign) as remote, progress("Exchanging events", quiet=as_json) as step:
        met = meet(campaign, remote, at=now(), step=step)
    say({"heard": met.heard, "told": met.told}, f"Heard {met.heard}, told {met.told}.", as_json=as_json)


@contextmanager
def _centre(campaign: Campaign) -> Iterator[Remote]:
    import httpx

    from server.core.problem import Refused
    from sync.client import TIMEOUT, Remote

    if not campaign.settings.centre:
        raise Refused("not_a_hub")
    with httpx.Client(base_url=campaign.settings.centre, timeout=TIMEOUT) as http:
        yield Remote(http, campaign.settings.token)


@contextmanager
def told(*, bundle: bool = False) -> Iterator[None]:
    """What can go wrong between nodes, as problems that people can read."""
    from server.core.problem import Malformed, Refused, Unavailable
    from sync.client import OtherVersion, Rejected, Unreachable
    from sync.hear import Forked, NotHeard
    from sync.wire import Garbled

    try:
        yield
    except Unreachable:
        raise Unavailable("centre_unreachable") from None
    except Rejected:
        raise Refused("centre_rejects") from None
    except Forked as error:
        raise Refused("node_forked") from error
    except NotHeard as error:
        raise Refused("not_heard", node=error.origin) from error
    except (Garbled, OtherVersion) as error:
        raise Malformed("bundle_unreadable" if bundle else "garbled_exchange") from error
