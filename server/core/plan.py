"""A form as ingest walks it: at every node of an interview, what it is and whether its answer may be read.

It is worked out once for each form version, so that an interview costs one look-up an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from forms.catalog import CONTACTS, ENUMERATORS
from forms.consented import words
from forms.schema import MEDIA, NUMBER_KINDS, PLACE_KINDS, SELECT_KINDS, TIME_KINDS, Form, Question
from server.core.codes import is_code

# The list of enumerators follows the accounts, whose logins all have this shape.
LOGIN = re.compile(r"enq\d{2,9}")
# The list of contacts is each zone's own; codes are all that is sent of it.
CONTACT = re.compile(r"[a-z2-9]{6}")
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
# These are read apart, before the answers.
META = frozenset({"/meta/instanceID", "/meta/deprecatedID", "/instanceID"})

Readable = Callable[[str], bool]


def never(_: str) -> bool:
    """The test of what always goes to the vault."""
    return False


def as_text(_: str) -> bool:
    """The test of a text that may be read unless it repeats an identity."""
    return True


@dataclass(slots=True)
class Spot:
    """A node of the form. `needs` is the scope without which its answer is kept nowhere."""

    path: str
    question: Question | None = None
    readable: Readable = never
    repeat: bool = False
    group: bool = False
    deciding: bool = False
    needs: str | None = None
    meta: bool = False
    below: dict[str, Spot] = field(default_factory=dict)

    def step(self, name: str) -> Spot:
        """The node under this one; a stranger to the form gets a spot of its own, and keeps nothing."""
        found = self.below.get(name)
        return Spot(f"{self.path}/{name}") if found is None else found


@dataclass(frozen=True)
class Plan:
    """A form and its spots; `spots` by path, `top` is the root."""

    form: Form
    top: Spot = field(repr=False)
    spots: Mapping[str, Spot] = field(repr=False)

    @classmethod
    def of(cls, form: Form, sealed: frozenset[str] = frozenset()) -> Plan:
        """The plan for `form`; `sealed` are paths to seal whatever their class (they draw on identities)."""
        spots = {"": Spot("")}
        for group in form.groups:
            spots[group.path] = Spot(group.path, repeat=group.is_repeat, group=True)
        for question in form.questions:
            spots[question.path] = _spot(question, sealed)
        for path in META:
            spots.setdefault(path, Spot(path)).meta = True
        for path in [path for path in spots if path]:
            above, _, name = path.rpartition("/")
            spots.setdefault(above, Spot(above)).below[name] = spots[path]
        return cls(form, spots[""], spots)

    def listed(self, values: Mapping[str, Sequence[str]], role: str) -> str:
        """The answer to the question that plays `role`, if it is one of a closed list."""
        for question in self.form.with_role(role):
            if question.kind != "select_one":
                continue
            for text in values.get(question.path, ()):
                if self.spots[question.path].readable(text):
                    return text
        return ""

    def code(self, values: Mapping[str, Sequence[str]]) -> str:
        """The withdrawal code that the person was given; empty when there is none that could be read out."""
        said = (t for q in self.form.with_role("withdrawal_code") for t in values.get(q.path, ()))
        return next((text for text in said if is_code(text)), "")

    @cached_property
    def consent_words(self) -> int:
        """How many words the consent text has."""
        return words(self.form)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Where in an instance stands what may not be read: conditions that need it cannot be told here."""
        return frozenset(f"/{self.form.root}{q.path}" for q in self.form.questions if not self.reads(q))

    def reads(self, question: Question) -> bool:
        """Whether any answer to `question` may be read."""
        return self.spots[question.path].readable is not never


def _spot(question: Question, sealed: frozenset[str]) -> Spot:
    granting = "consent" in question.classes
    # A quotation is only kept from release; any other scope that is not granted keeps the answer away.
    needs = None if granting or question.scope == "quote" else question.scope
    return Spot(
        question.path,
        question,
        _readable(question, sealed),
        deciding=bool(question.roles) or granting,
        needs=needs,
    )


def _readable(question: Question, sealed: frozenset[str]) -> Readable:
    kind = question.kind
    if question.classes & SEALED_CLASSES or question.path in sealed or kind == MEDIA:
        return never
    if kind in SELECT_KINDS:
        return _listed(question)
    if kind in NUMBER_KINDS or kind in TIME_KINDS or kind == "boolean":
        return _shaped(SHAPES[kind])
    if kind in PLACE_KINDS:
        return _shaped(SHAPES["place"])
    # The withdrawal code and its pieces are texts of class consent: never readable.
    return never if "consent" in question.classes else as_text


def _shaped(shape: re.Pattern[str]) -> Readable:
    return lambda text: shape.fullmatch(text) is not None


def _listed(question: Question) -> Readable:
    if question.choices is None:
        return never
    names = frozenset(choice.name for choice in question.choices)
    if question.choices_file == ENUMERATORS:
        return lambda text: text in names or LOGIN.fullmatch(text) is not None
    if question.choices_file == CONTACTS:
        return lambda text: CONTACT.fullmatch(text) is not None
    if question.kind == "select_one":
        return names.__contains__
    return lambda text: names.issuperset(text.split())
