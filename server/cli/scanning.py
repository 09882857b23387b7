"""`taama scan`: shows what is personal in a text, before anyone passes it on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli.speak import Json, say


def scan(
    file: Annotated[Path, typer.Argument(help="A text file (UTF-8), one answer a line.")],
    as_json: Json = False,
) -> None:
    """Find personal data in French free text: a JSON line for each, with line, start, end and kind.

    Kinds: phone, email, account, id, name, place. It finds most, never all: read what you pass on.
    Example: taama scan answers.txt
    """
    hits = list(_hits(file))
    say({"hits": hits}, "\n".join(json.dumps(hit) for hit in hits), as_json=as_json)


def _hits(file: Path) -> Iterator[dict[str, Any]]:
    from server.core.problem import Malformed
    from server.core.scan import scan as scan_text

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Malformed("no_text_file", file=file.name) from None
    for number, line in enumerate(text.splitlines(), 1):
        for hit in scan_text(line):
            yield {"line": number, "start": hit.start, "end": hit.end, "kind": hit.kind}
