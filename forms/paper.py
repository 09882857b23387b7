"""A questionnaire for paper, for the day when the phones are dead: what stands on it, in order.

Answers and direct identifiers never share a sheet. The result is plain data; a template sets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from forms.answers import Block, answer
from forms.paper_words import words_for
from forms.saying import Sayings
from forms.schema import Form, Group, Question
from forms.wording import language_code, language_named, pick, spoken

TEMPLATE = Path(__file__).parent / "templates" / "paper.typ"
TURNS = 2
# A group with so many groups in it is a part of the questionnaire rather than a module.
WRAPPED = 3
AGREEING = frozenset({"consent", "assent"})
BLANK = "…………………"


def paper(form: Form, language: str = "fr") -> dict[str, Any]:
    """Everything on the paper of `form` in the language of that code or name; raises FormError."""
    sheet = _Sheet(form, language_named(form.languages, language) or form.default_language)
    sheet.walk("", [question for question in form.questions if sheet.shows(question)], "", 0)
    return {
        "lang": language_code(sheet.language) or "fr",
        "form": form.id,
        "title": form.title,
        "version": form.version,
        "words": sheet.words,
        "blocks": sheet.blocks,
        "identity": sheet.identity,
    }


def on_paper(form: Form) -> list[Question]:
    """The questions that a person can answer on paper."""
    return [q for q in form.questions if q.asked and q.kind != "note" and not q.path.startswith("/meta/")]


class _Sheet:
    def __init__(self, form: Form, language: str) -> None:
        self.form, self.language = form, language
        self.words = words_for(language_code(language))
        self.asked = {question.path: question for question in on_paper(form)}
        numbers = {path: str(number) for number, path in enumerate(self.asked, 1)}
        self.say = Sayings(form, language, self.words, numbers)
        self.codes = form.with_role("withdrawal_code")
        self.blocks: list[Block] = []
        self.identity: list[Block] = []

    def shows(self, question: Question) -> bool:
        """Whether anything of the question is printed: those about the phone's own work are not."""
        if question.kind != "note" or question.path.startswith("/meta/"):
            return question.path in self.asked or question in self.codes
        of_code = any(f"{code.path}}}" in text for code in self.codes for text in question.labels.values())
        return bool(question.labels) and not of_code and self.say.clear(question.relevant, question.path)

    def walk(self, above: str, questions: Sequence[Question], turn: str, depth: int) -> None:
        """Prints the questions below the group `above`."""
        for path, run in groupby(questions, key=lambda question: _step_below(above, question.path)):
            inside = list(run)
            group = self.form.group_by_path.get(path)
            if group is None:
                self._one(inside[0], questions, turn)
            else:
                self._group(group, inside, turn, depth)

    def _group(self, group: Group, inside: list[Question], turn: str, depth: int) -> None:
        title = pick(group.labels, self.language)
        when = self.say.when(group.relevant, group.path)
        below = {_step_below(group.path, question.path) for question in inside}
        wraps = len(below & self.form.group_by_path.keys()) >= WRAPPED
        deeper = depth
        if (title or when) and not group.is_repeat:
            level = "part" if wraps else "module" if depth == 0 else "sub"
            self.blocks.append({"block": "heading", "level": level, "title": title, "when": when})
            deeper = depth if wraps else depth + 1
        if not group.is_repeat:
            self.walk(group.path, inside, turn, deeper)
            return
        for number in range(1, TURNS + 1):
            name = f"{title} {self.words['turn']} {f'{turn}.' if turn else ''}{number}".strip()
            self.blocks.append({"block": "heading", "level": "turn", "title": name, "when": when})
            self.walk(group.path, inside, f"{turn}.{number}".strip("."), max(deeper, 1))
        self.blocks.append({"block": "continue", "title": title})

    def _one(self, question: Question, beside: Sequence[Question], turn: str) -> None:
        if question in self.codes:
            self.blocks.append({"block": "code"})
        elif question.kind == "note":
            after = _after(question, beside)
            private = after is not None and "direct" in after.classes and after.path in self.asked
            note = {
                "block": "read" if self._agreed_to(question, beside) else "note",
                "text": spoken(pick(question.labels, self.language), self._shown),
                "when": self.say.when(question.relevant, question.path),
            }
            (self.identity if private else self.blocks).append(note)
        elif "direct" in question.classes:
            self._apart(question, turn)
        else:
            self.blocks.append(self._question(question))

    def _apart(self, question: Question, turn: str) -> None:
        """Puts the question on the identity sheet, and says so where it would have stood."""
        number = self.say.numbers[question.path]
        last = self.blocks[-1] if self.blocks else {}
        if last.get("block") == "elsewhere":
            last["numbers"].append(number)
        else:
            self.blocks.append({"block": "elsewhere", "numbers": [number]})
        block = self._question(question)
        self.identity.append(block | ({"number": f"{number} ({turn})"} if turn else {}))

    def _question(self, question: Question) -> Block:
        say = self.say
        return {
            "block": "question",
            "number": say.numbers[question.path],
            "name": question.name,
            "label": spoken(pick(question.labels, self.language), self._shown) or question.name,
            "hint": spoken(pick(question.hints, self.language), self._shown),
            "when": say.when(question.relevant, question.path),
            "answer": answer(question, self.language, self.words),
        }

    def _shown(self, path: str) -> str:
        """What stands for an answer that the phone would show inside a sentence."""
        full = path.removeprefix(f"/{self.form.root}")
        number = self.say.numbers.get(full)
        return f"({self.words['question']} {number})" if number else BLANK

    def _agreed_to(self, note: Question, beside: Sequence[Question]) -> bool:
        """Whether the note is the text that a person then agrees to or not."""
        after = _after(note, beside)
        return after is not None and bool(after.roles & AGREEING)


def _after(question: Question, beside: Sequence[Question]) -> Question | None:
    """The next question after a note in the same group."""
    following: Iterator[Question] = iter(beside[beside.index(question) + 1 :])
    group = question.path.rpartition("/")[0]
    return next((q for q in following if q.path.rpartition("/")[0] == group and q.kind != "note"), None)


def _step_below(above: str, path: str) -> str:
    """The path of the group or question just below `above` on the way to `path`."""
    return f"{above}/{path[len(above) + 1 :].partition('/')[0]}"
