"""Reads from a campaign the respondents that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from server.core.monitoring.frame import Frame
from server.store.home import Campaign


def frame(
    campaign: Campaign,
    form: str,
    *,
    include: str = "approved",
    filters: Mapping[str, str] | None = None,
    step: Callable[[int], None] = lambda _: None,
) -> Frame:
    """The respondents of a form: `include` is `approved` or `all`; `filters` by names of GROUPS.

    Raises NotFound for a form that is not here, Malformed for a filter that the form has no question for.
    """
    raise NotImplementedError
