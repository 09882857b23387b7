"""Finds the same person among those who were interviewed, once a passphrase has unlocked the matching key.

Encodings are opened into memory only, with the keys by which candidates are looked up; nothing that compares
lies on disk in clear. What is found is a suggestion: a person decides, and that is never undone by a machine.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from server.core.linkage.arrivals import Scored, blocking_keys, compare_all, for_arrivals
from server.core.linkage.encode import Encoded, encode_person
from server.core.linkage.model import default
from server.core.sealing import Randomness
from server.store.decisions import pair_of
from server.store.home import Campaign
from server.store.matching import Unlocked, unlock
from server.store.project import SUBMISSION
from server.store.tables import Encoding, Suggestion
from sync.db import insert_once, reading, writing
from sync.tables import table_of

ENCODING, SUGGESTION = table_of(Encoding), table_of(Suggestion)
SUGGESTED = 0.5
PAGE = 200
LARGEST_BLOCK = 400  # a key that so many share tells nothing
# Of what travels beside the encoding: who gave which coupon to whom, as keyed digests.
REFERRAL, GIVEN = "referral_code", "coupon_given"


@dataclass(frozen=True, slots=True)
class Known:
    """Someone in memory: his encoding, his wave, and the interview that he replaces or is replaced by."""

    encoded: Encoded = field(repr=False)
    wave: str
    chain: str


class Station:
    """Where a running server compares: locked until somebody types the passphrase."""

    def __init__(self, campaign: Campaign, random: Randomness) -> None:
        self._campaign, self._random = campaign, random
        self._matcher: Matcher | None = None
        self._turn = threading.Lock()

    @property
    def unlocked(self) -> bool:
        """Whether arrivals are compared."""
        return self._matcher is not None

    def unlock(self, passphrase: str) -> None:
        """Opens the matching key for as long as the server runs; raises Refused for a wrong passphrase."""
        opened = unlock(self._campaign.matching, passphrase)
        with self._turn:
            self._matcher = Matcher(self._campaign, opened, self._random)

    def work(self, *, at: str) -> int:
        """Compares what waits, if it is unlocked; returns how many arrivals there were."""
        with self._turn:
            return self._matcher.catch_up(at=at) if self._matcher else 0


class Matcher:
    """Everyone known, in memory. `step` is called after each arrival that was compared."""

    def __init__(self, campaign: Campaign, unlocked: Unlocked, random: Randomness) -> None:
        self._campaign, self._unlocked, self._random = campaign, unlocked, random
        self._known: dict[str, Known] = {}
        self._blocks: dict[bytes, list[str]] = defaultdict(list)
        self._model = for_arrivals(default(), 1)
        self._load()

    @property
    def size(self) -> int:
        """How many are known."""
        return len(self._known)

    def catch_up(self, *, at: str, step: Callable[[int], None] = lambda _: None) -> int:
        """Encodes and compares what waits; returns how many arrivals there were."""
        done = 0
        while True:
            with reading(self._campaign.engine) as connection:
                query = select(ENCODING).where(ENCODING.c.waiting).order_by(ENCODING.c.event).limit(PAGE)
                rows = connection.execute(query).all()
            if not rows:
                return done
            self._model = for_arrivals(default(), max(1, self.size))
            for row in rows:
                self._arrive(row.instance, self._unlocked.open(bytes(row.data)), at=at)
                done += 1
                step(done)

    def _load(self) -> None:
        with reading(self._campaign.engine) as connection:
            rows = connection.execute(select(ENCODING).where(~ENCODING.c.waiting)).all()
        lives = self._lives([row.instance for row in rows])
        for row in rows:
            data = self._unlocked.read(bytes(row.data))
            if data is not None and row.instance in lives:
                self._remember(row.instance, Known(Encoded(data), *lives[row.instance]))

    def _lives(self, instances: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Wave and chain of edits of each interview that is still here."""
        columns = (SUBMISSION.c.instance, SUBMISSION.c.wave, SUBMISSION.c.replaces)
        found = {}
        with reading(self._campaign.engine) as connection:
            for start in range(0, len(instances), PAGE):
                some = instances[start : start + PAGE]
                for row in connection.execute(select(*columns).where(SUBMISSION.c.instance.in_(some))):
                    found[row.instance] = (row.wave, row.replaces or "")
        return found

    def _remember(self, instance: str, known: Known) -> None:
        self._known[instance] = known
        for key in blocking_keys(known.encoded):
            self._blocks[key].append(instance)

    def _arrive(self, instance: str, fields: dict[str, str], *, at: str) -> None:
        encoded = encode_person(fields, self._unlocked.encoding)
        life = self._lives([instance]).get(instance)
        kept = self._unlocked.lock(encoded.data, self._random)
        found: list[dict[str, object]] = []
        if life is not None and fields:
            known = Known(encoded, *life)
            found = [
                self._suggestion(instance, known, other, scored, at) for other, scored in self._like(known)
            ]
            self._remember(instance, known)
        with writing(self._campaign.engine) as connection:
            mine = ENCODING.c.instance == instance
            connection.execute(update(ENCODING).where(mine).values(waiting=False, data=kept))
            insert_once(connection, SUGGESTION, found)

    def _like(self, arrival: Known) -> list[tuple[str, Scored]]:
        """Those who may be the same person, with how they compare."""
        near: dict[str, None] = {}
        for key in blocking_keys(arrival.encoded):
            block = self._blocks.get(key, ())
            if len(block) <= LARGEST_BLOCK:
                near |= dict.fromkeys(block)
        alive = self._lives([other for other in near if other != arrival.chain])  # not withdrawn since
        others = sorted(alive.keys() & self._known.keys())
        scored = compare_all([(arrival.encoded, self._known[o].encoded) for o in others], self._model)
        return [(other, one) for other, one in zip(others, scored, strict=True) if one.p >= SUGGESTED]

    def _suggestion(
        self, instance: str, arrival: Known, other: str, scored: Scored, at: str
    ) -> dict[str, object]:
        same_wave = self._known[other].wave == arrival.wave
        return {
            "subject": pair_of(instance, other),
            "one": other,
            "other": instance,
            "kind": "duplicate" if same_wave else "follow_up",
            "p": scored.p,
            "reasons": json.dumps(scored.reasons),
            "at": at,
        }
