"""Makes the two small fonts of figures and reports from the Noto Sans of the package `fontpkg-noto-sans`.

    pip install fonttools fontpkg-noto-sans
    python tools/make_fonts.py NotoSans[wdth,wght].ttf OFL.txt

The library that draws figures takes no variable font (bold is lost), and a font that it does not find drops
all text without a word. So two weights are cut out of it, with the letters of French, English and Bambara.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER = Path(__file__).parents[1] / "server" / "store" / "report" / "fonts"
WEIGHTS = {"Regular": 400, "Bold": 700}
# Latin with its accents, ɛ ɔ ɲ ŋ and their capitals, spaces and punctuation, arrows, minus, fractions.
LETTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *(0x0186, 0x0190, 0x019D, 0x0254, 0x025B, 0x0272, 0x02BC, 0x0300, 0x0301, 0x0302, 0x030C),
    *range(0x2000, 0x2050),
    *(0x20AC, 0x2122, 0x2190, 0x2192, 0x2212, 0x2260, 0x2264, 0x2265),
]


def main(source: Path, licence: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for style, weight in WEIGHTS.items():
        font = instantiateVariableFont(
            TTFont(source), {"wght": weight, "wdth": 100}, inplace=False, updateFontNames=True
        )
        options = subset.Options()
        options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
        options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
        options.hinting = False
        options.recalc_timestamp = False
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=LETTERS)
        cutter.subset(font)
        target = FOLDER / f"NotoSans-{style}.ttf"
        font.save(target, reorderTables=True)
        print(f"{target.name}: {target.stat().st_size} bytes")
    (FOLDER / "OFL.txt").write_text(licence.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
