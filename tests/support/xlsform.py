"""Writes small questionnaires for tests: a table of questions becomes an XLSForm file, then a form."""

from __future__ import annotations

from pathlib import Path

from forms.compile import Built, build
from forms.reader import read_form
from forms.schema import Form

NAMESPACE = 'dp="https://taama.org/data-protection/1"'
SETTINGS = {
    "form_id": "t",
    "version": "1",
    "default_language": "Français (fr)",
    "namespaces": NAMESPACE,
    "attribute::dp:consent_text": "fr-1",
}
LISTS = """
| | list_name | name | label::Français (fr) |
| | yn | yes | Oui |
| | yn | no | Non |
"""


def write(folder: Path, survey: str, choices: str = LISTS, **settings: str) -> Path:
    """A markdown XLSForm of the given tables in `folder`; a setting given as "" is left out."""
    kept = {name: value for name, value in (SETTINGS | settings).items() if value}
    table = f"| | {' | '.join(kept)} |\n| | {' | '.join(kept.values())} |"
    path = folder / "t.md"
    parts = f"| survey |\n{survey.strip()}\n| choices |\n{choices.strip()}\n| settings |\n{table}\n"
    path.write_text(parts, encoding="utf-8")
    return path


def compiled(folder: Path, survey: str, choices: str = LISTS, **settings: str) -> Built:
    """The same, compiled."""
    return build(write(folder, survey, choices, **settings))


def form(folder: Path, survey: str, choices: str = LISTS, **settings: str) -> Form:
    """The same, compiled and read."""
    built = compiled(folder, survey, choices, **settings)
    return read_form(built.xform, built.media)
