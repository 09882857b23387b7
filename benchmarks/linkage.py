"""How well and how fast `taama link file` finds the same persons, on made-up lists with known truth.

Run: python benchmarks/linkage.py [--sizes 2000 51000] [--seed 11] [--noise 1.0] [--no-encoded] [--review 0.1]
     python benchmarks/linkage.py --list LIST.csv --truth TRUTH.csv    (TRUTH: record_id,person[,kind,cycle])
     python benchmarks/linkage.py --train OUT.json    (writes the default model for short lists, from labels)

To beat (Splink 5 with folding and wide blocking, on another generator at 51,000 records): F1 .850 of pairs;
clusters .825 precision at .869 follow-up recall; 43 % of twins and 37 % of brothers wrongly linked; person
count off by 4.2 %; 31 s and 455 MB. At a million: F1 .791, 462 s, 4.9 GB.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from people_mali import COLUMNS, TRUTH, Rates, made, write

from server.core.linkage import normal

Row = Mapping[str, str]


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pairs_in(groups: np.ndarray) -> int:
    """Pairs of rows in one group."""
    sizes = np.unique(groups, return_counts=True, axis=0)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def codes(values: Sequence[str]) -> np.ndarray:
    """A number for each distinct value."""
    return np.unique(np.array(values), return_inverse=True)[1]


def figures(hits: float, claimed: float, true: float) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    precision, recall = hits / max(1, claimed), hits / max(1, true)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def b_cubed(found: np.ndarray, person: np.ndarray) -> float:
    """B-cubed F1 (Bagga and Baldwin 1998)."""
    both = np.unique(np.stack([found, person], 1), return_inverse=True, return_counts=True, axis=0)
    shared = both[2][both[1].ravel()]
    precision = float((shared / np.bincount(found)[found]).mean())
    recall = float((shared / np.bincount(person)[person]).mean())
    return 2 * precision * recall / (precision + recall)


def follow_up(truth: Sequence[Row], label: Mapping[str, str]) -> float:
    """Share of true pairs of interviews in different cycles that are in one cluster."""
    met: dict[str, list[Row]] = defaultdict(list)
    for row in truth:
        if row.get("kind") == "interview":
            met[row["person"]].append(row)
    pairs = [
        label[a["record_id"]] == label[b["record_id"]]
        for group in met.values()
        for a, b in combinations(group, 2)
        if a["cycle"] != b["cycle"]
    ]
    return sum(pairs) / max(1, len(pairs))


def wrong(group_of: Mapping[str, str], truth: Sequence[Row], label: Mapping[str, str]) -> float:
    """Share of pairs of different persons within a group (twins, brothers ...) that share a cluster."""
    groups: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in truth:
        group = group_of.get(row["record_id"], "0")
        if group not in ("", "0"):
            groups[group][row["person"]].add(label[row["record_id"]])
    pairs = [bool(a & b) for group in groups.values() for a, b in combinations(group.values(), 2)]
    return sum(pairs) / max(1, len(pairs))


def judged(rows: Sequence[Row], truth: Sequence[Row], out: Path) -> list[str]:
    """Lines with every figure for the files in `out`."""
    label = {row["record_id"]: row["cluster_id"] for row in rows_of(out / "clusters.csv")}
    person = {row["record_id"]: row["person"] for row in truth}
    found, true = codes([label[r] for r in person]), codes(list(person.values()))
    both = pairs_in(np.stack([found, true], 1))
    lines = [
        "pairs of clusters    P {:.3f}  R {:.3f}  F1 {:.4f}".format(
            *figures(both, pairs_in(found), pairs_in(true))
        )
    ]
    pairs = rows_of(out / "pairs.csv")
    right = [person[pair["record_id_l"]] == person[pair["record_id_r"]] for pair in pairs]
    said = [pair["decision"] for pair in pairs]
    asked = [word == "same" or (word == "review" and one) for word, one in zip(said, right, strict=True)]
    for name, chosen in (
        ("decision same", [word == "same" for word in said]),
        ("p >= 0.5", [float(pair["p"]) >= 0.5 for pair in pairs]),
        ("after review", asked),
    ):
        hits = sum(a and b for a, b in zip(chosen, right, strict=True))
        lines.append(
            "{:<20} P {:.3f}  R {:.3f}  F1 {:.4f}".format(name, *figures(hits, sum(chosen), pairs_in(true)))
        )
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    number, (low, high) = len(set(person.values())), summary["persons_interval"]
    lines.append(f"B-cubed F1 {b_cubed(found, true):.3f}   follow-up recall {follow_up(truth, label):.3f}")
    lines.append(
        f"persons {summary['persons']} ({low} to {high}), true {number}: off by "
        f"{summary['persons'] / number - 1:+.1%}, {'inside' if low <= number <= high else 'OUTSIDE'}"
    )
    phones = {row["record_id"]: next(iter(normal.phones(row.get("phone", ""))), "") for row in rows}
    groups = {
        name: {row["record_id"]: row.get(name, "") for row in truth}
        for name in ("twin", "household", "homonym")
    }
    groups["phone"] = phones
    told = "  ".join(f"{name} {wrong(group, truth, label):.1%}" for name, group in groups.items())
    lines.append(f"wrongly linked: {told}")
    lines.append(f"{summary['seconds']} s, {summary['peak_mb']} MB, {summary['compared']} pairs compared")
    return lines


def linked(records: Path, out: Path, *, encoded: bool, review: float) -> None:
    """Runs the command."""
    command = [sys.executable, "-m", "server", "link", "file", str(records), "--out", str(out), "--json"]
    options = ["--review", str(review)] + (["--encoded"] if encoded else [])
    subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)


def compared(records: Path, truth: Path, asked: argparse.Namespace) -> None:
    """Prints the figures of one list, clear and encoded."""
    rows, true = rows_of(records), rows_of(truth)
    for encoded in (False, True)[: 2 - asked.no_encoded]:
        with tempfile.TemporaryDirectory() as folder:
            linked(records, Path(folder), encoded=encoded, review=asked.review)
            print(f"-- {len(rows)} records, {'encoded' if encoded else 'clear'}")
            print("\n".join(judged(rows, true, Path(folder))))


def train(out: Path, seed: int) -> None:
    """Writes the default model: m from the labels of an easy and a hard list, u from the first one."""
    from server.core.linkage import compare, model
    from server.core.linkage.block import candidates
    from server.core.linkage.encode import Column, encode
    from server.core.linkage.people import STRATA, people, stratum
    from server.core.linkage.train import PSEUDO, strangers, tally

    seen = [np.zeros((len(compare.SIZES), model.WIDTH)) for _ in range(2)]
    u = common = seen[0]
    for noise in (1.5, 1.0):
        rows, truth = made(51_000, seed, Rates().more(noise))
        columns = {}
        for name in COLUMNS:
            values, found = np.unique(np.array([row[name] for row in rows]), return_inverse=True)
            columns[name] = Column(values.tolist(), found.astype(np.int32))
        them = people(encode(columns, len(rows), None))
        person = codes([row["person"] for row in truth])
        left, right, _ = candidates(them, 100)
        same = person[left] == person[right]
        left, right = left[same], right[same]
        levels, across = compare.levels(them, left, right), stratum(them, left, right) % 2
        for at in (0, 1):
            seen[at] += tally(levels, (across == at).astype(float), range(len(compare.SIZES)))
        u, common = strangers(them, None, np.random.default_rng(seed))
    first, second = (model.normalised(table + PSEUDO / 10) for table in seen)
    known = model.default()
    for field in (
        compare.DAY,
        compare.PAPER,
        compare.ADDRESS,
    ):  # no made-up list has them: assumed, not learnt
        first[field], second[field] = known.m[0][field], known.m[1][field]
        u[field], common[field] = known.u[field], known.common[field]
    priors = np.ones((len(model.CLASSES), STRATA))
    out.write_text(model.to_json(model.Model((first, second), u, priors, common)) + "\n", encoding="utf-8")


def main() -> None:
    """Makes lists, links them, prints the figures."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[2_000, 51_000])
    options.add_argument("--seed", type=int, default=11)
    options.add_argument("--noise", type=float, default=1.0)
    options.add_argument("--review", type=float, default=0.1)
    options.add_argument("--no-encoded", action="store_true")
    options.add_argument("--list", type=Path)
    options.add_argument("--truth", type=Path)
    options.add_argument("--train", type=Path)
    asked = options.parse_args()
    if asked.train:
        train(asked.train, asked.seed)
        return
    if asked.list:
        compared(asked.list, asked.truth, asked)
        return
    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            rows, truth = made(size, asked.seed, Rates().more(asked.noise))
            records, known = Path(folder) / f"{size}.csv", Path(folder) / f"{size}.truth.csv"
            write(records, list(COLUMNS), rows)
            write(known, TRUTH, truth)
            del rows, truth
            compared(records, known, asked)


if __name__ == "__main__":
    main()
