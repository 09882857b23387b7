"""What the scanner knows: names and places of the region, words that announce a name, words that are none.

The lists stand in gazetteer.csv beside this file, where someone who writes no programs can better them:
`first`, `family` and `place` are names; `nobody` are capitals that identify no one; `starter` words often
begin a sentence; `title` and `precinct` stand before a name or a place; `word` are names and plain words.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path

from forms import catalog

# Spelt as one hears them, so that Seydou and Seidu, Djeneba and Jeneba, Kouyaté and Couyate meet.
SOUNDS = (
    (re.compile(r"ph"), "f"),
    (re.compile(r"ou|oo|w"), "u"),
    (re.compile(r"dj|di(?=[aeou])|gi|j"), "j"),
    (re.compile(r"ch|sh"), "s"),
    (re.compile(r"qu|ck|c(?=[aouklrt])|q|k"), "k"),
    (re.compile(r"ss|c(?=[eiy])|z"), "s"),
    (re.compile(r"gn|ny"), "n"),
    (re.compile(r"y"), "i"),
    (re.compile(r"h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
SHORTEST_PLACE, SHORTEST_LOWER = 4, 5


def plain(word: str) -> str:
    """A word without accents, case and curly apostrophes."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    parted = unicodedata.normalize("NFKD", folded.replace("’", "'"))
    return "".join(sign for sign in parted if not unicodedata.combining(sign))


def sounded(word: str) -> str:
    """A word roughly as it is heard."""
    heard = plain(word).replace("-", "").replace("'", "")
    for pattern, sound in SOUNDS:
        heard = pattern.sub(sound, heard)
    return heard


@cache
def words(kind: str) -> frozenset[str]:
    """The words of one list, without accents."""
    return frozenset(plain(word) for listed, word in _listed() if listed == kind)


@cache
def people() -> frozenset[str]:
    """First names and family names, as they sound."""
    return frozenset(sounded(name) for name in words("first") | words("family"))


@cache
def unmistakable() -> frozenset[str]:
    """Names of five letters and more that no French word equals: told even without a capital."""
    names = words("first") | words("family")
    return frozenset(name for name in names if len(name) >= SHORTEST_LOWER) - words("word") - words("nobody")


@cache
def places() -> frozenset[str]:
    """Towns, quarters, communes and cercles, without accents: those listed, and the frame of the forms."""
    found = set(words("place"))
    with (catalog.SHARED / "places.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            label = f"{row['cercle_label']} {row['commune_label']}"
            found |= {plain(part) for part in re.split(r"[ '’-]", label) if len(part) >= SHORTEST_PLACE}
    return frozenset(found) - words("nobody") - words("plain_place")


@cache
def _listed() -> tuple[tuple[str, str], ...]:
    with Path(__file__).with_name("gazetteer.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["kind"], row["name"]) for row in csv.DictReader(file))
