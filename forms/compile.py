"""Compiles a questionnaire into the XForm that phones fill: ours by name, anybody's from a file."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from forms import catalog
from forms.problems import FormError
from forms.reader import LIMITS, read_form
from forms.sheets import read_sheets, workbook
from forms.xml import XmlRefused, parse

XFORMS = "{http://www.w3.org/2002/xforms}"
ENDINGS = (".xlsx", ".xls", ".md", ".xml")
ZIP_ENTRIES, ZIP_TOTAL, ZIP_RATIO, SHEET_SIZE = 1_000, 200_000_000, 100, 10_000_000
VALIDATION_SECONDS = 100
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
    """The form named or in the file `source` (.xlsx, .xls, .md, XForm .xml); raises FormError."""
    name = str(source)
    media: dict[str, bytes] = {}
    warnings: tuple[str, ...] = ()
    if name in catalog.names():
        xform, warnings = _convert(workbook(read_sheets(catalog.folder(name), catalog.SHARED)), name)
        media = catalog.media()
    else:
        path = Path(source)
        if path.suffix.lower() not in ENDINGS or not path.is_file():
            shipped = ", ".join(catalog.names())
            raise FormError(
                [f"There is no form or file {name}. Forms: {shipped}; files: {', '.join(ENDINGS)}."]
            )
        xform, warnings = _from_file(path)
    xform = without_address(xform)
    form = read_form(xform, media)
    needed = {name: data for name, data in media.items() if name in form.media}
    return Built(form.id, form.version, form.title, xform, needed, warnings, name)


def _from_file(path: Path) -> tuple[bytes, tuple[str, ...]]:
    if path.stat().st_size > SHEET_SIZE:
        raise FormError([f"{path.name} is larger than 10 MB. Remove what is not part of the questionnaire."])
    if path.suffix.lower() == ".xml":
        return path.read_bytes(), ()
    if path.suffix.lower() == ".xlsx":
        _refuse_bomb(path)
    return _convert(path, path.stem)


def _refuse_bomb(path: Path) -> None:
    """A workbook is a zip archive: one that unpacks to a flood is refused before it is opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise FormError([f"{path.name} is not an Excel workbook. Save it again as .xlsx."]) from None
    total, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if len(entries) > ZIP_ENTRIES or total > ZIP_TOTAL or total > ZIP_RATIO * max(packed, 1):
        raise FormError([f"{path.name} unpacks to far more than a questionnaire. It was not opened."])


def _convert(source: Any, fallback: str) -> tuple[bytes, tuple[str, ...]]:
    """Runs pyxform, whose import is slow: it is loaded when a form is built, not when a server starts."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    kind = None
    if isinstance(source, Path):
        kind = source.suffix.lower()
        source = source.read_text(encoding="utf-8") if kind == ".md" else source.read_bytes()
    try:
        result = convert(xlsform=source, file_type=kind, form_name="data", validate=False)
    except PyXFormError as error:
        raise FormError(_sentences(str(error))) from None
    except RecursionError:
        raise FormError([f"{fallback}: groups are nested too deeply, or refer to each other."]) from None
    except Exception as error:
        name = type(error).__name__
        raise FormError(
            [f"{fallback} is not a readable XLSForm ({name}). Check its sheets and headers."]
        ) from None
    return result.xform.encode(), tuple(result.warnings)


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
        raise FormError([f"The form is not readable XML ({refused})."]) from None
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
    """What ODK Validate finds wrong; empty when all is well. Needs Java; a dead or late JVM is a finding."""
    import pyxform

    java = shutil.which("java")
    if java is None:
        return ["Java is not installed, so ODK Validate cannot run."]
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
    return _sentences(done.stderr) if done.stderr.strip() else ["ODK Validate ended without saying why."]
