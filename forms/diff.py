"""Tells what differs between two versions of a questionnaire: for those who ask, and for those who count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from forms.schema import Choice, Form, Question
from forms.wording import last_step, readable

Reader = Literal["enumerator", "analyst"]
HEADINGS = {
    "enumerator": "For enumerators",
    "analyst": "For analysts (! = figures before and after may not be compared)",
}
# What each reader must know when it changes: the attribute of a question, and how it is called.
EXPRESSIONS = {
    "relevant": "asked when",
    "constraint": "accepted when",
    "required": "required",
    "choice_filter": "choices shown when",
}
MEANING = {
    "kind": "type",
    "calculate": "calculation",
    "repeat": "table",
    "scope": "scope",
    "recode": "recode",
    "yes": "answer that means yes",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `breaks` tells that figures before and after may no longer be compared."""

    reader: Reader
    what: str
    name: str
    before: str = ""
    after: str = ""
    breaks: bool = False


def diff(old: Form, new: Form) -> list[Change]:
    """Every difference that a reader must know, in the order of the new form; nothing when there is none."""
    before, after = _by_name(old), _by_name(new)
    changes = [*_form_changes(old, new)]
    renamed = dict(_renamed(before, after))
    for name, question in after.items():
        if name in before:
            changes += _question_changes(before[name], question)
        elif name not in renamed.values():
            changes.append(Change("enumerator", "added", name, after=_label(question)))
            changes.append(Change("analyst", "new variable", name, after=question.kind))
    for name, question in before.items():
        if name in renamed:
            changes.append(Change("analyst", "renamed", renamed[name], name, renamed[name], breaks=True))
        elif name not in after:
            changes.append(Change("enumerator", "removed", name, before=_label(question)))
            changes.append(Change("analyst", "variable gone", name, before=question.kind, breaks=True))
    return [*changes, *_group_changes(old, new), *_moved(old, new)]


def told(changes: Sequence[Change]) -> Iterator[str]:
    """The changes as text, a part for each reader; what breaks a comparison is marked with `!`."""
    if not changes:
        yield "No difference."
    for reader, heading in HEADINGS.items():
        mine = [change for change in changes if change.reader == reader]
        if mine:
            yield from (heading, "-" * len(heading))
        for change in mine:
            yield f"{'!' if change.breaks else ' '} {change.name}: {change.what}"
            yield from (f"      - {change.before}",) if change.before else ()
            yield from (f"      + {change.after}",) if change.after else ()


def _by_name(form: Form) -> dict[str, Question]:
    return {q.name: q for q in form.questions if not q.path.startswith("/meta/")}


def _form_changes(old: Form, new: Form) -> Iterator[Change]:
    if old.id != new.id:
        yield Change("analyst", "another form", new.id, old.id, new.id, breaks=True)
    if old.title != new.title:
        yield Change("enumerator", "title", new.id, old.title, new.title)
    if old.consent_text != new.consent_text:
        yield Change("analyst", "consent text", new.id, old.consent_text or "", new.consent_text or "")
    for language in sorted({*old.languages, *new.languages}):
        if language not in old.languages or language not in new.languages:
            what = "language added" if language in new.languages else "language removed"
            yield Change("enumerator", what, language)


def _group_changes(old: Form, new: Form) -> Iterator[Change]:
    """Groups that both forms have: their headings, and when they are asked."""
    before = {last_step(group.path): group for group in old.groups}
    for group in new.groups:
        name = last_step(group.path)
        if name in before:
            yield from _texts("heading", name, before[name].labels, group.labels)
            for called, attribute in (("part asked when", "relevant"), ("turns", "count")):
                one, other = (readable(getattr(g, attribute)) for g in (before[name], group))
                if one != other:
                    yield Change("enumerator", called, name, one, other)
                    yield Change("analyst", "base of the part", name, one, other, breaks=True)


def _renamed(before: Mapping[str, Question], after: Mapping[str, Question]) -> Iterator[tuple[str, str]]:
    """Questions that are the same but for their name: same type, same words, said by one question only."""
    added = {name: question for name, question in after.items() if name not in before}
    for name, question in before.items():
        if name not in after and question.labels:
            same = [n for n, q in added.items() if q.kind == question.kind and q.labels == question.labels]
            if len(same) == 1:
                yield name, same[0]


def _question_changes(old: Question, new: Question) -> Iterator[Change]:
    name = new.name
    yield from _texts("wording", name, old.labels, new.labels)
    yield from _texts("hint", name, old.hints, new.hints)
    for attribute, called in EXPRESSIONS.items():
        one, other = readable(getattr(old, attribute)), readable(getattr(new, attribute))
        if one != other:
            yield Change("enumerator", called, name, one, other)
            if attribute == "relevant":
                yield Change("analyst", "base of the question", name, one, other, breaks=True)
    for attribute, called in MEANING.items():
        one, other = readable(getattr(old, attribute) or ""), readable(getattr(new, attribute) or "")
        if one != other:
            yield Change("analyst", called, name, one, other, breaks=attribute in ("kind", "calculate"))
    for called, attribute in (("class", "classes"), ("role", "roles")):
        one, other = (" ".join(sorted(getattr(question, attribute))) for question in (old, new))
        if one != other:
            yield Change("analyst", called, name, one, other)
    yield from _choices(name, old.choices or (), new.choices or ())


def _texts(what: str, name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for language in dict.fromkeys([*old, *new]):
        if language in old and language in new and old[language] != new[language]:
            yield Change("enumerator", f"{what}, {language}", name, old[language], new[language])


def _choices(name: str, old: tuple[Choice, ...], new: tuple[Choice, ...]) -> Iterator[Change]:
    before, after = {c.name: c for c in old}, {c.name: c for c in new}
    if not before or not after:
        return
    for code in after.keys() - before.keys():
        yield Change("enumerator", "choice added", name, after=_words(after[code]))
        yield Change("analyst", "code added", name, after=code)
    for code in before.keys() - after.keys():
        yield Change("enumerator", "choice removed", name, before=_words(before[code]))
        yield Change("analyst", "code gone", name, before=code, breaks=True)
    for code in before.keys() & after.keys():
        yield from _texts(f"choice {code}", name, before[code].labels, after[code].labels)
    kept = [c for c in before if c in after]
    if kept != [c for c in after if c in before]:
        yield Change("enumerator", "order of choices", name, " ".join(kept), " ".join(after))


def _moved(old: Form, new: Form) -> Iterator[Change]:
    """Questions that stand after another one than before, as few as explain the new order."""
    both = _by_name(old).keys() & _by_name(new).keys()
    before = [name for name in _by_name(old) if name in both]
    after = [name for name in _by_name(new) if name in both]
    stayed = set(_longest_rising([before.index(name) for name in after]))
    for position, name in enumerate(after):
        if before.index(name) not in stayed:
            above = after[position - 1] if position else ""
            yield Change("enumerator", "moved", name, after=f"after {above}" if above else "first")


def _longest_rising(numbers: list[int]) -> list[int]:
    """The longest series that rises: what stayed in order (patience sorting)."""
    tops: list[int] = []
    behind: dict[int, int | None] = {}
    for number in numbers:
        place = next((n for n, top in enumerate(tops) if top >= number), len(tops))
        behind[number] = tops[place - 1] if place else None
        tops[place : place + 1] = [number]
    found: list[int] = []
    at: int | None = tops[-1] if tops else None
    while at is not None:
        found.append(at)
        at = behind[at]
    return found[::-1]


def _label(question: Question) -> str:
    return next(iter(question.labels.values()), "")


def _words(choice: Choice) -> str:
    return next(iter(choice.labels.values()), choice.name)
