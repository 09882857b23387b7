"""`taama snowball`: what referral chains look like, and what they may say of a population."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from server.cli.speak import Json, say


def snowball(
    file: Annotated[Path, typer.Argument(help="A CSV with a line of titles, one respondent a line.")],
    id_column: Annotated[str, typer.Option("--id", help="Column of the respondent's id.")],
    recruiter: Annotated[
        str, typer.Option("--recruiter", help="Column of the recruiter's id or coupon; empty for a seed.")
    ],
    size: Annotated[str, typer.Option("--size", help="Column of the network size (eligible persons known).")],
    outcome: Annotated[str, typer.Option("--outcome", help="Column whose shares are wanted.")],
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
    Example: taama snowball chains.csv --id id --recruiter by --size known --outcome work --coupon-limit 3
    """
    import numpy as np

    from server.core.chains.forest import SEED_CODES, build
    from server.core.chains.report import Asked, report
    from server.core.chains.table import Columns, respondents

    columns = Columns(id_column, recruiter, size, outcome, date, tuple(coupons or ()))
    forest = build(respondents(file.read_bytes(), columns), SEED_CODES | set(seed_code or ()))
    asked = Asked(
        population=population,
        sensitivity=sensitivity,
        without_seeds=without_seeds,
        coupon_limit=coupon_limit,
        valid_days=valid_days,
        version=_version(),
        seed=seed,
    )
    found = report(forest, asked, np.random.default_rng(seed))
    if tree is not None:
        from server.core.chains.draw import draw, outline

        labels = [str(place + 1) for place in range(len(forest.people))]
        _write(tree, draw(forest, labels))
        _write(tree.with_suffix(".txt"), outline(forest, labels))
        found["tree"] = {"picture": str(tree), "text": str(tree.with_suffix(".txt"))}
    say(found, json.dumps(found, ensure_ascii=False, indent=1), as_json=as_json)


def _version() -> str:
    try:
        return version("taama")
    except PackageNotFoundError:
        return "unknown"


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
