"""How numbers are said: percentages rounded half up, in the typography of the language, or in words.

"Huit répondants sur dix" stands only where that is what was counted, to a point; else the percentage.
"""

from __future__ import annotations

from collections.abc import Mapping

NARROW, HARD = "\u202f", "\u00a0"  # before % in French; between thousands
TENTHS = {
    "fr": ("", "", "Deux", "Trois", "Quatre", "", "Six", "Sept", "Huit", "Neuf"),
    "en": ("", "", "Two", "Three", "Four", "", "Six", "Seven", "Eight", "Nine"),
}
PARTS: tuple[tuple[float, Mapping[str, str]], ...] = (
    (25, {"fr": "Un quart des {}", "en": "A quarter of {}"}),
    (100 / 3, {"fr": "Un tiers des {}", "en": "A third of {}"}),
    (50, {"fr": "La moitié des {}", "en": "Half of {}"}),
    (200 / 3, {"fr": "Deux tiers des {}", "en": "Two thirds of {}"}),
    (75, {"fr": "Trois quarts des {}", "en": "Three quarters of {}"}),
)
NEAR = 1.0  # points


def percent(value: float, lang: str, places: int = 0) -> str:
    """`81 %` or `81%`, rounded half up; `< 1 %` where there is any. The signs do not part at a line's end."""
    number = f"{_half_up(value, places):.{places}f}"
    if places == 0 and number in ("0", "100") and 0 < value < 100:  # some is not none, nearly all not all
        number = f"<{NARROW}1" if number == "0" else f">{NARROW}99"
    return f"{number.replace('.', ',')}{NARROW}%" if lang == "fr" else f"{number}%"


def whole(number: int, lang: str) -> str:
    """`1 234` or `1,234`."""
    text = f"{number:,}"
    return text.replace(",", NARROW) if lang == "fr" else text


def points(difference: float, lang: str) -> str:
    """A difference between two percentages: `+64 points`."""
    number = int(_half_up(abs(difference), 0))
    sign = "" if number == 0 else "+" if difference > 0 else "\u2212"
    word = "point" if number == 1 or (lang == "fr" and number == 0) else "points"
    return f"{sign}{number}{HARD}{word}"


def share(value: float, noun: str, lang: str) -> str:
    """The subject of a sentence in the plural: `Huit répondants sur dix`, `82 % des répondants`."""
    tenth = round(value / 10)
    if 0 < tenth < len(TENTHS[lang]) and TENTHS[lang][tenth] and abs(value - 10 * tenth) <= NEAR:
        word = TENTHS[lang][tenth]
        return f"{word} {noun} sur dix" if lang == "fr" else f"{word} in ten {noun}"
    for part, words in PARTS:
        if abs(value - part) <= NEAR:
            return words[lang].format(noun)
    return f"{percent(value, lang)} {'des' if lang == 'fr' else 'of'} {noun}"


def _half_up(value: float, places: int) -> float:
    """Half up on the decimal number that a person sees, so that 0.5 of a binary fraction is not lost."""
    scale = float(10**places)
    return int(value * scale + 0.5 + 1e-9) / scale
