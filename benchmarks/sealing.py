"""What sealing and scanning cost an interview of 6 KB with five typed answers, beside storing it as it came.

Run: python benchmarks/sealing.py [--rounds 300]. Prints microseconds an interview (median of the rounds).
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from interviews import interviews, returnee

from forms.taint import tainted
from server.core.ingest import Arriving, Gate, decide
from server.core.plan import Plan
from server.core.privacy import own_words
from server.core.scan import masked, scan
from server.core.sealing import KeyRing, seal, wrap
from sync.keys import new_officer_pair

TEXTS = (
    "chez un cousin à Gao",
    "Je répare des motos au marché, avec mon frère Lassana, depuis trois ans",
    "transport de marchandises entre Kayes et Bamako",
    "le projet de Seydou m'a donné 150 000 francs, appelez le 76 12 34 56",
    "rien de plus à dire",
)
PARTS = (800, 90, 6_000)  # identity, telephone, original: bytes


def timed(work: Callable[[], Any], rounds: int) -> float:
    """The median time of one call, in microseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000


def main() -> None:
    """Measures the pieces and the whole."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=300)
    rounds = options.parse_args().rounds
    _, form = returnee()
    plan = Plan.of(form, tainted(form))
    gate = Gate(lambda *_: plan, lambda _: True, b"k" * 32, os.urandom)
    xml = next(interviews(form))
    officer = new_officer_pair()[1]
    own = ["Bakary", "Tounkara", "76 12 34 56"]

    def scanning() -> None:
        own_words(own)
        for text in TEXTS:
            masked(text, scan(text))

    def sealing() -> None:
        ring = KeyRing.fresh(os.urandom)
        for name, size in zip(("", "recontact", "original"), PARTS, strict=True):
            seal(b"x" * size, ring.key(name), os.urandom)
        for key in ring.under.values():
            wrap(key, ring.base, os.urandom)
        officer.seal(ring.base.secret)

    def whole() -> None:
        decide(Arriving(xml, "enq01", "", "2026-11-23T08:00:00.000Z", KeyRing.fresh(os.urandom)), gate)

    print(f"an interview of {len(xml)} bytes, five texts of {sum(map(len, TEXTS))} letters; microseconds")
    for name, work in (("scanning", scanning), ("sealing", sealing), ("the whole decision", whole)):
        print(f"{name:<22} {timed(work, rounds):8.0f}")
    print(f"{'baseline: a copy':<22} {timed(lambda: bytes(bytearray(xml)), rounds):8.0f}")


if __name__ == "__main__":
    main()
