"""What a release must fulfil, and how its limits may change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from server.core.disclosure.gate import Measures, decide
from server.core.disclosure.report import Asked, report
from server.core.problem import Malformed, Refused

SAFE = Measures(k=11, max_risk=1 / 11, file_risk=0.005, l=3, whole_classes=0, subgroup=200)


def test_a_safe_table_passes_everywhere() -> None:
    for release in ("internal", "partner", "public"):
        decision = decide(release, SAFE)  # type: ignore[arg-type]
        assert decision.passed
        assert decision.failed == []


@pytest.mark.parametrize(
    ("release", "changes", "condition", "limit"),
    [
        ("partner", {"k": 4}, "k", 5),
        ("partner", {"max_risk": 0.21}, "max_risk", 0.20),
        ("partner", {"file_risk": 0.031}, "file_risk", 0.03),
        ("partner", {"l": 1}, "l", 2),
        ("partner", {"whole_classes": 1}, "whole_classes", 0),
        ("public", {"k": 10}, "k", 11),
        ("public", {"max_risk": 0.1}, "max_risk", 1 / 11),
        ("public", {"file_risk": 0.011}, "file_risk", 0.01),
        ("public", {"l": 2}, "l", 3),
        ("public", {"subgroup": 199}, "subgroup", 200),
    ],
)
def test_each_condition_stops_a_release(
    release: Any, changes: dict[str, Any], condition: str, limit: float
) -> None:
    decision = decide(release, replace(SAFE, **changes))
    assert not decision.passed
    [failure] = decision.failed
    assert (failure.condition, failure.measured, failure.limit) == (condition, changes[condition], limit)


def test_what_is_not_measured_does_not_apply() -> None:
    assert decide("public", Measures(k=11, max_risk=0.01, file_risk=0.001)).passed


def test_a_report_tells_the_gate_what_it_measured() -> None:
    codes, answers = np.array([[0], [0], [1], [1]]), np.array([0, 1, 0, 0])
    measures = report(Asked(["sex"], ["ill"]), codes, {"ill": answers}).measures()
    assert measures == Measures(k=2, max_risk=0.5, file_risk=0.5, l=1, t=0.25)
    assert [one.condition for one in decide("partner", measures).failed] == [
        "k",
        "max_risk",
        "file_risk",
        "l",
    ]


def test_the_internal_release_is_only_reported() -> None:
    assert decide("internal", Measures(k=1, max_risk=1.0, file_risk=1.0)).passed


def test_limits_may_be_tightened_freely() -> None:
    decision = decide("partner", SAFE, {"k": 20})
    assert [failure.condition for failure in decision.failed] == ["k"]
    assert decision.loosened == {}
    assert not decide("internal", SAFE, {"k": 20}).passed


def test_loosening_needs_a_reason_which_is_kept() -> None:
    with pytest.raises(Refused, match="loosened_without_reason"):
        decide("public", replace(SAFE, k=8), {"k": 8}, " ")
    decision = decide("public", replace(SAFE, k=8), {"k": 8}, "Asked by the steering committee.")
    assert decision.passed
    assert decision.loosened == {"k": 8}
    assert decision.reason == "Asked by the steering committee."


def test_an_unknown_condition_is_refused() -> None:
    with pytest.raises(Malformed, match="unknown_limit"):
        decide("public", SAFE, {"kk": 3})
