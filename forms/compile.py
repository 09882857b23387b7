"""Compiles a questionnaire into the XForm that phones fill: ours by name, anybody's from a file."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lxml import etree

from forms import catalog
from forms.problems import FormError, NoJava
from forms.reader import LIMITS, read_form
from forms.sheets import Sheets, read_sheets, workbook
from forms.workbook import Workbook, read_workbook, sheets_in
from forms.xml import XmlRefused, parse

XFORMS = "{http://www.w3.org/2002/xforms}"
ENDINGS = (".xlsx", ".xls", ".md", ".xml")
VALIDATION_SECONDS = 100
JAVA = re.compile(r"at [\w.$]+\(|\.\.\. \d+ more|>>|Result:|The following files failed")
JAVA_KIND = re.compile(r"^(Caused by: )?([a-z]\w*\.)+\w*(Exception|Error): ")
UNDECLARED = re.compile(r"<bind\b[^>]*\s([a-z]+):(\w+)=")


@dataclass(frozen=True, slots=True)
class Built:
    """A form ready to publish: the XForm's bytes, and the files that go with it."""

    form_id: str
    version: str
    title: str
    xform: bytes = field(repr=False)
    media: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()
    source: str = ""


def build(source: str | Path) -> Built:
    """The form named or in the file `source` (.xlsx, .xls, .md, XForm .xml); raises FormError.

    Files that go with a file lie beside it in a folder `NAME-media`.
    """
    name = str(source)
    if name in catalog.names():
        return _shipped(name)
    path = Path(source)
    if path.suffix.lower() not in ENDINGS or not path.is_file():
        shipped = ", ".join(catalog.names())
        raise FormError([f"There is no form or file {name}. Forms: {shipped}; files: {', '.join(ENDINGS)}."])
    beside = path.with_name(f"{path.stem}-media")
    media = {file.name: file.read_bytes() for file in sorted(beside.glob("*")) if file.is_file()}
    if path.suffix.lower() == ".xml":
        return _built(_Compiled(_xform_in(path)), media, name)
    return _built(_compile(read_workbook(path), path.name), media, name)


def build_rows(rows: Workbook, media: Mapping[str, bytes], source: str) -> Built:
    """The form that sheets in memory make; raises FormError."""
    return _built(_compile(rows, source), media, source)


def sheets_of(source: str | Path) -> Sheets | None:
    """The sheets behind a form, with the place of each row; None for an XForm; raises FormError."""
    if str(source) in catalog.names():
        return read_sheets(catalog.definition(str(source)), catalog.SHARED)
    path = Path(source)
    if path.suffix.lower() == ".xml" or not path.is_file():
        return None
    return sheets_in(read_workbook(path))


@cache
def _shipped(name: str) -> Built:
    """Shipped forms do not change while a program runs: each is compiled once."""
    compiled = _compile(workbook(read_sheets(catalog.definition(name), catalog.SHARED)), name)
    return _built(compiled, catalog.media(), name)


@dataclass(frozen=True, slots=True)
class _Compiled:
    xform: bytes
    warnings: tuple[str, ...] = ()
    itemsets: str | None = None


def _built(compiled: _Compiled, beside: Mapping[str, bytes], source: str) -> Built:
    media = dict(beside)
    if compiled.itemsets is not None:
        media["itemsets.csv"] = compiled.itemsets.encode()
    xform = without_address(compiled.xform)
    form = read_form(xform, media)
    needed = {name: data for name, data in media.items() if name in form.media}
    return Built(form.id, form.version, form.title, xform, needed, compiled.warnings, source)


def _xform_in(path: Path) -> bytes:
    if path.stat().st_size > LIMITS.size:
        raise FormError([f"{path.name} is larger than 60 MB. Move its long lists into CSV files."])
    return path.read_bytes()


def _compile(rows: Workbook, name: str) -> _Compiled:
    """Runs pyxform, whose import is slow: it is loaded when a form is built, not when a server starts."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    try:
        result = convert(xlsform=rows, form_name="data", validate=False)
    except PyXFormError as error:
        raise FormError(_sentences(str(error))) from None
    except RecursionError:
        raise FormError([f"{name}: groups are nested too deeply, or refer to each other."]) from None
    except Exception as error:
        kind = type(error).__name__
        raise FormError([f"{name} is not a valid XLSForm ({kind}). Check its sheets and headers."]) from None
    return _Compiled(result.xform.encode(), tuple(result.warnings), result.itemsets)


def _sentences(message: str) -> list[str]:
    found = [line.strip() for line in message.replace("\r", "").split("\n") if line.strip()]
    return found or ["The XLSForm is not valid."]


def without_address(xform: bytes) -> bytes:
    """The XForm without the address that would make phones send somewhere else than to this server."""
    try:
        root = parse(xform, LIMITS)
    except XmlRefused as refused:
        undeclared = UNDECLARED.search(xform.decode("utf-8", "replace"))
        if refused.reason == "malformed" and undeclared and f"xmlns:{undeclared[1]}" not in str(xform):
            said = f"The prefix “{undeclared[1]}” is not declared."
            raise FormError([f"{said} Add it to the column namespaces of the settings sheet."]) from None
        said = f"The form is not readable XML ({refused})."
        raise FormError([f"{said} Build it again, with fewer groups inside each other."]) from None
    changed = False
    for element in list(root.iter(f"{XFORMS}submission", "submission")):
        for name in ("action", "method"):
            if name in element.attrib:
                del element.attrib[name]
                changed = True
        if not element.attrib:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
                changed = True
    if not changed:
        return xform
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def validate(xform: bytes) -> list[str]:
    """What ODK Validate finds wrong; empty when all is well. A dead or late JVM is a finding.

    Raises NoJava where there is none.
    """
    import pyxform

    java = shutil.which("java")
    if java is None:
        raise NoJava(["Java is not installed, so ODK Validate cannot run."])
    jar = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.xml"
        file.write_bytes(xform)
        try:
            done = subprocess.run(  # noqa: S603 (a fixed program on our own file)
                [java, "-Djava.awt.headless=true", "-jar", str(jar), str(file)],
                capture_output=True,
                text=True,
                timeout=VALIDATION_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [f"ODK Validate did not finish within {VALIDATION_SECONDS} seconds."]
    if done.returncode == 0:
        return []
    return _said_by_java(done.stderr, file.name) or ["ODK Validate ended without saying why."]


def _said_by_java(words: str, file: str) -> list[str]:
    """What the engine says of the form, without its own workings and the name of our passing file."""
    lines = (JAVA_KIND.sub("", line.strip()) for line in words.splitlines())
    return list(dict.fromkeys(line for line in lines if line and file not in line and not JAVA.match(line)))
