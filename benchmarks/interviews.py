"""Makes interviews for load tests: the returnee form filled by kind of question, about 6 KB each."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator

from forms.compile import Built, build
from forms.reader import read_form
from forms.schema import Form, Question

FIXED = {
    "contact_result": "reached",
    "consent": "yes",
    "age": "34",
    "eligible": "1",
    "last_word": "Il faut aider les jeunes à trouver du travail ici, près de leur famille, et les écouter.",
    "obs_comment": "Entretien calme, sous le manguier de la cour.",
}
# An adult is not asked these, and the names differ from all that is said elsewhere.
NOT_ASKED = {"assent", "guardian_consent", "guardian_role", "no_guardian_reason", "refusal_reason"}
WORDS = ["Sadio", "Kani", "Bintou", "Modibo", "Fodé", "Ramata", "Sékou", "Nana"]


def returnee() -> tuple[Built, Form]:
    """The returnee form, built and read."""
    built = build("returnee")
    return built, read_form(built.xform, built.media)


def interviews(form: Form, seed: int = 1, share: float = 0.9) -> Iterator[bytes]:
    """Endless interviews; each question is answered with probability `share`."""
    rng = random.Random(seed)
    while True:
        yield _interview(form, rng, share)


def _interview(form: Form, rng: random.Random, share: float) -> bytes:
    opened: list[str] = []
    parts: list[str] = []
    for question in form.questions:
        skipped = rng.random() > share and question.name not in FIXED
        if question.path.startswith("/meta") or question.name in NOT_ASKED or skipped:
            continue
        *groups, name = question.path.strip("/").split("/")
        while opened != groups[: len(opened)]:
            parts.append(f"</{opened.pop()}>")
        for group in groups[len(opened) :]:
            parts.append(f"<{group}>")
            opened.append(group)
        parts.append(f"<{name}>{_answer(question, rng)}</{name}>")
    parts += [f"</{group}>" for group in reversed(opened)]
    number = uuid.UUID(int=rng.getrandbits(128), version=4)
    return (
        f'<?xml version=\'1.0\' ?><data xmlns:dp="https://taama.org/data-protection/1" id="{form.id}" '
        f'version="{form.version}" dp:consent_text="fr-1">{"".join(parts)}'
        f"<meta><instanceID>uuid:{number}</instanceID></meta></data>"
    ).encode()


def _answer(question: Question, rng: random.Random) -> str:
    if question.name in FIXED:
        return FIXED[question.name]
    if question.kind in ("note", "media"):
        return ""
    if question.choices:
        return rng.choice(question.choices).name
    if question.kind == "integer":
        return str(rng.randint(0, 60))
    if question.kind == "datetime":
        return "2026-11-23T09:12:44.120Z"
    if question.kind == "date":
        return "2026-11-23"
    if "direct" in question.classes:
        return f"{rng.choice(WORDS)} {rng.choice(WORDS)}"
    return str(rng.randint(0, 9))
