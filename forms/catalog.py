"""Which questionnaires ship with Taama, and where their sheets lie."""

from __future__ import annotations

from pathlib import Path

DEFINITIONS = Path(__file__).parent / "definitions"
SHARED = DEFINITIONS / "shared"
MEDIA = DEFINITIONS / "media"


def names() -> list[str]:
    """The names of the shipped questionnaires, which are also their form ids."""
    return sorted(path.parent.name for path in DEFINITIONS.glob("*/settings.csv"))


def folder(name: str) -> Path:
    """Where the sheets of a shipped questionnaire lie."""
    return DEFINITIONS / name


def media() -> dict[str, bytes]:
    """The files that shipped questionnaires fetch, as they are before a campaign makes its own."""
    return {path.name: path.read_bytes() for path in sorted(MEDIA.iterdir())}
