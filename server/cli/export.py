"""`taama export`: a clean dataset of one form, for the team, for partners or for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.speak import DEFAULT_HOME, Home, Json, now, progress, say

if TYPE_CHECKING:
    from server.store.release.options import Release


class Format(StrEnum):
    """File formats."""

    csv = "csv"
    xlsx = "xlsx"
    dta = "dta"
    sav = "sav"
    parquet = "parquet"


class Audience(StrEnum):
    """Who will hold the file."""

    internal = "internal"
    partner = "partner"
    public = "public"


class Include(StrEnum):
    """Which interviews."""

    approved = "approved"
    all = "all"


class Multiple(StrEnum):
    """How questions with several answers are laid out."""

    one = "one"
    ticks = "split"
    both = "both"


class Language(StrEnum):
    """The language of labels."""

    fr = "fr"
    en = "en"


class Missing(StrEnum):
    """Whether CSV, Excel and Parquet tell why a cell is empty."""

    empty = "empty"
    coded = "coded"


def export(
    form: Annotated[str, typer.Argument(help="The form's id.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Where the release's folder is made.")] = None,
    home: Home = DEFAULT_HOME,
    file_format: Annotated[Format, typer.Option("--format")] = Format.csv,
    release: Annotated[Audience, typer.Option("--release")] = Audience.internal,
    include: Annotated[
        Include, typer.Option("--include", help="`all` takes those not yet approved.")
    ] = Include.approved,
    language: Annotated[Language, typer.Option("--lang", help="The language of labels.")] = Language.fr,
    multiple: Annotated[
        Multiple, typer.Option("--multiple", help="Several answers: one column, 0/1 columns, or both.")
    ] = Multiple.both,
    labels: Annotated[
        bool | None,
        typer.Option(
            "--labels/--codes", help="Labels in cells; if not said, Excel has labels, others codes."
        ),
    ] = None,
    missing: Annotated[
        Missing,
        typer.Option("--missing", help="`coded`: -99 refused, -98 does not know, -97, -96 in empty cells."),
    ] = Missing.empty,
    zipped: Annotated[bool, typer.Option("--zip", help="CSV in one archive, as ODK Central has it.")] = False,
    recipient: Annotated[str, typer.Option("--to", help="Who will hold the file, an organisation.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What for, in a few words.")] = "",
    signed_by: Annotated[
        str, typer.Option("--signed-by", help="The login of who answers for a release that leaves.")
    ] = "",
    keys: Annotated[
        str, typer.Option("--keys", help="Questions that tell who someone is, to keep: sex,age.")
    ] = "",
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", help="k=8: another limit of the gate; looser needs --reason."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why a limit is looser.")] = "",
    verify: Annotated[
        Path | None, typer.Option("--verify", help="Prove that a release is what the database says.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a form's answers as tables with labels, codebook and manifest. Identities are never in it.

    A release for partners or the public first shows its risks; with --signed-by it is written.
    Example: taama export returnee --include all --format dta --out releases --to "Analyse" --purpose rapport
    """
    from server.store.release.options import Options, Release

    if verify is not None:
        _verify(home, verify, as_json=as_json)
        return
    if not form or out is None:
        raise typer.BadParameter("Name a form, and a folder with --out.")
    if zipped and file_format is not Format.csv:
        raise typer.BadParameter("--zip goes with --format csv.")
    wanted = Release(
        form,
        release.value,
        include is Include.all,
        recipient,
        purpose,
        signed_by,
        tuple(one.strip() for one in keys.split(",") if one.strip()),
        _limits(limit or []),
        reason,
    )
    in_words = labels if labels is not None else file_format is Format.xlsx
    options = Options(file_format.value, language.value, multiple.value, in_words, missing.value, zipped)
    _export(home, wanted, options, out, as_json=as_json)


def _export(home: Path, wanted: Release, options: Any, out: Path, *, as_json: bool) -> None:
    from server.core.problem import Refused
    from server.store.home import open_campaign
    from server.store.release.make import export as make
    from server.store.release.make import risk

    campaign = open_campaign(home)
    try:
        with progress("Reading interviews", quiet=as_json) as step:
            if wanted.audience != "internal" and not wanted.signed_by:
                told = risk(campaign, wanted, options, now(), step)
                say({"folder": "", **told}, "\n".join(_risks(told)), as_json=as_json)
                raise Refused("release_needs_signature")
            made = make(campaign, wanted, options, out, now(), step)
    finally:
        campaign.close()
    left = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in made.left_out.items())
    say(
        {"folder": made.folder, "rows": made.rows, "left_out": made.left_out, "format": options.format},
        f"{made.rows} interviews in {made.folder}" + (f"\nLeft out: {left}" if left else ""),
        as_json=as_json,
    )


def _limits(said: Sequence[str]) -> dict[str, float]:
    """`k=8` each."""
    try:
        return {name.strip(): float(number) for name, _, number in (one.partition("=") for one in said)}
    except ValueError:
        raise typer.BadParameter("--limit is written like k=8.") from None


def _risks(told: dict[str, Any]) -> list[str]:
    """The risk report for a person."""
    measures = told["measures"]
    lines = [
        f"{told['rows']} interviews. Keys: {', '.join(told['keys']) or 'none'}.",
        f"k is {measures['k']}; the highest risk is {measures['max_risk']:.3f}, of the file "
        f"{100 * measures['file_risk']:.2f} %; sensitive answers differ in each group: l is {measures['l']}.",
        "Blanked: "
        + (", ".join(f"{name} {count}" for name, count in told["cells_blanked"].items()) or "nothing")
        + f". The largest change of a share: {told['largest_change_in_points']} points.",
        "Rare answers merged: " + (", ".join(told["rare_answers_merged"]) or "none") + ".",
        "Kept back: "
        + ", ".join(f"{name} ({why})" for name, why in told["questions_kept_back"].items())
        + ".",
    ]
    failed = [
        f"{one['condition']} is {one['measured']:.3g}, wanted {one['limit']:.3g}" for one in told["failed"]
    ]
    return [*lines, "The gate is " + (f"closed: {'; '.join(failed)}." if failed else "open.")]


def _verify(home: Path, folder: Path, *, as_json: bool) -> None:
    from server.core.problem import Refused
    from server.store.home import open_campaign
    from server.store.release.verify import verify

    campaign = open_campaign(home)
    try:
        with progress("Comparing", quiet=as_json) as step:
            found = verify(campaign, folder, step)
    finally:
        campaign.close()
    say(found.as_json(), "\n".join(found.sentences()), as_json=as_json)
    if not found.proved:
        raise Refused("release_differs", folder=str(folder))
