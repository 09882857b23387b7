"""Parts an interview in two: answers that may be read, and what belongs in the vault.

Everything is sealed unless the form says that it may be read *and* it is what it claims to be: a number
that is a number, a choice that is on the list, a text that does not repeat the person's own name or number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree

from forms.schema import MEDIA
from forms.xml import local
from server.core.consent import Consent
from server.core.plan import Plan, Spot, as_text, never
from server.core.scan import masked, scan

# A text needs this many letters (a number this many digits) before its repetition elsewhere means anything.
WORD, DIGITS = 4, 6
LONG = 6  # letters from which a word is recognised inside another
WORDS = re.compile(r"[^\W\d_]+")


class Leaf(NamedTuple):
    """An answer as sent, at its spot of the form; `place` tells the turn of each repeat (`/loop[2]/q`)."""

    spot: Spot
    place: str
    text: str
    element: etree._Element


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an attachment belongs: the question's place, and the name under which the phone sends it.

    `scope` is the consent that it needs beside the interview's own; `media` is what the form calls it.
    """

    place: str
    name: str
    scope: str = ""
    media: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """An interview in two: `clean` may be read; `identity` goes to the vault.

    Identities are laid out by the scope that they need (none for most), then place to text, so that each can
    be erased alone. `denied` are elements whose scope was not granted: they are kept nowhere. `flags` count
    what was odd.
    """

    clean: Mapping[str, Any]
    identity: Mapping[str, Mapping[str, str]]
    slots: Sequence[Slot]
    denied: Sequence[etree._Element]
    flags: Mapping[str, int]


def leaves(plan: Plan, root: etree._Element) -> list[Leaf]:
    """The answers in `root`, in the order sent."""
    found: list[Leaf] = []
    _gather(plan.top, root, "", found)
    return found


def _gather(spot: Spot, parent: etree._Element, place: str, found: list[Leaf]) -> None:
    turns: dict[str, int] = {}
    for element in parent:
        name = local(element)
        here = spot.below.get(name) or spot.step(name)
        there = f"{place}/{name}"
        if here.repeat:
            turns[name] = turns.get(name, 0) + 1
            there = f"{there}[{turns[name]}]"
        if here.group or len(element):
            _gather(here, element, there, found)
        elif not here.meta:
            found.append(Leaf(here, there, (element.text or "").strip(), element))


def values_of(found: Sequence[Leaf]) -> dict[str, list[str]]:
    """The answers that decide on consent or that an envelope needs, one for each turn of a repeat."""
    values: dict[str, list[str]] = {}
    for leaf in found:
        if leaf.spot.deciding:
            values.setdefault(leaf.spot.path, []).append(leaf.text)
    return values


def split(found: Sequence[Leaf], consent: Consent) -> Split:
    """Parts the answers of one consented interview."""
    sorting = _Sorting(consent)
    for leaf in found:
        sorting.place(leaf)
    sorting.place_texts()
    return Split(sorting.clean.root, sorting.identity, sorting.slots, sorting.denied, sorting.flags)


class _Sorting:
    """The piles that the answers of one interview are laid on."""

    def __init__(self, consent: Consent) -> None:
        self.scopes = consent.scopes
        self.clean = Tree()
        self.identity: dict[str, dict[str, str]] = {"": {}}
        self.slots: list[Slot] = []
        self.denied: list[etree._Element] = []
        self.flags: dict[str, int] = {}
        self.texts: list[Leaf] = []
        self.telling: list[str] = []

    def place(self, leaf: Leaf) -> None:
        spot, place, text, element = leaf
        question, readable = spot.question, spot.readable
        if not text:
            if readable is not never:
                self.clean.put(place, "")
        elif question is None:
            self.seal(leaf, "unknown_field")
        elif spot.needs and spot.needs not in self.scopes:
            self.denied.append(element)
        elif question.kind == MEDIA:
            self.slots.append(Slot(place, text, spot.needs or "", question.media_type))
        elif readable is never:
            self.keep(leaf)
        elif readable is as_text and len(text) >= WORD:
            self.texts.append(leaf)
        elif readable(text):
            self.clean.put(place, text)
        else:
            self.seal(leaf, "unreadable_value")

    def place_texts(self) -> None:
        """Readable texts stay readable, without what is personal in them; then the whole is sealed too."""
        own = own_words(self.telling) if self.texts else set()
        for leaf in self.texts:
            if names_own(fold(leaf.text), own):
                self.seal(leaf, "own_identifier")
                continue
            hits = scan(leaf.text)
            self.clean.put(leaf.place, masked(leaf.text, hits))
            if hits:
                self.seal(leaf, "masked")

    def keep(self, leaf: Leaf) -> None:
        self.identity.setdefault(leaf.spot.needs or "", {})[leaf.place] = leaf.text
        question = leaf.spot.question
        # What people tell at length is sealed as well, but its words are everybody's.
        if question is None or question.classes != {"free_text"}:
            self.telling.append(leaf.text)

    def seal(self, leaf: Leaf, flag: str) -> None:
        self.keep(leaf)
        self.flags[flag] = self.flags.get(flag, 0) + 1


def own_words(texts: Iterable[str]) -> set[str]:
    """The words and numbers of a person's own identifiers that are long enough to be recognised."""
    words: set[str] = set()
    for text in texts:
        folded = fold(text)
        words.update(word for word in WORDS.findall(folded) if len(word) >= WORD)
        number = re.sub(r"\D", "", folded)
        if len(number) >= DIGITS:
            words.add(number[-8:])
    return words


def names_own(folded: str, own: Collection[str]) -> bool:
    """Whether a folded text has one of a person's own words or numbers in it.

    Short names stand as words of their own, since Ali is in half of all texts; long ones and numbers
    anywhere.
    """
    words = set(WORDS.findall(folded)) if own else set()
    return any(word in words or ((len(word) >= LONG or word.isdigit()) and word in folded) for word in own)


def fold(text: str) -> str:
    """`text` without accents, case, and blanks or dots within numbers."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return re.sub(r"(?<=\d)[ .\-/]+(?=\d)", "", plain)


class Tree:
    """Answers as nested objects: groups are objects, repeats lists of objects, one for each turn."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._branches: dict[str, dict[str, Any]] = {"": self.root}

    def put(self, place: str, text: str) -> None:
        """Sets the answer at `place`, for example `/group/loop[2]/question`."""
        above, _, name = place.rpartition("/")
        branch = self._branches.get(above)
        (self._branch(above) if branch is None else branch)[name] = text

    def _branch(self, place: str) -> dict[str, Any]:
        above, _, step = place.rpartition("/")
        parent = self._branches.get(above)
        parent = self._branch(above) if parent is None else parent
        name, _, turn = step.partition("[")
        if turn:
            rows = parent.setdefault(name, [])
            while len(rows) < int(turn[:-1]):
                rows.append({})
            branch: dict[str, Any] = rows[int(turn[:-1]) - 1]
        else:
            branch = parent.setdefault(name, {})
        self._branches[place] = branch
        return branch
