"""`taama review`: what waits for a decision, one interview, decisions and corrections, as on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, say

if TYPE_CHECKING:
    from server.store.home import Campaign

app = typer.Typer(help="Review interviews: list, show, decide, correct.", no_args_is_help=True)
By = Annotated[str, typer.Option("--by", help="Login of the one who decides.")]
Code = Annotated[str, typer.Argument(help="The interview's code (its first signs) or number.")]
Why = Annotated[str, typer.Option("--why", help="In a few words; personal data in it is masked.")]
Zone = Annotated[str, typer.Option("--zone", help="Only interviews of this zone.")]


@app.command("list")
def list_queue(
    form: Annotated[str, typer.Option("--form", help="Only this form's interviews.")] = "",
    standing: Annotated[
        str, typer.Option("--standing", help="received, query, rejected, approved or contested.")
    ] = "received",
    zone: Zone = "",
    limit: Annotated[int, typer.Option("--limit", help="How many at the most.")] = 50,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """List interviews by what was decided, those that want to be looked at most first.

    Example: taama review list --form returnee --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.queue import Wanted, queue
    from sync.db import reading

    campaign = open_campaign(home)
    with reading(campaign.engine) as connection:
        rows = queue(connection, Wanted(form=form, standing=standing, zone=zone), limit=limit)
    campaign.close()
    data = [
        {
            "interview": row.instance,
            "form": row.form,
            "enumerator": row.enumerator,
            "received": row.received,
            "standing": row.standing or "received",
            "risk": row.score,
            "reasons": list(row.reasons),
        }
        for row in rows
    ]
    lines = [
        f"{row.code}  {row.score:>3}  {row.received[:16]}  {row.form}  {row.enumerator}  "
        + " ".join(row.reasons)
        for row in rows
    ]
    say({"interviews": data}, "\n".join(lines) or "Nothing waits.", as_json=as_json)


@app.command("show")
def show(
    code: Code,
    lang: Annotated[str, typer.Option("--lang", help="Language of questions: fr, en…")] = "fr",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Show one interview: what was asked and answered, and what became of it. Identities stay sealed.

    Example: taama review show 3f2a9c11 --home kayes-2026
    """
    from server.store.forms import Forms
    from server.store.home import open_campaign
    from server.store.interviews import interview
    from server.store.reviewing import edit_fork
    from sync.db import reading

    campaign = open_campaign(home)
    try:
        with reading(campaign.engine) as connection:
            found = interview(connection, Forms(campaign), _found(campaign, code), "supervisor", lang)
            fork = edit_fork(connection, found.row.instance)
    finally:
        campaign.close()
    lines = [
        f"{found.row.instance}  {found.row.form} {found.row.version}  {found.row.standing or 'received'}"
    ]
    lines += [f"Another edit of the same interview: {other}" for other in fork]
    answers: list[dict[str, Any]] = []
    for module in found.modules:
        lines += ["", module.title]
        for one in module.answers:
            said = "(sealed)" if one.state else one.words or "–"
            lines.append(f"  {one.label}: {said}" + (" (corrected)" if one.correction else ""))
            answers.append({"place": one.place, "label": one.label, "answer": one.code, "state": one.state})
    data = {
        "interview": found.row.instance,
        "standing": found.row.standing or "received",
        "edit_fork": fork,
        "answers": answers,
    }
    say(data, "\n".join(lines), as_json=as_json)


@app.command("decide")
def decide(
    codes: Annotated[list[str], typer.Argument(help="The interviews' codes or numbers.")],
    verdict: Annotated[str, typer.Option("--as", help="approved, query or rejected.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, of the verdict's list.")] = "",
    why: Why = "",
    by: By = "",
    zone: Zone = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Decide on one interview or many.

    Example: taama review decide 3f2a9c11 --as query --reason implausible --why "Age?" --home kayes-2026
    """
    from server.core.review import Judgement
    from server.store.home import open_campaign
    from server.store.reviewing import Reviewer, review
    from server.web import messages

    campaign = open_campaign(home)
    try:
        instances = [_found(campaign, code) for code in codes]
        judgement = Judgement(verdict, reason, why)
        done = review(campaign, instances, judgement, by=Reviewer(by, zone), at=now())
    finally:
        campaign.close()
    refused = {one: messages.problem("en", problem) for one, problem in done.refused.items()}
    lines = [f"{len(done.done)} decided.", *(f"{one}: {text}" for one, text in refused.items())]
    if done.hidden:
        lines.append(f"{done.hidden} pieces of personal data were masked in the text.")
    say({"decided": done.done, "refused": refused, "masked": done.hidden}, "\n".join(lines), as_json=as_json)
    if refused:
        raise typer.Exit(1)


@app.command("undo")
def undo_last(code: Code, by: By = "", home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Take the last decision on an interview back: what stood before stands again.

    Example: taama review undo 3f2a9c11 --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.reviewing import Reviewer, undo

    campaign = open_campaign(home)
    try:
        instance = _found(campaign, code)
        stands = undo(campaign, instance, by=Reviewer(by), at=now())
    finally:
        campaign.close()
    say({"interview": instance, "standing": stands}, f"It stands as {stands} again.", as_json=as_json)


@app.command("correct")
def correct_answer(
    code: Code,
    place: Annotated[str, typer.Argument(help="The question's place, as taama review show --json gives it.")],
    new: Annotated[str, typer.Argument(help="The new answer, as the form codes it; empty to blank it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, of a short list.")],
    why: Why = "",
    by: By = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Correct an answer: what was said stays beside it, and the correction can be taken back.

    Example: taama review correct 3f2a9c11 /consented/interview/age 34 --reason typing_error --home kayes-2026
    """
    from server.store.corrections import Wish, correct
    from server.store.forms import Forms
    from server.store.home import open_campaign
    from server.store.reviewing import Reviewer

    campaign = open_campaign(home)
    try:
        wish = Wish(place, new, reason, why)
        made = correct(campaign, Forms(campaign), _found(campaign, code), wish, by=Reviewer(by), at_=now())
    finally:
        campaign.close()
    data = {"place": made.place, "old": made.old, "new": made.new, "change": made.change}
    say(data, f"{made.place}: {made.old or '–'} → {made.new or '–'}", as_json=as_json)


@app.command("remark")
def remark_on(
    code: Code,
    text: Annotated[str, typer.Option("--text", help="The comment; personal data in it is masked.")],
    question: Annotated[
        str, typer.Option("--question", help="The question's place; without it, the whole interview.")
    ] = "",
    by: By = "",
    zone: Zone = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Note a comment on a question or on the whole interview, without deciding.

    Example: taama review remark 3f2a9c11 --question /consented/interview/age --text "Âge ?" --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.reviewing import Reviewer, remark

    campaign = open_campaign(home)
    try:
        instance = _found(campaign, code)
        hidden = remark(campaign, instance, question, text, by=Reviewer(by, zone), at=now())
    finally:
        campaign.close()
    line = "The comment is noted."
    if hidden:
        line += f" {hidden} pieces of personal data were masked in it."
    say({"interview": instance, "place": question, "masked": hidden}, line, as_json=as_json)


def _found(campaign: Campaign, code: str) -> str:
    from server.store.reviewing import find
    from sync.db import reading

    with reading(campaign.engine) as connection:
        return str(find(connection, code).instance)
