"""How long the checks of interviews take: all of them at once, and one that arrives among them.

Run: python benchmarks/checks.py [--interviews 5000] [--questions 150]. Everything lies in memory, so that the
numbers are those of the checks; `taama check run` adds reading the answers, told apart. The baseline compares
interviews one pair at a time, as ready-made packages do, on a part that is then scaled up.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grown import grown
from pyxform.xls2xform import convert

from forms.filled import Met
from forms.reader import read_form
from server.core.checks.facts import Facts, Shape
from server.core.checks.parameters import shipped
from server.core.checks.run import alone, together
from server.core.paradata import Timeline
from server.core.plan import Plan
from server.store.checking import check_all
from server.store.forms import Forms

ENUMERATORS, PAIRS = 25, 300
FIRST = datetime(2026, 11, 2, 8, tzinfo=UTC)


def shape_of(questions: int) -> Shape:
    """A form of so many questions, every fifth a number."""
    rows = [
        f"| | {'integer' if n % 5 == 0 else 'select_one scale'} | q{n} | Question numéro {n} | quasi |"
        for n in range(questions)
    ]
    choices = [f"| | scale | {code} | {code} |" for code in ("1", "2", "3", "4", "5", "dk", "refuse")]
    sheets = [
        *("| survey |", "| | type | name | label | bind::dp:class |", *rows),
        *("| choices |", "| | list_name | name | label |", *choices),
        *("| settings |", "| | form_id | version | namespaces |"),
        '| | bench | 1 | dp="https://taama.org/data-protection/1" |',
    ]
    return Shape(Plan.of(read_form(convert(xlsform="\n".join(sheets), file_type=".md").xform.encode(), {})))


def interviews(shape: Shape, count: int) -> list[Facts]:
    """Made-up interviews with answers, visits of each question, and half an hour each."""
    rng = random.Random(1)
    made = []
    for number in range(count):
        start = FIRST + timedelta(minutes=45 * (number // ENUMERATORS))
        met, visits, at = [], [], 0
        for question in shape.plan.form.questions:
            if question.asked:
                numeric = question.kind == "integer"
                text = str(int(rng.gauss(40, 9))) if numeric else rng.choice("12345123451234512345d")
                met.append(Met(question, question.path, "dk" if text == "d" else text))
                length = rng.randint(4_000, 16_000)
                visits.append((question.path, at, length))
                at += length
        made.append(
            Facts(
                f"uuid:{number}",
                shape,
                "1",
                f"enq{number % ENUMERATORS:02}",
                start + timedelta(hours=9),
                start,
                start + timedelta(milliseconds=at),
                met,
                Timeline(tuple(visits), {}),
            )
        )
    return made


def pair_by_pair(everyone: Sequence[Facts]) -> float:
    """The best match of each interview, one pair after the other."""
    best = 0.0
    answers = [{met.place: met.text for met in facts.met} for facts in everyone]
    for one in answers:
        for other in answers:
            if one is not other:
                best = max(best, sum(other.get(place) == text for place, text in one.items()) / len(one))
    return best


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--interviews", type=int, default=5_000)
    parser.add_argument("--questions", type=int, default=150)
    said = parser.parse_args()
    parameters = shipped()
    everyone = interviews(shape_of(said.questions), said.interviews)
    start = time.perf_counter()
    checked, norms = together(everyone, parameters)
    print(f"all checks of {said.interviews} x {said.questions}: {time.perf_counter() - start:.1f} s")
    print(f"  {sum(map(len, checked.flags.values()))} flags")
    arriving = everyone[-20:]
    judging = timed(lambda: [[*alone(one, parameters), *norms.judge(one, parameters)] for one in arriving])
    print(f"one that arrives among them: {1000 * judging / len(arriving):.1f} ms")
    scale = (said.interviews / PAIRS) ** 2
    slow = timed(lambda: pair_by_pair(everyone[:PAIRS])) * scale
    print(f"baseline, likeness alone pair by pair: {slow:.0f} s (scaled from {PAIRS} interviews)")
    with tempfile.TemporaryDirectory() as folder:
        campaign = grown(Path(folder), "returnee", said.interviews)
        whole = timed(lambda: check_all(campaign, Forms(campaign), "returnee"))
        print(f"taama check run, {said.interviews} interviews of the returnee form: {whole:.1f} s")
        campaign.close()


if __name__ == "__main__":
    main()
