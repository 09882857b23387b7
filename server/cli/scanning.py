"""`taama scan`: shows what is personal in a text, before anyone passes it on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.speak import Json, say

MODEL = "fr_core_news_md"
PLACES, OTHERS = "LOC", frozenset({"PER", "ORG", "MISC"})


def scan(
    file: Annotated[Path, typer.Argument(help="A text file (UTF-8), one answer a line.")],
    model: Annotated[
        bool, typer.Option("--model", help=f"Also ask spaCy's French model ({MODEL}), if it is installed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find personal data in French free text: a JSON line for each, with line, start, end and kind.

    Kinds: phone, email, account, id, name, place. It finds most, never all: read what you pass on.
    With --model names are found that no list holds, more slowly and with more false alarms.

    Example: taama scan answers.txt
    """
    hits = list(_hits(file, _recogniser() if model else None))
    say({"hits": hits}, "\n".join(json.dumps(hit) for hit in hits), as_json=as_json)


def _hits(file: Path, more: Callable[[str], Any] | None) -> Iterator[dict[str, Any]]:
    from server.core.problem import Malformed
    from server.core.scan import scan as scan_text
    from server.core.scan import with_more

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Malformed("no_text_file", file=file.name) from None
    for number, line in enumerate(text.splitlines(), 1):
        found = scan_text(line)
        for hit in with_more(line, found, more(line)) if more else found:
            yield {"line": number, "start": hit.start, "end": hit.end, "kind": hit.kind}


def _recogniser() -> Callable[[str], Any]:
    """The model's names and places as hits; raises Unavailable when it is not installed."""
    from server.core.problem import Unavailable
    from server.core.scan import Hit

    try:
        import spacy

        model = spacy.load(MODEL, exclude=["tagger", "parser", "lemmatizer", "morphologizer"])
    except (ImportError, OSError):
        raise Unavailable("no_model", model=MODEL) from None
    return lambda line: [
        Hit(entity.start_char, entity.end_char, "place" if entity.label_ == PLACES else "name")
        for entity in model(line).ents
        if entity.label_ in OTHERS | {PLACES}
    ]
