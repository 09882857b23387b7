"""Plays an interview by the form's own logic, without a phone: for samples, training and the demonstration.

Questions are met in the order of the form, each with what was answered before; an answer is refused by the
form's own constraint. The instance comes out as ODK Collect writes it.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from lxml import etree

from forms.reader import LIMITS, read_form
from forms.schema import SELECT_KINDS, Choice, Form, Group, Question
from forms.wording import spoken
from forms.xml import local, parse
from forms.xpath import JR, Expressions, World

TEMPLATE = f"{{{JR}}}template"
EPOCH = datetime(2026, 1, 1)  # noqa: DTZ001 (replaced before any interview begins)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is met: the choices that its filter leaves, and the turns of the repeats it is in."""

    question: Question
    choices: tuple[Choice, ...]
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the phone's screen: a module's heading, a note, or a question with what was answered."""

    kind: str
    name: str
    labels: Mapping[str, str]
    hints: Mapping[str, str]
    turns: tuple[int, ...] = ()
    choices: tuple[Choice, ...] = ()
    said: str = ""


Watch = Callable[[Shown], None]


# Gives an answer ("" for none); it is asked again, with the number of the attempt, while the form refuses it.
Answer = Callable[[Asked, int], str]


class Refused(Exception):
    """A question for which no acceptable answer was given."""


class Player:
    """A form ready to be played many times, one interview after the other."""

    def __init__(
        self, xform: bytes, media: Mapping[str, bytes], attempts: int = 200, language: str = ""
    ) -> None:
        self.form: Form = read_form(xform, media)
        self.language = language or self.form.default_language
        self.attempts = attempts
        root = parse(xform, LIMITS)
        instances = [e for e in root.iter() if local(e) == "instance"]
        self._blank = copy.deepcopy(instances[0][0])
        lists = {e.get("id") or "": _plain(e) for e in instances[1:] if e.get("id")}
        self._fill_from_files(lists)
        self._world = World(EPOCH, Random(0), lists, self._labels())  # noqa: S311 (made-up people)
        self._expressions = Expressions(self._world)

    def _fill_from_files(self, lists: dict[str, etree._Element]) -> None:
        """Lists from files have no items in the XForm: they get the choices that the form was read with."""
        for question in self.form.questions:
            if question.choices_file and question.choices:
                instance = etree.Element("instance")
                items = etree.SubElement(instance, "root")
                for choice in question.choices:
                    item = etree.SubElement(items, "item")
                    for name, value in {"name": choice.name, **choice.extra}.items():
                        etree.SubElement(item, name).text = value
                lists[question.choices_file.rpartition(".")[0]] = instance

    def _labels(self) -> dict[tuple[str, str], str]:
        found = {}
        for question in self.form.questions:
            for choice in question.choices or ():
                label = choice.labels.get(self.language, choice.name)
                found[question.name, choice.name] = label
        return found

    def play(self, answer: Answer, now: datetime, rng: Random, watch: Watch | None = None) -> bytes:
        """One interview; raises Refused when the form accepts no answer to some question.

        `watch` is shown each screen once it is answered.
        """
        self._world.now, self._world.rng = now, rng
        interview = _Interview(self.form, self._expressions, copy.deepcopy(self._blank), answer, self)
        interview.watch = watch
        return interview.xml()


def _plain(instance: etree._Element) -> etree._Element:
    """A list of choices without namespaces, so that paths into it are as the form writes them."""
    for element in instance.iter():
        element.tag = local(element)
    return copy.deepcopy(instance)


class _Interview:
    """One interview in the making."""

    def __init__(
        self, form: Form, expressions: Expressions, root: etree._Element, answer: Answer, player: Player
    ) -> None:
        self.form, self.expressions, self.root, self.answer = form, expressions, root, answer
        self.world, self.attempts = expressions.world, player.attempts
        self.namespace = etree.QName(root).namespace or ""
        for element in root.iter():
            element.tag = local(element)
        etree.cleanup_namespaces(root)
        self.absent: set[etree._Element] = set()
        self.watch: Watch | None = None

    def xml(self) -> bytes:
        for template in [e for e in self.root.iter() if e.get(TEMPLATE) is not None]:
            parent = template.getparent()
            same = [e for e in parent if e.tag == template.tag] if parent is not None else []
            if parent is not None and len(same) > 1:
                parent.remove(template)
            template.attrib.pop(TEMPLATE)
        self._walk(self.root, "", ())
        self._calculate_again()
        for element in self.absent:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
        return bytes(etree.tostring(self.root, encoding="utf-8", xml_declaration=True))

    def _walk(self, parent: etree._Element, path: str, turns: tuple[int, ...]) -> None:
        done: set[str] = set()
        for element in list(parent):
            name = str(element.tag)
            here = f"{path}/{name}"
            group = self.form.group_by_path.get(here)
            if group is None:
                self._meet(element, here, turns)
            elif name not in done:
                done.add(name)
                for number, one in enumerate(self._turns(element, group), 1):
                    if group.relevant and not self.expressions.true(group.relevant, one):
                        self.absent.add(one)
                    else:
                        self._show_group(group, one, (*turns, number) if group.is_repeat else turns)
                        self._walk(one, here, (*turns, number) if group.is_repeat else turns)

    def _turns(self, element: etree._Element, group: Group) -> Iterator[etree._Element]:
        """The turns of a repeat (as many as the form counts, else one), or the group itself."""
        if not group.is_repeat:
            yield element
            return
        wanted = int(float(self.expressions.text(group.count, element) or 0)) if group.count else 1
        parent = element.getparent()
        if parent is None or wanted < 1:
            self.absent.add(element)
            return
        blank = copy.deepcopy(element)
        turns = [element]
        for _ in range(wanted - 1):
            turns[-1].addnext(copy.deepcopy(blank))
            turns.append(parent[parent.index(turns[-1]) + 1])
        yield from turns

    def _meet(self, element: etree._Element, path: str, turns: tuple[int, ...]) -> None:
        question = self.form.by_path.get(path)
        if question is None:
            return
        if question.relevant and not self.expressions.true(question.relevant, element):
            self.absent.add(element)
        elif question.calculate:
            element.text = self.expressions.text(question.calculate, element)
        elif question.preload or path.startswith("/meta/"):
            element.text = self._preloaded(question)
        elif question.asked:
            self._ask(element, question, turns)
        elif question.labels:
            self._show("note", question, element, turns)

    def _show_group(self, group: Group, element: etree._Element, turns: tuple[int, ...]) -> None:
        if self.watch and group.labels:
            name = group.path.rpartition("/")[2]
            self.watch(Shown("module", name, self._resolved(group.labels, element), {}, turns))

    def _show(self, kind: str, question: Question, element: etree._Element, turns: tuple[int, ...]) -> None:
        if self.watch is None:
            return
        labels, hints = (self._resolved(texts, element) for texts in (question.labels, question.hints))
        choices = self._choices(element, question)
        self.watch(Shown(kind, question.name, labels, hints, turns, choices, element.text or ""))

    def _resolved(self, texts: Mapping[str, str], element: etree._Element) -> dict[str, str]:
        """The texts with the answers that they repeat."""
        return {
            language: spoken(text, lambda path: self.expressions.text(path, element))
            for language, text in texts.items()
        }

    def _preloaded(self, question: Question) -> str | None:
        now = self.world.now
        if question.preload == "uid" or question.name == "instanceID":
            return f"uuid:{uuid.UUID(int=self.world.rng.getrandbits(128), version=4)}"
        if question.preload == "timestamp":
            return now.isoformat(timespec="milliseconds") + "Z"
        return now.date().isoformat() if question.preload == "date" else None

    def _ask(self, element: etree._Element, question: Question, turns: tuple[int, ...]) -> None:
        asked = Asked(question, self._choices(element, question), turns)
        for attempt in range(self.attempts):
            said = self.answer(asked, attempt)
            element.text = said or None
            if self._accepted(element, question, said):
                self._show(question.kind, question, element, turns)
                return
        raise Refused(question.path)

    def _accepted(self, element: etree._Element, question: Question, said: str) -> bool:
        if not said:
            return not (question.required and self.expressions.true(question.required, element))
        return not question.constraint or self.expressions.true(question.constraint, element)

    def _choices(self, element: etree._Element, question: Question) -> tuple[Choice, ...]:
        if question.kind not in SELECT_KINDS or not question.choices:
            return ()
        if not question.choice_filter:
            return question.choices
        return tuple(c for c in question.choices if self._passes(element, question, c))

    def _passes(self, element: etree._Element, question: Question, choice: Choice) -> bool:
        """Whether a choice passes the filter: tried on its own columns, as if it lay in the answer."""
        item = etree.SubElement(element, "item")
        for name, value in {"name": choice.name, **choice.extra}.items():
            etree.SubElement(item, name).text = value
        passed = self.expressions.true(question.choice_filter.replace("current()/", "../"), item)
        element.remove(item)
        return passed

    def _calculate_again(self) -> None:
        """Calculations may look forward: once all is answered they are made once more."""
        for element in self.root.iter():
            path = "/" + "/".join(str(e.tag) for e in (*reversed([*element.iterancestors()]), element))
            question = self.form.by_path.get(path.removeprefix(f"/{self.root.tag}"))
            if question is not None and question.calculate and not self._within_absent(element):
                element.text = self.expressions.text(question.calculate, element)

    def _within_absent(self, element: etree._Element) -> bool:
        return element in self.absent or any(above in self.absent for above in element.iterancestors())


def options(asked: Asked) -> Sequence[str]:
    """The names of the choices that may be given."""
    return [choice.name for choice in asked.choices]
