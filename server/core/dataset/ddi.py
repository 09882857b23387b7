"""The dictionary of a release as DDI-Codebook 2.5, which archives such as UNHCR's read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lxml import etree

from server.core.dataset.codebook import LANGUAGES, Book, Code, Entry

SPACE = "ddi:codebook:2_5"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
NUMERIC = ("code", "whole", "number", "tick")


def ddi(book: Book, files: Sequence[tuple[str, int]], made: str, producer: str) -> bytes:
    """The document; `files` are the tables with their number of rows, `made` the release's date (ISO
    8601)."""
    spaces: dict[Any, str] = {None: SPACE, "xsi": XSI}
    root = etree.Element(f"{{{SPACE}}}codeBook", nsmap=spaces, version="2.5")
    root.set(f"{{{XSI}}}schemaLocation", f"{SPACE} {SCHEMA}")
    root.set(LANG, LANGUAGES[0])
    for place in ("docDscr", "stdyDscr"):
        citation = _add(_add(root, place), "citation")
        _add(_add(citation, "titlStmt"), "titl", book.title)
        statement = _add(citation, "prodStmt")
        _add(statement, "producer", producer)
        _add(statement, "prodDate", made[:10], date=made[:10])
        versions = _add(citation, "verStmt")
        _add(versions, "version", ", ".join(book.versions), date=made[:10])
    numbers = {}
    for number, (name, rows) in enumerate(files, 1):
        numbers[name] = f"F{number}"
        text = _add(_add(root, "fileDscr", ID=f"F{number}"), "fileTxt")
        _add(text, "fileName", name)
        dimensions = _add(text, "dimensns")
        _add(dimensions, "caseQnty", str(rows))
        _add(dimensions, "varQnty", str(sum(entry.table == name for entry in book.entries)))
    data = _add(root, "dataDscr")
    for number, entry in enumerate(book.entries, 1):
        _variable(data, entry, f"V{number}", numbers[entry.table])
    etree.indent(root)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _variable(data: etree._Element, entry: Entry, number: str, file: str) -> None:
    discrete = "discrete" if entry.codes else "contin"
    variable = _add(data, "var", ID=number, name=entry.spss, files=file, intrvl=discrete)
    _in_languages(variable, "labl", entry.labels)
    if entry.question:
        asked = _add(variable, "qstn")
        _in_languages(asked, "qstnLit", entry.labels)
    if entry.asked_if:
        _add(variable, "universe", entry.asked_if, clusion="I")
    for code in entry.codes:
        _category(variable, code)
    kind = "numeric" if entry.kind in NUMERIC else "character"
    _add(variable, "varFormat", type=kind, schema="other")
    notes = {"csv": entry.name, "stata": entry.stata, "question": entry.question}
    notes |= {"recode": entry.recode, "versions": " ".join(entry.versions)}
    for subject, text in notes.items():
        if text:
            _add(variable, "notes", text, subject=subject)


def _category(variable: etree._Element, code: Code) -> None:
    category = _add(variable, "catgry", **({"missing": "Y"} if code.missing else {}))
    _add(category, "catValu", code.name)
    _in_languages(category, "labl", code.labels)
    if code.count is not None:
        _add(category, "catStat", str(code.count), type="freq")


def _in_languages(above: etree._Element, name: str, texts: Sequence[str]) -> None:
    for language, text in zip(LANGUAGES, texts, strict=True):
        if text:
            _add(above, name, text).set(LANG, language)


def _add(above: etree._Element, tag: str, text: str = "", /, **attributes: str) -> etree._Element:
    element = etree.SubElement(above, f"{{{SPACE}}}{tag}", attributes)
    element.text = _clean(text) or None
    return element


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n" or sign >= " ")
