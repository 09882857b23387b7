"""How long a release takes in each format, beside a plain CSV of the same answers without any checks.

Run: python benchmarks/export.py [--interviews 10000] [--turns 12] [--formats csv,parquet,dta,sav,xlsx]. Makes
a campaign with a questionnaire of 81 questions and a repeat, then measures each format in a process of its
own.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from server.store.forms import NewForm, publish
from server.store.home import create, open_campaign
from server.store.project import SUBMISSION
from server.store.release.make import export
from server.store.release.options import Options, Release
from sync.db import reading, writing
from sync.log import BODY

AT = "2026-11-23T08:00:00.000Z"
GROUPS, EACH = 9, 9


def questionnaire() -> bytes:
    """A form of 81 questions in nine modules (every ninth takes several answers), and a repeat of five."""
    from pyxform.xls2xform import convert

    survey = ["| | select_one yn | consent | Acceptez-vous ? | Do you agree? | | consent | consent |"]
    for group in range(GROUPS):
        survey.append(f"| | begin_group | g{group} | Partie {group} | Part {group} | | | |")
        for number in range(EACH):
            name = f"q{group}_{number}"
            kind = ("select_one list", "integer", "select_one yn", "select_multiple list")[_kind(number)]
            asked = f"${{q{group}_2}} = 'yes'" if number > 5 else ""
            survey.append(
                f"| | {kind} | {name} | Question {name} ? | Question {name}? | {asked} | public | |"
            )
        survey.append("| | end_group | | | | | | |")
    survey.append("| | begin_repeat | person | Personne | Person | | | |")
    for number in range(5):
        kind = ("select_one list", "integer", "select_one yn")[number % 3]
        survey.append(f"| | {kind} | p{number} | Personne {number} | Person {number} | | public | |")
    survey.append("| | end_repeat | | | | | | |")
    choices = "\n".join(f"| | list | c{one} | Choix {one} | Choice {one} |" for one in range(10))
    text = f"""
| survey |
| | type | name | label::Français (fr) | label::English (en) | relevant | bind::dp:class | bind::dp:role |
{chr(10).join(survey)}
| choices |
| | list_name | name | label::Français (fr) | label::English (en) |
| | yn | yes | Oui | Yes |
| | yn | no | Non | No |
| | yn | dk | Ne sait pas | Does not know |
{choices}
| settings |
| | form_id | form_title | version | namespaces | attribute::dp:consent_text | default_language |
| | wide | Large | 1 | dp="https://taama.org/data-protection/1" | fr-1 | Français (fr) |
"""
    return convert(xlsform=text, file_type=".md").xform.encode()


def _kind(number: int) -> int:
    return 3 if number == EACH - 1 else number % 3


def _answer(kind: int, rng: random.Random) -> str:
    if kind == 1:
        return str(rng.randint(0, 90))
    if kind == 2:
        return rng.choice(("yes", "no", "dk"))
    names = [f"c{one}" for one in range(10)]
    return rng.choice(names) if kind == 0 else " ".join(rng.sample(names, rng.randint(1, 4)))


def answers(rng: random.Random, turns: int) -> dict[str, Any]:
    """The answers of one made-up interview."""
    made: dict[str, Any] = {"consent": "yes"}
    for group in range(GROUPS):
        said = {f"q{group}_{number}": _answer(_kind(number), rng) for number in range(EACH)}
        if said[f"q{group}_2"] != "yes":
            said = {name: text for name, text in said.items() if int(name[-1]) <= 5}
        made[f"g{group}"] = said
    made["person"] = [{f"p{number}": _answer(number % 3, rng) for number in range(5)} for _ in range(turns)]
    return made


def fill(home: Path, count: int, turns: int) -> None:
    """A campaign with so many interviews, written straight into its tables."""
    create(home, "banc")
    campaign = open_campaign(home)
    publish(campaign, NewForm(questionnaire(), {}), by="", at=AT)
    rng = random.Random(1)
    with writing(campaign.engine) as connection:
        for start in range(1000, 1000 + count, 1000):
            rows, bodies = [], []
            for event in range(start, min(start + 1000, 1000 + count)):
                rows.append(_row(event, rng))
                data = json.dumps({"answers": answers(rng, turns), "salt": "0" * 32}, sort_keys=True)
                bodies.append({"event": event, "part": "clean", "sha": "", "data": data.encode()})
            connection.execute(insert(SUBMISSION), rows)
            connection.execute(insert(BODY), bodies)
    campaign.close()


def _row(event: int, rng: random.Random) -> dict[str, Any]:
    made = {column.key: "" for column in SUBMISSION.c}
    given = {
        "instance": f"uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}",
        "form": "wide",
        "version": "1",
    }
    made |= given | {"received": AT, "person": "enq01", "replaces": None, "event": event, "latest": True}
    return made


def plain(home: Path, out: Path) -> None:
    """The baseline: the same answers as CSV, nothing checked, nothing described."""
    campaign = open_campaign(home)
    names = [f"q{group}_{number}" for group in range(GROUPS) for number in range(EACH)]
    turn = [f"p{number}" for number in range(5)]
    out.mkdir(parents=True)
    with (
        reading(campaign.engine) as connection,
        (out / "wide.csv").open("w", newline="", encoding="utf-8") as main,
        (out / "person.csv").open("w", newline="", encoding="utf-8") as repeat,
    ):
        wide, people = csv.writer(main), csv.writer(repeat)
        for instance, body in _bodies(connection):
            wide.writerow(
                [instance, *(body[name.split("_")[0].replace("q", "g")].get(name, "") for name in names)]
            )
            people.writerows([instance, *(one.get(name, "") for name in turn)] for one in body["person"])
    campaign.close()


def _bodies(connection: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    joined = select(SUBMISSION.c.instance, BODY.c.data).join(BODY, BODY.c.event == SUBMISSION.c.event)
    for row in connection.execute(joined.where(BODY.c.part == "clean").order_by(SUBMISSION.c.event)):
        yield row.instance, json.loads(row.data)["answers"]


def one(home: Path, kind: str, out: Path) -> None:
    """Measures one format in this process, and prints seconds, peak memory and size."""
    before, busy = time.perf_counter(), time.process_time()
    if kind == "plain":
        plain(home, out / "plain")
    else:
        campaign = open_campaign(home)
        wanted = Release("wide", include_all=True)
        export(campaign, wanted, Options(kind), out, datetime.now(UTC).isoformat())  # type: ignore[arg-type]
        campaign.close()
    seconds, cpu = time.perf_counter() - before, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
    print(f"{kind:<10}{seconds:8.2f} s{cpu:8.2f} s of processor{peak:8.0f} MB memory{size:8.1f} MB written")


def main() -> None:
    """Fills a campaign, then measures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--interviews", type=int, default=10_000)
    asked.add_argument("--turns", type=int, default=12)
    asked.add_argument("--formats", default="plain,csv,parquet,dta,sav,xlsx")
    asked.add_argument("--one", help=argparse.SUPPRESS)
    asked.add_argument(
        "--home", type=Path, help="A campaign that an earlier run has filled, or where to fill one."
    )
    asked.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.one:
        one(options.home, options.one, options.out)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        if not home.exists():
            fill(home, options.interviews, options.turns)
        print(f"{options.interviews} interviews of {GROUPS * EACH} questions, {options.turns} turns each")
        for kind in options.formats.split(","):
            with tempfile.TemporaryDirectory() as out:
                command = [sys.executable, __file__, "--one", kind, "--home", str(home), "--out", out]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
