"""One interview: its answers with flags and corrections beside them, what became of it, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from forms.filled import path_of
from server.core.overlay import REASONS as CORRECTIONS
from server.core.problem import Malformed, Problem, Refused
from server.core.review import REASONS, Judgement
from server.store import flags as kept_flags
from server.store.checking import check_some, parameters_of
from server.store.corrections import Wish, correct, take_back
from server.store.coupons import Around
from server.store.facts import Facing
from server.store.flags import Stored, Which, explain
from server.store.interviews import Entry, Interview, edit_diff, interview
from server.store.matcher import Station
from server.store.persons import Pair, pairs_of
from server.store.queue import neighbours
from server.store.read import short
from server.store.reviewing import Reviewer, find, heads_of, in_reach, reached, remark, review, undo
from server.web import errors, render
from server.web.asgi import exact
from server.web.desk import Fields
from server.web.review.desk import ReviewDesk, reviewer, to
from server.web.review.desk import trouble as told_trouble
from server.web.review.queue import asked_for, suffix_of
from server.web.review.timeline import modules_of, picture
from server.web.session import Session
from sync.db import reading

HERE = "/interviews"
Deed = Callable[[str, Mapping[str, str], Reviewer, str], None]


@dataclass(frozen=True, slots=True)
class Chain:
    """Where an interview stands in its chain of referrals, with the codes that the reader may know."""

    unlocked: bool
    around: Around | None = None
    recruiter: tuple[str, str] = ("", "")
    recruits: Sequence[tuple[str, str]] = ()
    also: Sequence[tuple[str, str]] = ()


class InterviewPages:
    """One method a request."""

    def __init__(self, desk: ReviewDesk, station: Station) -> None:
        self._desk, self._station = desk, station

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
                self._desk.note(session, "decide on interviews", instance, result="refused")
                return self._page(request, session, instance, trouble=problem, said=form)
            self._desk.note(session, "decide on interviews", instance)
            wanted, _ = asked_for(request.query_params, reviewer(session).zone)
            anchor = form.get("anchor", "")
            where = suffix_of(wanted) + (f"#{quote(anchor)}" if anchor else "")
            return RedirectResponse(f"{to(instance)}{where}", 303, {"Cache-Control": "no-store"})

        return route

    def _found(self, connection: Connection, request: Request, session: Session) -> str:
        instance = str(find(connection, exact(request.path_params["code"])).instance)
        try:
            reached(connection, instance, reviewer(session).zone)
        except Refused:
            self._desk.note(session, "open an interview", instance, result="refused")
            raise
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
        ticked = " ".join(value for name, value in form.items() if name.startswith("new."))
        new = ticked if form.get("several") == "1" else form.get("new")
        if new is None:
            raise Malformed("bad_request")
        wish = Wish(form.get("place", ""), new, form.get("reason", ""), form.get("why", ""))
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
        wanted, _ = asked_for(request.query_params, by.zone)
        with reading(self._desk.site.engine) as connection:
            found = interview(connection, self._desk.forms, instance, session.who.role, lang)
            flags = kept_flags.flags_of(connection, [instance])
            before, after = neighbours(connection, wanted, instance)
            facts: dict[str, Any] = {
                "score": kept_flags.score_of(connection, instance),
                "diff": edit_diff(connection, self._desk.forms, instance, lang),
                "seen": " ".join(heads_of(connection, [instance]).get(instance, ())),
                "pairs": _pairs(connection, instance, by.zone),
                "chain": self._chain(connection, instance, by.zone),
            }
        suffix = suffix_of(wanted)
        return self._desk.page(
            request,
            "interview.html",
            session,
            status=errors.status_of(trouble) if trouble else 200,
            instance=instance,
            code=short(instance),
            before=before,
            after=after,
            suffix=suffix,
            suffix_more=suffix.replace("?", "&", 1),
            back=to(instance),
            reasons_of=REASONS,
            corrections=CORRECTIONS,
            trouble=told_trouble(lang, trouble),
            said=said or {},
            open_place=(said or {}).get("place", "") or request.query_params.get("edit", ""),
            **facts,
            **_answers(found, flags),
            **self._course(found, lang),
        )

    def _chain(self, connection: Connection, instance: str, zone: str) -> Chain:
        """The interview's recruiter and recruits; those of another zone are counted, not named."""
        around = self._station.around(instance)
        if around is None:
            return Chain(self._station.is_unlocked)
        everyone = [*filter(None, [around.recruiter]), *around.recruits, *around.also]
        reach = in_reach(connection, everyone, zone)

        def named(one: str) -> tuple[str, str]:
            return one, short(one) if reach.get(one) else ""

        recruits, also = [named(one) for one in around.recruits], [named(one) for one in around.also]
        return Chain(True, around, named(around.recruiter), recruits, also)

    def _course(self, found: Interview, lang: str) -> dict[str, Any]:
        """How the interview's time was spent."""
        (facts,) = Facing(self._desk.campaign, self._desk.forms).of([found.row.instance]) or (None,)
        spent = modules_of(found.plan.form, facts.timeline, lang) if facts and facts.timeline else []
        # Drawn by our own code, which escapes what it is given.
        drawn = Markup(picture(spent, lang)) if spent else ""  # noqa: S704
        return {"spent": spent, "picture": drawn, "start": facts.start if facts else None}


def _answers(found: Interview, flags: list[Stored]) -> dict[str, Any]:
    """The interview with what stands beside its answers: flags, comments, and the way to each."""
    answers = [answer for module in found.modules for answer in module.answers]
    at_place = _by_place(flags)
    labels = {answer.place: answer.label for answer in answers}
    remarks: dict[str, list[Entry]] = {}
    for entry in found.history:
        if entry.kind == "remarked":
            remarks.setdefault(entry.place, []).append(entry)
    shown = [place for place in labels if place in at_place]
    return {
        "one": found,
        "anchors": {place: f"q{number}" for number, place in enumerate(labels, 1)},
        "labels": labels,
        "kinds": {place: found.plan.form.by_path[path_of(place)].kind for place in labels},
        "remarks": remarks,
        "at_place": at_place,
        "places": [(place, labels[place]) for place in shown],
        # What is flagged where no question is shown must not be lost.
        "general": [one for one in flags if one.flag.place not in labels],
    }


def _pairs(connection: Connection, instance: str, zone: str) -> list[tuple[str, Pair]]:
    return [
        (short(pair.other if pair.one == instance else pair.one), pair)
        for pair in pairs_of(connection, instance, zone)
    ]


def _by_place(flags: list[Stored]) -> dict[str, list[Stored]]:
    found: dict[str, list[Stored]] = {}
    for one in flags:
        if one.flag.place:
            found.setdefault(one.flag.place, []).append(one)
    return found
