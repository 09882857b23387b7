"""`taama link exchange`: two organisations compare their lists without showing them to each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from server.cli.speak import Json, say

app = typer.Typer(help="Compare lists with another organisation without showing them.", no_args_is_help=True)
Secret = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file with the passphrase that both know.")
]


@app.command("write")
def write(
    records: Annotated[Path, typer.Argument(help="Your own list, a CSV file with a column record_id.")],
    out: Annotated[Path, typer.Option("--out", help="The encoded file to send.")],
    passphrase_file: Secret = None,
    as_json: Json = False,
) -> None:
    """Write your list as keyed encodings, encrypted, to send to the other organisation.

    Agree on a long passphrase by voice. It holds no name and no number, but your row ids: see that they say
    nothing. The other side, which knows the passphrase, could test guesses against it.

    Example: taama link exchange write contacts.csv --out ours.coded --passphrase-file both.txt
    """
    from server.store.exchange import write_coded
    from server.store.lists import read_list

    count = write_coded(out, read_list(records, {}), _said(passphrase_file))
    say({"rows": count, "file": str(out)}, f"{count} rows are encoded in {out}", as_json=as_json)


@app.command("read")
def read(
    mine: Annotated[Path, typer.Argument(help="Your own encoded file.")],
    theirs: Annotated[Path, typer.Argument(help="The one that you received.")],
    out: Annotated[Path, typer.Option("--out", help="The table of rows that are one person.")],
    passphrase_file: Secret = None,
    as_json: Json = False,
) -> None:
    """Tell how many persons are on both lists, and which rows they are.

    Example: taama link exchange read ours.coded theirs.coded --out both.csv --passphrase-file both.txt
    """
    from server.store.exchange import overlap, read_coded, write_overlap

    said = _said(passphrase_file)
    found = overlap(read_coded(mine, said), read_coded(theirs, said))
    write_overlap(out, found)
    told = {
        "mine": found.mine,
        "theirs": found.theirs,
        "persons_on_both": found.persons,
        "pairs": len(found.pairs),
        "to_review": sum(decision == "review" for *_, decision in found.pairs),
        "file": str(out),
    }
    text = f"{found.persons} persons are on both lists ({found.mine} and {found.theirs} rows). See {out}"
    say(told, text, as_json=as_json)


def _said(file: Path | None) -> str:
    from server.core.problem import Refused
    from server.store.exchange import SHORTEST

    if file is None:
        return str(typer.prompt("Passphrase", hide_input=True, err=True))
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Refused("short_passphrase", least=str(SHORTEST)) from None
