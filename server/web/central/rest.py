"""The REST addresses for reading: sessions, the project, its forms and their interviews, in Central's
shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fastapi import APIRouter, Body, Request
from sqlalchemy import Connection, select
from starlette.responses import JSONResponse, Response

from forms.schema import Form
from server.core.access import visible
from server.core.moments import stamp
from server.core.odata.query import Query
from server.core.problem import NotFound
from server.store import odata, people, read
from server.store.forms import Forms, newest
from server.store.home import Campaign
from server.store.odata import Stored
from server.store.people import PERSON, Account, Who
from server.store.project import FILE, FORM
from server.store.read import FormRow
from server.web.asgi import exact
from server.web.central.door import Programs
from server.web.central.tags import etag, unchanged
from sync.db import reading

PROJECT = "/v1/projects/1"
TYPES = {
    "integer": "int",
    "decimal": "decimal",
    "datetime": "dateTime",
    "media": "binary",
    "boolean": "string",
}


class Central:
    """One method an address."""

    def __init__(self, campaign: Campaign, forms: Forms, programs: Programs) -> None:
        self._campaign, self._forms, self._programs = campaign, forms, programs

    def add(self, routes: APIRouter) -> None:
        """Puts every address where Central has it."""
        forms, one = f"{PROJECT}/forms", f"{PROJECT}/forms/{{form}}"
        routes.add_api_route("/v1/sessions", self.sign_in, methods=["POST"])
        routes.add_api_route("/v1/sessions/{token}", self.sign_out, methods=["DELETE"])
        for path, method in (
            ("/v1/users/current", self.me),
            ("/v1/projects", self.projects),
            (PROJECT, self.project),
            (f"{PROJECT}/app-users", self.app_users),
            (f"{PROJECT}/datasets", self.datasets),
            (forms, self.forms),
            (f"{one}/versions", self.versions),
            (f"{one}/fields", self.fields),
            (f"{one}/submissions", self.submissions),
            (f"{one}/submissions/{{instance}}.xml", self.submission_xml),
            (f"{one}/submissions/{{instance}}/versions", self.submission_versions),
            (f"{one}/submissions/{{instance}}/attachments", self.attachments),
            (f"{one}/submissions/{{instance}}", self.submission),
            (one, self.form),
        ):
            routes.add_api_route(path, method, methods=["GET"])

    def sign_in(self, request: Request, said: Mapping[str, str] = Body()) -> Response:
        """A token for 8 hours at most; `email` is the login."""
        token, made, ends = self._programs.sign_in(request, said)
        answer = {"token": token, "csrf": "", "createdAt": stamp(made), "expiresAt": stamp(ends)}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def sign_out(self, request: Request) -> dict[str, bool]:
        """Ends a token; one's own only, as nobody else knows it."""
        self._programs.who(request)
        token = request.path_params["token"]
        if token == "current":  # noqa: S105 (a word of the address)
            token = request.headers.get("authorization", "").partition(" ")[2].strip()
        self._programs.sign_out(token)
        return {"success": True}

    def me(self, request: Request) -> dict[str, Any]:
        """Whoever asks."""
        who = self._programs.who(request)
        mine = next(one for one in people.listed(self._campaign.engine) if one.login == who.login)
        return self._actor(mine) | {"type": "user", "email": mine.login}

    def projects(self, request: Request) -> list[dict[str, Any]]:
        """The campaign is the one project."""
        self._programs.who(request)
        return [self._project()]

    def project(self, request: Request) -> dict[str, Any]:
        """The campaign as a project."""
        self._programs.who(request)
        return self._project()

    def _project(self) -> dict[str, Any]:
        with reading(self._campaign.engine) as connection:
            first = connection.execute(select(FORM.c.published).order_by(FORM.c.published)).scalar()
        return {
            "id": 1,
            "name": self._campaign.settings.name,
            "description": None,
            "archived": None,
            "keyId": None,
            "createdAt": first or stamp(self._programs.site.clock()),
            "updatedAt": None,
            "deletedAt": None,
        }

    def app_users(self, request: Request) -> list[dict[str, Any]]:
        """The enumerators; their tokens are kept as digests and can be told to nobody."""
        self._programs.who(request)
        accounts = [one for one in people.listed(self._campaign.engine) if one.role == "enumerator"]
        return [self._actor(one) | {"projectId": 1, "type": "field_key", "token": None} for one in accounts]

    def datasets(self, request: Request) -> list[dict[str, Any]]:
        """There are no entity lists here."""
        self._programs.who(request)
        return []

    def forms(self, request: Request) -> list[dict[str, Any]]:
        """The newest version of every form."""
        self._programs.who(request)
        with reading(self._campaign.engine) as connection:
            more = {row.id: row for row in read.forms(connection)} if _extended(request) else {}
            return [_form(connection, *one, more.get(one[0])) for one in newest(connection)]

    def form(self, request: Request) -> dict[str, Any]:
        """The newest version of a form."""
        self._programs.who(request)
        form = exact(request.path_params["form"])
        with reading(self._campaign.engine) as connection:
            version = dict(newest(connection)).get(form)
            if version is None:
                raise NotFound("unknown_form_here", form=form[:60])
            more = {row.id: row for row in read.forms(connection)} if _extended(request) else {}
            return _form(connection, form, version, more.get(form))

    def versions(self, request: Request) -> list[dict[str, Any]]:
        """Every published version of a form, the newest first."""
        self._programs.who(request)
        form = exact(request.path_params["form"])
        query = select(FORM.c.version).where(FORM.c.id == form).order_by(FORM.c.clock.desc(), FORM.c.origin)
        with reading(self._campaign.engine) as connection:
            found = connection.execute(query).scalars().all()
            return [_form(connection, form, version) for version in found]

    def fields(self, request: Request) -> list[dict[str, Any]]:
        """The questions and groups of a form's newest version."""
        self._programs.who(request)
        return _fields(self._forms.versions(exact(request.path_params["form"]))[-1].form)

    def submissions(self, request: Request) -> Response:
        """The list of a form's interviews, without answers."""
        who, form = self._reader(request)
        if (known := unchanged(request, self._campaign, who)) is not None:
            return known
        found = [_submission(one, extended=_extended(request)) for one in self._found(who, form)]
        return JSONResponse(found, headers={"ETag": etag(request, self._campaign, who)})

    def submission(self, request: Request) -> dict[str, Any]:
        """One interview, without answers."""
        return _submission(self._one(request)[1], extended=_extended(request))

    def submission_versions(self, request: Request) -> list[dict[str, Any]]:
        """An interview as it stands; what an edit replaced is kept sealed."""
        return [_submission(self._one(request)[1], extended=False) | {"current": True}]

    def submission_xml(self, request: Request) -> Response:
        """The answers that may be read, as an instance; the original is sealed to the protection officer."""
        who, one, form = self._one(request)
        plan = next(p for p in self._forms.versions(form) if p.form.version == one.system["formVersion"])
        answers = visible(plan, one.answers, who.role) | {"meta": {"instanceID": one.instance}}
        root = plan.form.root
        start = f"<{root} id={quoteattr(form)} version={quoteattr(plan.form.version)}>"
        return Response(f"{start}{_xml(answers)}</{root}>", media_type="application/xml")

    def attachments(self, request: Request) -> list[dict[str, Any]]:
        """The files that belong to an interview, by their place in the form: their names may say too much."""
        _, one, _ = self._one(request)
        query = select(FILE.c.path, FILE.c.state).where(FILE.c.instance == one.instance)
        with reading(self._campaign.engine) as connection:
            rows = connection.execute(query.order_by(FILE.c.path)).all()
        return [{"name": row.path, "exists": row.state == "here"} for row in rows]

    def _reader(self, request: Request) -> tuple[Who, str]:
        form = exact(request.path_params["form"])
        self._forms.versions(form)
        return self._programs.reader(request, form), form

    def _one(self, request: Request) -> tuple[Who, Stored, str]:
        who, form = self._reader(request)
        found = self._found(who, form, exact(request.path_params["instance"]))
        if not found:
            raise NotFound("not_found")
        return who, found[0], form

    def _found(self, who: Who, form: str, instance: str = "") -> list[Stored]:
        zone = who.reach
        asked = odata.Asked(form, zone, Query(), self._programs.site.clock(), instance)
        return list(odata.interviews(lambda: reading(self._campaign.engine), asked))

    def _actor(self, account: Account) -> dict[str, Any]:
        with reading(self._campaign.engine) as connection:
            number = connection.execute(
                select(PERSON.c.number).where(PERSON.c.login == account.login)
            ).scalar()
        return {
            "id": number,
            "displayName": account.login,
            "createdAt": account.created,
            "updatedAt": None,
            "deletedAt": account.removed or None,
        }


def _extended(request: Request) -> bool:
    return request.headers.get("x-extended-metadata", "").casefold() == "true"


def _form(connection: Connection, form: str, version: str, more: FormRow | None = None) -> dict[str, Any]:
    row = connection.execute(select(FORM).where(FORM.c.id == form, FORM.c.version == version)).one()
    extended = {"submissions": more.interviews, "lastSubmission": more.last or None} if more else {}
    return extended | {
        "projectId": 1,
        "xmlFormId": form,
        "name": row.title or form,
        "version": version,
        "hash": row.md5,
        "state": "open",
        "enketoId": None,
        "keyId": None,
        "createdAt": row.published,
        "updatedAt": None,
        "publishedAt": row.published,
    }


def _submission(one: Stored, *, extended: bool) -> dict[str, Any]:
    number, name = int(one.system["submitterId"] or 0), one.system["submitterName"]
    return ({"submitter": {"id": number, "displayName": name}} if extended else {}) | {
        "instanceId": one.instance,
        "submitterId": number,
        "deviceId": one.system["deviceId"],
        "createdAt": one.system["submissionDate"],
        "updatedAt": None,
        "reviewState": one.system["reviewState"],
        "userAgent": None,
        "instanceName": None,
    }


def _fields(form: Form) -> list[dict[str, Any]]:
    groups = [(group.path, "repeat" if group.is_repeat else "structure") for group in form.groups]
    asked = [(question.path, TYPES.get(question.kind, question.kind)) for question in form.questions]
    many = {question.path for question in form.questions if question.kind == "select_multiple"}
    found = []
    for path, kind in sorted([*groups, *asked]):
        kind = (
            "string" if kind in ("text", "select_one", "select_multiple", "hidden", "note", "rank") else kind
        )
        found.append(
            {
                "path": path,
                "name": path.rpartition("/")[2],
                "type": kind,
                "binary": kind == "binary" or None,
                "selectMultiple": path in many or None,
            }
        )
    return found


def _xml(answers: Mapping[str, Any]) -> str:
    written = ""
    for name, value in answers.items():
        if isinstance(value, dict):
            written += f"<{name}>{_xml(value)}</{name}>"
        elif isinstance(value, list):
            written += "".join(f"<{name}>{_xml(turn)}</{name}>" for turn in value)
        else:
            written += f"<{name}>{escape(str(value))}</{name}>"
    return written
