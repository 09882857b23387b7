"""`taama snowball`: what referral chains look like, and what they may say of a population."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.speak import Json, now, say

if TYPE_CHECKING:
    from server.core.chains.forest import Forest
    from server.core.chains.report import Asked


def snowball(
    outcome: Annotated[str, typer.Option("--outcome", help="Column, or question, whose shares are wanted.")],
    file: Annotated[
        Path | None, typer.Argument(help="A CSV with a line of titles, one respondent a line.")
    ] = None,
    id_column: Annotated[str, typer.Option("--id", help="Column of the respondent's id.")] = "",
    recruiter: Annotated[
        str, typer.Option("--recruiter", help="Column of the recruiter's id or coupon; empty for a seed.")
    ] = "",
    size: Annotated[
        str, typer.Option("--size", help="Column of the network size (eligible persons known).")
    ] = "",
    form: Annotated[str, typer.Option("--form", help="Instead of a file: a form of the campaign.")] = "",
    home: Annotated[Path | None, typer.Option("--home", help="Instead of a file: the campaign.")] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="A file with the matching passphrase.")
    ] = None,
    population: Annotated[
        int | None, typer.Option("--population", min=1, help="Size of the population, for SS.")
    ] = None,
    date: Annotated[str | None, typer.Option("--date", help="Column of the interview's date.")] = None,
    coupons: Annotated[
        list[str] | None,
        typer.Option(
            "--coupons", help="Column of coupons given: a count, a list, or one code each (repeat)."
        ),
    ] = None,
    coupon_limit: Annotated[
        int | None, typer.Option("--coupon-limit", min=1, help="Coupons that one person may be given.")
    ] = None,
    valid_days: Annotated[
        int | None, typer.Option("--valid-days", min=1, help="Days for which a coupon is valid.")
    ] = None,
    seed_code: Annotated[
        list[str] | None,
        typer.Option("--seed-code", help="Recruiter code that means a seed, beside: seed, 0, -1."),
    ] = None,
    without_seeds: Annotated[
        bool, typer.Option("--without-seeds", help="Leave seeds out of RDS-II, SS and the sample's share.")
    ] = False,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Print estimates though conditions fail, labelled so.")
    ] = False,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Of the random numbers; the same gives the same.")
    ] = 1,
    tree: Annotated[
        Path | None,
        typer.Option("--tree", help="Draw the chains here (SVG), with a text twin (.txt) beside."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge referral chains; where conditions hold, estimate shares (RDS-I, RDS-II, SS). Prints JSON.

    The share among respondents is always there. The tree numbers respondents by their order in the file.
    Of a campaign, each person counts once; under `linkage` stands what comes of a looser linkage.

    Example: taama snowball chains.csv --id id --recruiter by --size known --outcome work --coupon-limit 3
    Example: taama snowball --home kayes-2026 --form returnee --outcome emp_now --passphrase-file said.txt
    """
    from server.core.chains.report import Asked

    asked = Asked(
        population=population,
        sensitivity=sensitivity,
        without_seeds=without_seeds,
        coupon_limit=coupon_limit,
        valid_days=valid_days,
        version=_version(),
        seed=seed,
    )
    if file is not None:
        columns = (id_column, recruiter, size, outcome, date, tuple(coupons or ()))
        forest, found = _of_file(file, columns, seed_code or [], asked)
    else:
        forest, found = _of_campaign(home, form, outcome, passphrase_file, asked)
    if tree is not None:
        found["tree"] = _drawn(tree, forest)
    say(found, json.dumps(found, ensure_ascii=False, indent=1), as_json=as_json)


def _of_file(
    file: Path, columns: tuple[Any, ...], seed_codes: list[str], asked: Asked
) -> tuple[Forest, dict[str, Any]]:
    from server.core.chains.forest import SEED_CODES, build
    from server.core.chains.table import Columns, respondents
    from server.core.problem import Malformed

    if not all(columns[:3]):
        raise Malformed("snowball_what")
    forest = build(respondents(file.read_bytes(), Columns(*columns)), SEED_CODES | set(seed_codes))
    return forest, _reported(forest, asked)


def _of_campaign(
    home: Path | None, form: str, outcome: str, said: Path | None, asked: Asked
) -> tuple[Forest, dict[str, Any]]:
    """The document of the strict linkage, with what comes of the loose one beside it."""
    import os

    from server.cli.link import passphrase
    from server.core.problem import Malformed
    from server.store.home import open_campaign
    from server.store.matcher import Matcher
    from server.store.matching import unlock
    from server.store.recruits import chains

    if home is None or not form:
        raise Malformed("snowball_what")
    campaign = open_campaign(home)
    try:
        matcher = Matcher(campaign, unlock(campaign.matching, passphrase(said)), os.urandom)
        matcher.catch_up(at=now())
        found = chains(campaign, matcher, form, outcome)
        asked = replace(asked, valid_days=asked.valid_days or campaign.settings.coupon_days)
    finally:
        campaign.close()
    documents = {name: _reported(each.forest, asked) for name, each in found.items()}
    linkage = {
        name: {"respondents": documents[name]["n"], "joined": each.joined} | _said(documents[name])
        for name, each in found.items()
    }
    return found["strict"].forest, documents["strict"] | {"linkage": linkage}


def _said(document: dict[str, Any]) -> dict[str, Any]:
    """What may change with the linkage."""
    names = ("shares", "seeds", "waves", "findings", "refused", "estimates", "sensitivity_analysis")
    return {name: document[name] for name in names if name in document}


def _reported(forest: Forest, asked: Asked) -> dict[str, Any]:
    import numpy as np

    from server.core.chains.report import report

    return report(forest, asked, np.random.default_rng(asked.seed))


def _drawn(tree: Path, forest: Forest) -> dict[str, str]:
    from server.core.chains.draw import draw, outline

    labels = [str(place + 1) for place in range(len(forest.people))]
    _write(tree, draw(forest, labels))
    _write(tree.with_suffix(".txt"), outline(forest, labels))
    return {"picture": str(tree), "text": str(tree.with_suffix(".txt"))}


def _version() -> str:
    try:
        return version("taama")
    except PackageNotFoundError:
        return "unknown"


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
