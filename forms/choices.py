"""The choices of an XForm's questions: written in place, in a list of the form, or in a file beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from forms.itext import Texts
from forms.needs import FILE, SEARCH
from forms.problems import FormError
from forms.schema import Choice
from forms.xml import local

ITEMSET = re.compile(
    r"""^\s*(?:randomize\(\s*)?instance\(\s*['"](.+?)['"]\s*\)/root/item(?:\[(.*)\])?""", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a select offers: `choices` is None when they are not in the form; `only` filters them.

    Where the choices are answers given in a repeat, `only` is the path to those answers.
    """

    choices: tuple[Choice, ...] | None = None
    file: str | None = None
    only: str = ""


@dataclass(frozen=True, slots=True)
class Lists:
    """Where a form's choices come from: its secondary instances, its words, the files beside it."""

    instances: Mapping[str, etree._Element]
    texts: Texts
    media: Mapping[str, bytes]

    def of(self, select: etree._Element) -> Offer:
        """What the control `select` offers; raises FormError when its file cannot be read."""
        search = SEARCH.search(select.get("appearance") or "")
        if search:
            return Offer(file=f"{search[1]}.csv")
        itemset = next((e for e in select if local(e) == "itemset"), None)
        if itemset is None:
            return Offer(tuple(self._inline(select)))
        nodeset = itemset.get("nodeset") or ""
        value = next((e.get("ref") or "name" for e in itemset if local(e) == "value"), "name")
        match = ITEMSET.match(nodeset)
        if match is None:
            return Offer(only=f"{nodeset.strip()}/{value}")
        instance = self.instances.get(match[1])
        if instance is None:
            return Offer()
        label = next((e.get("ref") or "label" for e in itemset if local(e) == "label"), "label")
        only = (match[2] or "").strip()
        source = FILE.match(instance.get("src") or "")
        if source:
            return Offer(self._from_file(source[1], value, label), source[1], only)
        return Offer(tuple(self._items(instance, value)), None, only)

    def _inline(self, select: etree._Element) -> Iterator[Choice]:
        for item in select:
            if local(item) == "item":
                value = next(((e.text or "").strip() for e in item if local(e) == "value"), "")
                yield Choice(value, self.texts.of(item, "label"))

    def _items(self, instance: etree._Element, value: str) -> Iterator[Choice]:
        for item in instance.iterfind("{*}root/{*}item"):
            cells = {local(cell): (cell.text or "").strip() for cell in item}
            name = cells.pop(value, "")
            text = cells.pop("itextId", None)
            if text is None:
                yield Choice(name, {self.texts.default_language: cells.pop("label", name)}, cells)
            else:
                yield Choice(name, self.texts.called(text), cells)

    def _from_file(self, name: str, value: str, label: str) -> tuple[Choice, ...] | None:
        data = self.media.get(name)
        if data is None or not name.endswith(".csv"):
            return None
        try:
            rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        except (UnicodeDecodeError, csv.Error):
            raise FormError([f"{name} is not a UTF-8 CSV file. Save it again as CSV UTF-8."]) from None
        if rows and value not in rows[0]:
            raise FormError([f"{name} has no column “{value}”. Add it."])
        return tuple(self._row(row, value, label) for row in rows if row[value])

    def _row(self, row: Mapping[str, str | None], value: str, label: str) -> Choice:
        name = row[value] or ""
        # A cell beyond the header's columns stands under None in a row, and is nobody's.
        extra = {key: text or "" for key, text in row.items() if key and key not in (value, label)}
        return Choice(name, {self.texts.default_language: row.get(label) or name}, extra)
