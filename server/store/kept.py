"""What takes too long to be worked out for each page: kept in memory, and renewed beside the pages.

What costs little is renewed as soon as anything is new. What costs much may be some minutes old, and its page
says so; only a withdrawal is never waited for: the next reader gets it without the people who are gone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.core.problem import Unavailable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
CHEAP = 0.1  # seconds
PATIENCE = 3.0  # seconds that a reader waits for the first time; who comes later finds it done
RESTS = 5  # times as long as the work took, before it is done again
MOST = 64  # of one kind; the one that was made first goes


@dataclass(frozen=True, slots=True)
class Made(Generic[V]):
    """A value with when it was made, what it was made of, and the seconds that took."""

    value: V
    at: str
    gone: int
    state: Hashable
    took: float
    ended: float


class Kept(Generic[K, V]):
    """Values by key. `make` works one out; `gone` counts withdrawals, `state` changes with anything new."""

    def __init__(
        self,
        make: Callable[[K], V],
        gone: Callable[[], int],
        state: Callable[[], Hashable],
        now: Callable[[], str],
    ) -> None:
        self._make, self._gone, self._state, self._now = make, gone, state, now
        self._made: dict[K, Made[V]] = {}
        self._coming: dict[K, Future[Made[V]]] = {}
        self._turn = threading.Lock()

    def get(self, key: K) -> Made[V]:
        """The value, at worst a little old. Raises what `make` raises, or Unavailable while it takes long."""
        made = self._made.get(key)
        if made is not None and self._serves(made):
            return made
        try:
            return self._asked(key).result(PATIENCE)
        except TimeoutError:
            raise Unavailable("being_worked_out") from None

    def renew(self) -> None:
        """Works anew what is no longer true, where its last time was long enough ago."""
        for key, made in list(self._made.items()):
            rested = time.monotonic() - made.ended >= RESTS * made.took
            if rested and made.state != self._state():
                self._asked(key).result()

    def _serves(self, made: Made[V]) -> bool:
        if made.gone != self._gone():
            return False
        return made.took >= CHEAP or made.state == self._state()

    def _asked(self, key: K) -> Future[Made[V]]:
        """The work on a value, begun unless it is going on."""
        with self._turn:
            coming = self._coming.get(key)
            if coming is None:
                coming = self._coming[key] = Future()
                threading.Thread(target=self._work, args=(key, coming), daemon=True).start()
        return coming

    def _work(self, key: K, coming: Future[Made[V]]) -> None:
        try:
            gone, state, start = self._gone(), self._state(), time.monotonic()
            value = self._make(key)
            ended = time.monotonic()
            made = Made(value, self._now(), gone, state, ended - start, ended)
        except BaseException as error:
            self._done(key)
            coming.set_exception(error)
        else:
            self._done(key, made)
            coming.set_result(made)

    def _done(self, key: K, made: Made[V] | None = None) -> None:
        with self._turn:
            del self._coming[key]
            if made is not None:
                self._made.pop(key, None)
                self._made[key] = made
            while len(self._made) > MOST:
                self._made.pop(next(iter(self._made)))
