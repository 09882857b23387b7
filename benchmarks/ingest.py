"""How many interviews a second the server takes, at what cost, and whether it slows as they pile up.

Run: python benchmarks/ingest.py [--fill 100000] [--each 2000]. Prints a table; Linux only (it reads /proc).
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import httpx
from baseline import __file__ as baseline_file
from interviews import interviews, returnee
from load import request, send

from server.store import people
from server.store.forms import NewForm, publish
from server.store.home import create, open_campaign

TICKS = os.sysconf("SC_CLK_TCK")
PHONES = (1, 8, 32)


@dataclass(frozen=True)
class Running:
    """A server process under load."""

    name: str
    url: str
    process: int
    start_seconds: float


def cpu_seconds(process: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mb(process: int) -> float:
    """The most memory that a process has held."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(name: str, command: list[str], path: str, port: int) -> Iterator[Running]:
    """A server process, from its start to its first answer."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                    break
                except httpx.TransportError:
                    time.sleep(0.01)
            yield Running(name, f"http://127.0.0.1:{port}{path}", process.pid, time.perf_counter() - start)
        finally:
            process.terminate()


def measure(running: Running, bodies: Iterator[bytes], each: int) -> dict[int, float]:
    """Prints a line for each number of phones; returns submissions a second by phones."""
    rates = {}
    for phones in PHONES:
        ready = [request(running.url, xml) for xml in islice(bodies, each)]
        before = cpu_seconds(running.process)
        seconds, took, failed = send(running.url, ready, phones)
        cost = (cpu_seconds(running.process) - before) / each * 1000
        took.sort()
        rates[phones] = each / seconds
        print(
            f"{running.name:<22} {phones:>3} phones {each / seconds:8.0f}/s {cost:7.2f} ms CPU "
            f"p50 {took[len(took) // 2] * 1000:6.1f} ms  p99 {took[int(len(took) * 0.99)] * 1000:6.1f} ms  "
            f"failed {failed}  memory {peak_mb(running.process):.0f} MB",
            flush=True,
        )
    return rates


def main() -> None:
    """Measures the server with an empty store, fills it, measures again, and the baseline beside it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--fill", type=int, default=100_000)
    options.add_argument("--each", type=int, default=2_000)
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="taama-bench-"))
    try:
        run(folder, given.fill, given.each)
    finally:
        shutil.rmtree(folder)


def run(folder: Path, fill: int, each: int) -> None:
    """The whole measurement, with its data in `folder`."""
    built, form = returnee()
    home = folder / "home"
    create(home, "Bench", demo=True)
    campaign = open_campaign(home)
    now = datetime.now(UTC).isoformat()
    publish(campaign, NewForm(built.xform, built.media), by="", at=now)
    made = people.add(campaign.engine, "Bench", "enumerator", now=now, secret=os.urandom)
    campaign.close()
    bodies = interviews(form)
    sizes = [len(xml) for xml in islice(bodies, 200)]
    print(f"Interviews of {sum(sizes) / len(sizes) / 1000:.1f} KB on average, {os.cpu_count()} cores.")
    port = free_port()
    command = [sys.executable, "-m", "server", "serve", "--home", str(home), "--port", str(port)]
    with started("Taama, empty", command, f"/v1/key/{made.token}/projects/1/submission", port) as running:
        print(f"From start to first answer: {running.start_seconds:.2f} s")
        send(running.url, [request(running.url, xml) for xml in islice(bodies, 200)], 8)
        empty = measure(running, bodies, each)
        for start in range(0, fill, 5_000):
            ready = [request(running.url, xml) for xml in islice(bodies, min(5_000, fill - start))]
            send(running.url, ready, 32)
        full = measure(Running(f"Taama, {fill} stored", *(running.url, running.process, 0.0)), bodies, each)
    for phones in PHONES:
        print(f"{phones:>3} phones: {full[phones] / empty[phones]:.2f} of the rate with an empty store")
    port = free_port()
    command = [sys.executable, str(baseline_file), str(folder), str(port)]
    with started("baseline", command, "/submission", port) as running:
        measure(running, bodies, each)


if __name__ == "__main__":
    main()
