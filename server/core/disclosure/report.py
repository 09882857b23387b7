"""All measures of one table, as numbers and as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from server.core.disclosure.diversity import Diversity, diversity
from server.core.disclosure.gate import Measures
from server.core.disclosure.keys import Floats, Ints
from server.core.disclosure.risk import Frequencies, Method, Risk, below, frequencies, households, measured
from server.core.disclosure.suda import FRACTION, MOST_KEYS, Suda, suda
from server.core.problem import Malformed

# Above this the search for special uniques takes longer than all the rest.
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which columns play which part; "" is none."""

    keys: list[str]
    sensitive: list[str]
    weight: str = ""
    household: str = ""
    method: Method = "approx"
    fraction: float = FRACTION
    ihsn: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured of each record; `suda` is None if there are too many keys for it.

    `risk` is by the method that was asked for, `exact` by the exact one whatever was asked.
    """

    asked: Asked
    freq: Frequencies
    risk: Risk
    exact: Risk
    household: Floats | None
    clusters: int
    diverse: dict[str, Diversity]
    suda: Suda | None

    def summary(self) -> dict[str, Any]:
        """The file as a whole, ready for JSON."""
        few = below(self.freq)
        return {
            "rows": len(self.risk.each),
            "keys": self.asked.keys,
            "k": int(self.freq.sample.min()),
            "uniques": few[2],
            "below": {str(k): count for k, count in few.items()},
            "weighted": bool(self.asked.weight),
            "method": self.asked.method if self.asked.weight else "1/k",
            "file_risk": self.risk.file,
            "expected": self.risk.expected,
            "max_risk": float(self.risk.each.max()),
            "exact": {
                "file_risk": self.exact.file,
                "expected": self.exact.expected,
                "max_risk": float(self.exact.each.max()),
            },
            "household": self._household(),
            "l_diversity": {name: _diverse(one) for name, one in self.diverse.items()},
            **self._suda(),
        }

    def _household(self) -> dict[str, Any] | None:
        if self.household is None:
            return None
        return {
            "column": self.asked.household,
            "clusters": self.clusters,
            "file_risk": float(self.household.mean()),
            "expected": float(self.household.sum()),
            "max_risk": float(self.household.max()),
        }

    def _suda(self) -> dict[str, Any]:
        if self.suda is None:
            return {"suda": None, "dis_suda": None}
        found = self.suda
        shares = dict(zip(self.asked.keys, found.contribution.tolist(), strict=True))
        return {
            "suda": {
                "records": int((found.score > 0).sum()),
                "max": float(found.score.max()),
                "sum": float(found.score.sum()),
                "contributions": shares,
            },
            "dis_suda": {
                "max": float(found.dis.max()),
                "mean": float(found.dis.mean()),
                "fraction": self.asked.fraction,
            },
        }

    def records(self) -> Iterator[dict[str, Any]]:
        """Each record: its row from 1, f, F and risks."""
        columns: dict[str, list[Any]] = {
            "f": self.freq.sample.tolist(),
            "F": self.freq.population.tolist(),
            "risk": self.risk.each.tolist(),
        }
        if self.household is not None:
            columns["household_risk"] = self.household.tolist()
        if self.suda is not None:
            columns |= {"suda": self.suda.score.tolist(), "dis_suda": self.suda.dis.tolist()}
        for row, values in enumerate(zip(*columns.values(), strict=True), 1):
            yield {"row": row, **dict(zip(columns, values, strict=True))}

    def measures(self) -> Measures:
        """What the gate judges, but for the answer that must not be certain and the most sensitive group."""
        found = self.diverse.values()
        return Measures(
            k=int(self.freq.sample.min()),
            max_risk=float(self.risk.each.max()),
            file_risk=self.risk.file,
            # A group of which no sensitive answer is told gives none away.
            l=min(
                (int(told.min()) for one in found if len(told := one.distinct[one.distinct > 0])),
                default=None,
            ),
            t=max((float(one.closeness.max()) for one in found), default=None),
        )

    def sentences(self) -> list[str]:
        """The file as a whole, for a person."""
        found = self.summary()
        few = found["below"]
        lines = [
            f"{found['rows']} records, by {', '.join(self.asked.keys)}.",
            f"k is {found['k']}: {few['2']} records stand alone, {few['3']} share with fewer than 3, "
            f"{few['5']} with fewer than 5.",
            f"{found['expected']:.1f} people can be expected to be found again "
            f"({100 * found['file_risk']:.2f} % of the file); the highest risk is {found['max_risk']:.3f}.",
        ]
        if not self.asked.weight:
            lines.append("Without weights the sample is taken for the whole population: the worst case.")
        if self.household is not None:
            whole = found["household"]
            lines.append(
                f"With others of the same {self.asked.household}: {whole['expected']:.1f} people "
                f"({100 * whole['file_risk']:.2f} %)."
            )
        for name, one in found["l_diversity"].items():
            lines.append(
                f"{name}: each group holds at least {one['distinct']} answers; in {one['certain']} records' "
                f"groups all gave the same."
            )
        if self.suda is None:
            lines.append(
                f"Special uniques were not searched: not asked (--suda), or more than {MOST_KEYS} keys."
            )
        else:
            lines.append(
                f"Special uniques: {found['suda']['records']}, highest score {found['suda']['max']:.0f}, "
                f"highest DIS-SUDA {found['dis_suda']['max']:.4f}."
            )
        return lines


def _diverse(one: Diversity) -> dict[str, Any]:
    return {
        "distinct": int(one.distinct.min()),
        "entropy": float(one.entropy.min()),
        "recursive": int(one.recursive.min()),
        "certain": int((one.distinct == 1).sum()),
        "t": float(one.closeness.max()),
    }


def report(
    asked: Asked,
    codes: Ints,
    sensitive: Mapping[str, Ints],
    weights: Floats | None = None,
    cluster: Ints | None = None,
    *,
    with_suda: bool | None = None,
) -> Report:
    """Measures `codes` (records, keys) with `sensitive` columns, weights and clusters (records,) each.

    Special uniques are searched if `with_suda`, or if it is None in tables of ordinary size.
    """
    if not len(codes):
        raise Malformed("no_records")
    wanted = len(codes) <= MOST_ROWS if with_suda is None else with_suda
    wanted = wanted and codes.shape[1] <= MOST_KEYS
    freq = frequencies(codes, weights)
    risk = measured(freq, asked.method)
    return Report(
        asked,
        freq,
        risk,
        risk if weights is None else measured(freq, "exact"),
        None if cluster is None else households(risk.each, cluster),
        0 if cluster is None else len(np.unique(cluster)),
        {name: diversity(codes, column) for name, column in sensitive.items()},
        suda(codes, asked.fraction, ihsn=asked.ihsn) if wanted else None,
    )
