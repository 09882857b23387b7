"""What a list says of a person, brought to one form: names, telephones, places, years.

Nothing is rejected: what cannot be read is missing, a number that no operator gives out is kept as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from server.core.linkage.spelling import Kind, Name, affinity, aliases, folded, name, pets, plain

TITLES = frozenset(
    "el hadj hadji elhadj elhadji alhadji alhaji alhadj ladji mr mme mlle monsieur madame dit dite".split()  # noqa: SIM905
)
JOINED = frozenset(["abdoul", "abdel", "abdou", "abd", "el", "al", "ould", "n", "m"])
PLACE_WORDS = frozenset("ville village commune quartier de du des la le les a".split())  # noqa: SIM905
SEXES = {
    "M": "m h homme hommes masculin male garcon masc man",
    "F": "f femme femmes feminin female fille fem woman",
}
MALI, LENGTH, SHORTEST_PHONE, MOST_PHONES = "223", 8, 4, 2
PARTED = re.compile(r"[/;,|]|\bou\b|\bet\b|\s-\s")
FLOAT = re.compile(r"^\s*\+?(\d{6,15})[.,]0*\s*$")
SCIENTIFIC = re.compile(r"^\s*\d(?:[.,]\d+)?[eE]\+?\d{1,2}\s*$")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)(?:19|20)\d\d(?=\d{4}(?!\d))")
DAY = re.compile(r"(?<!\d)(?:19|20)\d\d[-/. ]?(\d\d?)[-/. ]?(\d\d?)(?!\d)")
DAY_FIRST = re.compile(r"(?<!\d)(\d\d?)[-/. ](\d\d?)[-/. ](?:19|20)\d\d(?!\d)")
ROUND_DAYS = (("1", "1"), ("12", "31"))  # what is written where only the year is known
SHORTEST_PAPER = 4
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
OLDEST = 120


@dataclass(frozen=True, slots=True)
class Names:
    """A person's names, each a row of words; the first word leads. `initial` is all that some lists give."""

    first: tuple[Name, ...]
    last: tuple[Name, ...]
    nick: tuple[Name, ...]
    initial: str


@lru_cache(maxsize=100_000)
def names(first: str, last: str, nick: str = "") -> Names:
    """Names in their places: a swapped pair is turned round, a full name in one field is parted.

    A nickname stands in for a first name that is missing.
    """
    given, family, short = _words(first), _words(last), _words(nick)
    if not given or not family:
        given, family = _parted(given, family)
    elif affinity(given[0]) < affinity(family[0]):
        given, family = family, given
    if given and not short and all(folded(word) in pets("only_pet") for word in given):
        given, short = [], given
    initial = plain(first)[:1] if not given and len(plain(first)) == 1 else ""
    given = given or [word for word in short if folded(word) not in pets("only_pet")]
    return Names(_named(given, "first"), _named(family, "last"), _named(short, "first"), initial)


def father(text: str) -> tuple[Name, ...]:
    """The father's first names; his family name says nothing new."""
    found = _words(text)
    return _named([word for word in found if affinity(word) >= 0] or found, "first")


def _named(found: Sequence[str], kind: Kind) -> tuple[Name, ...]:
    return tuple(name(word, kind) for word in found[:3])


def _parted(given: list[str], family: list[str]) -> tuple[list[str], list[str]]:
    """First and last names of a full name; a single word stays where its kind belongs."""
    found = given or family
    lasts = [word for word in found if affinity(word) < 0]
    if len(found) == 1:
        return ([], found) if lasts else (found, []) if affinity(found[0]) > 0 else (given, family)
    if not lasts:
        return given, family
    return [word for word in found if affinity(word) >= 0], lasts


def _words(text: str) -> list[str]:
    """The words of a name: no titles, no lone letters, `Abdoul Karim` in one."""
    found = plain(text).split()
    kept = [word for word in found if word not in TITLES] or found
    joined: list[str] = []
    while kept:
        word = kept.pop(0)
        joined.append(word + kept.pop(0) if word in JOINED and kept else word)
    return [word for word in joined if len(word) > 1]


@lru_cache(maxsize=100_000)
def phones(text: str) -> tuple[str, ...]:
    """At most two numbers, digits only; those of Mali have eight. `76123456.0` and +223 are understood."""
    if not any(sign.isdigit() for sign in text):
        return ()
    if whole := FLOAT.match(text):
        text = whole[1]
    elif SCIENTIFIC.match(text):
        text = f"{float(text.replace(',', '.')):.0f}"
    found = dict.fromkeys(number for part in PARTED.split(text) if (number := _number(part)))
    return tuple(found)[:MOST_PHONES]


def _number(part: str) -> str:
    digits = re.sub(r"\D", "", re.sub(r"\.0$", "", part.strip()))
    digits = digits.removeprefix("00")
    if digits.startswith(MALI) and len(digits) == LENGTH + len(MALI):
        digits = digits.removeprefix(MALI)
    return "" if len(digits) < SHORTEST_PHONE or not digits.strip("0") else digits


@lru_cache(maxsize=50_000)
def place(text: str) -> str:
    """A place's key: its canonical name where an alias is listed, else folded, without words like `ville`."""
    bare = plain(text)
    listed = aliases("places.csv")
    if bare in listed:
        return folded(listed[bare])
    found = bare.split()
    kept = [word for word in found if word not in PLACE_WORDS] or found
    joined = " ".join(kept)
    return folded(listed[joined]) if joined in listed else "".join(folded(word) for word in kept)


@lru_cache(maxsize=10_000)
def country(text: str) -> str:
    """A country's code, or its folded name."""
    bare = plain(text)
    return aliases("countries.csv").get(bare) or "".join(folded(word) for word in bare.split())


@lru_cache(maxsize=10_000)
def sex(text: str) -> str:
    """M, F or nothing."""
    return _sexes().get(plain(text), "")


@cache
def _sexes() -> dict[str, str]:
    return {word: letter for letter, listed in SEXES.items() for word in listed.split()}


@lru_cache(maxsize=50_000)
def year(text: str) -> int:
    """The first year from 1900 to 2099 in a text, else 0."""
    found = YEAR.search(text)
    return int(found[0]) if found else 0


@lru_cache(maxsize=50_000)
def day(text: str) -> tuple[str, str]:
    """Month and day of a whole date, 19850314, 1985-03-14 or 14/03/1985, as they are; else nothing."""
    if found := DAY.search(text):
        month, date = found[1], found[2]
    elif found := DAY_FIRST.search(text):
        date, month = found[1], found[2]
    else:
        return "", ""
    told = (month.lstrip("0"), date.lstrip("0"))
    return ("", "") if told in ROUND_DAYS or not all(told) else told


@lru_cache(maxsize=100_000)
def paper(text: str) -> str:
    """An identity number's letters and digits; `néant`, `0000` and the like are none."""
    if whole := FLOAT.match(text):
        text = whole[1]
    signs = "".join(sign for sign in text.upper() if sign.isalnum())
    told = any(sign.isdigit() for sign in signs) and len(set(signs)) > 1
    return signs if told and len(signs) >= SHORTEST_PAPER else ""


@lru_cache(maxsize=10_000)
def age(text: str) -> int:
    """Years of age of `34`, `34.0`, `34 ans` or `30-35` (the middle), else -1."""
    found = [float(number.replace(",", ".")) for number in NUMBER.findall(text)[:2]]
    if not found or not all(0 < value < OLDEST for value in found):
        return -1
    return round(sum(found) / len(found))
