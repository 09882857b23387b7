"""Reads what a phone sent: which form it answers, its own number, and the tree of its answers.

Names are matched without namespaces: phones write `meta`, `orx:meta` and more for the same thing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from forms.xml import Limits, XmlRefused, local, parse
from server.core.problem import Malformed, TooLarge

LIMITS = Limits()
PLAIN_NAME = re.compile(r"[\w.:/ ()+'%*=-]{1,200}")
REASONS = {
    "doctype": "doctype",
    "size": "xml_too_large",
    "depth": "xml_too_large",
    "breadth": "xml_too_large",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """One instance as it arrived. `replaces` is the instance that it edits; `size` is in bytes.

    `text` is the version of the consent text that the phone showed.
    """

    form: str
    version: str
    instance: str
    replaces: str | None
    root: etree._Element
    size: int
    encrypted: bool
    text: str = ""


def read_submission(xml: bytes) -> Submission:
    """The submission in `xml`; raises Malformed or TooLarge with the reason."""
    try:
        root = parse(xml, LIMITS)
    except XmlRefused as refused:
        code = REASONS.get(refused.reason, "malformed_xml")
        raise (TooLarge if code == "xml_too_large" else Malformed)(code) from None
    form = root.get("id") or ""
    if not form.strip():
        raise Malformed("no_form_id")
    meta = {local(child): (child.text or "").strip() for child in _meta(root)}
    instance = meta.get("instanceID") or _direct_instance(root)
    if not instance:
        raise Malformed("no_instance_id")
    if len(instance) > 255 or len(form) > 255:
        raise Malformed("malformed_xml")
    return Submission(
        form=form,
        version=_attribute(root, "version"),
        instance=instance,
        replaces=meta.get("deprecatedID") or None,
        root=root,
        size=len(xml),
        encrypted=root.get("encrypted") == "yes",
        text=_attribute(root, "consent_text"),
    )


def printable(name: str) -> str:
    """`name` if it looks like an identifier of a form; else a question mark, as it may hold anything."""
    return name if PLAIN_NAME.fullmatch(name) else "?"


def file_names(submission: Submission) -> set[str]:
    """Every text of a leaf: the names that an attachment may have when the form is not known."""
    return {
        text
        for element in submission.root.iter()
        if len(element) == 0 and (text := (element.text or "").strip()) and len(text) <= 255
    }


def _attribute(root: etree._Element, wanted: str) -> str:
    for name, value in root.attrib.items():
        if str(name).rpartition("}")[2] == wanted:
            return str(value)
    return ""


def _meta(root: etree._Element) -> list[etree._Element]:
    for child in root:
        if local(child) == "meta":
            return list(child)
    return []


def _direct_instance(root: etree._Element) -> str:
    for child in root:
        if local(child) == "instanceID":
            return (child.text or "").strip()
    return str(root.get("instanceID") or "").strip()
