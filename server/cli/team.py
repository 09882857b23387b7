"""`taama check team` and `taama targets`: what a supervisor must know of enumerators, and how far targets
are."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, say

targets = typer.Typer(help="How many interviews are wanted of each stratum.", no_args_is_help=True)


@targets.callback()
def targets_help() -> None:
    """How many interviews are wanted of each stratum."""


@targets.command("import")
def import_targets(
    file: Annotated[Path, typer.Argument(help="CSV with form, stratum, target, from, until.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Take a file of targets in, in place of the earlier one; a stratum is written question=code.

    Example: taama targets import targets.csv --home kayes-2026
    """
    from server.store.forms import Forms
    from server.store.home import open_campaign
    from server.store.teamwork import import_targets

    campaign = open_campaign(home)
    try:
        count = import_targets(campaign, file, Forms(campaign))
    finally:
        campaign.close()
    say({"targets": count}, f"{count} targets are in force.", as_json=as_json)


def team(
    form: Annotated[str, typer.Option("--form", help="The form whose team is looked at.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Compare enumerators: pace, refusals, answers that lean one way, targets.

    Example: taama check team --form returnee --home kayes-2026
    """
    from server.store.forms import Forms
    from server.store.home import open_campaign
    from server.store.teamwork import team_report

    campaign = open_campaign(home)
    try:
        report = team_report(campaign, form, today=now()[:10], forms=Forms(campaign))
    finally:
        campaign.close()
    lines = [f"{report.interviews} interviews"]
    for row in report.rows:
        rate = f", {row.pace.a_day:.1f} a day" if row.pace else ""
        judged = "too few to judge" if row.too_few else ", ".join(row.findings) or "nothing stands out"
        lines.append(
            f"{row.enumerator}: {row.interviews} interviews, {row.declined} declined{rate}: {judged}"
        )
    for one in report.leaning:
        lines += [
            f"{point.enumerator}: {one.path} = {one.code}: {point.share:.0%} ({point.k}/{point.n}), "
            f"elsewhere {point.expected:.0%}"
            for point in one.flagged
        ]
    for effect in report.effects:
        lines.append(f"{effect.severity}: {effect.path} {effect.code}: rho {effect.rho:.2f}")
    for target in report.progress:
        ends = target.ends or "no pace yet"
        late = " (late)" if target.late else ""
        lines.append(f"{target.name}: {target.done}/{target.wanted}, ends {ends}{late}")
    say(asdict(report), "\n".join(lines), as_json=as_json)
