"""Two nodes meet: one asks how far the other has heard, and tells it the rest, bodies before their words.

A node here, one across HTTP and a file on a stick are peers alike, so that there is one way of telling.
Interrupted anywhere it is simply done again: what was told is skipped, what was half sent goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy import Connection, Engine

from sync.blobs import Blobs
from sync.db import reading, writing
from sync.event import Said
from sync.hear import May, Placed, Vector, advanced, receive, since, vector

PAGE = 500
CHUNK = 1_000_000
PAGE_BYTES = 8_000_000


class Peer(Protocol):
    """What can be heard and told. Sizes and offsets are in bytes."""

    def vector(self) -> Vector:
        """How far it has heard each node."""

    def since(self, theirs: Vector, page: int) -> list[Said]:
        """The next events that someone who heard `theirs` has not; none at the end. Raises Forked."""

    def tell(self, said: Sequence[Said]) -> None:
        """Takes events in, all or none. Raises Gap, Forked or NotAllowed."""

    def missing(self, shas: Sequence[str]) -> dict[str, int]:
        """Which bodies it has not got, with the number of bytes that it has of each already."""

    def fetch(self, sha: str, offset: int) -> tuple[bytes, int]:
        """A piece of a body from `offset` on, and the size of the whole."""

    def offer(self, sha: str, offset: int, total: int, piece: bytes) -> int:
        """Gives a piece of a body; returns how much of it is there now."""


class Meaning(Protocol):
    """What the server knows and this package does not: what may go where, and what events mean."""

    may: May

    def pack(self, connection: Connection, placed: Sequence[Placed]) -> list[Said]:
        """The events with what may go along to the other node."""

    def accept(self, said: Sequence[Said]) -> list[Said]:
        """Before the events are kept: what is forgotten or not for us is taken off, keys are put away."""

    def take(self, connection: Connection, new: Sequence[Placed], said: Sequence[Said]) -> None:
        """Brings the views up to date, within the transaction that keeps the events."""

    def settle(self, new: Sequence[Placed]) -> None:
        """After the commit: erases what is to go."""

    def welcome(self, shas: Sequence[str]) -> list[str]:
        """Which of the bodies may be given to us."""

    def may_fetch(self, sha: str) -> bool:
        """Whether the other node may have this body."""


class Local:
    """This node as a peer. `meaning` stands for the server, and for the node that it speaks with."""

    def __init__(self, engine: Engine, blobs: Blobs, meaning: Meaning) -> None:
        self.engine, self.blobs, self.meaning = engine, blobs, meaning

    def vector(self) -> Vector:
        """How far this node has heard each."""
        with reading(self.engine) as connection:
            return vector(connection)

    def since(self, theirs: Vector, page: int) -> list[Said]:
        """The next events for a node that has heard `theirs`, up to some megabytes."""
        with reading(self.engine) as connection:
            said = self.meaning.pack(connection, since(connection, theirs, min(page, PAGE)))
        size = 0
        for count, one in enumerate(said):
            size += sum(map(len, one.parts.values()))
            if size > PAGE_BYTES and count:
                return said[:count]
        return said

    def tell(self, said: Sequence[Said]) -> None:
        """Takes a page in."""
        kept = self.meaning.accept(said)
        with writing(self.engine) as connection:
            new = receive(
                connection, kept, lambda c, placed: self.meaning.take(c, placed, kept), self.meaning.may
            )
        self.meaning.settle(new)

    def missing(self, shas: Sequence[str]) -> dict[str, int]:
        """Bodies that are not here and may come."""
        wanted = [sha for sha in self.meaning.welcome(shas) if not self.blobs.path(sha).exists()]
        return {sha: self.blobs.begun(sha) for sha in wanted}

    def fetch(self, sha: str, offset: int) -> tuple[bytes, int]:
        """A piece of a body for the other node; raises FileNotFoundError."""
        if not self.meaning.may_fetch(sha):
            raise FileNotFoundError(sha)
        with self.blobs.path(sha).open("rb") as file:
            total = file.seek(0, 2)
            file.seek(offset)
            return file.read(CHUNK), total

    def offer(self, sha: str, offset: int, total: int, piece: bytes) -> int:
        """Keeps a piece of a body."""
        return self.blobs.add(sha, offset, total, piece)


def push(
    one: Peer,
    other: Peer,
    *,
    page: int = PAGE,
    theirs: Vector | None = None,
    step: Callable[[int], None] = lambda _: None,
) -> int:
    """Tells `other` all that `one` knows and it does not; returns how many events that was."""
    theirs = other.vector() if theirs is None else theirs
    count = 0
    while said := one.since(theirs, page):
        carry(one, other, [sha for each in said for sha in each.files])
        other.tell(said)
        theirs = advanced(theirs, said)
        count += len(said)
        step(count)
    return count


def carry(one: Peer, other: Peer, shas: Sequence[str]) -> None:
    """Brings bodies over, going on where an earlier try broke off."""
    for sha, had in other.missing(list(dict.fromkeys(shas))).items() if shas else ():
        offset = had
        while True:
            piece, total = one.fetch(sha, offset)
            offset = other.offer(sha, offset, total, piece)
            if offset >= total:
                break
