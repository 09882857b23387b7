"""What can be wrong with a campaign's folder."""

from __future__ import annotations


class HomeProblem(Exception):
    """A campaign's folder that cannot be made or opened; the message says what to do."""
