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
NOTHING: Mapping[str, bytes] = {}


def pages(
    template: Path,
    data: Mapping[str, Any],
    kind: Literal["pdf", "png", "svg"] = "pdf",
    *,
    fonts: Path | None = None,
    beside: Mapping[str, bytes] = NOTHING,
    at: int = 0,
) -> list[bytes]:
    """The document: one PDF, or one picture a page.

    `fonts` is a folder of more fonts, `beside` holds pictures by name, `at` (seconds since 1970) dates a PDF.
    A PDF with pictures of its own is tagged, so that it can be read aloud.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "main.typ").write_bytes(template.read_bytes())
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for name, content in beside.items():
            (root / name).write_bytes(content)
        made = typst.compile(
            root / "main.typ",
            root=root,
            font_paths=_fonts(fonts),
            format=kind,
            timestamp=at,
            pdf_tags=bool(beside),
        )
    if isinstance(made, bytes):
        return [made]
    return list(made or [])


def _fonts(folder: Path | None) -> typst.Fonts:
    if folder is None:
        return FONTS
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def pdf(template: Path, data: Mapping[str, Any]) -> bytes:
    """The document as a PDF; the same data always gives the same bytes."""
    return pages(template, data)[0]
