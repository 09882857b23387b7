"""Supervisors can find every problem that is hidden in the demonstration, and little else stands out."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import told

from forms.planted import PROBLEMS


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_hidden_problem_is_found_and_the_others_are_mostly_clean(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    made = told("demo", "--no-serve", "--home", str(home))
    assert made["problems"]["count"] == len(PROBLEMS) == 12
    lines = Path(made["problems"]["solution"]).read_text(encoding="utf-8").splitlines()
    hidden = {tuple(line.split()[:2]) for line in lines if line[:8].isalnum() and line[8:10] == "  "}
    assert {check for _, check in hidden} == {problem.check for problem in PROBLEMS}
    told("check", "run", "--home", str(home))
    flags = [
        (one["interview"][5:13], one["check"]) for one in told("check", "list", "--home", str(home))["flags"]
    ]
    assert hidden - set(flags) == set()
    odd = {code for code, _ in flags} - {code for code, _ in hidden}
    assert len(odd) < made["interviews"] // 5
