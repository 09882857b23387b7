"""How a made-up interview goes by the clock: which question stood on the screen when, as a phone logs it.

Checks judge interviews by the phone's own log. Made-up ones need a log that an honest enumerator would leave,
or every one of them would stand out; and some that do stand out, for supervisors to practise on.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from lxml import etree

from forms.reading import OTHER_SECONDS, SECONDS, WORD, WORDS_A_MINUTE
from forms.schema import Form, Question
from forms.wording import pick

AUDIT = "audit.csv"
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (a phone's own time)
EVENTS = ("event", "node", "start", "end")


@dataclass(frozen=True, slots=True)
class Habit:
    """What an enumerator did otherwise than asked; as it stands here, nothing.

    `pace` multiplies the time of every question, `skipped` is the share that was not read out, `consent` the
    seconds given to consent (none: as long as it takes), `pause` minutes in the middle, `moved` minutes by
    which the phone's clock was set between.
    """

    pace: float = 1.0
    skipped: float = 0.0
    consent: float | None = None
    pause: float = 0.0
    moved: float = 0.0


@dataclass(frozen=True, slots=True)
class Course:
    """An interview with its times filled in, the phone's log of it, and when it ended."""

    xml: bytes
    log: bytes
    end: datetime


def course(form: Form, xml: bytes, start: datetime, rng: Random, habit: Habit) -> Course:
    """The course of an interview that began at `start` (a phone's own time, which here is UTC)."""
    root = etree.fromstring(xml)
    at = int((start - EPOCH).total_seconds() * 1000)
    rows: list[tuple[str, str, int, int | str]] = [("form start", "", at, "")]
    screens = list(_screens(form, root))
    person = habit.pace * rng.lognormvariate(0, 0.12)  # some talk more than others
    at += 2000
    for number, (question, node) in enumerate(screens):
        if number == len(screens) // 2:
            at += round(habit.pause * 60_000)
        seconds = person * _seconds(form, question) * rng.lognormvariate(0, 0.2)
        if question.path == (form.consent.path if form.consent else ""):
            seconds = seconds if habit.consent is None else habit.consent
        elif rng.random() < habit.skipped:
            seconds = 0.4
        rows.append(("question", node, at, at + round(1000 * seconds)))
        at += round(1000 * seconds)
    rows += [("end screen", "", at, at + 3000), ("form save", "", at + 3000, "")]
    rows += [("form exit", "", at + 3000, ""), ("form finalize", "", at + 3000, "")]
    end = EPOCH + timedelta(milliseconds=at + 3000)
    written = end + timedelta(minutes=habit.moved)
    for name, text in (("start", _stamp(start)), ("end", _stamp(written)), ("audit", AUDIT)):
        for element in root.iter(name):
            element.text = text
    return Course(etree.tostring(root, encoding="utf-8", xml_declaration=True), _table(rows), end)


def _screens(form: Form, root: etree._Element) -> Iterator[tuple[Question, str]]:
    """The questions that were on the screen, in order, each with its place as the log writes it."""
    repeats = {group.path for group in form.groups if group.is_repeat}

    def within(parent: etree._Element, path: str, place: str) -> Iterator[tuple[Question, str]]:
        turns: dict[str, int] = {}
        for element in parent:
            name = str(element.tag)
            here, there = f"{path}/{name}", f"{place}/{name}"
            if here in repeats:
                turns[name] = turns.get(name, 0) + 1
                there = f"{there}[{turns[name]}]"
            question = form.by_path.get(here)
            if question is None:
                yield from within(element, here, there)
            elif question.labels and (question.asked or question.kind == "note"):
                yield question, there

    yield from within(root, "", f"/{form.root}")


def _seconds(form: Form, question: Question) -> float:
    """Time to read a question aloud and to answer it; consent takes its text along, which is repeated."""
    words = len(WORD.findall(pick(question.labels, form.default_language)))
    if form.consent is not None and question.path == form.consent.path:
        group = question.path.rpartition("/")[0]
        notes = [q for q in form.questions if q.kind == "note" and q.path.rpartition("/")[0] == group]
        words += sum(len(WORD.findall(pick(note.labels, form.default_language))) for note in notes)
    thinking = 0.0 if question.kind == "note" else SECONDS.get(question.kind, OTHER_SECONDS)
    return 60 * words / WORDS_A_MINUTE + thinking


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds") + "Z"


def _table(rows: list[tuple[str, str, int, int | str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(EVENTS)
    writer.writerows(rows)
    return text.getvalue().encode()
