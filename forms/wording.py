"""Words for people out of a form's machine parts: readable expressions, and labels in one language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from forms.problems import FormError

# A path, not what follows a function or a predicate: in `instance('x')/root/item` nothing is a question.
PATH = re.compile(r"(?<![\w)\]/.])(?:current\(\)/)?(?:\.\./|/)(?:\.\./)*[^\W\d][\w.-]*(?:/[^\W\d][\w.-]*)*")
CODE = re.compile(r"\(([\w-]+)\)\s*$")
OUTPUT = re.compile(r"\$\{([^}]+)\}")
Labels = Mapping[str, str]


def last_step(path: str) -> str:
    """The name at the end of a path."""
    return path.rpartition("/")[2]


def readable(expression: str) -> str:
    """The expression as its author wrote it: `${name}` for every path."""
    named = PATH.sub(lambda found: "${" + last_step(found[0]) + "}", expression)
    return re.sub(r"\s+(?=[,)])|(?<=\()\s+", "", re.sub(r"\s+", " ", named)).strip()


def spoken(text: str, say: Callable[[str], str]) -> str:
    """A label with each answer that it shows, `${path}`, replaced by what `say` makes of the path."""
    return OUTPUT.sub(lambda found: say(found[1].strip()), text)


def language_code(language: str) -> str:
    """`fr` for `Français (fr)`; empty when the language's name has no code."""
    found = CODE.search(language)
    return found[1] if found else ""


def language_named(languages: Sequence[str], wanted: str) -> str:
    """The form's language called `wanted`, by code or by name; raises FormError."""
    for language in languages:
        if wanted in (language, language_code(language)):
            return language
    if not languages:
        return ""
    known = ", ".join(language_code(language) or language for language in languages)
    raise FormError([f"The form has no language “{wanted}”. It has: {known}."])


def pick(labels: Labels, language: str) -> str:
    """The words in `language`, else in any language that has some, else nothing."""
    return labels.get(language) or next((text for text in labels.values() if text), "")
