"""Looks for mistakes in a questionnaire before it goes out, and tells where each stands and what to do.

Rules of consent and secrecy are checked on the compiled form (`checks`), words and lists here; every fault is
then shown in the sheet and row that its author knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forms import catalog
from forms.checks import form_faults, xform_faults
from forms.compile import Built, build, sheets_of
from forms.findings import Fault, Finding, Language, finding
from forms.itext import ABSENT
from forms.limits import constraint_faults
from forms.lists import list_faults, shown
from forms.logic import logic_faults
from forms.problems import FormError, NoJava
from forms.reader import read_form
from forms.reading import reading_faults
from forms.schema import SELECT_KINDS, Form, Question
from forms.sheet_faults import sheet_faults
from forms.sheets import Row, Sheets

COLUMNS = frozenset(
    f"bind::dp:{name}"
    for name in (
        *("class", "role", "scope", "recode", "yes", "justified", "backcheck", "okrange"),
        *("soft", "rule", "says_fr", "says_en", "says_bm", "minimum_seconds", "reversed"),
    )
)
# Columns in which people have tried to say how sensitive an answer is, and which compile to nothing.
ASTRAY = re.compile(r"(dp|privacy|pii|(bind|body|instance)::?dp)\b", re.IGNORECASE)
ROW = re.compile(r"\[row\s*:\s*(\d+)\]|\brow\s+(\d+)|, line (\d+)", re.IGNORECASE)
NAMED = re.compile(r"^(/[^\s:]+):|\bnamed '([^']+)'")
SHEET = re.compile(r"'(survey|choices|settings|entities|external_choices|osm)'")
SETTINGS_CODES = frozenset({"consent_text", "key_short", "instance_name"})
# ODK Validate writes a question's path with the form's own name in front.
VALIDATED = re.compile(r"/[\w.-]+(/[\w./-]+)")
Validator = Callable[[bytes], Sequence[str]]


def check(
    source: str | Path | Built, lang: Language = "fr", validator: Validator | None = None
) -> list[Finding]:
    """Everything to mend in a form, errors first; a form that cannot be compiled has its errors too.

    `validator` (as `compile.validate`) gives what another engine finds wrong with the XForm.
    """
    name = source.source if isinstance(source, Built) else str(source)
    where = _Where(_sheets(name), name)
    try:
        built = source if isinstance(source, Built) else build(source)
        form = read_form(built.xform, built.media)
    except FormError as error:
        return _broken(where, error.findings, lang)
    faults = [*form_faults(form), *xform_faults(form, built.xform), *_words(form), *_files(form, built)]
    if form.id in catalog.WITHOUT_CONSENT:
        faults = [fault for fault in faults if fault.code != "consent_missing"]
    faults += [*logic_faults(form), *constraint_faults(form), *list_faults(form), *reading_faults(form)]
    faults += _validated(built.xform, validator) if validator else []
    found = [where.found(fault, lang) for fault in faults]
    if where.sheets is not None:
        found += [where.in_row(fault, row, lang) for fault, row in _in_sheets(where.sheets)]
        if name in catalog.names():
            unfinished = ({"language": language} for language in where.sheets.unfinished)
            found += [where.in_row(Fault("language_unfinished", words=w), None, lang) for w in unfinished]
    return sorted(dict.fromkeys(found), key=lambda f: (f.severity, f.sheet, f.row))


def _broken(where: _Where, said: Sequence[str], lang: Language) -> list[Finding]:
    """Why a form does not compile: the compiler stops at the first fault, the sheets tell all of them."""
    own = [] if where.sheets is None else list(sheet_faults(where.sheets))
    found = [where.in_row(fault, row, lang) for fault, row in own]
    rows = {(one.sheet, one.row) for one in found}
    told = [where.told(text, lang) for text in said]
    return [
        *(one for one in told if (one.sheet, one.row) not in rows and not (found and one.row == 0)),
        *found,
    ]


def _validated(xform: bytes, validator: Validator) -> list[Fault]:
    """What ODK Validate says, at the question that it names."""
    try:
        said = validator(xform)
    except NoJava:
        return [Fault("validate_absent", words={"column": ""})]
    named = (VALIDATED.search(text) for text in said)
    return [
        Fault("validate", match[1] if match else "", {"what": text, "column": ""})
        for text, match in zip(said, named, strict=True)
    ]


def _sheets(name: str) -> Sheets | None:
    """The sheets behind a form; None also when they cannot be read, which `build` then tells."""
    try:
        return sheets_of(name)
    except FormError:
        return None


@dataclass(frozen=True)
class _Where:
    """Finds the row of a fault: by the path of the question, else by its name."""

    sheets: Sheets | None
    source: str

    def found(self, fault: Fault, lang: Language) -> Finding:
        if fault.code in SETTINGS_CODES and self.sheets is not None:
            return finding(fault, self._settings(), 2, lang)
        if "/meta/entity/" in fault.path and self.sheets is not None:
            return finding(fault, "entities", 2, lang)
        return self.in_row(fault, self._row(fault), lang)

    def in_row(self, fault: Fault, row: Row | None, lang: Language) -> Finding:
        if row is None:
            return finding(fault, "survey" if self.sheets is not None else self.source, 0, lang)
        return finding(fault, row.sheet, row.number, lang)

    def _row(self, fault: Fault) -> Row | None:
        rows = self.sheets.survey if self.sheets is not None else ()
        # `select_one list or_other` makes a second question of the same row.
        name = fault.path.rpartition("/")[2].removesuffix("_other")
        by_path = next((row for row in rows if fault.path and row.path == fault.path), None)
        return by_path or next((row for row in rows if name and row.cells.get("name") == name), None)

    def _settings(self) -> str:
        return f"{self.source}/settings.csv" if self.source in catalog.names() else "settings"

    def told(self, text: str, lang: Language) -> Finding:
        """A fault that the compiler told in a sentence, in the row that the sentence names."""
        fault = Fault("build", words={"what": text})
        if "namespaces" in text and self.sheets is not None:
            return finding(fault, self._settings(), 1, lang)
        number, sheet = ROW.search(text), SHEET.search(text)
        line = int(next(filter(None, number.groups()))) if number else 0
        named = sheet[1] if sheet else "survey"
        rows = {"survey": self.sheets.survey, "choices": self.sheets.choices} if self.sheets else {}
        # A shipped form's rows come from several files; the compiler counts them as one sheet.
        known = rows.get(named, ())
        if 2 <= line < len(known) + 2 and self.source in catalog.names():
            return self.in_row(fault, known[line - 2], lang)
        name = NAMED.search(text)
        if name and not line and self.sheets is not None:
            return self.in_row(fault, self._row(Fault("build", name[1] or f"/{name[2]}")), lang)
        return finding(fault, named if line or sheet else self.source, line, lang)


def _words(form: Form) -> Iterator[Fault]:
    """Texts that exist in one language and not in another."""
    for group in form.groups:
        yield from _absent(form, group.path, group.labels, "label_missing", "")
    told: set[str] = set()
    for question in form.questions:
        yield from _absent(form, question.path, question.labels, "label_missing", "")
        for what, texts in (
            ("hint", question.hints),
            ("constraint_message", question.constraint_messages),
            ("required_message", question.required_messages),
        ):
            yield from _absent(form, question.path, texts, "text_missing", what)
        for fault in _choices(form, question):
            if str(fault.words) not in told:
                told.add(str(fault.words))
                yield fault


def _absent(form: Form, path: str, texts: Mapping[str, str], code: str, what: str) -> Iterator[Fault]:
    if not _without(texts, form.languages) or all(text == ABSENT for text in texts.values()):
        return
    for language in _without(texts, form.languages):
        yield Fault(code, path, {"language": language, "what": what})


def _without(texts: Mapping[str, str], languages: Iterable[str]) -> list[str]:
    return [language for language in languages if texts and texts.get(language, ABSENT) == ABSENT]


def _choices(form: Form, question: Question) -> Iterator[Fault]:
    if question.kind not in SELECT_KINDS or question.choices_file:
        return
    for language in form.languages:
        missing = [c.name for c in question.choices or () if language in _without(c.labels, form.languages)]
        if missing:
            yield Fault("choice_missing", question.path, {"language": language, "choices": shown(missing)})


def _files(form: Form, built: Built) -> Iterator[Fault]:
    users = {q.choices_file: q.path for q in form.questions if q.choices_file}
    for name in form.media:
        if name not in built.media:
            yield Fault("media_missing", users.get(name, ""), {"name": name})


def _in_sheets(sheets: Sheets) -> Iterator[tuple[Fault, Row]]:
    """What compiling loses: lists that nobody uses, columns that nobody reads."""
    used = {word for row in sheets.survey for word in row.cells.get("type", "").split()[1:]}
    said = " ".join(text for row in sheets.survey for text in row.cells.values())
    lists = {row.cells.get("list_name", row.cells.get("list name", "")): row for row in _backwards(sheets)}
    for name, row in lists.items():
        if name and name not in used and f"instance('{name}')" not in said:
            yield Fault("list_unused", words={"name": name}), row
    columns = {column: row for row in reversed(sheets.survey) for column in row.cells}
    for column, row in columns.items():
        if ASTRAY.match(column) and column not in COLUMNS:
            yield Fault("column_unknown", words={"column": column}), row


def _backwards(sheets: Sheets) -> list[Row]:
    """The choices from last to first, so that a mapping by list keeps the first row of each."""
    return [*reversed(sheets.choices), *reversed(sheets.spare)]
