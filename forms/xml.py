"""Reads XML from strangers safely: no document type, no entities, bounded depth, size and breadth.

Refusing a DOCTYPE outright is safer than resolving or dropping entities: a dropped entity silently becomes
an empty answer. The declared encoding must be UTF-8, so that the refusal cannot be evaded by another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from lxml import etree

DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a document may hold: bytes, levels, elements and attributes of one element."""

    size: int = 10_000_000
    depth: int = 64
    elements: int = 200_000
    attributes: int = 256


class XmlRefused(ValueError):
    """A document that is not read.

    `reason` is one of `empty size encoding doctype malformed depth breadth`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def local(element: etree._Element) -> str:
    """The element's name without its namespace (empty for comments and instructions)."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2] if tag[0] == "{" else tag


def parse(data: bytes, limits: Limits = Limits()) -> etree._Element:
    """The root element of a UTF-8 document within `limits`; raises XmlRefused with the reason."""
    if not data.strip():
        raise XmlRefused("empty")
    if len(data) > limits.size:
        raise XmlRefused("size", f"{len(data)} bytes")
    _refuse_other_encodings(data)
    if b"<!" in data and DOCTYPE.search(data):
        raise XmlRefused("doctype")
    # huge_tree stays off: libxml2's own ceilings (depth 256, 10 MB text) hold before ours are counted.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise XmlRefused("malformed", f"line {error.lineno}") from None
    _count(data, root, limits)
    return root


def _refuse_other_encodings(data: bytes) -> None:
    if b"\x00" in data[:4096]:
        raise XmlRefused("encoding", "not UTF-8")
    declared = ENCODING.match(data.removeprefix(UTF8_BOM)[:200])
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise XmlRefused("encoding", declared[1].decode("ascii"))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise XmlRefused("encoding", "not UTF-8") from None


def _count(data: bytes, root: etree._Element, limits: Limits) -> None:
    """Holds a document to its limits; libxml2 itself looks at every node, which is many times faster."""
    if data.count(b"<") > limits.elements and sum(1 for _ in root.iter()) > limits.elements:
        raise XmlRefused("breadth", f"more than {limits.elements} elements")
    deep, wide = _questions(limits.depth, limits.attributes)
    if deep(root):
        raise XmlRefused("depth", f"more than {limits.depth} levels")
    if data.count(b"=") > limits.attributes and wide(root):
        raise XmlRefused("breadth", f"more than {limits.attributes} attributes on an element")


@cache
def _questions(depth: int, attributes: int) -> tuple[etree.XPath, etree.XPath]:
    too_deep = etree.XPath("boolean(/" + "/".join(["*"] * (depth + 1)) + ")")
    return too_deep, etree.XPath(f"boolean(//*[@*[{attributes + 1}]])")
