"""Makes a table safe enough for partners or the public: rare answers merged, keys chosen, cells blanked,
measured.

Keys are taken in order of importance for as long as few records would have to be blanked; what is left of the
order stays at home. Whoever could still be told apart loses as few answers as possible, then answers that
everybody of a group shares are blanked, and the gate judges what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from server.core.dataset.asked import PROTECTED
from server.core.dataset.policy import Part
from server.core.dataset.shape import Variable
from server.core.disclosure.diversity import diversity
from server.core.disclosure.gate import DEFAULTS, Decision, Measures, Release, decide
from server.core.disclosure.keys import Ints, encode
from server.core.disclosure.protect import Plan, protect
from server.core.disclosure.report import Asked, report
from server.core.disclosure.risk import frequencies
from server.core.disclosure.suppress import MOST_KEYS
from server.core.problem import Refused

OTHER = "other"
# A key that leaves more records than this below k stays at home, as does a sensitive question that would lose
# more of its answers.
MOST_SHORT, MOST_BLANK = 0.10, 0.20
FIRST_ROLES = ("sex", "age", "return_year", "return_country")


@dataclass
class Column:
    """A question's answers, one a record; `whys` tell why one is empty."""

    variable: Variable
    part: Part
    texts: list[str]
    whys: list[str]

    def values(self) -> list[str]:
        """The answers with each reason for having none as an answer of its own: it tells something too."""
        return [
            text or (f".{why}" if why != PROTECTED else "")
            for text, why in zip(self.texts, self.whys, strict=True)
        ]

    def blank(self, rows: Sequence[int]) -> None:
        """Takes the answers of some records away."""
        for row in rows:
            self.texts[row], self.whys[row] = "", PROTECTED


@dataclass(frozen=True)
class Safe:
    """What may leave, what the gate says of it, and what it cost.

    `blanked` counts cells by question; `moved` is the largest change of a share of answers, in points.
    """

    columns: list[Column]
    decision: Decision
    left_out: dict[str, str]
    blanked: dict[str, int]
    merged: dict[str, list[str]] = field(default_factory=dict)
    moved: float = 0.0


def make_safe(
    columns: Sequence[Column],
    release: Release,
    wanted: Sequence[str] = (),
    limits: Mapping[str, float] | None = None,
    reason: str = "",
) -> Safe:
    """Protects `columns` for a release; `wanted` are the names of keys to keep, in order of importance.

    Refuses a table with fewer records than k, and an unknown key.
    """
    level = {**DEFAULTS[release], **(limits or {})}
    rows, k = len(columns[0].texts) if columns else 0, int(level["k"])
    if rows < k:
        raise Refused("too_few_to_release", rows=str(rows), k=str(k), release=release)
    left_out: dict[str, str] = {}
    told = _telling(columns, left_out)
    merged = {
        one.variable.name: found for one in told if one.part == "key" and (found := _merge_rare(one, k))
    }
    keys = _chosen([one for one in told if one.part == "key"], wanted, level, left_out)
    open_ones = [one for one in told if one.part == "open"]
    sensitive = [one for one in told if one.part == "sensitive"]
    while True:
        tried = [replace(one, texts=list(one.texts), whys=list(one.whys)) for one in [*keys, *sensitive]]
        now, rest = tried[: len(keys)], tried[len(keys) :]
        blanked, moved = _suppressed(now, k)
        dropped = _diversified(now, rest, int(level.get("l", 1)), blanked)
        rest = [one for one in rest if one.variable.name not in dropped]
        decision = decide(release, _measures(now, rest, rows), limits, reason)
        if decision.passed or wanted or not keys or {one.condition for one in decision.failed} <= {"l"}:
            break
        left_out[keys.pop().variable.name] = "risk"
    left_out |= dict.fromkeys(dropped, "shared_by_all_of_a_group")
    kept = {id(one.variable): one for one in [*now, *open_ones, *rest]}
    ordered = [kept[id(one.variable)] for one in columns if id(one.variable) in kept]
    return Safe(ordered, decision, left_out, blanked, merged, moved)


def _telling(columns: Sequence[Column], left_out: dict[str, str]) -> list[Column]:
    """The columns that say something, each once."""
    told: list[Column] = []
    seen: dict[tuple[str, ...], str] = {}
    for column in columns:
        name, texts = column.variable.name, tuple(column.texts)
        if len(set(texts) - {""}) < 2:
            left_out[name] = "constant"
        elif texts in seen:
            left_out[name] = "same_as_another"
        else:
            seen[texts] = name
            told.append(column)
    return told


def _merge_rare(column: Column, k: int) -> list[str]:
    """Answers that fewer than k gave become one; returns them."""
    if column.variable.kind == "select_multiple":
        return []
    counts = Counter(text for text in column.texts if text)
    rare = sorted(text for text, count in counts.items() if count < k and text != OTHER)
    if rare:
        column.texts[:] = [OTHER if text in rare else text for text in column.texts]
    return rare


def _chosen(
    keys: list[Column], wanted: Sequence[str], level: Mapping[str, float], left_out: dict[str, str]
) -> list[Column]:
    """The keys to keep, the most important first; the others are left out."""
    by_name = {name: one for one in keys for name in (one.variable.name, one.variable.steps[-1])}
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        known = ", ".join(sorted({one.variable.steps[-1] for one in keys}))
        raise Refused("no_such_release_key", keys=", ".join(unknown), known=known)
    taken: list[Column] = [by_name[name] for name in wanted]
    for one in [] if wanted else sorted(keys, key=_importance):
        if len(taken) < MOST_KEYS and _bearable([*taken, one], level):
            taken.append(one)
    left_out |= {one.variable.name: "risk" for one in keys if one not in taken}
    return taken


def _importance(column: Column) -> int:
    roles = [FIRST_ROLES.index(role) for role in column.variable.question.roles if role in FIRST_ROLES]
    return min(roles, default=len(FIRST_ROLES) + (not column.variable.question.asked))


def _bearable(keys: Sequence[Column], level: Mapping[str, float]) -> bool:
    """Whether few records would have to be blanked, and the file as a whole would be safe enough."""
    alike = frequencies(_codes(keys)).sample
    short = float((alike < level["k"]).mean())
    risk = float((1 / np.maximum(alike, level["k"])).mean())
    return short <= MOST_SHORT and risk <= level.get("file_risk", 1.0)


def _codes(columns: Sequence[Column]) -> Ints:
    return encode([one.values() for one in columns])


def _suppressed(keys: Sequence[Column], k: int) -> tuple[dict[str, int], float]:
    """Blanks what has to be, the least important first; returns how much of each, and what it moved."""
    if not keys:
        return {}, 0.0
    costs = {str(place): float(len(keys) - place) for place in range(len(keys))}
    result = protect({str(place): one.values() for place, one in enumerate(keys)}, Plan(k, costs=costs))
    blanked = {}
    for place, one in enumerate(keys):
        after = result.columns[str(place)]
        rows = [
            row for row, (now, was) in enumerate(zip(after, one.values(), strict=True)) if was and not now
        ]
        one.blank(rows)
        if rows:
            blanked[one.variable.name] = len(rows)
    moves = (abs(was - now) for shares in result.change.values() for was, now in shares.values())
    return blanked, 100 * max(moves, default=0.0)


def _diversified(
    keys: Sequence[Column], sensitive: Sequence[Column], fewest: int, blanked: dict[str, int]
) -> list[str]:
    """Blanks sensitive answers where a whole group gives fewer different ones; names those that would lose
    too many."""
    dropped = []
    codes = _keys_of(keys, len(sensitive[0].texts) if sensitive else 0)
    for one in sensitive:
        found = diversity(codes, encode([one.texts])[:, 0]).distinct
        rows = [row for row in np.flatnonzero((found > 0) & (found < fewest)).tolist() if one.texts[row]]
        if len(rows) > MOST_BLANK * sum(map(bool, one.texts)):
            dropped.append(one.variable.name)
        elif rows:
            one.blank(rows)
            blanked[one.variable.name] = len(rows)
    return dropped


def _keys_of(keys: Sequence[Column], rows: int) -> Ints:
    """The codes of the keys; without any, all records are alike."""
    return _codes(keys) if keys else np.zeros((rows, 1), np.int64)


def _measures(keys: Sequence[Column], sensitive: Sequence[Column], rows: int) -> Measures:
    names = [one.variable.name for one in keys]
    answers = {one.variable.name: encode([one.texts])[:, 0] for one in sensitive}
    told = {name: codes for name, codes in answers.items() if (codes >= 0).any()}
    return report(Asked(names, list(told)), _keys_of(keys, rows), told, with_suda=False).measures()
