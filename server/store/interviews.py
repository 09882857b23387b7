"""One interview as somebody may see it: what was asked and answered, what stands over it, and what became of
it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from forms.filled import Filling, at, path_of
from forms.schema import SELECT_KINDS, Form, Question
from forms.wording import language_code, pick, spoken
from server.core.access import right_to, visible
from server.core.overlay import Correction, effective
from server.core.plan import Plan
from server.core.problem import NotFound
from server.store.corrections import answers_of, overlay_of
from server.store.forms import Forms
from server.store.project import FILE, SUBMISSION
from sync import log
from sync.event import Event

# What may be shown of an answer that is sealed: that it was asked, and nothing else.
SEALED = "sealed"
TEXTS = {"reviewed": "why", "remarked": "text", "corrected": "correction", "explained": "flag"}
SHOWN = frozenset(
    {"submitted", "attached", "reviewed", "remarked", "corrected", "explained", "opened", "admitted"}
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that was asked: its words, the answer's, and a correction that lies over it.

    `state` is empty, or `sealed` for an answer that may not be read here. `code` is the answer as the form
    has it.
    """

    place: str
    label: str
    code: str
    words: str
    state: str
    choices: tuple[tuple[str, str], ...] = ()
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """The questions under one heading of the form."""

    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to an interview; `text` is what somebody wrote."""

    at: str
    by: str
    kind: str
    verdict: str = ""
    reason: str = ""
    place: str = ""
    text: str = ""


@dataclass(frozen=True)
class Interview:
    """An interview for a page: its row, its modules, corrections that no longer fit, and its history."""

    row: Any
    plan: Plan
    modules: Sequence[Module]
    conflicts: Sequence[Correction]
    history: Sequence[Entry]
    files: Sequence[tuple[str, str]]


def interview(connection: Connection, forms: Forms, instance: str, role: str, lang: str) -> Interview:
    """An interview as `role` may see it, in the form's language `lang` or its first; raises NotFound."""
    row = connection.execute(select(SUBMISSION).where(SUBMISSION.c.instance == instance)).first()
    plan = forms.find(row.form, row.version) if row else None
    if row is None or plan is None:
        raise NotFound("unknown_interview")
    raw = answers_of(connection, row.event)
    counted = effective(raw, overlay_of(connection, instance))
    by_place = {one.place: one for one in counted.applied}
    shown = visible(plan, counted.answers, role)
    modules = _modules(plan, counted.answers, shown, by_place, (role, lang))
    files = select(FILE.c.path, FILE.c.state).where(FILE.c.instance == instance).order_by(FILE.c.path)
    found = [(one.path, one.state) for one in connection.execute(files)]
    return Interview(row, plan, modules, counted.conflicts, history(connection, instance), found)


def history(connection: Connection, instance: str) -> list[Entry]:
    """Everything that happened to an interview and to those that it replaces, oldest first."""
    found: list[Entry] = []
    one: str | None = instance
    seen: set[str] = set()
    while one and one not in seen:
        seen.add(one)
        said = log.placed_about(connection, [one])
        found += [_entry(connection, *placed) for placed in said if placed[1].kind in SHOWN]
        query = select(SUBMISSION.c.replaces).where(SUBMISSION.c.instance == one)
        one = connection.execute(query).scalar()
    return sorted(found, key=lambda entry: entry.at)


def _entry(connection: Connection, place: int, event: Event) -> Entry:
    body = event.body
    said = log.body(connection, place, TEXTS.get(event.kind, ""))
    text = said.decode() if said else ""
    if event.kind == "corrected" and text:
        told = json.loads(text)
        text = f"{told['old'] or '–'} → {told['new'] or '–'}" + (f" ({told['why']})" if told["why"] else "")
    if event.kind == "explained" and text:
        text = json.loads(text)["text"]
    if event.kind == "submitted":
        return Entry(event.at, event.by, "edited" if "replaces" in body else "submitted")
    where = body.get("path", "") or body.get("question", "")
    return Entry(event.at, event.by, event.kind, body.get("verdict", ""), body.get("reason", ""), where, text)


def _modules(
    plan: Plan,
    answers: Mapping[str, Any],
    shown: Mapping[str, Any],
    corrections: Mapping[str, Correction],
    reader: tuple[str, str],
) -> list[Module]:
    role, lang = reader
    form = plan.form
    language = next((one for one in form.languages if language_code(one) == lang), form.default_language)
    found: dict[str, list[Answer]] = {}
    # The present hardly matters: conditions on it were met when the phone asked.
    filling = Filling(form, datetime.now(UTC).replace(tzinfo=None), plan.hidden)
    for met in filling.met(answers):
        title = _title(form, met.question.path, language)
        hidden = not plan.reads(met.question) or right_to(role, met.question) in (
            "never",
            "aggregated",
            "coded",
        )
        code = "" if hidden else at(shown, met.place)
        label = spoken(pick(met.question.labels, language) or met.question.name, lambda _: "…")
        answer = Answer(
            met.place,
            label,
            code,
            _words(met.question, code, language),
            SEALED if hidden else "",
            _choices(met.question, language),
            corrections.get(met.place),
        )
        found.setdefault(f"{title}{_turn(met.place)}", []).append(answer)
    return [Module(title, tuple(answers)) for title, answers in found.items()]


def _title(form: Form, path: str, language: str) -> str:
    """The nearest heading above a question."""
    above = path.rpartition("/")[0]
    while above:
        group = form.group_by_path.get(above)
        if group and (words := pick(group.labels, language)):
            return spoken(words, lambda _: "…")
        above = above.rpartition("/")[0]
    return ""


def _turn(place: str) -> str:
    """Which turn of a repeat a place lies in, as `(2)`; empty outside."""
    turns = [step.partition("[")[2].rstrip("]") for step in place.split("/") if "[" in step]
    return f" ({'.'.join(turns)})" if turns else ""


def _words(question: Question, code: str, language: str) -> str:
    if question.kind not in SELECT_KINDS or not code:
        return code
    labels = {choice.name: pick(choice.labels, language) or choice.name for choice in question.choices or ()}
    return ", ".join(labels.get(one, one) for one in code.split())


def _choices(question: Question, language: str) -> tuple[tuple[str, str], ...]:
    if question.kind not in SELECT_KINDS:
        return ()
    return tuple((c.name, pick(c.labels, language) or c.name) for c in question.choices or ())


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that an edit on the phone has changed."""

    place: str
    label: str
    before: str
    after: str


def edit_diff(connection: Connection, forms: Forms, instance: str, lang: str) -> list[Difference]:
    """What an edit changed of the readable answers, against the interview that it replaces; [] for no edit.

    What is sealed cannot be compared: only the protection officer could.
    """
    row = connection.execute(select(SUBMISSION).where(SUBMISSION.c.instance == instance)).one()
    earlier = select(SUBMISSION).where(SUBMISSION.c.instance == row.replaces)
    before = connection.execute(earlier).first() if row.replaces else None
    plan = forms.find(row.form, row.version)
    if before is None or plan is None:
        return []
    old, new = answers_of(connection, before.event), answers_of(connection, row.event)
    language = next((o for o in plan.form.languages if language_code(o) == lang), plan.form.default_language)
    found = []
    for place in sorted({*_places(old, ""), *_places(new, "")}):
        question = plan.form.by_path.get(path_of(place))
        if at(old, place) == at(new, place) or question is None or not question.asked:
            continue
        label = spoken(pick(question.labels, language) or question.name, lambda _: "…")
        words = [_words(question, at(answers, place), language) for answers in (old, new)]
        found.append(Difference(place, label, *words))
    return found


def _places(answers: Mapping[str, Any], above: str) -> list[str]:
    found: list[str] = []
    for name, value in answers.items():
        if isinstance(value, Mapping):
            found += _places(value, f"{above}/{name}")
        elif isinstance(value, list):
            for number, turn in enumerate(value, 1):
                found += _places(turn, f"{above}/{name}[{number}]")
        else:
            found.append(f"{above}/{name}")
    return found
