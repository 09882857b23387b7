"""How long questionnaires take to build and to check: the shipped ones, and one of a thousand questions.

Run: python benchmarks/building.py [--questions 1000] [--choices 20000]. Prints a table; Java is needed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from forms import catalog
from forms.compile import build, validate
from forms.lint import check


def large(path: Path, questions: int, choices: int) -> None:
    """A workbook with modules of ten questions each, and two hundred lists."""
    book = Workbook()
    survey = book.worksheets[0]
    survey.title = "survey"
    survey.append(["type", "name", "label::Français (fr)", "label::English (en)", "relevant"])
    lists = 200
    for number in range(questions):
        if number % 10 == 0:
            survey.append(["begin_group", f"g{number}", f"Partie {number}", f"Part {number}"])
        kind = f"select_one l{number % lists}" if number % 2 else "integer"
        after = f"${{q{number - 2}}} > 3" if number % 10 == 4 else ""
        survey.append([kind, f"q{number}", f"Question {number} ?", f"Question {number}?", after])
        if number % 10 == 9:
            survey.append(["end_group"])
    sheet = book.create_sheet("choices")
    sheet.append(["list_name", "name", "label::Français (fr)", "label::English (en)"])
    for number in range(choices):
        sheet.append([f"l{number % lists}", f"c{number}", f"Choix {number}", f"Choice {number}"])
    settings = book.create_sheet("settings")
    settings.append(["form_id", "version", "default_language"])
    settings.append(["large", "1", "Français (fr)"])
    book.save(path)


def timed(what: str, work: Callable[[], Any]) -> None:
    """Does `work` and prints how long it took."""
    start = time.perf_counter()
    work()
    print(f"{what:<60} {time.perf_counter() - start:6.2f} s")


def main() -> None:
    """Builds, validates and checks."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--questions", type=int, default=1000)
    options.add_argument("--choices", type=int, default=20_000)
    asked = options.parse_args()
    timed("both forms built", lambda: [build(name) for name in catalog.questionnaires()])
    timed(
        "both validated by ODK Validate", lambda: [validate(build(n).xform) for n in catalog.questionnaires()]
    )
    timed("both checked, without ODK Validate", lambda: [check(name) for name in catalog.questionnaires()])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.xlsx"
        large(file, asked.questions, asked.choices)
        size = f"{asked.questions} questions, {asked.choices} choices"
        timed(f"built: {size}", lambda: build(file))
        timed(f"checked: {size}", lambda: check(file))


if __name__ == "__main__":
    main()
