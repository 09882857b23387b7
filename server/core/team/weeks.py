"""How the open flags of an enumerator's interviews go, week by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from server.core.team.rows import Met


def flag_rates(
    met: Sequence[Met], flags: Mapping[str, int] | None
) -> tuple[float | None, tuple[tuple[str, float], ...]]:
    """Open flags a hundred interviews, in all and by ISO week."""
    if flags is None or not met:
        return None, ()
    weeks: dict[str, list[int]] = defaultdict(list)
    for one in met:
        year, week, _ = date.fromisoformat(one.day).isocalendar()
        weeks[f"{year}-W{week:02}"].append(flags.get(one.instance, 0))
    total = sum(sum(counts) for counts in weeks.values())
    return 100 * total / len(met), tuple((w, 100 * sum(c) / len(c)) for w, c in sorted(weeks.items()))
