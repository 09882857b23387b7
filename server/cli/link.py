"""`taama link`: finds records of the same person."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli import exchange
from server.cli.speak import DEFAULT_HOME, Home, Json, now, say

app = typer.Typer(help="Find records of the same person.", no_args_is_help=True)
app.add_typer(exchange.app, name="exchange")


@app.callback()
def link() -> None:
    """Find records of the same person."""


@app.command("file")
def file(
    records: Annotated[
        Path, typer.Argument(help="CSV or .xlsx with a column record_id; French headers will do.")
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
    from server.store.lists import read_persons, write_linked, write_summary

    start = time.perf_counter()
    persons = read_persons(records, mapping(renamed or []))
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


def mapping(pairs: list[str]) -> dict[str, str]:
    """`theirs=ours` as a mapping; raises Malformed for what is no column of ours."""
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


Passphrase = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file with the matching passphrase; asked without.")
]


@app.command("run")
def run(passphrase_file: Passphrase = None, home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Compare who came in since the last time, and number persons anew. People's decisions always stand.

    A server that was unlocked compares by itself; this is for one that was not.

    Example: taama link run --passphrase-file matching.txt --home kayes-2026
    """
    import os

    from server.cli.speak import progress
    from server.store.home import open_campaign
    from server.store.matcher import Matcher
    from server.store.matching import unlock
    from server.store.persons import pairs, recompute
    from server.store.visits import Visits

    campaign = open_campaign(home)
    try:
        said = passphrase(passphrase_file)
        matcher = Matcher(campaign, unlock(campaign.matching, said), os.urandom)
        with progress("Comparing", quiet=as_json) as step:
            arrivals = matcher.catch_up(at=now(), step=step)
        visits = Visits(campaign, matcher.unlocked, os.urandom).note(at=now())
        found = recompute(campaign, lambda: os.urandom(5).hex())
        waiting = len(pairs(campaign))
    finally:
        campaign.close()
    told = {
        "arrivals": arrivals,
        "contacts_changed": visits,
        "known": matcher.size,
        "interviews": found.interviews,
        "persons": found.persons,
        "open_pairs": waiting,
        "merged": found.merged,
        "split": found.split,
        "contradictory_decisions": found.unmet,
    }
    text = (
        f"{arrivals} new interviews are compared. {found.interviews} interviews of {found.persons} persons; "
    )
    say(told, text + f"{waiting} pairs wait for a decision: taama link pairs", as_json=as_json)


@app.command("pairs")
def list_pairs(
    all_of_them: Annotated[bool, typer.Option("--all", help="Also those that are decided.")] = False,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """List pairs of interviews that may be of one person: which fields agree, never what they hold.

    Example: taama link pairs --home kayes-2026
    """
    from server.store.home import open_campaign
    from server.store.persons import pairs

    campaign = open_campaign(home)
    found = pairs(campaign, all_of_them=all_of_them)
    campaign.close()
    names = ("one", "other", "kind", "p", "reasons", "contradictions", "verdict", "contested")
    rows = [{name: getattr(pair, name) for name in names} for pair in found]
    lines = [
        f"{pair.p:.2f}  {pair.kind:<9} {pair.one} {pair.other}  {pair.verdict or 'open'}  "
        + ", ".join(f"{name} {how}" for name, how in pair.reasons.items() if how != "missing")
        + "".join(f", contradiction: {name}" for name in pair.contradictions)
        for pair in found
    ]
    say({"pairs": rows}, "\n".join(lines) or "No pair waits.", as_json=as_json)


@app.command("decide")
def decide_pair(
    one: Annotated[str, typer.Argument(help="The id of an interview.")],
    other: Annotated[str, typer.Argument(help="The id of the other.")],
    verdict: Annotated[str, typer.Argument(help="same, different, or open to take a decision back.")],
    why: Annotated[str, typer.Option("--why", help="The reason, in words without names.")] = "",
    by: Annotated[str, typer.Option("--by", help="Your login.")] = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Decide whether two interviews are of one person. It stands until somebody decides otherwise.

    Example: taama link decide uuid:… uuid:… same --by sup01 --home kayes-2026
    """
    from server.store.decisions import decide, pair_of
    from server.store.home import open_campaign

    campaign = open_campaign(home)
    try:
        stand = decide(campaign, "linked", pair_of(one, other), verdict, by=by, why=why, at=now())
    finally:
        campaign.close()
    say({"verdict": stand.verdict, "contested": stand.contested}, "It is noted.", as_json=as_json)


def passphrase(file: Path | None) -> str:
    """The matching passphrase, from a file or asked for; raises Refused when the file cannot be read."""
    from server.core.problem import Refused

    if file is None:
        return str(typer.prompt("Matching passphrase", hide_input=True, err=True))
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Refused("wrong_passphrase") from None
