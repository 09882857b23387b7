"""Another node across HTTP, as a peer: the same telling, with bodies that go on where the line broke."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import orjson

from sync.event import Said
from sync.hear import Forked, Gap, NotAllowed, NotHeard, Vector
from sync.wire import FORMAT, Garbled, as_vector, pack, read_line, unpacked

TIMEOUT = httpx.Timeout(30, read=120)
NOT_HEARD: dict[str, type[NotHeard]] = {"gap": Gap, "forked": Forked, "not_allowed": NotAllowed}
STATE = "upload-offset"
TOTAL = "upload-length"


class Unreachable(Exception):
    """The other node cannot be reached, or broke off; try again later."""


class Rejected(Exception):
    """The other node does not know this one, or knows it no more."""


class OtherVersion(Exception):
    """The other node speaks another version of the exchange."""


class Remote:
    """A node at an address. `http` has its base address; `token` is what this node shows there."""

    def __init__(self, http: httpx.Client, token: str) -> None:
        self._http, self._token = http, token
        self._heard: Vector | None = None

    def vector(self) -> Vector:
        """How far it has heard each node: as it told with its last events, else by asking."""
        if self._heard is None:
            found = orjson.loads(self._ask("GET", "/sync/vector").content)
            self._heard = self._checked(found)
        return self._heard

    def since(self, theirs: Vector, page: int) -> list[Said]:
        """The next events for someone who heard `theirs`."""
        asked = {"format": FORMAT, "vector": {o: list(one) for o, one in theirs.items()}, "page": page}
        answer = self._ask("POST", "/sync/since", zlib.compress(orjson.dumps(asked), 6))
        head, *lines = unpacked(answer.content).splitlines()
        self._heard = self._checked(orjson.loads(head))
        return [read_line(one) for one in lines]

    def tell(self, said: Sequence[Said]) -> None:
        """Tells it a page."""
        self._heard = None
        self._ask("POST", "/sync/events", pack(said))

    def missing(self, shas: Sequence[str]) -> dict[str, int]:
        """Which bodies it lacks."""
        answer = self._ask("POST", "/sync/missing", zlib.compress(orjson.dumps(list(shas)), 6))
        return {str(sha): int(had) for sha, had in orjson.loads(answer.content).items()}

    def fetch(self, sha: str, offset: int) -> tuple[bytes, int]:
        """A piece of a body."""
        answer = self._ask("GET", f"/sync/blobs/{sha}", headers={STATE: str(offset)})
        return answer.content, int(answer.headers[TOTAL])

    def offer(self, sha: str, offset: int, total: int, piece: bytes) -> int:
        """Gives it a piece of a body."""
        headers = {STATE: str(offset), TOTAL: str(total)}
        return int(self._ask("PATCH", f"/sync/blobs/{sha}", piece, headers=headers).headers[STATE])

    def renew(self, origin: str, public: bytes, proof: bytes) -> None:
        """Asks the centre to know this node under a new name; `proof` is made with the new key."""
        asked = {"origin": origin, "public": public.hex(), "proof": proof.hex()}
        self._ask("POST", "/sync/renew", zlib.compress(orjson.dumps(asked), 6))

    def _checked(self, found: Any) -> Vector:
        if found.get("format") != FORMAT:
            raise OtherVersion
        return as_vector(found["vector"])

    def _ask(
        self, method: str, path: str, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._token}", **(headers or {})}
        try:
            answer = self._http.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable from error
        if answer.status_code in (401, 403):
            raise Rejected
        if answer.status_code == 409:
            found = orjson.loads(answer.content)
            raise NOT_HEARD.get(found.get("reason"), NotAllowed)(str(found.get("origin", "")))
        if answer.status_code == 404:
            raise FileNotFoundError(path)
        if answer.status_code >= 500 or answer.status_code in (408, 429):
            raise Unreachable
        if answer.status_code >= 400:
            raise Garbled
        return answer


def waits(every: float, draw: Callable[[], float] = random.random) -> Callable[[bool], float]:
    """How long (seconds) to wait after a try: about `every` after a good one, longer after each bad one.

    A tenth more or less by chance, so that hubs that came back together do not all call together.
    """
    failures = 0

    def after(good: bool) -> float:
        nonlocal failures
        failures = 0 if good else min(failures + 1, 4)
        return float(every * 2**failures * (0.9 + 0.2 * draw()))

    return after
