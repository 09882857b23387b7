"""Interviews of one enumerator that are more alike than interviews of different enumerators ever are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from server.core.checks.facts import Facts
from server.core.checks.flag import Flag
from server.core.checks.parameters import Parameters

Codes = npt.NDArray[np.int32]
Shares = npt.NDArray[np.float64]
MISSING = -1
BLOCK = 256  # interviews that are compared with all at once
MOST_VALUES = 60  # different answers to a question, up to which they are counted by multiplying


@dataclass(frozen=True)
class Likeness:
    """The interviews of a form as rows of codes, and from which share of identical answers on two are too
    alike.

    `own` is each row's best match with the same enumerator's, `partner` with whom; `judges` is False where
    there are too few, or where people resemble each other too much for it to mean anything.
    """

    threshold: float = 1.0
    judges: bool = False
    instances: tuple[str, ...] = ()
    own: Shares = field(default_factory=lambda: np.empty(0))
    partner: Codes = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    coder: Coder | None = None
    codes: Codes = field(default_factory=lambda: np.empty((0, 0), dtype=np.int32))
    who: tuple[str, ...] = ()

    @classmethod
    def of(cls, everyone: Sequence[Facts], parameters: Parameters) -> Likeness:
        """Compares all with all.

        The share is identical answers over answers that both gave. The threshold is the 99.9th percentile of
        each interview's best match with *another* enumerator's, at least 0.85: where people resemble each
        other a fixed threshold would flag nearly everyone (Kuriakose and Robbins's 85 % was shown to depend
        on the questionnaire).
        """
        said = parameters["alike"]
        if len(everyone) < said["least"]:
            return cls()
        coder = Coder(everyone)
        codes = np.stack([coder.row(facts) for facts in everyone])
        who = tuple(facts.enumerator for facts in everyone)
        own, others, partner = best_matches(codes, _numbered(who), said["compared"])
        known = others[~np.isnan(others)]
        if not len(known):
            return cls()
        quantile = float(np.quantile(known, said["quantile"]))
        threshold = max(said["floor"], quantile)
        names = tuple(facts.instance for facts in everyone)
        judges = quantile <= said["hopeless"]
        return cls(threshold, judges, names, own, partner, coder, codes, who)

    def flags(self) -> Iterator[tuple[str, Flag]]:
        """NEARDUP among those that were compared."""
        if self.judges:
            for number in np.flatnonzero(self.own > self.threshold):
                other = self.instances[int(self.partner[number])]
                yield self.instances[number], self._flag(float(self.own[number]), other)

    def judge(self, facts: Facts, parameters: Parameters) -> Iterator[Flag]:
        """NEARDUP for one more interview, by the threshold found among the others."""
        if not self.judges or self.coder is None:
            return
        share = shares(self.codes, self.coder.row(facts), parameters["alike"]["compared"])
        mine = [
            who == facts.enumerator and one != facts.instance
            for who, one in zip(self.who, self.instances, strict=True)
        ]
        share = np.where(np.array(mine), share, np.nan)
        if not np.isnan(share).all():
            best = int(np.nanargmax(share))
            if share[best] > self.threshold:
                yield self._flag(float(share[best]), self.instances[best])

    def _flag(self, share: float, other: str) -> Flag:
        percent, limit = f"{100 * share:.0f}", f"{100 * self.threshold:.0f}"
        words = {"percent": percent, "other": other, "limit": limit}
        return Flag("NEARDUP", "warning", "alike", "", percent, f"≤ {limit}", words)


class Coder:
    """Writes interviews as rows of numbers: one column a question, equal numbers for equal answers."""

    def __init__(self, everyone: Sequence[Facts]) -> None:
        shapes = {id(facts.shape): facts.shape for facts in everyone}
        paths = {path: None for shape in shapes.values() for path in shape.compared}
        self._column = {path: number for number, path in enumerate(paths)}
        self._known: dict[tuple[str, str], int] = {}

    def row(self, facts: Facts) -> Codes:
        """An interview's answers; -1 where there is none."""
        codes = np.full(max(len(self._column), 1), MISSING, dtype=np.int32)
        for met in facts.met:
            at = self._column.get(met.question.path)
            if at is not None and met.text:
                codes[at] = self._known.setdefault((met.question.path, met.text), len(self._known))
        return codes


def shares(codes: Codes, row: Codes, least: int) -> Shares:
    """The share of identical answers of `row` with each row of `codes`; NaN where fewer than `least`
    compare."""
    answered = row != MISSING
    mine = codes[:, answered]
    same = np.count_nonzero(mine == row[answered], axis=1)
    both = np.count_nonzero(mine != MISSING, axis=1)
    return np.where(both >= least, same / np.maximum(both, 1), np.nan)


def best_matches(codes: Codes, who: Codes, least: int) -> tuple[Shares, Shares, Codes]:
    """For each row the largest share of identical answers with a row of the same `who` and of another, and
    the former.

    `codes` (interviews × questions) holds -1 where nothing was answered; NaN where fewer than `least` can be
    compared.
    """
    count = len(codes)
    own, others = np.full(count, -1.0), np.full(count, -1.0)
    partner = np.full(count, -1, dtype=np.int32)
    ticked, many = _ticked(codes)
    filled = (codes != MISSING).astype(np.float32)
    for start in range(0, count, BLOCK):
        some = slice(start, start + BLOCK)
        same = ticked[some] @ ticked.T
        for column in many:
            same += (column[some, None] == column) & (column != MISSING)
        both = filled[some] @ filled.T
        share = np.where(both >= least, same / np.maximum(both, 1), -1.0)
        here = np.arange(len(share))
        share[here, start + here] = -1.0
        mine = who[some, None] == who
        of_own = np.where(mine, share, -1.0)
        partner[some] = of_own.argmax(axis=1)
        own[some] = of_own.max(axis=1)
        others[some] = np.where(mine, -1.0, share).max(axis=1)
    partner[own < 0] = -1
    return np.where(own < 0, np.nan, own), np.where(others < 0, np.nan, others), partner


def _ticked(codes: Codes) -> tuple[npt.NDArray[np.float32], list[Codes]]:
    """Answers as columns of 0 and 1, so that one product of matrices counts what is the same; and the
    questions with too many different answers for that."""
    ticked: list[npt.NDArray[np.float32]] = [np.zeros((len(codes), 1), dtype=np.float32)]
    many: list[Codes] = []
    for column in codes.T:
        values, counts = np.unique(column[column != MISSING], return_counts=True)
        repeated = values[counts > 1]  # an answer that was given once is like nobody's
        if len(repeated) > MOST_VALUES:
            many.append(column)
        else:
            ticked.append((column[:, None] == repeated).astype(np.float32))
    return np.concatenate(ticked, axis=1), many


def _numbered(names: Sequence[str]) -> Codes:
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int32)
