"""How long it takes to find who some arrivals may be, among many known.

Run: python benchmarks/arrivals.py [--known 51000] [--arrivals 50]. The baseline compares each arrival with
everyone, without looking candidates up.
"""

from __future__ import annotations

import argparse
import os
import random
import time

from server.core.linkage.encode import Encoded, encode_person
from server.core.linkage.index import Index

FIRST = [
    "Awa",
    "Bintou",
    "Modibo",
    "Seydou",
    "Fanta",
    "Lassana",
    "Oumou",
    "Boubacar",
    "Kadiatou",
    "Drissa",
    "Mariam",
    "Adama",
    "Moussa",
    "Aminata",
]
LAST = [
    "Traoré",
    "Coulibaly",
    "Diarra",
    "Keïta",
    "Koné",
    "Sissoko",
    "Tounkara",
    "Dembélé",
    "Sidibé",
    "Cissé",
    "Touré",
    "Maïga",
    "Sangaré",
]
VILLAGES = [f"village {number}" for number in range(600)]


def someone(rng: random.Random) -> dict[str, str]:
    """A made-up person."""
    return {
        "first_name": rng.choice(FIRST),
        "last_name": rng.choice(LAST),
        "sex": rng.choice("FM"),
        "age": str(rng.randint(16, 60)),
        "village": rng.choice(VILLAGES),
        "phone": str(rng.randint(60_000_000, 99_999_999)),
        "return_country": rng.choice(["dza", "lby", "ner"]),
        "return_year": str(rng.randint(2015, 2026)),
    }


def main() -> None:
    """Fills an index, then lets arrivals in: half of them are known already."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--known", type=int, default=51_000)
    options.add_argument("--arrivals", type=int, default=50)
    asked = options.parse_args()
    rng, key = random.Random(1), os.urandom(32)
    people = [someone(rng) for _ in range(asked.known)]
    index = Index()
    start = time.perf_counter()
    encoded: list[Encoded] = [encode_person(one, key) for one in people]
    encoding = time.perf_counter() - start
    for number, one in enumerate(encoded):
        index.add(f"k{number}", one)
    index.count()
    indexing = time.perf_counter() - start - encoding
    print(f"{asked.known} known: encoded in {encoding:.1f} s, indexed in {indexing:.1f} s")
    half = [rng.choice(people) for _ in range(asked.arrivals // 2)]
    come = [*half, *(someone(rng) for _ in range(asked.arrivals - len(half)))]
    start = time.perf_counter()
    found = index.arrivals([(f"a{n}", encode_person(one, key)) for n, one in enumerate(come)])
    took = time.perf_counter() - start
    hits = len({name for name, _, _ in found} & {f"a{n}" for n in range(len(half))})
    print(f"{asked.arrivals} arrivals: {took:.3f} s, {hits} of {len(half)} found again, {len(found)} pairs")
    start = time.perf_counter()
    index.like([("a0", f"k{number}") for number in range(asked.known)])
    print(f"baseline, one arrival against everyone: {time.perf_counter() - start:.3f} s")


if __name__ == "__main__":
    main()
