"""Which files a phone must fetch with a form; `last-saved` lives on the phone alone and is never one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

FILE = re.compile(r"^jr://(?:images|audio|video|file|file-csv)/(.+)$")
SEARCH = re.compile(r"""search\(\s*['"]([^'"]+)['"]""")
PULLDATA = re.compile(r"""pulldata\(\s*['"]([^'"]+)['"]""")


def files_needed(model: etree._Element, body: etree._Element) -> tuple[str, ...]:
    """The names of the files that the form refers to, sorted."""
    return tuple(sorted({*_in_model(model), *_in_body(body), *_looked_up(model), *_looked_up(body)}))


def _in_model(model: etree._Element) -> Iterator[str]:
    """Choice lists, pictures and sounds of the texts, and default values of media questions."""
    for element in model.iter():
        said = element.get("src") or ("" if len(element) else element.text or "")
        match = FILE.match(said.strip())
        if match:
            yield match[1]


def _in_body(body: etree._Element) -> Iterator[str]:
    for element in body.iter():
        yield from (f"{name}.csv" for name in SEARCH.findall(element.get("appearance") or ""))
        if element.get("query"):
            yield "itemsets.csv"


def _looked_up(part: etree._Element) -> Iterator[str]:
    for element in part.iter():
        for said in element.attrib.values():
            yield from (_table(name) for name in PULLDATA.findall(str(said)))


def _table(name: str) -> str:
    return name if name.endswith(".csv") else f"{name}.csv"
