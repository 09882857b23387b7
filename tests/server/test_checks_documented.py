"""What stands in the documentation of the checks is what the checks do."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"Flag\(\s*\"([A-Z]+(?:-[A-Za-z]+)?)\"")


def documented() -> str:
    return (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")


def test_every_check_has_its_row_with_a_test_that_exists() -> None:
    told = documented()
    named = {
        name
        for source in (ROOT / "server" / "core" / "checks").glob("*.py")
        for name in NAME.findall(source.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    first = " ".join(line.split("|")[1] for line in told.splitlines() if line.startswith("| "))
    assert {name for name in named if not re.search(rf"\b{name}\b", first)} == set()
    for test in re.findall(r"`(test_\w+\.py)`", told):
        assert (ROOT / "tests" / "server" / test).exists(), test
    for module in re.findall(r"`((?:checks|team|backcheck)/\w+\.py)`", told):
        assert (ROOT / "server" / "core" / module).exists(), module
