"""One meeting of this hub with the centre: hear what was withdrawn and published, then tell what came in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from server.store import nodes
from server.store.field import announce
from server.store.home import Campaign
from server.store.meeting import digest_codes, here
from server.store.withdraw import fulfil
from sync.client import Remote
from sync.peer import PAGE, push


@dataclass(frozen=True, slots=True)
class Met:
    """How many events were heard and told."""

    heard: int
    told: int


def meet(
    campaign: Campaign,
    remote: Remote,
    *,
    at: str,
    page: int = PAGE,
    step: Callable[[int], None] = lambda _: None,
) -> Met:
    """Exchanges all that is new with the centre; interrupted anywhere, it is simply done again.

    Withdrawals come first, so that nothing is sent of someone who has withdrawn at the centre meanwhile.
    """
    centre = nodes.centre_of(campaign)
    mine = here(campaign, centre)
    digest_codes(campaign)
    announce(campaign, at=at)
    heard = push(remote, mine, page=page, step=step)
    fulfil(campaign, at=at)
    theirs = remote.vector()
    told = push(mine, remote, page=page, theirs=theirs, step=lambda n: step(heard + n))
    nodes.note_meeting(campaign, centre, mine.vector() if told else theirs, at=at)
    return Met(heard, told)
