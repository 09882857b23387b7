"""How long the measures of disclosure take, beside plain Python counting the same keys in a dictionary.

Run: python benchmarks/disclosure.py [--rows 1000000]. Prints a table.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from server.cli.root import app
from server.core.disclosure.keys import Ints
from server.core.disclosure.risk import frequencies, measured
from server.core.disclosure.suda import suda
from server.core.disclosure.suppress import suppressed

SIZES = (2, 8, 6, 9, 40, 60, 12)
NAMES = [f"key{number}" for number in range(len(SIZES))]


def sample(rows: int, absent: float = 0.0) -> Ints:
    """Keys as surveys have them: few common answers, many rare ones."""
    random = np.random.default_rng(7)
    shares = [1 / np.arange(1, size + 1) for size in SIZES]
    columns = [random.choice(len(share), rows, p=share / share.sum()) for share in shares]
    codes = np.column_stack(columns).astype(np.int64)
    codes[random.random(codes.shape) < absent] = -1
    return codes


def timed(what: str, work: Callable[[], object]) -> None:
    """Does `work` and prints how long it took."""
    start = time.perf_counter()
    work()
    print(f"{what:<66} {time.perf_counter() - start:6.2f} s", flush=True)


def counted(rows: list[list[int]]) -> float:
    """The baseline: k and the file risk 1/k, without weights and without missing answers."""
    groups = Counter(map(tuple, rows))
    risk = [1 / groups[tuple(row)] for row in rows]
    return sum(risk) / len(risk)


def commanded(file: Path, *words: str) -> None:
    """The command, reading and all."""
    done = CliRunner().invoke(app, ["disclose", str(file), "--keys", ",".join(NAMES), "--json", *words])
    assert done.exit_code == 0, done.output


def written(folder: str, codes: Ints) -> Path:
    """The keys as a CSV file, with a weight."""
    file = Path(folder) / f"{len(codes)}.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow([*NAMES, "weight"])
        writer.writerows([*row, 3] for row in codes.tolist())
    return file


def main() -> None:
    """Measures a small table wholly, and a large one for k and risk."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    rows = options.parse_args().rows
    small, large, holes = sample(5_000), sample(rows), sample(rows, 0.02)
    plain = large.tolist()
    weights = np.full(rows, 3.0)
    print(f"{len(SIZES)} keys")
    timed(f"{rows:,} rows, k and 1/k: a dictionary in plain Python", lambda: counted(plain))
    timed(f"{rows:,} rows, k and 1/k", lambda: measured(frequencies(large)))
    timed(f"{rows:,} rows, k and weighted risk", lambda: measured(frequencies(large, weights)))
    timed(f"{rows:,} rows, the same, exact", lambda: measured(frequencies(large, weights), "exact"))
    timed(f"{rows:,} rows, 2 % of answers missing", lambda: measured(frequencies(holes, weights)))
    timed("5,000 rows, special uniques", lambda: suda(small))
    timed("5,000 rows, blanked to k = 5", lambda: suppressed(small, 5))
    weighted = ("--weight", "weight")
    with tempfile.TemporaryDirectory() as folder:
        file = written(folder, small)
        timed("5,000 rows, the command with special uniques", lambda: commanded(file))
        file = written(folder, large)
        timed(
            f"{rows:,} rows, the command without them",
            lambda: commanded(file, "--no-suda", "--weight", "weight"),
        )
        timed(
            f"{rows:,} rows, the command with special uniques", lambda: commanded(file, *weighted, "--suda")
        )


if __name__ == "__main__":
    main()
