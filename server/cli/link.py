"""`taama link`: finds records of the same person."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.speak import Json, say

app = typer.Typer(help="Find records of the same person.", no_args_is_help=True)


@app.callback()
def link() -> None:
    """Find records of the same person."""


@app.command("file")
def file(
    records: Annotated[
        Path, typer.Argument(help="A CSV file with a column record_id; French headers will do.")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="The folder for clusters.csv, pairs.csv and summary.json.")
    ],
    encoded: Annotated[
        bool,
        typer.Option("--encoded", help="Compare keyed encodings only, as hubs do, under a key made now."),
    ] = False,
    review: Annotated[
        float,
        typer.Option(
            "--review", min=0, max=1, help="Share of the pairs left to a supervisor, least sure first."
        ),
    ] = 0.0,
    renamed: Annotated[
        list[str] | None,
        typer.Option("--map", help="theirs=ours, for a header that is not understood; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the same persons in any list, such as partners' contact lists before fieldwork.

    Example: taama link file list.csv --out linked --review 0.1 --map "Nom complet=last_name"
    """
    import secrets
    import time

    from server.core.linkage.run import link as link_rows
    from server.store.lists import read_list, write_linked, write_summary

    start = time.perf_counter()
    persons = read_list(records, _renamed(renamed or []))
    found = link_rows(persons.columns, persons.rows, secrets.token_bytes(32) if encoded else None, review)
    write_linked(out, persons, found)
    told: dict[str, Any] = {
        "records": persons.rows,
        "persons": found.count.persons,
        "persons_interval": [found.count.low, found.count.high],
        "seconds": round(time.perf_counter() - start, 2),
        "peak_mb": _peak_mb(),
        "encoded": encoded,
        "clusters": found.clusters,
        "pairs": {word: int((found.decisions == word).sum()) for word in ("same", "review", "different")},
        "compared": found.compared,
        "contradicted": found.contradicted,
        "large_clusters": found.large,
        "largest_cluster": found.largest,
        "left_out": found.left_out,
        "columns": sorted(persons.columns),
        "ignored_columns": persons.ignored,
        "uneven_rows": persons.uneven,
        "rows_without_id": persons.unnamed,
    }
    write_summary(out, told)
    say(told, _lines(told, out), as_json=as_json)


def _lines(told: dict[str, Any], out: Path) -> str:
    low, high = told["persons_interval"]
    lines = [
        f"{told['persons']} persons ({low} to {high}) in {told['records']} records; see {out}",
        f"{told['pairs']['same']} pairs are one person, {told['pairs']['review']} are for review",
    ]
    if told["large_clusters"]:
        lines.append(
            f"{told['large_clusters']} clusters hold more than six records, the largest "
            f"{told['largest_cluster']}: look at them first"
        )
    if told["left_out"]:
        lines.append("Some blocks were too large to compare: see left_out in summary.json")
    if told["ignored_columns"]:
        lines.append(f"Not understood: {', '.join(told['ignored_columns'])} (rename with --map theirs=ours)")
    return "\n".join(lines)


def _renamed(pairs: list[str]) -> dict[str, str]:
    from server.core.problem import Malformed
    from server.store.lists import KNOWN

    found = {}
    for pair in pairs:
        theirs, _, ours = pair.rpartition("=")
        if not theirs or ours not in KNOWN:
            raise Malformed("bad_column_map", columns=", ".join(KNOWN))
        found[theirs] = ours
    return found


def _peak_mb() -> float:
    """The most memory that this process has held, in MB; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 if sys.platform != "darwin" else 1024 * 1024), 1)
