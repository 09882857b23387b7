"""How a question is answered on paper: boxes to tick, combs for digits, lines for words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from forms.schema import SELECT_KINDS, Choice, Question
from forms.wording import pick

Block = dict[str, Any]
LEFT_OUT = re.compile(r"^name\s*!=\s*(?:'([^']*)'|\"([^\"]*)\")$")
BELOW = re.compile(r"^\w+\s*=\s*[^'\"]+$")
MOST = re.compile(r"\.\s*<=\s*(\d+)")
EXACTLY = re.compile(r"\{(?:\d+,)?(\d+)\}")
# Longer lists are not printed: a line to write on.
LONG = 30
SPECIAL = {"-98": "dk", "-99": "refuse"}
NUMBER_BOXES, MOST_BOXES = 6, 12
# The page's width for answers, the room between columns, and how wide signs are at most, in millimetres.
WIDTH, GAP = 170, 6
BOX, LABEL_SIGN, CODE_SIGN = 6.5, 1.5, 1.15
MOST_COLUMNS = 4


def answer(question: Question, language: str, words: Mapping[str, str]) -> Block:
    """What is printed under a question to take its answer."""
    kind = question.kind
    if kind in SELECT_KINDS:
        return _select(question, language)
    if kind == "integer":
        return _number(question, words)
    if kind == "date":
        return {"kind": "date"}
    if kind in ("time", "datetime"):
        return {"kind": kind}
    if kind == "media":
        return {"kind": "none"}
    if kind == "text" and "numbers" in question.appearance:
        boxes = EXACTLY.search(question.constraint)
        return {"kind": "digits", "boxes": min(int(boxes[1]) if boxes else MOST_BOXES, MOST_BOXES)}
    return {"kind": "lines", "lines": 5 if "multiline" in question.appearance else 1}


def _select(question: Question, language: str) -> Block:
    offered = _offered(question)
    if not offered or len(offered) > LONG or question.choices_file or BELOW.match(question.choice_filter):
        return {"kind": "lines", "lines": 1}
    choices = [{"label": pick(one.labels, language) or one.name, "code": one.name} for one in offered]
    columns, even = _columns(choices)
    return {
        "kind": "choices",
        "many": question.kind != "select_one",
        "columns": columns,
        "even": even,
        "choices": choices,
    }


def _columns(choices: Sequence[Mapping[str, str]]) -> tuple[int, bool]:
    """In how many columns the choices fit without a second line, and whether columns of one width do."""
    widths = [BOX + LABEL_SIGN * len(one["label"]) + CODE_SIGN * len(one["code"]) for one in choices]
    for count in range(min(MOST_COLUMNS, len(widths)), 1, -1):
        room = WIDTH - GAP * (count - 1)
        rows = math.ceil(len(widths) / count)
        columns = [max(widths[at : at + rows]) for at in range(0, len(widths), rows)]
        if sum(columns) <= room:
            return count, max(widths) <= room / count
    return 1, True


def _offered(question: Question) -> list[Choice]:
    """The choices without the one that a filter always takes away."""
    out = LEFT_OUT.match(question.choice_filter)
    gone = (out[1] or out[2]) if out else None
    return [one for one in question.choices or () if one.name != gone]


def _number(question: Question, words: Mapping[str, str]) -> Block:
    limits = [len(limit) for limit in MOST.findall(question.constraint)]
    boxes = 4 if "%Y" in question.constraint else max(limits, default=NUMBER_BOXES)
    missing = [
        {"label": words[word], "code": code}
        for code, word in SPECIAL.items()
        if re.search(rf"=\s*{code}\b", question.constraint)
    ]
    return {"kind": "digits", "boxes": min(boxes, MOST_BOXES), "missing": missing}
