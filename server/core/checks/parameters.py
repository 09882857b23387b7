"""The thresholds of the checks: those that ship, with what a campaign has changed."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from server.core.canonical import canonical
from server.core.problem import Malformed

Section = Mapping[str, Any]
DAYS = frozenset({"clock.fieldwork_from"})


@dataclass(frozen=True)
class Parameters:
    """Every threshold by section and name; `digest` names them beside each flag."""

    sections: Mapping[str, Section]
    version: str

    def __getitem__(self, section: str) -> Section:
        return self.sections[section]

    @property
    def digest(self) -> str:
        """Eight signs that change with any threshold."""
        return hashlib.sha256(canonical({"all": self.sections})).hexdigest()[:8]


@cache
def shipped() -> Parameters:
    """The parameters that ship."""
    return _parameters(tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")))


def changed(text: str) -> Parameters:
    """The shipped parameters with a campaign's changes; raises Malformed for what is no such file."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Malformed(
            "checks_unreadable", line=str(error).rpartition("line ")[2].partition(",")[0]
        ) from None
    merged = {name: dict(section) for name, section in shipped().sections.items()}
    for name, section in said.items():
        if name == "version":
            continue
        if name not in merged or not isinstance(section, Mapping):
            raise Malformed("checks_unknown", name=name[:40])
        for key, value in section.items():
            if key not in merged[name]:
                raise Malformed("checks_unknown", name=f"{name}.{key}"[:60])
            if not _alike(merged[name][key], value) or (f"{name}.{key}" in DAYS and not _day(value)):
                raise Malformed("checks_bad_value", name=f"{name}.{key}")
            merged[name][key] = value
    return Parameters(merged, str(said.get("version", shipped().version)))


def _alike(shipped_value: Any, value: Any) -> bool:
    if isinstance(shipped_value, (int, float)) and not isinstance(value, bool):
        return isinstance(value, (int, float))
    if isinstance(shipped_value, list) and isinstance(value, list):
        return _numbers(shipped_value, value) or _texts(shipped_value, value)
    return type(value) is type(shipped_value)


def _day(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _numbers(shipped_value: list[Any], value: list[Any]) -> bool:
    """A list of numbers has its own length."""
    plain = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in value)
    return plain and bool(value) and len(shipped_value) == len(value) and isinstance(shipped_value[0], int)


def _texts(shipped_value: list[Any], value: list[Any]) -> bool:
    return all(isinstance(one, str) for one in (*shipped_value, *value))


def _parameters(said: dict[str, Any]) -> Parameters:
    version = str(said.pop("version"))
    return Parameters(said, version)
