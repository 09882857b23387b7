"""`taama backcheck`: draw interviews, make the short form, compare what came back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, say

app = typer.Typer(help="Ask some people again: draw, make the form, compare.", no_args_is_help=True)
Form = Annotated[str, typer.Option("--form", help="The form whose interviews are checked.")]


@app.command("draw")
def draw(
    form: Form,
    share: Annotated[float, typer.Option("--share", min=0.01, max=1, help="Of each enumerator's.")] = 0.1,
    seed: Annotated[int | None, typer.Option("--seed", help="The same seed draws the same.")] = None,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Draw interviews to be asked again, among people who agreed to be called; none is drawn twice.

    Example: taama backcheck draw --form returnee --share 0.1 --seed 7
    """
    import secrets
    from random import Random

    from server.store.backchecks import draw_more, drawn_list
    from server.store.forms import Forms
    from server.store.home import open_campaign

    chosen = secrets.randbelow(10**6) if seed is None else seed
    campaign = open_campaign(home)
    try:
        forms = Forms(campaign)
        rng = Random(chosen)  # noqa: S311 (a sample that can be drawn again, no secret)
        new = draw_more(campaign, forms, form, share=share, rng=rng, by="", at=now())
        rows = drawn_list(campaign, forms, form)
    finally:
        campaign.close()
    fresh = {one.code for one in new}
    lines = [
        f"{row.code}  {row.enumerator}  {row.day}  {row.stratum}{'  done' if row.done else ''}"
        f"{'  new' if row.code in fresh else ''}"
        for row in rows
    ]
    told = {"seed": chosen, "new": [asdict(one) for one in new], "all": [asdict(row) for row in rows]}
    say(told, "\n".join([f"{len(new)} drawn with seed {chosen}; in all:", *lines]), as_json=as_json)


@app.command("form")
def short_form(
    form: Annotated[str, typer.Argument(help="The published form.")],
    out: Annotated[Path, typer.Option("--out", help="The folder for the short form.")],
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Make the short form from the questions that the form marks in bind::dp:backcheck.

    Example: taama backcheck form returnee --out checks
    """
    from forms import catalog
    from forms.backcheck import backcheck_workbook
    from forms.compile import build_rows
    from server.store.forms import Forms
    from server.store.home import open_campaign
    from server.store.teamwork import plan_of
    from sync.db import reading

    campaign = open_campaign(home)
    try:
        with reading(campaign.engine) as connection:
            plan = plan_of(connection, Forms(campaign), form)
    finally:
        campaign.close()
    rows = backcheck_workbook(plan.form, plan.form.version)
    built = build_rows(rows, catalog.media(), f"{form}_backcheck")
    media = out / f"{built.form_id}-media"
    media.mkdir(parents=True, exist_ok=True)
    file = out / f"{built.form_id}.xml"
    file.write_bytes(built.xform)
    for name, data in built.media.items():
        (media / name).write_bytes(data)
    told = {"form_id": built.form_id, "version": built.version, "file": str(file)}
    say(told, f"{built.form_id} is in {file}. Publish it with: taama forms publish {file}", as_json=as_json)


@app.command("compare")
def compare(form: Form, home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Compare back-checks with the interviews: differences by enumerator, question and type.

    Example: taama backcheck compare --form returnee --json
    """
    from server.store.backchecks import outcome
    from server.store.forms import Forms
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    try:
        found = outcome(campaign, Forms(campaign), form)
    finally:
        campaign.close()
    done = found.comparison
    lines = [f"{done.pairs} of {done.wanted} back-checks; {found.unmatched} with a code that leads nowhere."]
    lines += [f"Left out: {why} {count}" for why, count in sorted(done.left_out.items())]
    for title, rates in (("enumerator", done.by_enumerator), ("question", done.by_question)):
        for rate in rates:
            judged = "too few to judge" if rate.too_few else rate.severity
            lines.append(
                f"{title} {rate.subject}, type {rate.type}: {rate.differences}/{rate.compared} "
                f"({rate.low:.0%} to {rate.high:.0%}) {judged}".rstrip()
            )
    say(asdict(found), "\n".join(lines), as_json=as_json)
