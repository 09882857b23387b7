"""`taama retention` says how long what is kept; `taama purge` erases what has been kept long enough."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, say


def retention(
    changes: Annotated[
        list[str] | None, typer.Argument(help="Changes such as media=P30D; what is kept else is shown.")
    ] = None,
    ends: Annotated[
        str, typer.Option("--ends", help="The day on which the project ends, as 2027-03-31.")
    ] = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Show or change how long what is kept. Identities, answers and refusals count from the project's end.

    Example: taama retention media=P30D --ends 2027-03-31 --home kayes-2026
    """
    from server.core.problem import Malformed
    from server.core.retention import RULES, policy
    from server.store.home import change_settings, open_campaign
    from server.store.purge import certificates

    campaign = open_campaign(home)
    try:
        pairs = [change.partition("=") for change in changes or ()]
        if not all(equals for _, equals, _ in pairs):
            raise Malformed("bad_period", period="?")
        periods = dict(campaign.settings.retention) | {kind: period for kind, _, period in pairs}
        rules = policy(periods, ends or campaign.settings.ends)
        if pairs or ends:
            change_settings(campaign, retention=dict(rules.periods), ends=rules.ends)
        done = certificates(campaign)
    finally:
        campaign.close()
    kept = {kind: rules.period(kind) for kind in RULES}
    lines = [
        f"{kind:<9} {period:<6} {'after the end of the project' if RULES[kind].from_end else 'after arrival'}"
        for kind, period in kept.items()
    ]
    lines.append(f"The project ends on {rules.ends}." if rules.ends else "No end is set: see --ends.")
    lines += [f"Purged {one['at'][:10]}: {one['class']}, {one['records']} records" for one in done]
    say({"retention": kept, "ends": rules.ends, "purges": done}, "\n".join(lines), as_json=as_json)


def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Erase what has been kept long enough. A server does it by itself every day, also without a network.

    Example: taama purge --dry-run --home kayes-2026
    """
    from server.core.moments import stamp
    from server.store.home import open_campaign
    from server.store.purge import due
    from server.store.purge import purge as erase

    campaign = open_campaign(home)
    now = datetime.now(UTC)
    at = stamp(now)
    try:
        found = [one.as_json() for one in due(campaign, now)] if dry_run else erase(campaign, now, at=at)
    finally:
        campaign.close()
    verb = "would go" if dry_run else "are erased"
    lines = [f"{one['class']}: {one['records']} records up to {one['until'][:10]} {verb}" for one in found]
    say({"dry_run": dry_run, "classes": found}, "\n".join(lines) or "Nothing is due.", as_json=as_json)
