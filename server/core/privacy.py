"""Parts an interview in two: answers that may be read, and what belongs in the vault.

Everything is sealed unless the form says that it may be read *and* it is what it claims to be: a number
that is a number, a choice that is on the list, a text that does not repeat the person's own name or number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from forms.schema import MEDIA, NUMBER_KINDS, PLACE_KINDS, SELECT_KINDS, TIME_KINDS, Form, Question
from forms.xml import local
from server.core.consent import Consent

SHAPES = {
    "integer": re.compile(r"[+-]?\d{1,18}"),
    "decimal": re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})([eE][+-]?\d{1,3})?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?"),
    "boolean": re.compile(r"true|false|0|1"),
    "place": re.compile(r"[-+0-9.eE ;,]{1,100000}"),
}
SEALED_CLASSES = frozenset({"direct", "free_text"})
# A text needs this many letters (a number this many digits) before its repetition elsewhere means anything.
WORD, DIGITS = 4, 6

Readable = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Leaf:
    """An answer as sent: `path` as the form has it, `place` with the turn of each repeat (`/loop[2]/q`)."""

    path: str
    place: str
    text: str
    element: etree._Element


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an attachment belongs: the question's place, and the name under which the phone sends it."""

    place: str
    name: str


@dataclass(frozen=True, slots=True)
class Split:
    """An interview in two: `clean` may be read; `identity` (place to text) goes to the vault.

    `denied` are elements whose scope was not granted: they are kept nowhere. `flags` count what was odd.
    """

    clean: Mapping[str, Any]
    identity: Mapping[str, str]
    slots: Sequence[Slot]
    denied: Sequence[etree._Element]
    flags: Mapping[str, int]


@dataclass(frozen=True)
class Plan:
    """A form, with what decides quickly which of its answers may be read."""

    form: Form
    readable: Mapping[str, Readable] = field(repr=False)

    @classmethod
    def of(cls, form: Form, sealed: frozenset[str] = frozenset()) -> Plan:
        """The plan for `form`; `sealed` are paths to seal whatever their class (they draw on identities)."""
        return cls(form, {q.path: _readable(q, sealed) for q in form.questions})


def _never(_: str) -> bool:
    return False


def _readable(question: Question, sealed: frozenset[str]) -> Readable:
    kind = question.kind
    if question.classes & SEALED_CLASSES or question.path in sealed or kind == MEDIA:
        return _never
    if kind in SELECT_KINDS:
        return _listed(question)
    if kind in NUMBER_KINDS or kind in TIME_KINDS or kind == "boolean":
        return _shaped(SHAPES[kind])
    if kind in PLACE_KINDS:
        return _shaped(SHAPES["place"])
    # The withdrawal code and its pieces are texts of class consent: never readable.
    return _never if "consent" in question.classes else _any


def leaves_nothing_readable(plan: Plan, question: Question) -> bool:
    """Whether every answer to `question` goes to the vault."""
    return plan.readable[question.path] is _never


def _any(_: str) -> bool:
    return True


def _shaped(shape: re.Pattern[str]) -> Readable:
    return lambda text: shape.fullmatch(text) is not None


def _listed(question: Question) -> Readable:
    if question.choices is None:
        return _never
    names = frozenset(choice.name for choice in question.choices)
    if question.kind == "select_one":
        return names.__contains__
    return lambda text: names.issuperset(text.split())


def leaves(plan: Plan, root: etree._Element) -> Iterator[Leaf]:
    """The answers in `root`, in the order sent; `meta` is left to `read_submission`."""
    return _leaves(plan, root, "", "")


def _leaves(plan: Plan, parent: etree._Element, path: str, place: str) -> Iterator[Leaf]:
    turns: dict[str, int] = {}
    groups = plan.form.group_by_path
    for element in parent:
        name = local(element)
        here = f"{path}/{name}"
        there = f"{place}/{name}"
        group = groups.get(here)
        if group is not None and group.is_repeat:
            turns[name] = turns.get(name, 0) + 1
            there = f"{there}[{turns[name]}]"
        if group is not None or len(element):
            yield from _leaves(plan, element, here, there)
        else:
            yield Leaf(here, there, (element.text or "").strip(), element)


def values_of(found: Sequence[Leaf]) -> dict[str, list[str]]:
    """Each path's answers, for the consent decision."""
    values: dict[str, list[str]] = {}
    for leaf in found:
        values.setdefault(leaf.path, []).append(leaf.text)
    return values


def split(plan: Plan, found: Sequence[Leaf], consent: Consent) -> Split:
    """Parts the answers of one consented interview."""
    sorting = _Sorting(plan, consent)
    for leaf in found:
        if leaf.path not in META:
            sorting.place(leaf)
    sorting.place_texts()
    return Split(sorting.clean, sorting.identity, sorting.slots, sorting.denied, sorting.flags)


class _Sorting:
    """The piles that the answers of one interview are laid on."""

    def __init__(self, plan: Plan, consent: Consent) -> None:
        self.plan, self.consent = plan, consent
        self.questions = plan.form.by_path
        self.clean: dict[str, Any] = {}
        self.identity: dict[str, str] = {}
        self.slots: list[Slot] = []
        self.denied: list[etree._Element] = []
        self.flags: dict[str, int] = {}
        self.texts: list[Leaf] = []

    def place(self, leaf: Leaf) -> None:
        question = self.questions.get(leaf.path)
        if question is None:
            if leaf.text:
                self.seal(leaf, "unknown_field")
        elif _denied(question, self.consent):
            if leaf.text:
                self.denied.append(leaf.element)
        elif question.kind == MEDIA:
            if leaf.text:
                self.slots.append(Slot(leaf.place, leaf.text))
        else:
            self.place_answer(leaf, self.plan.readable[leaf.path])

    def place_answer(self, leaf: Leaf, readable: Readable) -> None:
        if readable is _never:
            if leaf.text:
                self.identity[leaf.place] = leaf.text
        elif not leaf.text:
            put(self.clean, leaf.place, "")
        elif readable is _any:
            self.texts.append(leaf)
        elif readable(leaf.text):
            put(self.clean, leaf.place, leaf.text)
        else:
            self.seal(leaf, "unreadable_value")

    def place_texts(self) -> None:
        """Readable texts stay readable unless they repeat what was just sealed."""
        own = own_words(self.identity.values()) if self.texts else set()
        for leaf in self.texts:
            folded = fold(leaf.text)
            if any(word in folded for word in own):
                self.seal(leaf, "own_identifier")
            else:
                put(self.clean, leaf.place, leaf.text)

    def seal(self, leaf: Leaf, flag: str) -> None:
        self.identity[leaf.place] = leaf.text
        self.flags[flag] = self.flags.get(flag, 0) + 1


META = frozenset({"/meta/instanceID", "/meta/deprecatedID", "/instanceID"})


def _denied(question: Question, consent: Consent) -> bool:
    """Whether the answer needs a scope that was not granted; a quotation is only kept from release."""
    scope = question.scope
    if not scope or scope == "quote" or "consent" in question.classes:
        return False
    return scope not in consent.scopes


def own_words(texts: Iterable[str]) -> set[str]:
    """The words and numbers of a person's own identifiers that are long enough to be recognised."""
    words: set[str] = set()
    for text in texts:
        folded = fold(text)
        words.update(word for word in re.findall(r"[^\W\d_]+", folded) if len(word) >= WORD)
        number = re.sub(r"\D", "", folded)
        if len(number) >= DIGITS:
            words.add(number[-8:])
    return words


def fold(text: str) -> str:
    """`text` without accents, case, and blanks or dots within numbers."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"(?<=\d)[ .\-/]+(?=\d)", "", plain)


STEP = re.compile(r"/([^/\[]+)(?:\[(\d+)\])?")


def put(tree: dict[str, Any], place: str, text: str) -> None:
    """Sets the answer at `place`, making groups (objects) and repeats (lists of objects) on the way."""
    steps = STEP.findall(place)
    for name, turn in steps[:-1]:
        if not turn:
            tree = tree.setdefault(name, {})
            continue
        rows = tree.setdefault(name, [])
        while len(rows) < int(turn):
            rows.append({})
        tree = rows[int(turn) - 1]
    tree[steps[-1][0]] = text
