"""`taama disclose`: how much a table gives away of the people in it, and the same table giving less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.speak import Json, say

if TYPE_CHECKING:
    from server.cli.tabular import Tabular
    from server.core.disclosure.protect import Plan, Protected
    from server.core.disclosure.recode import Recode
    from server.core.disclosure.report import Asked, Report


class Method(StrEnum):
    """How the risk of a record with f > 2 is computed."""

    approx = "approx"
    exact = "exact"


def disclose(
    file: Annotated[Path, typer.Argument(help="A table: CSV in UTF-8, separated by , ; or tab.")],
    keys: Annotated[str, typer.Option("--keys", help="Columns by which someone may be recognised: a,b,c.")],
    sensitive: Annotated[str, typer.Option("--sensitive", help="Columns nobody should learn: d,e.")] = "",
    weight: Annotated[str, typer.Option("--weight", help="Sampling weights; none: risk is 1/k.")] = "",
    household: Annotated[str, typer.Option("--household", help="Household, or who recruited whom.")] = "",
    protect: Annotated[str, typer.Option("--protect", help="k=5: recode and blank until k is 5.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Where the protected table goes.")] = None,
    recode: Annotated[
        list[str] | None,
        typer.Option(
            "--recode",
            help="age=range:5, age=topcode:65, born=month, x=drop, commune=parents.csv",
        ),
    ] = None,
    levels: Annotated[
        list[str] | None,
        typer.Option("--levels", help="age=range:5/range:10/drop: the mildest that suffices is taken."),
    ] = None,
    importance: Annotated[
        str, typer.Option("--importance", help="sex=5,commune=3: what a blank there costs; else 1.")
    ] = "",
    method: Annotated[Method, typer.Option("--method", help="approx is sdcMicro's default.")] = Method.approx,
    fraction: Annotated[float, typer.Option("--fraction", help="Share of the population, for DIS.")] = 0.01,
    ihsn: Annotated[bool, typer.Option("--ihsn", help="SUDA scores as the IHSN's first programme.")] = False,
    with_suda: Annotated[
        bool | None,
        typer.Option("--suda/--no-suda", help="Special uniques; if not said, up to 200,000 rows."),
    ] = None,
    records: Annotated[bool, typer.Option("--records", help="Each record's risk, in the JSON.")] = False,
    out_records: Annotated[Path | None, typer.Option("--out-records", help="The same as CSV.")] = None,
    as_json: Json = False,
) -> None:
    """Measure disclosure risk: k, uniques, individual and file risk, l-diversity, SUDA.

    Empty cells and NA are missing, and may be any answer. The numbers are those of sdcMicro.
    Example: taama disclose people.csv --keys sex,age --protect k=5 --recode age=range:5 --out safe.csv
    """
    try:
        import numpy as np  # noqa: F401
    except ImportError:
        from server.core.problem import Unavailable

        raise Unavailable("analysis_missing") from None
    from server.cli.tabular import Tabular
    from server.core.disclosure.report import Asked

    asked = Asked(
        _list(keys), _list(sensitive), weight.strip(), household.strip(), method.value, fraction, ihsn
    )
    table = Tabular(file)
    plan = _plan(protect, recode or [], levels or [], importance, asked.keys) if protect else None
    _check(asked, plan, out, recode or levels)
    report = _measured(table, asked, with_suda=with_suda)
    result, lines = report.summary(), report.sentences()
    if records:
        result["records"] = list(report.records())
    if out_records is not None:
        _write_records(report, out_records)
    if plan is not None and out is not None:
        made, after = _protected(table, asked, plan, out, with_suda=with_suda)
        result["protected"] = {**_told(made), "out": str(out), "after": after.summary()}
        lines += ["", f"Protected table in {out}:", *_sentences(made, plan.k), *after.sentences()]
    say(result, "\n".join(lines), as_json=as_json)


def _list(said: str) -> list[str]:
    return [part for one in said.split(",") if (part := one.strip())]


def _check(asked: Asked, plan: Plan | None, out: Path | None, recodes: Sequence[str] | None) -> None:
    """Options that do not go together."""
    from server.core.problem import Malformed

    if not asked.keys or len(set(asked.keys)) != len(asked.keys):
        raise Malformed("no_keys")
    if both := sorted(set(asked.keys) & {*asked.sensitive, asked.weight, asked.household}):
        raise Malformed("key_and_more", columns=", ".join(both))
    if (plan is None) != (out is None) or (recodes and plan is None):
        raise Malformed("protect_needs_out")
    if not 0 < asked.fraction < 1:
        raise Malformed("bad_fraction")


def _measured(table: Tabular, asked: Asked, *, with_suda: bool | None) -> Report:
    """The table as it is."""
    import numpy as np

    from server.cli.tabular import clusters, weights
    from server.core.disclosure.report import report

    others = [name for name in (asked.weight, asked.household) if name]
    found = table.columns([*asked.keys, *asked.sensitive, *others])
    return report(
        asked,
        np.column_stack([found[name].codes for name in asked.keys]),
        {name: found[name].codes for name in asked.sensitive},
        weights(asked.weight, found[asked.weight]) if asked.weight else None,
        clusters(found[asked.household]) if asked.household else None,
        with_suda=with_suda,
    )


def _protected(
    table: Tabular, asked: Asked, plan: Plan, out: Path, *, with_suda: bool | None
) -> tuple[Protected, Report]:
    """Protects, writes, and measures what was written."""
    from dataclasses import replace

    from server.cli.tabular import Tabular
    from server.core.disclosure.protect import protect as protect_columns

    found = table.columns(asked.keys)
    made = protect_columns({name: found[name].text() for name in asked.keys}, plan)
    table.rewrite(out, made.columns, made.dropped)
    kept = replace(asked, keys=[name for name in asked.keys if name not in made.dropped])
    return made, _measured(Tabular(out), kept, with_suda=with_suda)


def _plan(
    protect: str, recode: Sequence[str], levels: Sequence[str], importance: str, keys: Sequence[str]
) -> Plan:
    """What --protect and its companions ask for."""
    from server.core.disclosure.protect import Plan
    from server.core.problem import Malformed

    name, _, number = protect.replace(" ", "").partition("=")
    if name != "k" or not number.isdecimal() or int(number) < 2:
        raise Malformed("bad_protect")
    recodes = {column: _recode(said) for column, said in _pairs(recode, keys)}
    steps = {column: [_recode(part) for part in said.split("/")] for column, said in _pairs(levels, keys)}
    costs = {column: _cost(said) for column, said in _pairs(_list(importance), keys)}
    return Plan(int(number), recodes, steps, costs)


def _pairs(said: Sequence[str], keys: Sequence[str]) -> list[tuple[str, str]]:
    """`column=what` each, of a key."""
    from server.core.problem import Malformed

    pairs = []
    for one in said:
        column, _, what = (part.strip() for part in one.partition("="))
        if column not in keys or not what:
            raise Malformed("no_such_key", said=one, keys=", ".join(keys))
        pairs.append((column, what))
    return pairs


def _recode(said: str) -> Recode:
    from server.cli.tabular import parents
    from server.core.disclosure.recode import parse

    return parse(said, parents(Path(said)) if said.lower().endswith(".csv") else None)


def _cost(said: str) -> float:
    from server.core.problem import Malformed

    try:
        cost = float(said)
    except ValueError:
        cost = 0.0
    if not 0 < cost < float("inf"):
        raise Malformed("bad_importance")
    return cost


def _write_records(report: Report, file: Path) -> None:
    """One line a record."""
    import csv

    part = file.with_name(file.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as target:
            rows = report.records()
            first = next(rows)
            writer = csv.DictWriter(target, list(first))
            writer.writeheader()
            writer.writerow(first)
            writer.writerows(rows)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _told(made: Protected) -> Mapping[str, Any]:
    """What protection did, for the JSON."""
    return {
        "recoded": made.recoded,
        "dropped": made.dropped,
        "blanked": made.blanked,
        "cells_blanked": sum(made.blanked.values()),
        "k_before": made.k_before,
        "k_recoded": made.k_recoded,
        "k": made.k,
        "k_blank_as_value": made.k_blank_as_value,
        "change": {
            name: {value: {"before": before, "after": after} for value, (before, after) in shares.items()}
            for name, shares in made.change.items()
        },
    }


def _sentences(made: Protected, k: int) -> list[str]:
    """The same for a person."""
    recodes = ", ".join(f"{name} ({kind})" for name, kind in made.recoded.items()) or "none"
    blanks = ", ".join(f"{name} {count}" for name, count in made.blanked.items() if count) or "none"
    moved = max(
        (abs(after - before) for shares in made.change.values() for before, after in shares.values()),
        default=0.0,
    )
    return [
        f"Recoded: {recodes}. Cells blanked: {blanks}.",
        f"k was {made.k_before}, {made.k_recoded} after recoding, and is {made.k} now ({k} was asked). "
        f"Counting blanks as answers it is {made.k_blank_as_value}.",
        f"No share of an answer changed by more than {100 * moved:.1f} points.",
        "Columns that are not keys were left as they were: take out names, telephones, places and free text.",
    ]
