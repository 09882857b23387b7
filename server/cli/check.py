"""`taama check`: look at all interviews, list what was found, say what it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, progress, say

if TYPE_CHECKING:
    from server.store.flags import Stored

app = typer.Typer(help="Automatic checks of interviews: run, list, explain.", no_args_is_help=True)
Form = Annotated[str, typer.Option("--form", help="Only this form's interviews.")]


@app.command("run")
def run(form: Form = "", home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Look at all interviews anew; what people said of flags stays.

    Example: taama check run --form returnee --home kayes-2026
    """
    from server.store.checking import check_all, parameters_of
    from server.store.forms import Forms
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    try:
        with progress("Checking interviews", quiet=as_json) as step:
            ran = check_all(campaign, Forms(campaign), form, step=step)
        parameters = parameters_of(campaign)
    finally:
        campaign.close()
    data = [
        {"form": one.form, "interviews": one.interviews, "flags": one.flags, "unjudged": list(one.unjudged)}
        for one in ran
    ]
    lines = [
        f"{one.form}: {one.interviews} interviews, {sum(one.flags.values())} flags"
        + (f" ({', '.join(f'{check} {count}' for check, count in one.flags.items())})" if one.flags else "")
        + (f"; cannot judge: {', '.join(one.unjudged)}" if one.unjudged else "")
        for one in ran
    ]
    say({"parameters": parameters.digest, "forms": data}, "\n".join(lines), as_json=as_json)


@app.command("sites")
def import_sites(
    file: Annotated[Path, typer.Argument(help="CSV with question, place, latitude, longitude, km.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Say where interviews of each place are expected, so that those held elsewhere are noticed.

    A place is an answer's code; several points may belong to one. A running server takes it up when it starts
    again.

    Example: taama check sites sites.csv --home kayes-2026
    """
    from server.store.forms import Forms
    from server.store.home import open_campaign
    from server.store.sites import import_sites

    campaign = open_campaign(home)
    try:
        count = import_sites(campaign, file, Forms(campaign))
    finally:
        campaign.close()
    say({"sites": count}, f"{count} sites are in force once the server starts again.", as_json=as_json)


@app.command("list")
def list_flags(
    form: Form = "",
    only_open: Annotated[bool, typer.Option("--open", help="Only what nobody has explained.")] = False,
    severity: Annotated[str, typer.Option("--severity", help="info, warning or critical.")] = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """List flags: the interview's code, the check, the question, what was found and what was expected.

    Example: taama check list --open --severity critical --home kayes-2026
    """
    from server.store.flags import listed
    from server.store.home import open_campaign
    from sync.db import reading

    campaign = open_campaign(home)
    with reading(campaign.engine) as connection:
        found = [
            one
            for one in listed(connection, form)
            if (not only_open or one.status == "open") and severity in ("", one.flag.severity)
        ]
    campaign.close()
    say({"flags": [_told(one) for one in found]}, "\n".join(map(_line, found)) or "Nothing.", as_json=as_json)


@app.command("explain")
def explain_flag(
    interview: Annotated[str, typer.Argument(help="The interview's code or number.")],
    check: Annotated[str, typer.Argument(help="The check, as taama check list names it.")],
    verdict: Annotated[
        str, typer.Option("--as", help="explained, accepted, corrected, false_positive, or open again.")
    ],
    why: Annotated[str, typer.Option("--why", help="In a few words; personal data in it is masked.")] = "",
    question: Annotated[str, typer.Option("--question", help="Its place, for a flag on a question.")] = "",
    by: Annotated[str, typer.Option("--by", help="Login of the one who says so.")] = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Say what a flag is about; it stays said until the value changes.

    Example: taama check explain 3f2a9c11 GAP-in --as explained --why "Prayer" --home kayes-2026
    """
    from server.store.checking import parameters_of
    from server.store.flags import Which, explain
    from server.store.home import open_campaign
    from server.store.reviewing import Reviewer, find
    from sync.db import reading

    campaign = open_campaign(home)
    try:
        with reading(campaign.engine) as connection:
            instance = find(connection, interview).instance
        which = Which(instance, check, question)
        explain(campaign, which, verdict, parameters_of(campaign), why=why, by=Reviewer(by), at=now())
    finally:
        campaign.close()
    say({"interview": instance, "check": check, "status": verdict}, "It is noted.", as_json=as_json)


def _told(one: Stored) -> dict[str, Any]:
    flag = one.flag
    return {
        "interview": one.instance,
        "check": flag.check,
        "question": flag.place,
        "severity": flag.severity,
        "value": flag.value,
        "expected": flag.expected,
        "status": one.status,
        "parameters": one.parameters,
    }


def _line(one: Stored) -> str:
    flag = one.flag
    code = one.instance.removeprefix("uuid:")[:8]
    where = f" {flag.place}" if flag.place else ""
    said = f"{flag.value} (expected {flag.expected})"
    return f"{code}  {flag.severity:<8} {flag.check}{where}: {said}  {one.status}"
