"""West African names as they are heard: folding keys, name families, nearest known names.

The same name is spelt in French, in Bambara and after the Arabic, by whoever holds the pen. `folded` undoes
spelling; names.csv beside this file says which names are one name (Mamadou, Mahamadou, Mohamed) and which
short forms they have. Someone who writes no programs can better the table.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from server.core.names import words

Kind = Literal["first", "last"]
RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"([tkgb])h", r"\1"),
        (r"[cs]h", "s"),
        (r"ou|oo|w", "u"),
        (r"dj|d[iy](?=[aeou])|gi(?=[aou])", "j"),
        (r"gn|ny|ni(?=[aeou])", "n"),
        (r"gu(?=[ei])", "g"),
        (r"qu|ck|q|c(?![eiy])", "k"),
        (r"c|z", "s"),
        (r"x", "ks"),
        (r"[ae][iy](?![aeou])", "e"),
        (r"y", "i"),
        (r"h", ""),
        (r"m(?=[bp])", "n"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[^aeiou])e$", ""),
    )
)
NOT_LETTERS = re.compile(r"[^a-z]+")
SHORTEST_NEAR = 5


def plain(text: str) -> str:
    """Lower case, without accents; apostrophes are dropped, every other sign becomes a space."""
    folded = text.casefold()
    if not folded.isascii():
        for sign in "’‘ʼ`´":
            folded = folded.replace(sign, "'")
        for sign, letters in (("ɛ", "e"), ("ɔ", "o"), ("ɲ", "ny"), ("ŋ", "n"), ("œ", "oe"), ("æ", "ae")):
            folded = folded.replace(sign, letters)
        parted = unicodedata.normalize("NFKD", folded)
        folded = "".join(sign for sign in parted if not unicodedata.combining(sign))
    return NOT_LETTERS.sub(" ", folded.replace("'", "")).strip()


@lru_cache(maxsize=200_000)
def folded(word: str) -> str:
    """The key of one plain word: what different spellings of one sound have in common."""
    heard = word
    for pattern, sound in RULES:
        heard = pattern.sub(sound, heard)
    return heard or word


@dataclass(frozen=True, slots=True)
class Name:
    """One word of a name: as written, folded, its family, the family of what it may be short for."""

    plain: str
    key: str
    family: str
    long: str
    known: bool


@lru_cache(maxsize=200_000)
def name(word: str, kind: Kind) -> Name:
    """A plain word as a name; an unknown one, one slip from a single known one, joins that one's family."""
    table = _families(kind)
    key = folded(word)
    family = table.get(key)
    known = family is not None and key not in pets("pet")
    if family is None:
        family = _near(key, kind) or key
    return Name(word, key, family, _shorts().get(key, "") if kind == "first" else "", known)


@cache
def pets(kind: Literal["pet", "only_pet"]) -> frozenset[str]:
    """Keys of pet names: those that are first names too, or those that are nothing else."""
    return frozenset(
        folded(word) for row in _rows() if row["kind"] == kind for word in row["spellings"].split()
    )


def affinity(word: str) -> int:
    """1 where a plain word is only known as a first name, -1 only as a family name, else 0."""
    key = folded(word)
    return int(key in _families("first")) - int(key in _families("last"))


def _near(key: str, kind: Kind) -> str | None:
    if len(key) < SHORTEST_NEAR:
        return None
    found = process.extract(key, _keys(kind, key[0]), scorer=OSA.distance, score_cutoff=1, limit=4)
    families = {_families(kind)[near] for near, _, _ in found}
    return families.pop() if len(families) == 1 else None


@cache
def _keys(kind: Kind, initial: str) -> tuple[str, ...]:
    return tuple(
        sorted(key for key in _families(kind) if key[0] == initial and len(key) >= SHORTEST_NEAR - 1)
    )


@cache
def _families(kind: Kind) -> dict[str, str]:
    """Folding key -> family, after its first spelling; other names of the gazetteer are their own."""
    found: dict[str, str] = {}
    for row in _rows():
        if row["kind"] == kind:
            spellings = row["spellings"].split()
            for spelling in spellings:
                found.setdefault(folded(spelling), folded(spellings[0]))
    for listed in sorted(words("first" if kind == "first" else "family")):
        key = folded(plain(listed).replace(" ", ""))
        found.setdefault(key, key)
    return found


@cache
def _shorts() -> dict[str, str]:
    """Short form's key -> the family that it is short for."""
    return {
        folded(short): folded(row["spellings"].split()[0])
        for row in _rows()
        for short in row["short"].split()
    }


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return read_table("names.csv")


@cache
def read_table(file_name: str) -> tuple[dict[str, str], ...]:
    """The rows of one of this package's tables."""
    with Path(__file__).with_name(file_name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def aliases(file_name: str) -> dict[str, str]:
    """Alias -> canonical word, both plain, of a table whose second column parts aliases by semicolons."""
    found: dict[str, str] = {}
    for row in read_table(file_name):
        canonical, listed = row.values()
        for alias in (canonical, *listed.split(";")):
            found.setdefault(plain(alias), canonical)
    return found
