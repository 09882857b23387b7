"""Reads an XForm, whoever made it, into a `Form`: the only reader of forms that the server uses.

Everything is found by the names that the XForms standard gives, never by where one maker happens to put it,
so that a questionnaire from another toolkit is read like ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lxml import etree

from forms.choices import Lists, Offer
from forms.itext import Texts
from forms.needs import files_needed
from forms.problems import FormError
from forms.schema import CLASSES, DP, MEDIA, Form, Group, Question, default_classes
from forms.xml import Limits, XmlRefused, local, parse

JR = "{http://openrosa.org/javarosa}"
LIMITS = Limits(size=60_000_000, depth=200, elements=3_000_000)
NO_MEDIA: Mapping[str, bytes] = MappingProxyType({})

TYPES = {
    "int": "integer",
    "integer": "integer",
    "long": "integer",
    "decimal": "decimal",
    "float": "decimal",
    "double": "decimal",
    "string": "text",
    "text": "text",
    "date": "date",
    "time": "time",
    "dateTime": "datetime",
    "boolean": "boolean",
    "geopoint": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
    "binary": MEDIA,
    "select1": "select_one",
    "select": "select_multiple",
    "rank": "rank",
    "intent": "text",
}
SELECTS = {"select1": "select_one", "select": "select_multiple", "rank": "rank"}
CONTROLS = {"input", "select1", "select", "upload", "range", "trigger", "rank", "secret"}


@dataclass(frozen=True, slots=True)
class _Control:
    """What the body says of a node."""

    tag: str
    element: etree._Element


def read_form(xform: bytes, media: Mapping[str, bytes] = NO_MEDIA) -> Form:
    """The form in `xform`, with choices from the CSV files in `media`; raises FormError."""
    try:
        root = parse(xform, LIMITS)
    except XmlRefused as refused:
        raise FormError([f"The form is not readable XML ({refused}). Build it again."]) from None
    return _Reader(root, media).form()


class _Reader:
    def __init__(self, root: etree._Element, media: Mapping[str, bytes]) -> None:
        self.model = _first(root, "head/model")
        self.body = _first(root, "body")
        self.title = _text(_first(root, "head/title", required=False))
        primary = next((e for e in self.model if local(e) == "instance" and not e.get("id")), None)
        first = next((e for e in self.model if local(e) == "instance"), None)
        primary = primary if primary is not None else first
        if primary is None or not len(primary):
            raise FormError(["The form has no primary instance. Build it again with pyxform."])
        self.primary = primary[0]
        others = {e.get("id") or "": e for e in self.model if local(e) == "instance" and e is not primary}
        self.texts = Texts(self.model)
        self.lists = Lists(others, self.texts, media)
        self.binds = {str(e.get("nodeset")).strip(): e for e in self.model if local(e) == "bind"}
        # A dynamic default or a triggered calculation: the value that a phone sets is an expression.
        self.set_values: dict[str, str] = {}
        for element in (e for e in root.iter() if local(e) == "setvalue"):
            reference = str(element.get("ref")).strip()
            before = self.set_values.get(reference, "")
            self.set_values[reference] = f"{before} {element.get('value') or _text(element)}".strip()
        self.controls: dict[str, _Control] = {}
        self.group_elements: dict[str, etree._Element] = {}
        self.repeats: dict[str, etree._Element] = {}
        self._walk_body(self.body)

    def form(self) -> Form:
        form_id = self.primary.get("id") or ""
        if not form_id.strip():
            raise FormError(["The form has no id. Give it one in the settings sheet (form_id)."])
        questions: dict[str, Question] = {}
        groups: dict[str, Group] = {}
        self._walk(self.primary, "", None, questions, groups)
        submission = next((e for e in self.model if local(e) == "submission"), None)
        attributes = {} if submission is None else {_local_name(k): v for k, v in submission.attrib.items()}
        return Form(
            id=form_id,
            version=next((str(v) for k, v in self.primary.attrib.items() if _local_name(k) == "version"), ""),
            title=self.title or form_id,
            root=local(self.primary),
            questions=tuple(questions.values()),
            groups=tuple(groups.values()),
            languages=self.texts.languages,
            default_language=self.texts.default_language,
            consent_text=self.primary.get(f"{{{DP}}}consent_text"),
            media=files_needed(self.model, self.body),
            editable=attributes.get("client-editable") == "true",
            public_key=attributes.get("base64RsaPublicKey"),
            namespace=etree.QName(self.primary).namespace or "",
        )

    def _walk_body(self, parent: etree._Element) -> None:
        for element in parent:
            tag = local(element)
            reference = element.get("ref") or element.get("nodeset") or ""
            if tag in CONTROLS:
                self.controls[reference] = _Control(tag, element)
            elif tag == "repeat":
                self.repeats[reference] = element
                self._walk_body(element)
            elif tag == "group":
                if reference:
                    self.group_elements[reference] = element
                self._walk_body(element)

    def _walk(
        self,
        parent: etree._Element,
        path: str,
        repeat: str | None,
        questions: dict[str, Question],
        groups: dict[str, Group],
    ) -> None:
        for element in parent:
            here = f"{path}/{local(element)}"
            full = f"/{local(self.primary)}{here}"
            is_repeat = full in self.repeats
            if is_repeat or full in self.group_elements or len(element):
                if here not in groups:
                    groups[here] = self._group(full, here)
                self._walk(element, here, here if is_repeat else repeat, questions, groups)
            elif here not in questions:
                questions[here] = self._question(full, here, repeat, _text(element))

    def _group(self, full: str, here: str) -> Group:
        bind = self.binds.get(full)
        element = self.group_elements.get(full)
        repeat = self.repeats.get(full)
        return Group(
            path=here,
            is_repeat=repeat is not None,
            relevant=_attribute(bind, "relevant"),
            count=_attribute(repeat, f"{JR}count"),
            appearance=_attribute(element, "appearance"),
            labels=self.texts.of(element, "label"),
        )

    def _question(self, full: str, here: str, repeat: str | None, default: str) -> Question:
        bind = self.binds.get(full)
        control = self.controls.get(full)
        preload = _attribute(bind, f"{JR}preload")
        kind = self._kind(bind, control)
        declared = (bind.get(f"{{{DP}}}class") or "").split() if bind is not None else []
        unknown = set(declared) - CLASSES
        if unknown:
            allowed = ", ".join(sorted(CLASSES))
            raise FormError([f"{here}: the class {', '.join(sorted(unknown))} is not known. Use: {allowed}."])
        element = control.element if control else None
        select = control is not None and control.tag in SELECTS
        offer = self.lists.of(control.element) if control and select else Offer()
        return Question(
            path=here,
            name=here.rpartition("/")[2],
            kind=kind,
            classes=frozenset(declared) or default_classes(kind, preload),
            declared=bool(declared),
            roles=frozenset(_dp(bind, "role").split()),
            scope=_dp(bind, "scope") or None,
            recode=_dp(bind, "recode") or None,
            soft=_dp(bind, "soft"),
            rule=_dp(bind, "rule"),
            says=_says(bind),
            minimum_seconds=_dp(bind, "minimum_seconds"),
            reversed=_dp(bind, "reversed") == "yes",
            yes=_dp(bind, "yes") or None,
            backcheck=_dp(bind, "backcheck"),
            okrange=_dp(bind, "okrange"),
            required=_attribute(bind, "required"),
            relevant=_attribute(bind, "relevant"),
            constraint=_attribute(bind, "constraint"),
            calculate=_attribute(bind, "calculate"),
            default=f"{default} {self.set_values.get(full, '')}".strip(),
            repeat=repeat,
            read_only=_attribute(bind, "readonly") == "true()",
            appearance=_attribute(element, "appearance"),
            media_type=_attribute(element, "mediatype"),
            preload=preload,
            choices=offer.choices,
            choices_file=offer.file,
            choice_filter=offer.only,
            labels=self.texts.of(element, "label"),
            hints=self.texts.of(element, "hint"),
            constraint_messages=self.texts.said(_attribute(bind, f"{JR}constraintMsg")),
            required_messages=self.texts.said(_attribute(bind, f"{JR}requiredMsg")),
        )

    def _kind(self, bind: etree._Element | None, control: _Control | None) -> str:
        declared = _attribute(bind, "type").rpartition(":")[2]
        if control is not None:
            if control.tag in SELECTS:
                return SELECTS[control.tag]
            if control.tag == "upload":
                return MEDIA
            if _attribute(bind, "readonly") == "true()" and not _attribute(bind, "calculate"):
                return "note"
        return TYPES.get(declared, "text") if declared or control is not None else "hidden"


def _first(root: etree._Element, path: str, *, required: bool = True) -> Any:
    found = root.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    if found is None and required:
        raise FormError([f"This is not an XForm: it has no {path}. Give an XLSForm or an XForm."])
    return found


def _attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else (element.get(name) or "").strip()


def _dp(bind: etree._Element | None, name: str) -> str:
    return _attribute(bind, f"{{{DP}}}{name}")


def _says(bind: etree._Element | None) -> dict[str, str]:
    """What is said of an answer that breaks a soft limit or rule, by language code (`dp:says_fr`)."""
    start = f"{{{DP}}}says_"
    named = [] if bind is None else [(str(name), str(text).strip()) for name, text in bind.attrib.items()]
    return {name.removeprefix(start): text for name, text in named if name.startswith(start)}


def _local_name(name: str | bytes) -> str:
    return str(name).rpartition("}")[2]


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()
