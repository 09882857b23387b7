"""What stands out among the other interviews: how long they took, what numbers they gave, how alike they
are."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from forms.filled import path_of
from server.core.checks.facts import Facts
from server.core.checks.flag import Flag, graded
from server.core.checks.pace import active_minutes
from server.core.checks.parameters import Parameters
from server.core.checks.robust import fences, robust_z

Found = tuple[str, Flag]  # the interview, and what is odd about it
Codes = npt.NDArray[np.int32]
MISSING = -1


def unlike_duration(everyone: Sequence[Facts], parameters: Parameters) -> Iterator[Found]:
    """DUR: the logarithm of the active time, by robust z within one version of a form."""
    said = parameters["duration"]
    by_version: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for facts in everyone:
        if facts.timeline is not None and facts.timeline.visits:
            minutes = active_minutes(facts.timeline, said["longest_visit_minutes"])
            if minutes > 0:
                by_version[facts.version].append((facts.instance, minutes))
    for timed in by_version.values():
        z = robust_z([math.log(minutes) for _, minutes in timed]) if len(timed) >= said["least"] else None
        if z is None:
            continue
        median = float(np.median([minutes for _, minutes in timed]))
        for (instance, minutes), one in zip(timed, z, strict=True):
            if said["low"] <= one <= said["high"]:
                continue
            severity = graded(critical=one < said["very_low"])
            words = {"minutes": f"{minutes:.0f}", "median": f"{median:.0f}", "z": f"{one:.1f}"}
            message = "shorter_than_others" if one < 0 else "longer_than_others"
            yield (
                instance,
                Flag("DUR-active", severity, message, "", words["minutes"], words["median"], words),
            )


def far_out(everyone: Sequence[Facts], parameters: Parameters) -> Iterator[Found]:
    """OUTLIER: numbers beyond Tukey's fences, all turns and versions of a question together."""
    said = parameters["outlier"]
    codes = {*parameters["dont_know"]["codes"], *parameters["refused"]["codes"]}
    values: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for facts in everyone:
        wanted = set(facts.shape.numbers)
        for met in facts.met:
            if met.question.path in wanted and met.text and met.text not in codes:
                number = _number(met.text)
                if number is not None:
                    values[met.question.path].append((facts.instance, met.place, number))
    for given in values.values():
        numbers = [number for _, _, number in given]
        if len(given) < said["least"]:
            continue
        inner, outer = (fences(numbers, said[k], said["skewness"]) for k in ("warning", "critical"))
        if inner is None or outer is None:
            continue
        for instance, place, number in given:
            if inner.low <= number <= inner.high:
                continue
            severity = graded(critical=not outer.low <= number <= outer.high)
            expected = f"{inner.low:.4g}–{inner.high:.4g}"
            words = {"value": f"{number:g}", "low": f"{inner.low:.4g}", "high": f"{inner.high:.4g}"}
            yield instance, Flag("OUTLIER", severity, "far_out", place, words["value"], expected, words)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True, slots=True)
class Alike:
    """What came of comparing interviews with each other: the threshold, and whether it can judge at all."""

    threshold: float
    judges: bool
    found: tuple[Found, ...]


def alike(everyone: Sequence[Facts], parameters: Parameters) -> Alike:
    """NEARDUP: interviews of one enumerator that share more answers than interviews of different ones ever
    do.

    The share is identical answers over answers that both gave. The threshold is the 99.9th percentile of each
    interview's best match with *another* enumerator's, at least 0.85: where people resemble each other a
    fixed threshold would flag nearly everyone (Kuriakose and Robbins's 85 % was shown to depend on the
    questionnaire).
    """
    said = parameters["alike"]
    if len(everyone) < said["least"]:
        return Alike(1.0, judges=False, found=())
    codes, who = _coded(everyone), _numbered([facts.enumerator for facts in everyone])
    own, others, partner = best_matches(codes, who, said["compared"])
    known = others[~np.isnan(others)]
    if not len(known):
        return Alike(1.0, judges=False, found=())
    quantile = float(np.quantile(known, said["quantile"]))
    threshold = max(said["floor"], quantile)
    if quantile > said["hopeless"]:
        return Alike(threshold, judges=False, found=())
    found = []
    for number in np.flatnonzero(own > threshold):
        other = everyone[int(partner[number])].instance
        percent, limit = f"{100 * own[number]:.0f}", f"{100 * threshold:.0f}"
        words = {"percent": percent, "other": other, "limit": limit}
        flag = Flag("NEARDUP", "warning", "alike", "", percent, f"≤ {limit}", words)
        found.append((everyone[int(number)].instance, flag))
    return Alike(threshold, judges=True, found=tuple(found))


def best_matches(
    codes: Codes, who: Codes, least: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], Codes]:
    """For each row the largest share of identical answers with a row of the same `who` and of another, and
    the former.

    `codes` (interviews × questions) holds -1 where nothing was answered; NaN where fewer than `least` can be
    compared.
    """
    count = len(codes)
    own, others = np.full(count, np.nan), np.full(count, np.nan)
    partner = np.full(count, -1, dtype=np.int32)
    answered = codes != MISSING
    both_of = answered.astype(np.float32) @ answered.astype(np.float32).T
    for row in range(count):
        same = ((codes == codes[row]) & answered[row]).sum(axis=1)
        both = both_of[row]
        share = np.where(both >= least, same / np.maximum(both, 1), np.nan)
        share[row] = np.nan
        mine = who == who[row]
        own_share, other_share = np.where(mine, share, np.nan), np.where(mine, np.nan, share)
        if not np.isnan(own_share).all():
            partner[row] = int(np.nanargmax(own_share))
            own[row] = own_share[partner[row]]
        if not np.isnan(other_share).all():
            others[row] = float(np.nanmax(other_share))
    return own, others, partner


def _coded(everyone: Sequence[Facts]) -> Codes:
    paths = {path: None for facts in everyone for path in facts.shape.compared}
    column = {path: number for number, path in enumerate(paths)}
    known: dict[tuple[str, str], int] = {}
    codes = np.full((len(everyone), max(len(column), 1)), MISSING, dtype=np.int32)
    for row, facts in enumerate(everyone):
        for met in facts.met:
            at = column.get(met.question.path)
            if at is not None and met.text:
                codes[row, at] = known.setdefault((met.question.path, met.text), len(known))
    return codes


def _numbered(names: Iterable[str]) -> Codes:
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int32)


def one_after_the_other(everyone: Sequence[Facts], parameters: Parameters) -> Iterator[Found]:
    """GAP-between: an enumerator's interview that began before the last one ended, or right after it."""
    by_enumerator: dict[str, list[Facts]] = defaultdict(list)
    for facts in everyone:
        if facts.enumerator and facts.start is not None and facts.end is not None:
            by_enumerator[facts.enumerator].append(facts)
    least = parameters["gap"]["between_minutes"]
    for mine in by_enumerator.values():
        mine.sort(key=lambda facts: (facts.start, facts.instance))
        for before, facts in pairwise(mine):
            if facts.start is None or before.end is None or facts.start.date() != before.end.date():
                continue
            minutes = (facts.start - before.end).total_seconds() / 60
            if minutes >= least:
                continue
            words = {"minutes": f"{abs(minutes):.0f}", "other": before.instance}
            message = "overlaps" if minutes < 0 else "right_after"
            severity = graded(critical=minutes < 0)
            yield (
                facts.instance,
                Flag("GAP-between", severity, message, "", f"{minutes:.0f}", f"≥ {least:g}", words),
            )


def same_words(everyone: Sequence[Facts]) -> Iterator[Found]:
    """TEXT: a free text of 15 signs or more that stands in another interview word for word (by its
    digest)."""
    by_text: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for facts in everyone:
        for place, digest in facts.derived.get("texts", {}).items():
            by_text[path_of(place), digest].append((facts.instance, place))
    for same in by_text.values():
        interviews = dict(same)
        for instance, place in same if len(interviews) > 1 else ():
            other = next(one for one in interviews if one != instance)
            words = {"count": str(len(interviews)), "other": other}
            yield instance, Flag("TEXT", "warning", "same_text", place, words["count"], "1", words)
