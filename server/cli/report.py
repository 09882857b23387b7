"""`taama report`: the monitoring report as page, PDF, Word, tables and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.cli.export import Audience, Include, Language
from server.cli.speak import DEFAULT_HOME, Home, Json, now, progress, say


def report(
    out: Annotated[Path, typer.Option("--out", help="The folder that is made; it must not exist.")],
    home: Home = DEFAULT_HOME,
    language: Annotated[Language, typer.Option("--lang", help="The language of the report.")] = Language.fr,
    wave: Annotated[str, typer.Option("--wave", help="Only this wave, e.g. c3.")] = "",
    region: Annotated[str, typer.Option("--region", help="Only interviews in this region, e.g. kayes.")] = "",
    partner: Annotated[
        str, typer.Option("--partner", help="Only those whose main support is this, e.g. iom.")
    ] = "",
    sex: Annotated[str, typer.Option("--sex", help="Only this sex.")] = "",
    release: Annotated[
        Audience, typer.Option("--release", help="Outside the team, small groups are not told.")
    ] = Audience.internal,
    include: Annotated[
        Include | None,
        typer.Option(
            "--include",
            help="`all` takes those not yet approved. If not said: approved, or all as long as none is.",
        ),
    ] = None,
    form: Annotated[
        str, typer.Option("--form", help="Only this form; otherwise all that have figures.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write the monitoring report: report.html, report.pdf, report.docx, indicators.csv, figures as SVG and
    PNG.

    Titles and sentences are computed from the answers. The sample is a snowball: nothing in it stands for all
    migrants.
    Example: taama report --lang fr --out rapport-2026 --wave c3 --include all
    """
    from server.store.home import open_campaign
    from server.store.report.make import Wanted, write_report

    said = {"wave": wave, "region": region, "partner": partner, "sex": sex}
    filters = {name: value for name, value in said.items() if value}
    forms = (form,) if form else ()
    provisional = include is None and release is Audience.internal
    wanted = Wanted(language.value, release.value, include is Include.all, provisional, forms, filters)
    campaign = open_campaign(home)
    try:
        with progress("Drawing figures", quiet=as_json) as step:
            made = write_report(campaign, wanted, out, now(), step)
    finally:
        campaign.close()
    people = ", ".join(f"{number} in {name}" for name, number in made.rows.items())
    say(
        {"folder": made.folder, "rows": made.rows, "left_out": made.left_out, "figures": made.figures},
        f"{len(made.figures)} figures of {people} in {made.folder}",
        as_json=as_json,
    )
