"""Decisions and comments by program, in Central's shapes: what pyodk's `review` and `add_comment` ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Body, Request
from sqlalchemy import Connection, select

from server.core.access import may_open
from server.core.problem import Malformed, Refused
from server.core.review import Judgement
from server.store.home import Campaign
from server.store.interviews import history
from server.store.odata import STATES
from server.store.people import PERSON, Who
from server.store.reviewing import Reviewer, find, reached, remark, review, undo
from server.web.asgi import exact
from server.web.central.door import Programs
from sync.db import reading

# Central gives no reason; a reason is obligatory here, and the comment beside it says the rest.
JUDGEMENTS = {
    "approved": Judgement("approved"),
    "rejected": Judgement("rejected", "other"),
    "hasIssues": Judgement("query", "other"),
}
PAGE = "/interviews"  # whoever may open interviews may decide on them


class Reviews:
    """One method an address."""

    def __init__(self, campaign: Campaign, programs: Programs) -> None:
        self._campaign, self._programs = campaign, programs

    def add(self, routes: APIRouter, prefix: str) -> None:
        """Puts the addresses under `prefix` of a form."""
        one = f"{prefix}/submissions/{{instance}}"
        routes.add_api_route(one, self.decide, methods=["PATCH"])
        routes.add_api_route(f"{one}/comments", self.comments, methods=["GET"])
        routes.add_api_route(f"{one}/comments", self.comment, methods=["POST"])

    def decide(self, request: Request, said: Mapping[str, Any] = Body()) -> dict[str, Any]:
        """Approves, rejects or sends back; `null` takes the last decision back."""
        who, instance = self._reviewer(request)
        state, by, at = said.get("reviewState"), _reviewer(who), self._programs.site.now()
        if state is None:
            undo(self._campaign, instance, by=by, at=at)
        elif state in JUDGEMENTS:
            done = review(self._campaign, [instance], JUDGEMENTS[state], by=by, at=at)
            for problem in done.refused.values():
                raise problem
        else:
            raise Malformed("bad_verdict", verdicts=", ".join(JUDGEMENTS))
        with reading(self._campaign.engine) as connection:
            row = find(connection, instance)
            return {
                "instanceId": instance,
                "submitterId": _number(connection, row.person),
                "deviceId": row.device or None,
                "createdAt": row.received,
                "updatedAt": at,
                "reviewState": STATES.get(row.standing),
            }

    def comments(self, request: Request) -> list[dict[str, Any]]:
        """The comments on an interview and the texts of its decisions, the newest first."""
        _, instance = self._reviewer(request)
        with reading(self._campaign.engine) as connection:
            entries = [entry for entry in history(connection, instance) if entry.text]
            return [
                {"body": entry.text, "actorId": _number(connection, entry.by), "createdAt": entry.at}
                for entry in reversed(entries)
                if entry.kind in ("remarked", "reviewed")
            ]

    def comment(self, request: Request, said: Mapping[str, Any] = Body()) -> dict[str, Any]:
        """Notes a comment; personal data in it is masked before it is kept."""
        who, instance = self._reviewer(request)
        at = self._programs.site.now()
        remark(self._campaign, instance, "", str(said.get("body", "")), by=_reviewer(who), at=at)
        return self.comments(request)[0]

    def _reviewer(self, request: Request) -> tuple[Who, str]:
        who = self._programs.reader(request, exact(request.path_params["instance"])[:60], fields="review")
        if not may_open(who.role, PAGE):
            raise Refused("not_allowed")
        with reading(self._campaign.engine) as connection:
            instance = str(find(connection, exact(request.path_params["instance"])).instance)
            reached(connection, instance, _reviewer(who).zone)
        return who, instance


def _reviewer(who: Who) -> Reviewer:
    return Reviewer(who.login, who.reach)


def _number(connection: Connection, login: str) -> int:
    """An account's number; 0 for what came without one."""
    found = connection.execute(select(PERSON.c.number).where(PERSON.c.login == login)).scalar()
    return int(found or 0)
