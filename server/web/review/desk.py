"""What every page of review needs: who is there and in which zone, the campaign and its forms, and the
words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from server.core.checks.flag import Flag
from server.core.problem import Problem
from server.store.forms import Forms
from server.store.home import Campaign
from server.store.reviewing import Reviewer
from server.web import messages, render
from server.web.desk import Desk
from server.web.review import words
from server.web.session import Session
from server.web.site import Site

WORDS = {
    "standings": words.STANDINGS,
    "verdicts": words.VERDICTS,
    "decision_reasons": words.DECISION_REASONS,
    "correction_reasons": words.CORRECTION_REASONS,
    "flag_verdicts": words.FLAG_VERDICTS,
    "severities": words.SEVERITIES,
    "happened": words.HAPPENED,
    "scopes": words.SCOPES,
}
# How a risk is called: from which score on, its severity, its word.
RISKS = ((10, "critical", "élevé"), (3, "warning", "moyen"), (1, "info", "faible"), (0, "info", "aucun"))


class ReviewDesk(Desk):
    """A desk with the campaign on it."""

    def __init__(self, site: Site, campaign: Campaign, forms: Forms) -> None:
        super().__init__(site)
        self.campaign, self.forms = campaign, forms

    def page(
        self, request: Request, template: str, session: Session, *, status: int = 200, **facts: Any
    ) -> Response:
        """A page of review in the reader's language."""
        lang = render.language_of(request)
        facts |= WORDS | {
            "told": lambda flag: told(lang, flag),
            "family": lambda check: family(lang, check),
            "risk_level": risk_level,
            "to": to,
            "brief": lambda stamp: messages.brief(lang, stamp),
            "decimal": lambda value: messages.decimal(lang, value),
        }
        return render.page(self.site, f"review/{template}", lang, status=status, session=session, **facts)


def reviewer(session: Session) -> Reviewer:
    """Who decides: a supervisor in his zone, anyone else everywhere."""
    return Reviewer(session.who.login, session.who.reach)


def told(lang: str, flag: Flag) -> str:
    """A flag's sentence."""
    return messages.text(lang, words.FLAGS.get(flag.message, flag.message), **_spoken(flag.words, lang))


def family(lang: str, check: str) -> str:
    """What the checks of a family look at."""
    name = check.partition("-")[0]
    return messages.text(lang, words.CHECKS.get(name, name))


def trouble(lang: str, problem: Problem | None) -> str:
    """What to tell of a problem; closed lists are told in the words of the buttons, not in codes."""
    if problem is None:
        return ""
    if problem.code in words.CHOOSE:
        return messages.text(lang, words.CHOOSE[problem.code])
    return messages.problem(lang, problem)


def risk_level(score: int) -> tuple[str, str]:
    """The severity and the word of a risk's score."""
    return next((severity, word) for least, severity, word in RISKS if score >= least)


def to(instance: str) -> str:
    """The address of an interview's page."""
    return f"/interviews/{quote(instance, safe=':')}"


def _spoken(said: Mapping[str, str], lang: str) -> dict[str, str]:
    """The facts of a flag as people write them; `says` is what the questionnaire's author wrote."""
    written = {"says": said[f"says_{lang}"]} if f"says_{lang}" in said else {}
    return written | {
        name: value.replace(".", ",") if name in ("minutes", "z") else value for name, value in said.items()
    }
