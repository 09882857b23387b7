"""Reads an XForm, whoever made it, into a `Form`: the only reader of forms that the server uses."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lxml import etree

from forms.problems import FormError
from forms.schema import CLASSES, DP, MEDIA, Choice, Form, Group, Question, default_classes
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
ITEXT = re.compile(r"""^\s*jr:itext\(\s*['"](.+?)['"]\s*\)\s*$""")
ITEMSET = re.compile(
    r"""^\s*(?:randomize\(\s*)?instance\(\s*['"](.+?)['"]\s*\)/root/item(?:\[(.*)\])?""", re.DOTALL
)
FILE = re.compile(r"^jr://(?:images|audio|video|file|file-csv)/(.+)$")
SEARCH = re.compile(r"""search\(\s*['"]([^'"]+)['"]""")
PULLDATA = re.compile(r"""pulldata\(\s*['"]([^'"]+)['"]""")


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
        self.media = media
        primary = next((e for e in self.model if local(e) == "instance" and not e.get("id")), None)
        first = next((e for e in self.model if local(e) == "instance"), None)
        primary = primary if primary is not None else first
        if primary is None or not len(primary):
            raise FormError(["The form has no primary instance. Build it again with pyxform."])
        self.primary = primary[0]
        self.instances = {
            e.get("id") or "": e for e in self.model if local(e) == "instance" and e is not primary
        }
        self.itext = self._itext()
        self.binds = {str(e.get("nodeset")): e for e in self.model if local(e) == "bind"}
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
            languages=tuple(self.itext),
            default_language=self.default_language,
            consent_text=self.primary.get(f"{{{DP}}}consent_text"),
            media=tuple(sorted(set(self._needed()))),
            editable=attributes.get("client-editable") == "true",
            public_key=attributes.get("base64RsaPublicKey"),
            namespace=etree.QName(self.primary).namespace or "",
        )

    def _itext(self) -> dict[str, dict[str, str]]:
        self.default_language = ""
        found: dict[str, dict[str, str]] = {}
        for translation in self.model.iterfind("{*}itext/{*}translation"):
            language = translation.get("lang") or ""
            if translation.get("default") is not None or not self.default_language:
                self.default_language = language
            texts = found.setdefault(language, {})
            for text in translation:
                for value in text:
                    if local(value) == "value" and not value.get("form"):
                        texts[text.get("id") or ""] = _whole_text(value)
        return found

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
            labels=self._labels(element, "label"),
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
        choices, file, choice_filter = self._choices(control)
        element = control.element if control else None
        return Question(
            path=here,
            name=here.rpartition("/")[2],
            kind=kind,
            classes=frozenset(declared) or default_classes(kind, preload),
            declared=bool(declared),
            roles=frozenset(_dp(bind, "role").split()),
            scope=_dp(bind, "scope") or None,
            recode=_dp(bind, "recode") or None,
            yes=_dp(bind, "yes") or None,
            required=_attribute(bind, "required"),
            relevant=_attribute(bind, "relevant"),
            constraint=_attribute(bind, "constraint"),
            calculate=_attribute(bind, "calculate"),
            default=default,
            repeat=repeat,
            read_only=_attribute(bind, "readonly") == "true()",
            appearance=_attribute(element, "appearance"),
            media_type=_attribute(element, "mediatype"),
            preload=preload,
            choices=choices,
            choices_file=file,
            choice_filter=choice_filter,
            labels=self._labels(element, "label"),
            hints=self._labels(element, "hint"),
            constraint_messages=self._texts(_attribute(bind, f"{JR}constraintMsg")),
            required_messages=self._texts(_attribute(bind, f"{JR}requiredMsg")),
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

    def _labels(self, element: etree._Element | None, tag: str) -> Mapping[str, str]:
        if element is None:
            return {}
        found = next((child for child in element if local(child) == tag), None)
        if found is None:
            return {}
        reference = found.get("ref")
        return self._texts(reference) if reference else self._texts(_whole_text(found))

    def _texts(self, said: str) -> Mapping[str, str]:
        """A text by language, from an itext reference or as it stands."""
        if not said:
            return {}
        match = ITEXT.match(said)
        if match is None:
            return {self.default_language: said}
        return {language: texts[match[1]] for language, texts in self.itext.items() if match[1] in texts}

    def _choices(self, control: _Control | None) -> tuple[tuple[Choice, ...] | None, str | None, str]:
        if control is None or control.tag not in SELECTS:
            return None, None, ""
        itemset = next((e for e in control.element if local(e) == "itemset"), None)
        if itemset is None:
            return tuple(self._inline(control.element)), None, ""
        match = ITEMSET.match(itemset.get("nodeset") or "")
        instance = self.instances.get(match[1]) if match else None
        if match is None or instance is None:
            return None, None, ""
        value = next((e.get("ref") or "name" for e in itemset if local(e) == "value"), "name")
        label = next((e.get("ref") or "label" for e in itemset if local(e) == "label"), "label")
        chosen = (match[2] or "").strip()
        source = FILE.match(instance.get("src") or "")
        if source:
            return self._from_file(source[1], value, label), source[1], chosen
        return tuple(self._items(instance, value)), None, chosen

    def _inline(self, element: etree._Element) -> Iterator[Choice]:
        for item in element:
            if local(item) == "item":
                value = next((_text(e) for e in item if local(e) == "value"), "")
                yield Choice(value, self._labels(item, "label"))

    def _items(self, instance: etree._Element, value: str) -> Iterator[Choice]:
        for item in instance.iterfind("{*}root/{*}item"):
            cells = {local(cell): _text(cell) for cell in item}
            name = cells.pop(value, "")
            text = cells.pop("itextId", None)
            labels = (
                {language: texts[text] for language, texts in self.itext.items() if text in texts}
                if text is not None
                else {self.default_language: cells.pop("label", name)}
            )
            yield Choice(name, labels, cells)

    def _from_file(self, name: str, value: str, label: str) -> tuple[Choice, ...] | None:
        data = self.media.get(name)
        if data is None or not name.endswith(".csv"):
            return None
        try:
            rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
        except (UnicodeDecodeError, csv.Error):
            raise FormError([f"{name} is not a UTF-8 CSV file. Save it again as CSV UTF-8."]) from None
        if rows and value not in rows[0]:
            raise FormError([f"{name} has no column “{value}”. Add it."])
        return tuple(
            Choice(
                row[value], {self.default_language: row.get(label) or row[value]}, _rest(row, value, label)
            )
            for row in rows
        )

    def _needed(self) -> Iterator[str]:
        """The files that a phone must fetch with the form; `last-saved` lives on the phone alone."""
        for instance in self.instances.values():
            match = FILE.match(instance.get("src") or "")
            if match:
                yield match[1]
        for value in self.model.iterfind("{*}itext//{*}value[@form]"):
            match = FILE.match(_text(value))
            if match:
                yield match[1]
        for bind in self.binds.values():
            for expression in ("calculate", "relevant", "constraint"):
                yield from (f"{name}.csv" for name in PULLDATA.findall(bind.get(expression) or ""))
        for control in self.controls.values():
            yield from (f"{name}.csv" for name in SEARCH.findall(control.element.get("appearance") or ""))
            if control.element.get("query"):
                yield "itemsets.csv"


def _rest(row: Mapping[str, Any], value: str, label: str) -> dict[str, str]:
    return {k: v or "" for k, v in row.items() if k and k not in (value, label) and isinstance(v, str | None)}


def _first(root: etree._Element, path: str, *, required: bool = True) -> Any:
    found = root.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    if found is None and required:
        raise FormError([f"This is not an XForm: it has no {path}. Give an XLSForm or an XForm."])
    return found


def _attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else (element.get(name) or "").strip()


def _dp(bind: etree._Element | None, name: str) -> str:
    return _attribute(bind, f"{{{DP}}}{name}")


def _local_name(name: str | bytes) -> str:
    return str(name).rpartition("}")[2]


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def _whole_text(element: etree._Element) -> str:
    """Text with `<output value="..."/>` written as `${path}`."""
    parts = [element.text or ""]
    for child in element:
        if local(child) == "output":
            parts.append("${" + (child.get("value") or child.get("ref") or "").strip() + "}")
        parts.append(child.tail or "")
    return "".join(parts).strip()
