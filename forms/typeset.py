"""Sets a page from a template and data. Words are handed over as data, so none is ever taken for markup."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import typst

# Templates come with their own fonts inside the library: a page looks the same on every machine.
FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def pages(template: Path, data: Mapping[str, Any], kind: Literal["pdf", "png", "svg"] = "pdf") -> list[bytes]:
    """The document: one PDF, or one picture a page."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "main.typ").write_bytes(template.read_bytes())
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        made = typst.compile(
            root / "main.typ", root=root, font_paths=FONTS, format=kind, timestamp=0, pdf_tags=False
        )
    if isinstance(made, bytes):
        return [made]
    return list(made or [])


def pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """The document as a PDF; the same data always gives the same bytes."""
    return pages(template, data)[0]
