"""Finds personal data in French free text: telephone numbers, addresses, ids, names, places.

Made for short answers on a small laptop: lists, cue words and capitals, no model. It finds most, never all:
what must not be read stays sealed, and no free text leaves unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA

from server.core.names import people, places, plain, sounded, unmistakable, words

Kind = Literal["phone", "email", "account", "id", "name", "place", "own"]
MASKS: dict[Kind, str] = {
    "phone": "[TÉL]",
    "email": "[MAIL]",
    "account": "[COMPTE]",
    "id": "[NUMÉRO]",
    "name": "[NOM]",
    "place": "[LIEU]",
    "own": "[NOM]",
}
EMAIL = re.compile(
    r"[\w.+-]+\s?(?:@|\(at\)|\barobase\b)\s?[\w-]+(?:\s?(?:\.|\bpoint\b)\s?[a-z]{2,})+", re.IGNORECASE
)
ACCOUNT = re.compile(r"(?<!\w)@\w{3,}|(?:https?://|www\.|facebook\.com/)\S+", re.IGNORECASE)
DIGITS = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d(?:[ .\u00a0/()-]{0,2}\d){5,17}(?!\w)")
PAPER = re.compile(r"\b(?=[A-Z\d -]{0,8}\d{4})(?:[A-Z]{1,4}[ -]?\d[\dA-Z-]{4,}|\d{5,}[A-Z]{1,3})\b")
# Without one of these there is no address and no number: most answers are passed at a glance.
MAYBE = re.compile(r"[@\d]|\(at\)|arobase|www\.|://|facebook", re.IGNORECASE)
MONEY = re.compile(
    r"\s*(?:f\b|fcfa|cfa|francs?|euros?|€|dinars?|dirhams?|dalasis?|km\b|kilos?|kg\b|mille\b|millions?)",
    re.IGNORECASE,
)
THOUSANDS = re.compile(r"\d{1,3}(?:[ .\u00a0]\d{3})*[ .\u00a0](?:000|500)")
DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|(?:19|20)\d\d(?:\D+(?:19|20)\d\d)+")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
ELISION = re.compile(r"(?:[dljmntsc]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
# After these, and at the very beginning, a capital says nothing.
BEFORE_SENTENCE = frozenset('.!?…:;«»"(–—-')
# A name follows, with or without a capital: `je m'appelle`, `un homme nommé`.
NAMING = re.compile(r"(?:appel(?:le|lent|ait|e|ee)|(?:sur|pre|de)?nomme(?:e|s|es)?)$")
ACRONYM, ABBREVIATION = 6, 3  # letters: OIM, COVID; M., Mme, Dr
ARTICLES = frozenset({"le", "la", "l", "les", "un", "une", "des", "aux", "ces", "cette", "ce"})
UNITS = frozenset({"cent", "cents", "mille", "million", "millions", "ans", "francs", "mois", "jours"})
BETWEEN = r"[ .\u00a0/()-]{0,2}"
PATTERNS: tuple[tuple[re.Pattern[str], Kind], ...] = ((EMAIL, "email"), (ACCOUNT, "account"), (PAPER, "id"))
FEWEST_DIGITS, MOST_DIGITS = 8, 15
SPOKEN_DIGITS = 5  # so many number words in a row are read out from a card
OWN, LONG, SHORTEST = 4, 7, 2


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something personal stands: `text[start:end]`, and what it is."""

    start: int
    end: int
    kind: Kind


class _Word(NamedTuple):
    """A word without what was elided before it; `bare` has no accents and no capitals."""

    start: int
    end: int
    text: str
    bare: str
    first: bool
    capital: bool


def with_more(text: str, found: Sequence[Hit], more: Iterable[Hit]) -> list[Hit]:
    """The hits together with those of another recogniser, in order and without overlaps."""
    return _merged(text, [*found, *more])


def scan(text: str, own: Iterable[str] = ()) -> list[Hit]:
    """Everything personal in `text`, in order and without overlaps; `own` are this person's identifiers."""
    found = [*_numbers(text)]
    said = [w for w in _words(text) if not any(hit.start < w.end and w.start < hit.end for hit in found)]
    found += [*_spoken(said), *_own(text, said, own)]
    taken = {hit.start for hit in found}
    found += (hit for hit in _named(text, said) if hit.start not in taken)
    return _merged(text, found)


def masked(text: str, hits: Sequence[Hit]) -> str:
    """`text` with each hit replaced by what it is."""
    parts, at = [], 0
    for hit in hits:
        parts += [text[at : hit.start], MASKS[hit.kind]]
        at = hit.end
    return "".join([*parts, text[at:]])


def _numbers(text: str) -> Iterator[Hit]:
    """Addresses, telephone numbers and the numbers of papers."""
    if not MAYBE.search(text):
        return
    for pattern, kind in PATTERNS:
        for match in pattern.finditer(text):
            yield Hit(match.start(), match.end(), kind)
    for match in DIGITS.finditer(text):
        said = match[0]
        count = sum(sign.isdigit() for sign in said)
        usual = THOUSANDS.fullmatch(said) or DATE.fullmatch(said) or MONEY.match(text, match.end())
        if count >= FEWEST_DIGITS and (said.startswith(("+", "00")) or not usual):
            yield Hit(match.start(), match.end(), "phone" if count <= MOST_DIGITS else "id")


def _words(text: str) -> list[_Word]:
    found = []
    for match in WORD.finditer(text):
        start, said = match.start(), match[0]
        if elided := ELISION.match(said):
            start, said = start + elided.end(), said[elided.end() :]
        at = match.start() - 1
        while at >= 0 and text[at] == " ":
            at -= 1
        before = text[at] if at >= 0 else ""
        first = start == match.start() and (not before or before.isspace() or before in BEFORE_SENTENCE)
        if said:
            found.append(_Word(start, match.end(), said, plain(said), first, said[0].isupper()))
    return found


def _spoken(said: Sequence[_Word]) -> Iterator[Hit]:
    """A telephone number written out in words."""
    numbers = words("number")
    if sum(w.bare.count("-") + 1 for w in said if w.bare in numbers or "-" in w.bare) < SPOKEN_DIGITS:
        return
    run: list[_Word] = []
    for word in [*said, None]:
        if word and (all(part in numbers for part in word.bare.split("-")) or (run and word.bare == "et")):
            run.append(word)
            continue
        count = sum(word.bare.count("-") + 1 for word in run)
        if count >= SPOKEN_DIGITS and (word is None or word.bare not in UNITS):
            yield Hit(run[0].start, run[-1].end, "phone")
        run = []


def _own(text: str, said: Sequence[_Word], own: Iterable[str]) -> Iterator[Hit]:
    """This person's own names and numbers, however they are spelt."""
    own = list(own)
    known = {plain(match[0]) for one in own for match in WORD.finditer(one)}
    for word in said:
        if any(_alike(word, name) for name in known):
            yield Hit(word.start, word.end, "own")
    for number in {re.sub(r"\D", "", one)[-FEWEST_DIGITS:] for one in own}:
        if len(number) == FEWEST_DIGITS:
            for match in re.finditer(BETWEEN.join(number), text):
                yield Hit(match.start(), match.end(), "phone")


def _alike(word: _Word, name: str) -> bool:
    """Whether a word is a name with a slip of the pen: one below seven letters, two above."""
    if len(name) < OWN:
        return word.capital and word.bare == name
    if word.bare[:1] != name[:1]:
        return False
    slips = 1 if len(name) < LONG else 2
    return OSA.distance(word.bare, name, score_cutoff=slips) <= slips or sounded(word.bare) == sounded(name)


def _named(text: str, said: Sequence[_Word]) -> Iterator[Hit]:
    """Names and places: after a cue, from the lists, or by a capital that nothing else explains."""
    shouted = sum(word.text.isupper() and len(word.text) > 1 for word in said) > len(said) / 2
    told: dict[int, Kind] = {}
    for number in range(len(said)):
        kind = _listed(said, number) or _explained(said, number, shouted=shouted)
        if kind is not None:
            told[number] = kind
    for number, word in enumerate(said[:-1]):
        after = number + 2 if said[number + 1].bare == "et" else number + 1
        close = after in told and text[word.end : said[after].start] in (" ", " et ") and said[after].capital
        # The first word of a sentence before a name is most often the first half of it, or its companion.
        if close and word.first and word.capital and not _common(word) and number not in told:
            told[number] = told[after]
    for number, kind in told.items():
        yield Hit(said[number].start, said[number].end, kind)


def _listed(said: Sequence[_Word], number: int) -> Kind | None:
    """What the lists and the words before it say of a word."""
    word = said[number]
    if word.bare in words("nobody") or len(word.bare) < SHORTEST:
        return None
    if word.bare in unmistakable() or (word.capital and not _common(word) and _known(word.bare)):
        return "name"
    if word.capital and word.bare in places():
        return "place"
    before = said[number - 1].bare if number else ""
    further = said[number - 2].bare if number > 1 else ""
    if _common(word):
        return None
    if NAMING.fullmatch(before) or (before == "est" and further in ("nom", "prenom", "surnom")):
        return "name"
    if further in words("precinct") and before in ("de", "d") and (word.capital or word.bare in places()):
        return "place"
    return None


def _explained(said: Sequence[_Word], number: int, *, shouted: bool) -> Kind | None:
    """What a capital within a sentence can only mean."""
    word = said[number]
    before = said[number - 1].bare if number else ""
    if not word.capital or shouted or _common(word) or len(word.bare) < SHORTEST:
        return None
    if before in words("title") and (not word.first or len(before) <= ABBREVIATION):
        return "name"
    if word.first:
        return None
    if (word.text.isupper() and len(word.text) <= ACRONYM) or before in ARTICLES:
        return None  # an acronym, an institution, a people
    return "place" if before in words("toward") else "name"


def _common(word: _Word) -> bool:
    return word.bare in words("starter") or word.bare in words("nobody")


def _known(bare: str) -> bool:
    """Whether a word, or a part of it between hyphens, sounds like a name of the region."""
    return sounded(bare) in people() or any(
        len(part) >= OWN and sounded(part) in people() for part in bare.split("-")
    )


def _merged(text: str, found: Iterable[Hit]) -> list[Hit]:
    """The hits in order; neighbours of one kind become one, and of two that overlap the longer stays."""
    kept: list[Hit] = []
    for hit in sorted(found, key=lambda one: (one.start, -one.end)):
        last = kept[-1] if kept else None
        if last is not None and hit.start < last.end:
            kept[-1] = Hit(last.start, max(hit.end, last.end), last.kind)
        elif last is not None and hit.kind == last.kind and text[last.end : hit.start] in (" ", "-"):
            kept[-1] = Hit(last.start, hit.end, last.kind)
        else:
            kept.append(hit)
    return kept
