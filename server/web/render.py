"""Makes a page of a template: in the reader's language, with headers that let nothing else run or leak."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from server.core import access
from server.web import messages
from server.web.site import Site

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
NAV = (
    ("/queue", "queue", "À relire"),
    ("/enumerators", "enumerators", "Enquêteurs"),
    ("/map", "map", "Carte"),
    ("/duplicates", "duplicates", "Même personne ?"),
    ("/chains", "chains", "Chaînes"),
    ("/backchecks", "backchecks", "Contre-enquête"),
    ("/contacts", "contacts", "Contacts"),
    ("/quarantine", "quarantine", "Quarantaine"),
    ("/checks", "checks", "Contrôles"),
    ("/people", "people", "Comptes"),
    ("/withdrawal", "withdrawal", "Retrait"),
    ("/releases", "releases", "Diffusions"),
    ("/access", "access", "Journal d’accès"),
    ("/sync", "sync", "Antennes"),
)
LANGUAGE_COOKIE = "taama_language"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Vary": "Accept-Language, Cookie",
}


def page(
    site: Site, template: str, lang: str, *, status: int = 200, session: Any = None, **facts: Any
) -> HTMLResponse:
    """The page that `template` makes of `facts`; `session` is who has signed in, if anyone."""
    context = facts | {
        "_": partial(messages.text, lang),
        "moment": partial(messages.moment, lang),
        "number": partial(messages.number, lang),
        "lang": lang,
        "languages": {code: messages.LANGUAGES[code] for code in site.languages},
        "campaign": site.campaign,
        "status": status,
        "session": session,
        "roles": messages.ROLES,
        "reasons": messages.REASONS,
        "audiences": messages.AUDIENCES,
        "may_open": access.may_open,
        "nav": NAV,
        "actions": messages.ACTIONS,
    }
    html = environment().get_template(template).render(context)
    return HTMLResponse(html, status, HEADERS | {"Content-Language": lang})


def language_of(request: Request) -> str:
    """The language that the reader chose on a page, or that the browser or phone asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return messages.language(request.headers.get("accept-language", ""), chosen)


@cache
def environment() -> Environment:
    """The templates; what they are given is escaped."""
    # Loaded with the first page, not at the start: phones must not wait for what they never see.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
