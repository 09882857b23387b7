"""What the author of a questionnaire finds doubtful: soft limits, written beside the question.

`bind::dp:soft` holds a condition on `.` and on other answers, as a constraint does; an answer that breaks it
is taken on the phone, and looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag
from server.core.checks.parameters import Parameters


def broken_rules(facts: Facts, _: Parameters) -> Iterator[Flag]:
    """SOFT: answers that break a soft limit of their question."""
    for met in facts.met:
        if met.doubtful:
            yield Flag("SOFT", "warning", "soft_limit", met.place, met.text, met.question.soft)
