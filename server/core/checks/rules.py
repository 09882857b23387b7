"""What the author of a questionnaire finds doubtful: soft limits and rules, written in the questionnaire.

`bind::dp:soft` of a question holds a condition on `.` and on other answers, as a constraint does; an answer
that breaks it is taken on the phone, and looked at here. A calculation with `bind::dp:rule` (how grave it is)
states what must hold between answers. `bind::dp:says_fr` and the like hold what is then said.
"""

from __future__ import annotations

from collections.abc import Iterator

from forms.filled import Met
from forms.wording import readable
from server.core.checks.facts import Facts
from server.core.checks.flag import SEVERITIES, Flag
from server.core.checks.parameters import Parameters


def broken_rules(facts: Facts, _: Parameters) -> Iterator[Flag]:
    """SOFT: answers that break a soft limit of their question; LOGIC: answers that do not go together."""
    for met in facts.met:
        if met.doubtful:
            words = _words(met, met.question.soft)
            yield Flag("SOFT", "warning", "soft_limit", met.place, met.text, words["rule"], words)
    for met in facts.broken:
        words = _words(met, met.question.calculate)
        graded = [one for one in SEVERITIES if one == met.question.rule]
        yield Flag(
            "LOGIC", graded[0] if graded else "warning", "broken_rule", met.place, "", words["rule"], words
        )


def _words(met: Met, rule: str) -> dict[str, str]:
    """The rule as its author wrote it, and what it says in French and English, each in place of the other."""
    said, written = met.question.says, readable(rule)
    french = said.get("fr") or said.get("en") or written
    return {"rule": written, "says_fr": french, "says_en": said.get("en") or french}
