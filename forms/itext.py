"""The words of an XForm in each of its languages: labels, hints and messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from forms.xml import local

ITEXT = re.compile(r"""^\s*jr:itext\(\s*['"](.+?)['"]\s*\)\s*$""")
# pyxform writes a dash where a language has no words for a text that others have.
ABSENT = "-"


class Texts:
    """The translations of one form, looked up by the reference that a control or a bind gives."""

    def __init__(self, model: etree._Element) -> None:
        self.default_language = ""
        self._by_language: dict[str, dict[str, str]] = {}
        for translation in model.iterfind("{*}itext/{*}translation"):
            language = translation.get("lang") or ""
            if translation.get("default") is not None or not self.default_language:
                self.default_language = language
            self._by_language.setdefault(language, {}).update(_spoken(translation))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in the order of the form."""
        return tuple(self._by_language)

    def called(self, name: str) -> Mapping[str, str]:
        """The text called `name` in each language that has it."""
        return {language: texts[name] for language, texts in self._by_language.items() if name in texts}

    def said(self, words: str) -> Mapping[str, str]:
        """A text by language, from an itext reference or as it stands."""
        if not words:
            return {}
        match = ITEXT.match(words)
        return self.called(match[1]) if match else {self.default_language: words}

    def of(self, element: etree._Element | None, tag: str) -> Mapping[str, str]:
        """The label or hint of a control, an item or a group."""
        children: Iterable[etree._Element] = () if element is None else element
        found = next((child for child in children if local(child) == tag), None)
        if found is None:
            return {}
        return self.said(found.get("ref") or whole_text(found))


def _spoken(translation: etree._Element) -> dict[str, str]:
    """The texts of a language; values with a form are pictures and sounds, not words."""
    return {
        text.get("id") or "": whole_text(value)
        for text in translation
        for value in text
        if local(value) == "value" and not value.get("form")
    }


def whole_text(element: etree._Element) -> str:
    """Text with `<output value="..."/>` written as `${path}`."""
    parts = [element.text or ""]
    for child in element:
        if local(child) == "output":
            parts.append("${" + (child.get("value") or child.get("ref") or "").strip() + "}")
        parts.append(child.tail or "")
    return "".join(parts).strip()
