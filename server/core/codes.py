"""Withdrawal codes: ten digits and a check digit (Luhn), made on the phone and copied to a card."""

from __future__ import annotations

import re

CODE = re.compile(r"[0-9]{11}")
BETWEEN = re.compile(r"[\s.\-/]+")


def is_code(text: str) -> bool:
    """Whether `text` is a code whose check digit is right (ISO/IEC 7812-1, annex B)."""
    if not CODE.fullmatch(text):
        return False
    total = 0
    for place, digit in enumerate(reversed(text)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def as_typed(text: str) -> str:
    """A code as people write it, without the spaces and dashes that help them read it."""
    return BETWEEN.sub("", text)
