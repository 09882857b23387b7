"""The queue: interviews by risk, with the reasons; one form decides on one of them or on many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from server.core.problem import Malformed, Problem
from server.core.review import REASONS, Judgement
from server.store import read
from server.store.flags import checks_of
from server.store.queue import STANDINGS, Wanted, queue, size
from server.store.reviewing import Reviewed, heads_of, review, undo
from server.web import errors, render
from server.web.desk import Fields
from server.web.review.desk import ReviewDesk, reviewer
from server.web.review.desk import trouble as told_trouble
from server.web.session import Session
from sync.db import reading

HERE = "/queue"
PAGE = 30
PICK = "pick."


class QueuePages:
    """One method a request."""

    def __init__(self, desk: ReviewDesk) -> None:
        self._desk = desk

    def add(self, routes: APIRouter) -> None:
        """Puts the addresses."""
        routes.add_api_route(HERE, self.show, methods=["GET"])
        routes.add_api_route(HERE, self.decide, methods=["POST"])
        routes.add_api_route(f"{HERE}/undo", self.undo, methods=["POST"])

    def show(self, request: Request) -> Response:
        """The interviews that a reader asks for; without a word those that wait."""
        session = self._desk.admit(request, HERE)
        return self._page(request, session, request.query_params)

    def decide(self, request: Request, form: Fields) -> Response:
        """Decides on the interviews that were ticked."""
        session = self._desk.admit_form(request, HERE, form)
        seen = {
            name.removeprefix(PICK): heads.split() for name, heads in form.items() if name.startswith(PICK)
        }
        judgement = Judgement(form.get("verdict", ""), form.get("reason", ""), form.get("why", ""))
        try:
            if not seen:
                raise Malformed("nothing_picked")
            now, by = self._desk.site.now(), reviewer(session)
            done = review(self._desk.campaign, list(seen), judgement, by=by, at=now, seen=seen)
        except Problem as problem:
            return self._page(request, session, form, trouble=problem)
        self._desk.note(session, "decide on interviews", judgement.verdict)
        return self._page(request, session, form, done=done)

    def undo(self, request: Request, form: Fields) -> Response:
        """Takes back what was just decided, where nobody has decided since."""
        session = self._desk.admit_form(request, HERE, form)
        seen = {
            name.removeprefix(PICK): heads.split() for name, heads in form.items() if name.startswith(PICK)
        }
        result = Reviewed()
        for instance in seen:
            try:
                now, by = self._desk.site.now(), reviewer(session)
                undo(self._desk.campaign, instance, by=by, at=now, seen=seen)
            except Problem as problem:
                result.refused[instance] = problem
            else:
                result.done.append(instance)
        self._desk.note(session, "decide on interviews", "undone")
        return self._page(request, session, form, undone=result)

    def _page(
        self,
        request: Request,
        session: Session,
        asked: Mapping[str, str],
        *,
        trouble: Problem | None = None,
        done: Reviewed | None = None,
        undone: Reviewed | None = None,
    ) -> Response:
        by, lang = reviewer(session), render.language_of(request)
        wanted, number = asked_for(asked, by.zone)
        with reading(self._desk.site.engine) as connection:
            count = size(connection, wanted)
            number = min(number, max(0, (count - 1) // PAGE))
            rows = queue(connection, wanted, limit=PAGE, skip=number * PAGE)
            heads = heads_of(connection, [row.instance for row in rows] + (done.done if done else []))
            choices = _choices(connection, by.zone)
        refused = {**(done.refused if done else {}), **(undone.refused if undone else {})}
        filters = filters_of(wanted)
        return self._desk.page(
            request,
            "queue.html",
            session,
            status=errors.status_of(trouble) if trouble else 200,
            rows=rows,
            count=count,
            number_of_page=number,
            last=max(0, (count - 1) // PAGE),
            wanted=wanted,
            heads=heads,
            reasons_of=REASONS,
            choices=STANDINGS,
            trouble=told_trouble(lang, trouble),
            done=done,
            undone=undone,
            said=asked,
            refused=[(read.short(one), told_trouble(lang, problem)) for one, problem in refused.items()],
            filters=filters,
            suffix=suffix_of(wanted),
            link=lambda **changes: f"{HERE}?{urlencode(filters | changes)}",
            **choices,
        )


def _choices(connection: Connection, zone: str) -> dict[str, Any]:
    """What can be filtered by; someone of a zone is not asked for it."""
    return {
        "forms": read.titles(connection),
        "people": read.enumerators_of(connection, zone),
        "waves": read.waves_of(connection, zone),
        "zones": [] if zone else read.zones_of(connection),
        "found_checks": checks_of(connection),
    }


def asked_for(asked: Mapping[str, str], zone: str) -> tuple[Wanted, int]:
    """What the reader asks for, with the page; what makes no sense is as if it were not said."""
    standing = asked.get("standing", "received")
    standing = standing if standing in (*STANDINGS, "all") else "received"
    page = asked.get("page", "0")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0
    short = {name: asked.get(name, "")[:100] for name in ("form", "enumerator", "wave", "check")}
    zone = zone or asked.get("zone", "")[:100]
    return Wanted(standing="" if standing == "all" else standing, zone=zone, **short), number


def filters_of(wanted: Wanted) -> dict[str, str]:
    """The words of an address that asks for this."""
    names = ("form", "zone", "enumerator", "wave", "check")
    said = {name: getattr(wanted, name) for name in names}
    return {"standing": wanted.standing or "all"} | {name: value for name, value in said.items() if value}


def suffix_of(wanted: Wanted) -> str:
    """The end of an address that keeps the filters; empty for those who wait, which needs no words."""
    filters = filters_of(wanted)
    return "" if filters == {"standing": "received"} else f"?{urlencode(filters)}"
