"""Everything a supervisor is shown of a team: one row for each enumerator, and each check that stands out.

Every rate counts only questions that were answered, so that skipped ones neither excuse nor accuse anybody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.core.checks.parameters import Parameters, shipped
from server.core.team.effect import Effect, effect, ranks
from server.core.team.funnel import (
    ENOUGH,
    Count,
    Funnel,
    of_tables,
    only_judged,
    pooled_strata,
    raw_funnel,
    settled,
    with_limits,
)
from server.core.team.pace import Pace, Progress, paces, progress
from server.core.team.rows import Asks, Declined, Indicator, Met, Target
from server.core.team.weeks import flag_rates

DONT_KNOW, REFUSED, OTHER = frozenset({"dk"}), frozenset({"refuse"}), frozenset({"other"})
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Usual:
    """FREQ: an answer that one enumerator nearly always gets and the others seldom do."""

    enumerator: str
    path: str
    code: str
    share: float
    elsewhere: float
    n: int


@dataclass(frozen=True, slots=True)
class Row:
    """One enumerator; `open_flags` a hundred interviews (None: checks never ran), `weeks` the trend of that.

    `findings` names the checks that stand out; `too_few` says that nothing can be judged yet.
    """

    enumerator: str
    interviews: int
    declined: int
    pace: Pace | None
    open_flags: float | None
    weeks: tuple[tuple[str, float], ...]
    findings: tuple[str, ...]
    too_few: bool


@dataclass(frozen=True, slots=True)
class TeamReport:
    """The team's checks of one form; `funnels` are the main ones, `leaning` those of answers that stand
    out."""

    form: str
    interviews: int
    rows: tuple[Row, ...]
    funnels: tuple[Funnel, ...]
    leaning: tuple[Funnel, ...]
    effects: tuple[Effect, ...]
    usual: tuple[Usual, ...]
    progress: tuple[Progress, ...]
    parameters: str


@dataclass(frozen=True)
class Judging:
    """What a team is judged by: the thresholds, and the open flags by interview (None: checks never ran)."""

    parameters: Parameters = field(default_factory=shipped)
    flags: Mapping[str, int] | None = None


@dataclass(frozen=True)
class _Team:
    """The interviews with their enumerators and strata as numbers."""

    met: Sequence[Met]
    names: Sequence[str]
    who: Numbers
    places: Sequence[str]
    where: Numbers
    said: Mapping[str, Any]

    def table(self, taken: NDArray[np.bool_]) -> Numbers:
        """Enumerators × strata: how many of the interviews are taken."""
        shape = (len(self.names), len(self.places))
        flat = np.bincount((self.who * shape[1] + self.where)[taken], minlength=shape[0] * shape[1])
        return flat.reshape(shape)


def team_report_of(
    form: str,
    met: Sequence[Met],
    declined: Sequence[Declined],
    asks: Asks,
    *,
    today: str,
    targets: Sequence[Target] = (),
    by: Judging = Judging(),  # frozen
) -> TeamReport:
    """The report from rows, judged by what is handed in."""
    said = by.parameters["team"]
    names, who = ranks([one.enumerator for one in met])
    places, where = ranks(pooled_strata([one.stratum for one in met]))
    team = _Team(met, names, who, places, where, said)
    columns = _columns(met, asks)
    funnels = [
        _consents(met, declined),
        *_rates(team, asks),
        *_heaping(team, asks),
        *_gates(team, columns, asks),
    ]
    enough = {name for name, n in Counter(one.enumerator for one in met).items() if n >= ENOUGH}
    consent, *others = funnels
    funnels = [consent, *(only_judged(one, enough) for one in others)]
    funnels = [with_limits(settled([one], said)[0]) for one in funnels]
    leaning, effects, usual = _answers(team, columns, asks.indicators)
    effects += _number_effects(team, asks)
    found = _findings(funnels, leaning, usual)
    return TeamReport(
        form,
        len(met),
        tuple(_rows(team, declined, found, by.flags)),
        tuple(funnels),
        tuple(with_limits(one) for one in leaning),
        tuple(sorted((e for one in effects if (e := one.judged(said)).severity), key=lambda e: -e.rho)),
        tuple(usual),
        tuple(progress(target, met, today, said) for target in targets),
        by.parameters.digest,
    )


def _columns(met: Sequence[Met], asks: Asks) -> dict[str, NDArray[np.str_]]:
    """Each question's answers in the order of the interviews; empty where there is none."""
    paths = {one.path for one in asks.indicators} | set(asks.gates)
    return {path: np.array([one.said.get(path, "") for one in met], dtype=str) for path in sorted(paths)}


def _consents(met: Sequence[Met], declined: Sequence[Declined]) -> Funnel:
    """CONSENT-rate: consents among those reached who were asked."""
    counts: Counter[tuple[str, str]] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    counts.update((one.enumerator, "") for one in met)
    refused.update((one.enumerator, "") for one in declined)
    keys = sorted(counts.keys() | refused.keys())
    return raw_funnel("CONSENT-rate", [(*key, counts[key], counts[key] + refused[key]) for key in keys])


def _rates(team: _Team, asks: Asks) -> Iterator[Funnel]:
    """DK, REFUSE and OTHER: the share of answered closed questions that offer it."""
    for check, codes in (("DK", DONT_KNOW), ("REFUSE", REFUSED), ("OTHER", OTHER)):
        offering = {path for path, offered in asks.offers.items() if offered & codes}
        counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for one, place in zip(team.met, team.where, strict=True):
            mine = counts[one.enumerator, team.places[place]]
            for path, text in one.said.items():
                if path in offering:
                    mine[1] += 1
                    mine[0] += not codes.isdisjoint(text.split())
        yield raw_funnel(check, [(*key, k, n) for key, (k, n) in sorted(counts.items())])


def _heaping(team: _Team, asks: Asks) -> Iterator[Funnel]:
    """HEAP: ages and amounts that end in 0 or 5."""
    counts: list[Count] = []
    for one, place in zip(team.met, team.where, strict=True):
        ends = [one.said[path][-1:] for path in asks.numbers if _countable(one.said.get(path, ""))]
        counts.append((one.enumerator, team.places[place], sum(end in "05" for end in ends), len(ends)))
    yield raw_funnel("HEAP", counts)


def _countable(text: str) -> bool:
    """Negative numbers are codes, and below ten nobody rounds."""
    return len(text) > 1 and text.isdigit()


def _gates(team: _Team, columns: Mapping[str, NDArray[np.str_]], asks: Asks) -> Iterator[Funnel]:
    """GATE: filter questions that were answered so that nothing more had to be asked."""
    short, asked = (np.zeros((len(team.names), len(team.places)), dtype=np.int64) for _ in range(2))
    for path, opening in asks.gates.items():
        answered = columns[path] != ""
        asked += team.table(answered)
        short += team.table(answered & ~np.isin(columns[path], sorted(opening)))
    yield of_tables("GATE", team.names, short, asked)


def _answers(
    team: _Team, columns: Mapping[str, NDArray[np.str_]], indicators: Sequence[Indicator]
) -> tuple[list[Funnel], list[Effect], list[Usual]]:
    """EFFECT-funnel (q over all answers together), EFFECT-rho and FREQ of each answer."""
    funnels: list[Funnel] = []
    effects: list[Effect] = []
    usual: list[Usual] = []
    for one in indicators:
        column = columns[one.path]
        answered = column != ""
        if int(answered.sum()) < 2 * ENOUGH:
            continue
        given = _given(column, one)
        k, n = team.table(given), team.table(answered)
        funnels.append(of_tables("EFFECT-funnel", team.names, k, n, one.path, one.code))
        usual += _usual(team, k.sum(1), n.sum(1), one)
        who = team.who[answered]
        # ρ of a few interviews each says nothing.
        judged = (np.bincount(who, minlength=len(team.names)) >= ENOUGH)[who]
        values = given[answered][judged].astype(float)
        made = effect(values, who[judged], team.where[answered][judged], one.path, one.code)
        if made is not None:
            effects.append(made)
    return [one for one in settled(funnels, team.said) if one.flagged], effects, usual


def _given(column: NDArray[np.str_], one: Indicator) -> NDArray[np.bool_]:
    if not one.several:
        return np.asarray(column == one.code)
    padded = np.char.add(np.char.add(" ", column), " ")
    return np.asarray(np.char.find(padded, f" {one.code} ") >= 0)


def _usual(team: _Team, k: Numbers, n: Numbers, one: Indicator) -> Iterator[Usual]:
    for place, name in enumerate(team.names):
        mine, others = int(n[place]), int(n.sum() - n[place])
        if mine < ENOUGH or others < ENOUGH:
            continue
        share, elsewhere = int(k[place]) / mine, int(k.sum() - k[place]) / others
        if share >= team.said["usual"] and elsewhere <= team.said["elsewhere"]:
            yield Usual(name, one.path, one.code, share, elsewhere, mine)


def _number_effects(team: _Team, asks: Asks) -> list[Effect]:
    found = []
    for path in asks.numbers:
        texts = [one.said.get(path, "") for one in team.met]
        answered = np.array([text.isdigit() for text in texts], dtype=bool)
        who = team.who[answered]
        judged = (np.bincount(who, minlength=len(team.names)) >= ENOUGH)[who]
        values = np.array([float(text) for text in texts if text.isdigit()])[judged]
        made = effect(values, who[judged], team.where[answered][judged], path) if values.size else None
        if made is not None:
            found.append(made)
    return found


def _findings(
    funnels: Sequence[Funnel], leaning: Sequence[Funnel], usual: Sequence[Usual]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in (*funnels, *leaning):
        for point in one.flagged:
            found[point.enumerator].append(one.check)
    for each in usual:
        found[each.enumerator].append("FREQ")
    return found


def _rows(
    team: _Team,
    declined: Sequence[Declined],
    found: Mapping[str, Sequence[str]],
    flags: Mapping[str, int] | None,
) -> Iterator[Row]:
    met = team.met
    pace = {one.enumerator: one for one in paces(met, team.said)}
    refused = Counter(one.enumerator for one in declined)
    mine: dict[str, list[Met]] = defaultdict(list)
    for one in met:
        mine[one.enumerator].append(one)
    for name in sorted({*mine, *refused}):
        own = pace.get(name)
        checks = [*found.get(name, ()), *(["PROD"] if own and own.flagged else [])]
        rate, weeks = flag_rates(mine[name], flags)
        n = len(mine[name])
        yield Row(name, n, refused[name], own, rate, weeks, tuple(sorted(set(checks))), n < ENOUGH)
