"""The command `taama`: each command reads its options, calls one function, and says what came of it."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command; no trace of the program's inside ever reaches a person."""
    from server.cli.root import app
    from server.cli.speak import say_failure

    try:
        app()
    except Exception as error:
        say_failure(error)
        sys.exit(1)
