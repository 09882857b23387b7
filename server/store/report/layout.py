"""The report's font, and how wide words are in it, so that lines break where they end.

The font travels inside the package: without it, pictures would be drawn with no text at all and no warning.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import ImageFont

FOLDER = Path(__file__).parent / "fonts"


class Font:
    """Noto Sans in two weights (SIL Open Font License, beside the files)."""

    FAMILY = "Noto Sans"
    REGULAR = FOLDER / "NotoSans-Regular.ttf"
    BOLD = FOLDER / "NotoSans-Bold.ttf"

    @staticmethod
    def width(text: str, size: float, *, bold: bool = False) -> float:
        """How wide a line is, in pixels."""
        return _measure(Font.BOLD if bold else Font.REGULAR).getlength(text) * size / 100


@cache
def _measure(path: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), 100, layout_engine=ImageFont.Layout.BASIC)


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines no wider than `width` pixels, broken at plain spaces."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and Font.width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
