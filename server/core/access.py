"""Who may see what: one table of roles and classes of answers, one of roles and pages; all else is denied.

An answer of two classes is treated as the stricter one. Identities and media are opened with the protection
officer's key only, so that even `reveal` needs that key, a purpose and a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from forms.schema import MEDIA, Question
from server.core.plan import Plan
from server.core.recode import recoder

Right = Literal["never", "reveal", "aggregated", "coded", "gate", "masked", "recoded", "read"]
# From the strictest to the freest; enumerators write on their own phone and read nothing back.
ORDER: tuple[Right, ...] = ("never", "reveal", "aggregated", "coded", "gate", "masked", "recoded", "read")
CLASSES = ("direct", "quasi", "sensitive", "free_text", "media", "paradata")

_MATRIX: dict[str, tuple[Right, Right, Right, Right, Right, Right]] = {
    # direct, quasi, sensitive, free_text, media, paradata
    "enumerator": ("never", "never", "never", "never", "never", "never"),
    "supervisor": ("reveal", "read", "read", "masked", "reveal", "read"),
    "analyst": ("never", "recoded", "read", "coded", "never", "aggregated"),
    "protection": ("reveal", "read", "read", "read", "reveal", "read"),
    "admin": ("never", "never", "never", "never", "never", "never"),
    "public": ("never", "gate", "gate", "never", "never", "never"),
}
# Classes that identify nobody: what the consent was, how the interview went, what is public anyway.
OPEN = frozenset({"public", "consent", "operational"})
OPEN_TO = frozenset({"supervisor", "analyst", "protection", "public"})

STAFF = frozenset({"supervisor", "analyst", "protection", "admin"})
PAGES: dict[str, frozenset[str]] = {
    "/": STAFF,
    "/queue": frozenset({"supervisor", "protection"}),
    "/interviews": frozenset({"supervisor", "protection"}),
    "/enumerators": frozenset({"supervisor", "protection"}),
    "/checks": frozenset({"supervisor", "analyst", "protection"}),
    "/backchecks": frozenset({"supervisor", "protection"}),
    "/map": frozenset({"supervisor", "analyst", "protection"}),
    "/quarantine": frozenset({"supervisor", "protection"}),
    "/contacts": frozenset({"supervisor", "protection"}),
    "/keys": STAFF,
    "/duplicates": frozenset({"supervisor", "protection"}),
    "/chains": frozenset({"supervisor", "protection"}),
    "/people": frozenset({"supervisor", "admin"}),
    "/withdrawal": frozenset({"supervisor", "protection", "admin"}),
    "/releases": frozenset({"supervisor", "analyst", "protection", "admin"}),
    "/access": frozenset({"protection", "admin"}),
    "/sync": frozenset({"supervisor", "protection", "admin"}),
}


def right(role: str, kind: str) -> Right:
    """What `role` may do with answers of the class `kind`; `never` for what the table does not know."""
    row = _MATRIX.get(role)
    if row is None or kind not in CLASSES:
        return "read" if kind in OPEN and role in OPEN_TO else "never"
    return row[CLASSES.index(kind)]


def right_to(role: str, question: Question) -> Right:
    """What `role` may do with the answers to a question: by the strictest of its classes."""
    kinds: Iterable[str] = {"media"} if question.kind == MEDIA else question.classes
    return min((right(role, kind) for kind in kinds), key=ORDER.index, default="never")


def may_open(role: str, page: str) -> bool:
    """Whether `role` may open a page; pages that are not listed are open to nobody."""
    return role in PAGES.get(page, frozenset())


def visible(plan: Plan, answers: Mapping[str, Any], role: str) -> dict[str, Any]:
    """The readable answers of an interview as `role` may see them: fields that it may not are left out.

    `recoded` answers are made coarser as the form says; `masked` texts are masked when they arrive.
    """
    return _visible(plan, answers, role, "")


def _visible(plan: Plan, answers: Mapping[str, Any], role: str, above: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in answers.items():
        path = f"{above}/{name}"
        if isinstance(value, dict):
            found[name] = _visible(plan, value, role, path)
        elif isinstance(value, list):
            found[name] = [_visible(plan, turn, role, path) for turn in value]
        else:
            said = _seen(plan, path, str(value), role)
            if said is not None:
                found[name] = said
    return found


def _seen(plan: Plan, path: str, text: str, role: str) -> str | None:
    question = plan.form.by_path.get(path)
    allowed = right_to(role, question) if question else "never"
    if question is None or allowed not in ("read", "masked", "recoded"):
        return None
    if allowed != "recoded":
        return text
    coarser = recoder(plan.form, question)
    return " ".join(coarser(one) for one in text.split(" ")) if coarser else None
