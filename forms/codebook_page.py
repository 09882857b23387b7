"""The dictionary of a form as one page that needs nothing else: to read on a phone, to print, to archive."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from forms.codebook import NO_FEEDS, Codebook, Feeds, Module, Variable, codebook
from forms.schema import Form
from forms.wording import Labels, language_code, pick

TEMPLATES = Path(__file__).parent / "templates"
# What the page says by itself: French and English stand side by side, like the questionnaire's own words.
KINDS = {
    "select_one": ("un choix", "one choice"),
    "select_multiple": ("plusieurs choix", "several choices"),
    "rank": ("classement", "ranking"),
    "integer": ("nombre entier", "whole number"),
    "decimal": ("nombre décimal", "decimal number"),
    "text": ("texte", "text"),
    "barcode": ("code-barres", "barcode"),
    "date": ("date", "date"),
    "time": ("heure", "time"),
    "datetime": ("date et heure", "date and time"),
    "boolean": ("oui ou non", "yes or no"),
    "geopoint": ("position", "position"),
    "geotrace": ("tracé", "trace"),
    "geoshape": ("zone", "area"),
    "media": ("fichier", "file"),
    "hidden": ("caché", "hidden"),
}
SOURCES = {
    "person": ("répondu", "answered"),
    "calculation": ("calculé", "calculated"),
    "phone": ("rempli par le téléphone", "filled by the phone"),
}
OUTSIDE = {"fr": "Remplis par le téléphone", "en": "Filled by the phone"}


@dataclass(frozen=True, slots=True)
class Section:
    """A module as the page shows it: `anchor` is unique, `titles` has a heading for each language.

    `above` names the groups around it, outer first.
    """

    anchor: str
    titles: tuple[tuple[str, str], ...]
    above: tuple[str, ...]
    module: Module


def codebook_html(form: Form, feeds: Feeds = NO_FEEDS) -> str:
    """The page of the dictionary of `form`; the same form always gives the same bytes."""
    book = codebook(form, feeds)
    names = Counter(variable.name for variable in book.variables)

    def anchor(variable: Variable) -> str:
        alone = names[variable.name] == 1
        return f"v-{variable.name if alone else variable.path.strip('/').replace('/', '.')}"

    sections = [_section(number, module, book) for number, module in enumerate(book.modules, 1)]
    page = _environment().get_template("codebook.html")
    return page.render(
        book=book,
        sections=sections,
        anchor=anchor,
        kinds=KINDS,
        sources=SOURCES,
        code=language_code,
        pick=pick,
        words=lambda labels: _words(labels, book.languages),
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _section(number: int, module: Module, book: Codebook) -> Section:
    titles = []
    for language in book.languages:
        said = [labels[language] for labels in module.labels if labels.get(language)]
        own = "".join(said[-1:]) or OUTSIDE.get(language_code(language), module.path.strip("/") or book.title)
        again = {"en": " (continued)"}.get(language_code(language), " (suite)") if module.again else ""
        titles.append((language_code(language), own + again))
    above = tuple(pick(labels, book.languages[0]) for labels in module.labels[:-1])
    return Section(f"m-{number}", tuple(titles), above, module)


def _words(labels: Labels, languages: tuple[str, ...]) -> list[tuple[str, str]]:
    """The words with their language codes, in the form's order; languages without words are left out."""
    return [(language_code(one), labels[one]) for one in languages if labels.get(one)]
