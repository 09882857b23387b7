"""How commands speak: one JSON document with --json, else a few plain lines; failures in one sentence."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

HOME = typer.Option("--home", envvar="TAAMA_HOME", help="The campaign's folder.")
Home = Annotated[Path, HOME]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
DEFAULT_HOME = Path("taama-data")


def now() -> str:
    """The time as it is kept."""
    from server.core.moments import stamp

    return stamp(datetime.now(UTC))


def say(result: Mapping[str, Any], lines: str, *, as_json: bool) -> None:
    """Prints `result` as JSON, or `lines` for a person."""
    text = json.dumps(result, ensure_ascii=False, indent=1) if as_json else lines
    sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()


def warn(sentence: str) -> None:
    """One sentence on standard error, after which the command goes on."""
    sys.stderr.write(f"taama: {sentence}\n")
    sys.stderr.flush()


def say_failure(error: Exception) -> None:
    """One sentence on standard error. An unexpected error tells its kind and place, never its words.

    Its words may hold an answer; its place helps whoever mends it.
    """
    known = plain(error)
    if known is None:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        known = (
            f"Something unexpected went wrong ({type(error).__name__} at {place}). Nothing was half-written."
        )
    sys.stderr.write(f"taama: {known}\n")


def plain(error: Exception) -> str | None:
    """The sentence that an expected failure carries, or None."""
    from sqlalchemy.exc import OperationalError

    from forms.problems import FormError
    from server.core.problem import Problem
    from server.store.home import HomeProblem
    from server.web import messages
    from sync.db import DatabaseGone
    from sync.keys import KeyProblem

    if isinstance(error, Problem):
        return messages.problem("en", error)
    if isinstance(error, (HomeProblem, KeyProblem, DatabaseGone, FormError)):
        return str(error)
    if isinstance(error, OperationalError):
        return (
            "The database cannot be used now (locked, full disk or damaged). Nothing was written; try again."
        )
    if isinstance(error, OSError):
        return f"{error.strerror or 'The file cannot be used'}: {error.filename or ''}".rstrip(": ")
    return None


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[Any]:
    """A progress bar on standard error; `quiet` shows none."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet or not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(label, total=None)

        def step(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total)

        yield step
