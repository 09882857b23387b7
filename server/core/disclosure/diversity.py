"""Whether those who share their keys also share what is sensitive: l-diversity and t-closeness.

Missing keys form groups of their own, as in sdcMicro's ldiversity. A missing sensitive answer counts as one
more answer, but not in the recursive measure, and a group in which it is the only one has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from server.core.disclosure.keys import MISSING, Flags, Floats, Ints, compressed, grouped

RECURSION = 2.0


@dataclass(frozen=True, slots=True)
class Diversity:
    """Of each record's group: l by three measures, the share of its commonest answer, and the distance t."""

    distinct: Ints
    entropy: Floats
    recursive: Ints
    commonest: Floats
    closeness: Floats


def diversity(codes: Ints, sensitive: Ints, c: float = RECURSION) -> Diversity:
    """l-diversity and t-closeness for `codes` (records, keys) and one `sensitive` column (records,).

    Entropy l is exp of the entropy; recursive (c, l) as in Machanavajjhala et al. 2007; t is half the sum of
    absolute differences between the group's shares and the file's (equal distances, Li et al. 2007).
    """
    groups = grouped(codes)
    number = len(groups.size)
    answers = int(sensitive.max(initial=0)) + 2
    cell, cells = compressed(groups.of * answers + sensitive + 1, number * answers)
    at = np.zeros(cells, np.int64)
    at[cell] = np.arange(len(cell))
    count, group, answer = np.bincount(cell, minlength=cells), groups.of[at], sensitive[at]
    told = answer != MISSING
    named = np.bincount(group[told], minlength=number)
    distinct = named + np.where(named > 0, np.bincount(group[~told], minlength=number), 0)
    share = count / groups.size[group]
    counted = told | (named[group] > 0)
    entropy = -np.bincount(group[counted], (share * np.log(share))[counted], number)
    whole = np.bincount(sensitive + 1, minlength=answers) / len(sensitive)
    here = whole[answer + 1]
    # What a group lacks of the file's answers, it is as far from; so the sum need not visit empty cells.
    closeness = (np.bincount(group, np.abs(share - here) - here, number) + 1) / 2
    commonest = np.zeros(number)
    np.maximum.at(commonest, group[told], share[told])
    recursive = _recursive(group[told], count[told], number, c)
    of = groups.of
    return Diversity(
        distinct.astype(np.int64)[of],
        np.exp(entropy)[of],
        recursive[of],
        commonest[of],
        np.maximum(closeness, 0)[of],
    )


def whole_classes(codes: Ints, sensitive: Ints, answer: int) -> int:
    """How many groups of `codes` (records, keys) hold nothing but one sensitive answer (a code)."""
    groups = grouped(codes)
    others = np.bincount(groups.of, sensitive != answer, len(groups.size))
    return int((others == 0).sum())


def _recursive(group: Ints, count: Ints, number: int, c: float) -> Ints:
    """The largest l for which the commonest answer has fewer than c times those from the l-th on."""
    order = np.lexsort([-count, group])
    group, count = group[order], count[order].astype(np.float64)
    total = np.bincount(group, count, number)
    before = np.cumsum(count) - count
    first = np.searchsorted(group, np.arange(number))
    most = np.zeros(number)
    filled = np.bincount(group, minlength=number) > 0
    most[filled] = count[first[filled]]
    tail = total[group] - (before - before[first[group]])  # from this answer to the rarest
    later: Flags = np.arange(len(group)) > first[group]
    passed = later & (c * tail > most[group])
    result: Ints = np.bincount(group[passed], minlength=number).astype(np.int64) + 1
    return result
