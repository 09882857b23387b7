"""Exchange without a network: what the other node has not heard goes into a file, which it reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from server.core.problem import NotFound
from server.store import nodes
from server.store.field import announce
from server.store.home import Campaign
from server.store.meeting import digest_codes, here
from server.store.withdraw import fulfil
from sync.bundle import Bundle, write
from sync.db import reading
from sync.hear import CENTRAL, known
from sync.peer import PAGE, push


@dataclass(frozen=True, slots=True)
class Read:
    """Who wrote a bundle, and how many of its events were new."""

    sender: str
    heard: int


def write_bundle(campaign: Campaign, target: Path, receiver: str, *, at: str) -> tuple[Path, int]:
    """Writes what `receiver` (a label, or `central`) has not acknowledged; returns the file and the count.

    Into a folder it goes under a name of its own. What was written before and not acknowledged goes again.
    """
    with reading(campaign.engine) as connection:
        found = [
            (origin, node)
            for origin, node in known(connection).items()
            if origin != campaign.keys.origin
            and node.until < 0
            and receiver in (node.label, origin, CENTRAL if node.role == CENTRAL else node.label)
        ]
    if not found:
        raise NotFound("unknown_node")
    origin, node = found[0]
    digest_codes(campaign)
    announce(campaign, at=at)
    day = at[:16].replace(":", "").replace("-", "")
    path = target / f"{receiver}-{campaign.keys.origin}-{day}.taama" if target.is_dir() else target
    heard = nodes.last_vector(campaign, origin)
    count = write(path, here(campaign, origin), campaign.keys, (origin, bytes(node.public)), heard)
    return path, count


def read_bundle(campaign: Campaign, path: Path, *, at: str, page: int = PAGE) -> Read:
    """Takes a bundle in; twice, or an old one, is harmless. Raises Garbled for one that is not for us."""
    with reading(campaign.engine) as connection:
        publics = {o: bytes(node.public) for o, node in known(connection).items() if node.until < 0}
    bundle = Bundle(path, campaign.keys, publics)
    mine = here(campaign, bundle.sender)
    heard = push(bundle, mine, page=page)
    fulfil(campaign, at=at)
    theirs, before = bundle.vector(), nodes.last_vector(campaign, bundle.sender)
    ahead = theirs.get(bundle.sender, (0, ""))[0] >= before.get(bundle.sender, (0, ""))[0]
    if ahead:  # an older stick says less than we know
        nodes.note_meeting(campaign, bundle.sender, theirs, at=at)
    return Read(bundle.sender, heard)
