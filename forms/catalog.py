"""Which questionnaires ship with Taama, and where their sheets lie."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from forms.problems import FormError

DEFINITIONS = Path(__file__).parent / "definitions"
SHARED = DEFINITIONS / "shared"
MEDIA = DEFINITIONS / "media"
ENUMERATORS = "enumerators.csv"
CONTACTS = "contacts.csv"
FEEDS = DEFINITIONS / "feeds.csv"
# Shipped forms that ask no respondent anything, and so no consent; each with why.
WITHOUT_CONSENT = {
    "corrections": "It asks the enumerator what came of an interview that was sent back.",
    "visit": "It says what came of looking for a contact, by the contact's code.",
}


def names() -> list[str]:
    """The names of the shipped forms, which are also their form ids."""
    return sorted(path.parent.name for path in DEFINITIONS.glob("*/settings.csv"))


def questionnaires() -> list[str]:
    """Those of the shipped forms with which people are interviewed."""
    return [name for name in names() if name not in WITHOUT_CONSENT]


def definition(name: str) -> Path:
    """The folder with the sheets of a shipped form; raises FormError for another name."""
    if name not in names():
        raise FormError([f"No form called {name} ships with Taama. Give one of: {', '.join(names())}."])
    return DEFINITIONS / name


def media() -> dict[str, bytes]:
    """The files that shipped questionnaires fetch, as they are before a campaign makes its own."""
    return {path.name: path.read_bytes() for path in sorted(MEDIA.glob("*.csv"))}


def feeds(name: str) -> dict[str, list[str]]:
    """The published figures that each variable of a questionnaire serves, by the variable's name."""
    found: dict[str, list[str]] = {}
    with FEEDS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["form"] == name:
                found.setdefault(row["variable"], []).append(row["figure_or_indicator"])
    return found


def enumerators_csv(codes: Iterable[str]) -> bytes:
    """The list from which an enumerator picks herself: codes only, as a lost phone must name nobody."""
    return "".join(["name,label\n", *(f"{code},{code}\n" for code in codes)]).encode()
