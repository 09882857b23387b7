"""One interview: its answers with flags and corrections beside them, what became of it, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from fastapi import APIRouter, Request
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from server.core.overlay import REASONS as CORRECTIONS
from server.core.problem import Problem
from server.core.review import REASONS, Judgement
from server.store import flags as kept_flags
from server.store.checking import check_some, parameters_of
from server.store.corrections import Wish, correct, take_back
from server.store.facts import Facing
from server.store.flags import Stored, Which, explain
from server.store.interviews import edit_diff, interview
from server.store.persons import pairs_of
from server.store.queue import Wanted, neighbours
from server.store.read import short
from server.store.reviewing import Reviewer, find, heads_of, reached, remark, review, undo
from server.web import errors, messages, render
from server.web.asgi import exact
from server.web.desk import Fields
from server.web.review.desk import ReviewDesk, reviewer
from server.web.review.timeline import modules_of, picture
from server.web.session import Session
from sync.db import reading

HERE = "/interviews"
Deed = Callable[[str, Mapping[str, str], Reviewer, str], None]


class InterviewPages:
    """One method a request."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk = desk

    def add(self, routes: APIRouter) -> None:
        """Puts the addresses; what is done to an interview lies below its own."""
        routes.add_api_route(f"{HERE}/{{code}}", self.show, methods=["GET"])
        deeds: dict[str, Deed] = {
            "decide": self._decide,
            "undo": self._undo,
            "correct": self._correct,
            "take-back": self._take_back,
            "remark": self._remark,
            "explain": self._explain,
        }
        for name, deed in deeds.items():
            routes.add_api_route(f"{HERE}/{{code}}/{name}", self._doing(deed), methods=["POST"])

    def show(self, request: Request) -> Response:
        """The interview of a code or number."""
        session = self._desk.admit(request, HERE)
        with reading(self._desk.site.engine) as connection:
            instance = self._found(connection, request, session)
        self._desk.note(session, "open an interview", instance)
        return self._page(request, session, instance)

    def _doing(self, deed: Deed) -> Callable[[Request, Fields], Response]:
        def route(request: Request, form: Fields) -> Response:
            session = self._desk.admit_form(request, HERE, form)
            with reading(self._desk.site.engine) as connection:
                instance = self._found(connection, request, session)
            try:
                deed(instance, form, reviewer(session), self._desk.site.now())
            except Problem as problem:
                return self._page(request, session, instance, trouble=problem, said=form)
            anchor = form.get("anchor", "")
            where = f"#{quote(anchor)}" if anchor else ""
            return RedirectResponse(f"{HERE}/{quote(instance)}{where}", 303, {"Cache-Control": "no-store"})

        return route

    def _found(self, connection: Connection, request: Request, session: Session) -> str:
        instance = str(find(connection, exact(request.path_params["code"])).instance)
        reached(connection, instance, reviewer(session).zone)
        return instance

    def _decide(self, instance: str, form: Mapping[str, str], by: Reviewer, at: str) -> None:
        judgement = Judgement(form.get("verdict", ""), form.get("reason", ""), form.get("why", ""))
        seen = {instance: form.get("seen", "").split()}
        done = review(self._desk.campaign, [instance], judgement, by=by, at=at, seen=seen)
        for problem in done.refused.values():
            raise problem

    def _undo(self, instance: str, form: Mapping[str, str], by: Reviewer, at: str) -> None:
        undo(self._desk.campaign, instance, by=by, at=at, seen={instance: form.get("seen", "").split()})

    def _correct(self, instance: str, form: Mapping[str, str], by: Reviewer, at: str) -> None:
        new = " ".join(value for name, value in form.items() if name.startswith("new."))
        wish = Wish(form.get("place", ""), form.get("new", new), form.get("reason", ""), form.get("why", ""))
        correct(self._desk.campaign, self._desk.forms, instance, wish, by=by, at_=at)
        check_some(self._desk.campaign, self._desk.forms, [instance])

    def _take_back(self, instance: str, form: Mapping[str, str], by: Reviewer, at: str) -> None:
        take_back(self._desk.campaign, instance, form.get("place", ""), by=by, at_=at)
        check_some(self._desk.campaign, self._desk.forms, [instance])

    def _remark(self, instance: str, form: Mapping[str, str], by: Reviewer, at: str) -> None:
        remark(self._desk.campaign, instance, form.get("place", ""), form.get("text", ""), by=by, at=at)

    def _explain(self, instance: str, form: Mapping[str, str], by: Reviewer, at: str) -> None:
        which = Which(instance, form.get("check", ""), form.get("place", ""))
        parameters = parameters_of(self._desk.campaign)
        verdict, why = form.get("verdict", ""), form.get("why", "")
        explain(self._desk.campaign, which, verdict, parameters, why=why, by=by, at=at)

    def _page(
        self,
        request: Request,
        session: Session,
        instance: str,
        *,
        trouble: Problem | None = None,
        said: Mapping[str, str] | None = None,
    ) -> Response:
        lang, by = render.language_of(request), reviewer(session)
        with reading(self._desk.site.engine) as connection:
            found = interview(connection, self._desk.forms, instance, session.who.role, lang)
            flags = kept_flags.flags_of(connection, [instance])
            diff = edit_diff(connection, self._desk.forms, instance, lang)
            before, after = neighbours(connection, Wanted(zone=by.zone), instance)
            heads = heads_of(connection, [instance]).get(instance, ())
            pairs = pairs_of(connection, instance)
        (facts,) = Facing(self._desk.campaign, self._desk.forms).of([instance]) or (None,)
        timeline = facts.timeline if facts else None
        spent = modules_of(found.plan.form, timeline, lang) if timeline else []
        return self._desk.page(
            request,
            "interview.html",
            session,
            status=errors.status_of(trouble) if trouble else 200,
            one=found,
            code=short(instance),
            seen=" ".join(heads),
            general=[flag for flag in flags if not flag.flag.place],
            at_place=_by_place(flags),
            diff=diff,
            before=before,
            after=after,
            pairs=[(short(pair.other if pair.one == instance else pair.one), pair) for pair in pairs],
            reasons_of=REASONS,
            corrections=CORRECTIONS,
            spent=spent,
            # Drawn by our own code, which escapes what it is given.
            picture=Markup(picture(spent, lang)) if spent else "",  # noqa: S704
            facts=facts,
            trouble=messages.problem(lang, trouble) if trouble else "",
            said=said or {},
        )


def _by_place(flags: list[Stored]) -> dict[str, list[Stored]]:
    found: dict[str, list[Stored]] = {}
    for one in flags:
        if one.flag.place:
            found.setdefault(one.flag.place, []).append(one)
    return found
