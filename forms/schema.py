"""What a published form says of itself: its questions, who they are about, and what may be kept.

The server reads every questionnaire through `read_form`, ours or anybody's, from the XForm alone: the
data-protection attributes travel in its binds, so no second list can drift from the questionnaire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

DP = "https://taama.org/data-protection/1"
CLASSES = frozenset({"direct", "quasi", "sensitive", "free_text", "public", "consent", "operational"})

# Kinds of question. `text`, places and media are direct identifiers unless the form says otherwise.
TEXT_KINDS = frozenset({"text", "barcode"})
PLACE_KINDS = frozenset({"geopoint", "geotrace", "geoshape"})
SELECT_KINDS = frozenset({"select_one", "select_multiple", "rank"})
NUMBER_KINDS = frozenset({"integer", "decimal"})
TIME_KINDS = frozenset({"date", "time", "datetime"})
MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a list; `labels` by language name; `extra` holds the columns that filters read."""

    name: str
    labels: Mapping[str, str]
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One node of the primary instance that can hold an answer.

    `path` starts below the root: `/consented/interview/age`. `classes` is never empty (absent classes fail
    closed, then `declared` is False). `choices` is None when they come from a file, `choices_file`. The XPath
    columns are kept as the XForm has them; `soft` is a limit that the phone does not hold people to, `rule`
    how grave it is when a calculation comes out false, and `says` what is then to be said, by language code.
    """

    path: str
    name: str
    kind: str
    classes: frozenset[str]
    declared: bool = True
    roles: frozenset[str] = frozenset()
    scope: str | None = None
    recode: str | None = None
    soft: str = ""
    rule: str = ""
    says: Mapping[str, str] = field(default_factory=dict)
    minimum_seconds: str = ""
    reversed: bool = False
    yes: str | None = None
    backcheck: str = ""
    okrange: str = ""
    required: str = ""
    relevant: str = ""
    constraint: str = ""
    calculate: str = ""
    default: str = ""
    repeat: str | None = None
    read_only: bool = False
    appearance: str = ""
    media_type: str = ""
    preload: str = ""
    choices: tuple[Choice, ...] | None = None
    choices_file: str | None = None
    choice_filter: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    constraint_messages: Mapping[str, str] = field(default_factory=dict)
    required_messages: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        """Whether a person answers it: not a calculation, a note or what the phone fills by itself."""
        return not (self.calculate or self.preload or self.read_only or self.kind == "hidden")


@dataclass(frozen=True, slots=True)
class Group:
    """A group or repeat; `count` is the expression of a repeat's fixed number of turns."""

    path: str
    is_repeat: bool = False
    relevant: str = ""
    count: str = ""
    appearance: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """One version of a form. `questions` and `groups` are in the order of the primary instance."""

    id: str
    version: str
    title: str
    root: str
    questions: tuple[Question, ...]
    groups: tuple[Group, ...] = ()
    languages: tuple[str, ...] = ()
    default_language: str = ""
    consent_text: str | None = None
    media: tuple[str, ...] = ()
    editable: bool = False
    public_key: str | None = None
    namespace: str = field(default="", repr=False)

    @cached_property
    def by_path(self) -> Mapping[str, Question]:
        """Questions by path."""
        return {question.path: question for question in self.questions}

    @cached_property
    def places(self) -> Mapping[str, str]:
        """What each place of the form's lists lies in (their columns `cercle` and `region`)."""
        found: dict[str, str] = {}
        for question in self.questions:
            for choice in question.choices or ():
                parent = choice.extra.get("cercle") or choice.extra.get("region")
                if parent and parent != choice.name:
                    found[choice.name] = parent
        return found

    @cached_property
    def group_by_path(self) -> Mapping[str, Group]:
        """Groups and repeats by path."""
        return {group.path: group for group in self.groups}

    @cached_property
    def repeats(self) -> tuple[str, ...]:
        """The paths of the repeats, outer before inner."""
        return tuple(group.path for group in self.groups if group.is_repeat)

    @cached_property
    def by_role(self) -> Mapping[str, tuple[Question, ...]]:
        """Questions by the role they play, in order."""
        roles = {role for question in self.questions for role in question.roles}
        return {role: tuple(q for q in self.questions if role in q.roles) for role in roles}

    def with_role(self, role: str) -> tuple[Question, ...]:
        """The questions that play `role`, in order."""
        return self.by_role.get(role, ())

    @cached_property
    def scopes(self) -> tuple[Question, ...]:
        """The questions by which a person grants something beyond the interview itself."""
        return tuple(q for q in self.questions if q.scope and "consent" in q.classes)

    @cached_property
    def consent(self) -> Question | None:
        """The question by which a person agrees to the interview, if the form has one."""
        found = self.with_role("consent")
        return found[0] if found else None


def default_classes(kind: str, preload: str = "") -> frozenset[str]:
    """The class of an unclassified question: text, places and media are direct, the rest quasi."""
    if kind in TEXT_KINDS or kind in PLACE_KINDS or kind in (MEDIA, "hidden", "note"):
        return frozenset({"operational"} if preload in ("timestamp", "date") else {"direct"})
    return frozenset({"quasi"})
