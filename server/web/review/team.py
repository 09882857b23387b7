"""The enumerators: how many interviews of each, what became of them, and what stands out beside the
others."""

from __future__ import annotations

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from server.core.problem import Problem
from server.core.team.draw import WORDS, draw_funnel, draw_trend, told_funnel
from server.core.team.funnel import funnel, with_limits
from server.store import read
from server.store.team import Scorecard, logins_of, scorecards
from server.store.teamwork import Teams
from server.web import errors, messages, render
from server.web.review.desk import ReviewDesk, reviewer, trouble
from server.web.review.words import TEAM
from sync.db import reading

HERE = "/enumerators"


class TeamPages:
    """The page of enumerators, and the report of a form's team."""

    def __init__(self, desk: ReviewDesk, teams: Teams) -> None:
        self._desk, self._teams = desk, teams

    def add(self, routes: APIRouter) -> None:
        """Puts the addresses."""
        routes.add_api_route(HERE, self.show, methods=["GET"])

    def show(self, request: Request) -> Response:
        """A row for each enumerator of the reader's zone; with a form, what the team's checks say of it."""
        session, lang = self._desk.admit(request, HERE), render.language_of(request)
        zone, form = reviewer(session).zone, request.query_params.get("form", "")[:100]
        with reading(self._desk.site.engine) as connection:
            rows = scorecards(connection, zone)
            forms = read.titles(connection)
            people = logins_of(connection, zone) if zone else None
        report, problem = None, None
        if form:
            try:
                report = self._teams.report(form, people)
            except Problem as found:
                problem = found
        title = messages.text(lang, "Consentements parmi les personnes approchées")
        return self._desk.page(
            request,
            "enumerators.html",
            session,
            status=errors.status_of(problem) if problem else 200,
            rows=rows,
            forms=forms,
            chosen=form,
            report=report.value if report else None,
            at=report.at if report else "",
            trouble=trouble(lang, problem),
            checks=TEAM,
            funnel=_consents(rows, title, lang),
            trend=lambda one: Markup(draw_trend([v for _, v in one.weeks], one.enumerator)),  # noqa: S704  # escapes
        )


def _consents(rows: list[Scorecard], title: str, lang: str) -> tuple[Markup, list[str]] | None:
    """The funnel of consents, drawn and told; None when nobody was approached."""
    counts = [(row.login, "", row.interviews, row.interviews + row.refusals) for row in rows]
    if not any(total for *_, total in counts):
        return None
    found = with_limits(funnel("CONSENT-rate", counts))
    # Drawn by our own code, which escapes what it is given.
    return Markup(draw_funnel(found, title, WORDS[lang])), told_funnel(found, WORDS[lang])  # noqa: S704
