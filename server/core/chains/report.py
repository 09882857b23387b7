"""One document on the chains; estimates stand in it only where their conditions hold.

The cut-offs are this program's own. The unweighted share among respondents is always there, with its base.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from server.core.chains.bootstrap import salganik_errors
from server.core.chains.checks import Coupons, coupons, findings, over_limit
from server.core.chains.diagnostics import diagnose
from server.core.chains.estimate import (
    NORMAL,
    Floats,
    Sample,
    design_effect,
    likelihood_error,
    rds_i,
    rds_i_weights,
    rds_ii_weights,
    sample_of,
    weighted_shares,
)
from server.core.chains.forest import Forest
from server.core.chains.successive import ss_weights
from server.core.problem import Malformed

FEWEST_WAVES = 3
MEASURED = 0.9
MOST_COUPONS = 10  # per person; more is no limit
LABEL = "among respondents, sample not population"
NARROW = "Intervals of respondent-driven samples are often too narrow (Goel and Salganik 2010)."
METHODS = {
    "rds_i": "RDS-I (Salganik and Heckathorn 2004), over seeds and recruits",
    "rds_ii": "RDS-II (Volz and Heckathorn 2008)",
    "ss": "successive sampling (Gile 2011)",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader wants and knows beside the interviews."""

    population: int | None = None
    sensitivity: bool = False
    without_seeds: bool = False
    coupon_limit: int | None = None
    valid_days: int | None = None
    version: str = ""
    seed: int = 1  # from which the random numbers were made; stated in the document


def report(forest: Forest, asked: Asked, rng: np.random.Generator) -> dict[str, Any]:
    """The whole document as JSON values; `rng` draws for the bootstrap and for successive sampling.

    Raises Malformed when no outcome is known, or when the population is smaller than the sample.
    """
    sample = sample_of(forest)
    if not sample.values:
        raise Malformed("snowball_no_outcome")
    if asked.population is not None and asked.population < sample.size:
        raise Malformed("snowball_population", size=str(sample.size))
    accounts = coupons(forest, asked.valid_days)
    refused = conditions(forest, accounts, asked.coupon_limit)
    unlocked = asked.sensitivity or not refused
    found: dict[str, Any] = {
        "n": sample.size,
        "seeds": forest.seeds,
        "waves": max(forest.waves),
        "longest_chain": max(forest.waves) + 1,
        "by_wave": forest.by_wave,
        "by_seed": forest.by_seed,
        "by_recruits": {str(key): count for key, count in forest.by_recruits.items()},
        "coupons": asdict(accounts),
        "findings": [asdict(each) for each in findings(forest, asked.coupon_limit, asked.valid_days)],
        "shares": _shares(sample),
        "diagnostics": diagnose(forest, sample, weighted=unlocked),
    }
    if refused:
        found["refused"] = refused
    if unlocked:
        worked = estimates(sample, asked, rng)
        if refused:
            label = "sensitivity analysis: conditions fail, no estimate of the population"
            found["sensitivity_analysis"] = {"label": label, "estimates": worked}
        else:
            found["estimates"] = worked
        found["note"] = NARROW
    found["strobe"] = _strobe(forest, accounts, asked, unlocked=unlocked)
    return found


def conditions(forest: Forest, accounts: Coupons, limit: int | None = None) -> list[dict[str, Any]]:
    """The conditions of estimation that fail, each with what is needed and what was found."""
    people = forest.people
    measured = sum(bool(person.size) for person in people) / len(people)
    most = limit if limit is not None else accounts.most
    limited = most is not None and most <= MOST_COUPONS
    over = over_limit(forest, limit)
    waves = max(forest.waves)
    checks = [
        ("recruiter_known", forest.broken == 0, "0 recruits without a known recruiter", forest.broken),
        (
            "size_measured",
            measured >= MEASURED,
            f"network size for at least {MEASURED:.0%}",
            round(measured, 4),
        ),
        ("coupons_limited", limited, f"a limit of at most {MOST_COUPONS} coupons per person, recorded", most),
        ("coupons_kept", over == 0, "0 respondents with more recruits than coupons", over),
        ("waves", waves >= FEWEST_WAVES, f"at least {FEWEST_WAVES} waves after the seeds", waves),
    ]
    return [
        {"condition": code, "needed": needed, "found": seen}
        for code, holds, needed, seen in checks
        if not holds
    ]


def estimates(sample: Sample, asked: Asked, rng: np.random.Generator) -> dict[str, dict[str, Any]]:
    """For each value of the outcome its share in the sample and by each method, with errors."""
    bootstrap = salganik_errors(sample, rng)
    used = ~sample.seeds if asked.without_seeds else np.ones(sample.size, dtype=bool)
    if not (sample.groups[used] >= 0).any():
        used = np.ones(sample.size, dtype=bool)
    methods = _weights(sample, used, asked, rng)
    every = np.ones(sample.size, dtype=bool)
    over: Mapping[str, Any] = {"rds_i": every, "rds_ii": used, "ss": used}
    found: dict[str, dict[str, Any]] = {}
    for place, value in enumerate(sample.values):
        line: dict[str, Any] = {
            "n": int((sample.groups[used] == place).sum()),
            "sample": float(
                weighted_shares(np.ones(int(used.sum())), sample.groups[used], len(sample.values))[place]
            ),
        }
        errors = {}
        for method, (weights, population) in methods.items():
            line[method] = None
            if weights is None:
                continue
            groups = sample.groups[over[method]]
            line[method] = float(weighted_shares(weights, groups, len(sample.values))[place])
            drawn = None if bootstrap is None or method == "ss" else bootstrap[method == "rds_ii"][place]
            errors[method] = _errors(line[method], weights, groups, place, (population, drawn))
        found[value] = line | {"errors": errors}
    return found


def _weights(
    sample: Sample, used: Any, asked: Asked, rng: np.random.Generator
) -> dict[str, tuple[Floats | None, int | None]]:
    """Weights and population of each method; None where it cannot be had.

    Without seeds the population is what RDS-II gives to the rest, as in the package.
    """
    first = rds_i(sample)
    second = rds_ii_weights(sample.degrees)
    rest, third = asked.population, None
    if asked.population is not None:
        rest = round(asked.population * float(second[used].sum() / second.sum()))
        if rest < used.sum():
            raise Malformed("snowball_population", size=str(sample.size))
        third = ss_weights(sample.degrees[used], rest, rng)
    return {
        "rds_i": (None if first is None else rds_i_weights(sample, first), asked.population),
        "rds_ii": (second[used], rest),
        "ss": (third, rest),
    }


def _errors(
    share: float, weights: Floats, groups: Any, place: int, known: tuple[int | None, float | None]
) -> dict[str, float | None]:
    """Standard errors by both ways, design effect, and the interval of the larger error."""
    population, drawn = known
    seen = groups >= 0
    error = likelihood_error(weights[seen], groups[seen] == place, population, len(groups))
    effect = None if error is None else design_effect(share, error, int(seen.sum()), population)
    bootstrap = None if drawn is None or np.isnan(drawn) else float(drawn)
    some = [each for each in (error, bootstrap) if each is not None]
    wide = NORMAL * max(some) if some else None
    return {
        "likelihood": error,
        "bootstrap": bootstrap,
        "design_effect": effect,
        "low": None if wide is None else max(share - wide, 0.0),
        "high": None if wide is None else min(share + wide, 1.0),
    }


def _shares(sample: Sample) -> dict[str, Any]:
    known = Counter(int(group) for group in sample.groups if group >= 0)
    base = sum(known.values())
    return {
        "label": LABEL,
        "base": base,
        "missing": sample.size - base,
        "values": {
            value: {"n": known[place], "share": known[place] / base}
            for place, value in enumerate(sample.values)
        },
    }


def _strobe(forest: Forest, accounts: Coupons, asked: Asked, *, unlocked: bool) -> dict[str, Any]:
    """What STROBE-RDS (White and others 2015) asks a report to state."""
    return {
        "seeds": forest.seeds,
        "waves": max(forest.waves),
        "coupon_limit": asked.coupon_limit if asked.coupon_limit is not None else accounts.most,
        "coupons_out": accounts.issued,
        "coupons_back": accounts.returned,
        "coupons_expired": accounts.expired,
        "duplicates_removed": forest.faults.get("duplicate_id", 0),
        "duplicates_rule": "same id: the first interview in the file stays",
        "seeds_in_estimates": not asked.without_seeds,
        "estimators": [
            text for key, text in METHODS.items() if unlocked and (asked.population or key != "ss")
        ],
        "missing_sizes_rule": "missing or zero network sizes stand as the largest",
        "population_used": asked.population,
        "random_seed": asked.seed,
        "software": f"taama {asked.version}".strip(),
    }
