"""The gate before a release: what must be true of a table before it leaves.

A project may make a condition stricter. Making one looser needs a reason, which goes into the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from server.core.problem import Malformed, Refused

Release = Literal["internal", "partner", "public"]
# Conditions that want at least so much; all others want at most.
AT_LEAST = frozenset({"k", "l", "subgroup"})
DEFAULTS: dict[Release, dict[str, float]] = {
    "internal": {},
    "partner": {"k": 5, "max_risk": 0.20, "file_risk": 0.03, "l": 2, "whole_classes": 0},
    "public": {
        "k": 11,
        "max_risk": 1 / 11,
        "file_risk": 0.01,
        "l": 3,
        "whole_classes": 0,
        "subgroup": 200,
    },
}


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured on the columns to be released; None is not measured, and does not apply.

    `l` is the smallest distinct l of any sensitive column, `whole_classes` how many groups share
    one sensitive answer that must not be certain, `subgroup` the size of the most sensitive
    group as single records (below the limit it goes out as tables only), and `t` the largest distance,
    reported and not judged.
    """

    k: int
    max_risk: float
    file_risk: float
    l: int | None = None  # noqa: E741 - the field's own letter
    whole_classes: int | None = None
    subgroup: int | None = None
    t: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that is not met, with what was measured and what is wanted."""

    condition: str
    measured: float
    limit: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the release may leave; `loosened` and `reason` belong in its manifest."""

    release: Release
    passed: bool
    failed: list[Failure]
    limits: dict[str, float]
    measures: Measures
    loosened: dict[str, float] = field(default_factory=dict)
    reason: str = ""


def decide(
    release: Release,
    measures: Measures,
    settings: Mapping[str, float] | None = None,
    reason: str = "",
) -> Decision:
    """Judges `measures` by the release's limits, changed by `settings` (condition to limit).

    Refuses a looser limit without a reason, and an unknown condition.
    """
    settings = settings or {}
    limits = dict(DEFAULTS[release])
    loosened = {}
    for condition, limit in settings.items():
        if condition not in DEFAULTS["public"]:
            raise Malformed("unknown_limit", condition=condition, known=", ".join(DEFAULTS["public"]))
        if condition in limits and not _meets(condition, limit, limits[condition]):
            loosened[condition] = limit
        limits[condition] = limit
    if loosened and not reason.strip():
        raise Refused("loosened_without_reason", conditions=", ".join(loosened))
    failed = []
    for condition, limit in limits.items():
        found = getattr(measures, condition)
        if found is not None and not _meets(condition, found, limit):
            failed.append(Failure(condition, found, limit))
    kept = reason.strip() if loosened else ""
    return Decision(release, not failed, failed, limits, measures, loosened, kept)


def _meets(condition: str, value: float, limit: float) -> bool:
    return value >= limit if condition in AT_LEAST else value <= limit
