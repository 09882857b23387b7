"""Everything that can go wrong and be told to a person.

Problem
    Malformed     what was sent cannot be read, and never could be stored
    Refused       it was understood, but this person may not, or the campaign forbids it
    NotFound      it does not exist here
    Conflict      it contradicts what is already here
    TooLarge      more than the server takes
    Unavailable   the server cannot do it now; nothing was lost, try again
    Unsupported   a part of a protocol that this server does not offer

Each says what happened and what to do next, in the reader's language: `code` names the message, `facts`
fill it in. Facts never hold a name, a number or an answer.
"""

from __future__ import annotations


class Problem(Exception):
    """Base of the tree; `code` is a key of `server.web.messages`."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Malformed(Problem):
    """What was sent cannot be read."""


class Refused(Problem):
    """Understood, and not allowed."""


class NotFound(Problem):
    """Not here."""


class Conflict(Problem):
    """Contradicts what is here."""


class TooLarge(Problem):
    """Beyond a limit."""


class Unavailable(Problem):
    """Not now; try again."""


class Unsupported(Problem):
    """Not offered here."""
