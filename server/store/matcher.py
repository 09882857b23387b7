"""Finds the same person among those who were interviewed, once a passphrase has unlocked the matching key.

Encodings are opened into memory only, with the keys by which candidates are looked up; nothing that compares
lies on disk in clear. What is found is a suggestion: a person decides, and that is never undone by a machine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select, update

from server.core.canonical import canonical
from server.core.chains.forest import Forest, Respondent, build
from server.core.checks.chain import OF_COUPONS, coupon_flags
from server.core.identity import HELD
from server.core.linkage.arrivals import Scored
from server.core.linkage.cluster import overlapping
from server.core.linkage.encode import Encoded, encode_person
from server.core.linkage.index import Index
from server.core.problem import Refused
from server.core.sealing import Randomness
from server.store.checking import parameters_or_shipped
from server.store.coupons import Around, Coupons
from server.store.decisions import pair_of
from server.store.flags import store
from server.store.home import Campaign
from server.store.local import SAME_TIME, Encoding, Suggestion
from server.store.matching import Unlocked, unlock
from server.store.project import SUBMISSION
from server.store.visits import Visits
from sync.db import insert_once, reading, writing
from sync.tables import table_of

ENCODING, SUGGESTION = table_of(Encoding), table_of(Suggestion)
PAGE = 200
SITTING = 4 * 3600.0  # seconds; a form open for longer was laid aside
# Of what travels beside the encoding: who gave which coupon to whom, as keyed digests.
REFERRAL, GIVEN = "referral_code", "coupon_given"


@dataclass(frozen=True, slots=True)
class Known:
    """Someone in memory: the encoding, digests of the coupon brought and of those given out, and the life.

    `replaces` is the earlier state of the same interview; `size` how many eligible people someone knows;
    `held` when the interview began and ended, in seconds, and `by` the account that sent it.
    """

    encoded: Encoded = field(repr=False)
    referral: str
    given: tuple[str, ...]
    size: float | None
    wave: str
    replaces: str
    received: str
    by: str
    held: tuple[float, float] | None = None

    @property
    def when(self) -> datetime:
        """When the interview began, else when it arrived."""
        return self.began or datetime.fromisoformat(self.received)

    @property
    def began(self) -> datetime | None:
        """When the interview began, as far as the phone told it."""
        return datetime.fromtimestamp(self.held[0], UTC) if self.held else None

    @property
    def kept(self) -> bytes:
        """What is kept of it, before it is encrypted."""
        code = base64.b64encode(self.encoded.data).decode()
        facts = {"referral": self.referral, "given": self.given, "size": self.size, "held": self.held}
        return canonical({"code": code} | facts)


class Station:
    """Where a running server compares: locked until somebody types the passphrase."""

    def __init__(self, campaign: Campaign, random: Randomness, *, alone: bool = True) -> None:
        self._campaign, self._random, self._alone = campaign, random, alone
        self._matcher: Matcher | None = None
        self._visits: Visits | None = None
        self._turn = threading.Lock()

    @property
    def is_unlocked(self) -> bool:
        """Whether arrivals are compared."""
        return self._matcher is not None

    def unlock(self, passphrase: str) -> None:
        """Opens the matching key for as long as the server runs; raises Refused for a wrong passphrase.

        Refused as well where several processes serve: each would know only whom it has met itself.
        """
        if not self._alone:
            raise Refused("several_processes")
        opened = unlock(self._campaign.matching, passphrase)
        with self._turn:
            self._matcher = Matcher(self._campaign, opened, self._random)
            self._visits = Visits(self._campaign, opened, self._random)

    def opened(self) -> Unlocked | None:
        """The matching key, while it is unlocked."""
        return self._matcher.unlocked if self._matcher else None

    def forest(self) -> tuple[Forest, list[str]] | None:
        """The referral chains; None while it is locked."""
        with self._turn:
            return self._matcher.forest() if self._matcher else None

    def around(self, instance: str) -> Around | None:
        """Where an interview stands in its chain; None while locked, or before it was compared."""
        matcher = self._matcher
        return matcher.around(instance) if matcher else None

    def work(self, *, at: str) -> int:
        """Compares what waits and notes visits, if it is unlocked; returns how many arrivals there were."""
        with self._turn:
            if self._visits:
                self._visits.note(at=at)
            return self._matcher.catch_up(at=at) if self._matcher else 0


class Matcher:
    """Everyone known, in memory."""

    def __init__(self, campaign: Campaign, unlocked: Unlocked, random: Randomness) -> None:
        self._campaign, self.unlocked, self._random = campaign, unlocked, random
        self._known: dict[str, Known] = {}
        self._index = Index()
        self._coupons = Coupons(self._latest)
        self._load()

    @property
    def size(self) -> int:
        """How many are known."""
        return len(self._known)

    def catch_up(self, *, at: str, step: Callable[[int], None] = lambda _: None) -> int:
        """Encodes and compares what waits, a page at a time; returns how many arrivals there were.

        `step` is told of progress.
        """
        done = 0
        while True:
            with reading(self._campaign.engine) as connection:
                query = select(ENCODING).where(ENCODING.c.waiting).order_by(ENCODING.c.event).limit(PAGE)
                rows = connection.execute(query).all()
            if not rows:
                return done
            self._arrive({row.instance: self.unlocked.open(bytes(row.data)) for row in rows}, at=at)
            done += len(rows)
            step(done)

    def _load(self) -> None:
        with reading(self._campaign.engine) as connection:
            rows = connection.execute(select(ENCODING).where(~ENCODING.c.waiting)).all()
        lives = self._lives([row.instance for row in rows])
        for row in rows:
            data = self.unlocked.read(bytes(row.data))
            if data is not None and row.instance in lives:
                kept = json.loads(data)
                encoded = Encoded(base64.b64decode(kept["code"]))
                if not encoded.is_current:
                    continue
                facts = (kept["referral"], tuple(kept["given"]), kept["size"])
                held = tuple(kept["held"]) if kept.get("held") else None
                known = self._known[row.instance] = Known(encoded, *facts, *lives[row.instance], held)
                self._index.add(row.instance, encoded)
                self._coupons.add(row.instance, known.referral, known.given, known.began)
        self._index.count()

    def _lives(self, instances: Sequence[str]) -> dict[str, tuple[str, str, str, str]]:
        """Wave, what it replaces, time of arrival and sender of each interview that is still here."""
        names = ("instance", "wave", "replaces", "received", "person")
        columns = [SUBMISSION.c[name] for name in names]
        found = {}
        with reading(self._campaign.engine) as connection:
            for start in range(0, len(instances), PAGE):
                some = instances[start : start + PAGE]
                for row in connection.execute(select(*columns).where(SUBMISSION.c.instance.in_(some))):
                    found[row.instance] = (row.wave, row.replaces or "", row.received, row.person)
        return found

    def _arrive(self, waiting: Mapping[str, dict[str, str]], *, at: str) -> None:
        lives = self._lives(list(waiting))
        made = {name: self._encoded(fields, lives.get(name)) for name, fields in waiting.items()}
        alive = {name: known for name, known in made.items() if name in lives and waiting[name]}
        self._known |= alive
        for name, known in alive.items():
            self._coupons.add(name, known.referral, known.given, known.began)
        apart = {(name, known.replaces) for name, known in alive.items()}
        arrivals = [(name, known.encoded) for name, known in alive.items()]
        found = self._index.arrivals(arrivals, apart)
        still = self._lives([other for _, other, _ in found])  # some may have withdrawn since
        rows = [self._suggestion(*one, at) for one in found if one[1] in still]
        with writing(self._campaign.engine) as connection:
            for name, known in made.items():
                mine = ENCODING.c.instance == name
                kept = self.unlocked.lock(known.kept, self._random)
                connection.execute(update(ENCODING).where(mine).values(waiting=False, data=kept))
            insert_once(connection, SUGGESTION, rows)
            judged = {one.one.instance: list(coupon_flags(one)) for one in self._coupons.brought(alive)}
            store(connection, judged, parameters_or_shipped(self._campaign), only=OF_COUPONS)

    def _encoded(self, fields: Mapping[str, str], life: tuple[str, str, str, str] | None) -> Known:
        return Known(
            encode_person(fields, self.unlocked.encoding),
            self._coupon(fields.get(REFERRAL, "")),
            tuple(self._coupon(one) for one in fields.get(GIVEN, "").split(";") if one),
            _number(fields.get("network_size", "")),
            *(life or ("", "", "", "")),
            _held(fields),
        )

    def _suggestion(self, arrival: str, other: str, scored: Scored, at: str) -> dict[str, object]:
        mine, theirs = self._known[arrival], self._known[other]
        times = {0: mine.held, 1: theirs.held}
        held = {at: span for at, span in times.items() if span}
        reasons: dict[str, str] = dict(scored.reasons)
        if mine.by != theirs.by and overlapping([(0, 1)], held):
            reasons[SAME_TIME] = "differ"
        return {
            "subject": pair_of(arrival, other),
            "one": other,
            "other": arrival,
            "kind": "duplicate" if mine.wave == theirs.wave else "follow_up",
            "p": scored.p,
            "reasons": json.dumps(reasons),
            "at": at,
        }

    def _coupon(self, code: str) -> str:
        """A coupon as it is compared: a keyed digest of its signs."""
        signs = "".join(sign for sign in code.casefold() if sign.isalnum())
        key = self.unlocked.encoding
        return hashlib.blake2b(signs.encode(), key=key, digest_size=8).hexdigest() if signs else ""

    def around(self, instance: str) -> Around | None:
        """Who recruited an interview's person and whom this one recruited; None when it is not known."""
        return self._coupons.around(instance)

    def _latest(self, instances: Iterable[str]) -> frozenset[str]:
        mine = SUBMISSION.c.instance.in_(list(instances)) & SUBMISSION.c.latest
        with reading(self._campaign.engine) as connection:
            return frozenset(connection.execute(select(SUBMISSION.c.instance).where(mine)).scalars())

    def forest(self) -> tuple[Forest, list[str]]:
        """Who recruited whom by coupons, of those still here, and each one's interview in the same order."""
        people = self.respondents()
        return build(people.values(), frozenset({""})), list(people)

    def respondents(self) -> dict[str, Respondent]:
        """Everyone still here by interview, in order of arrival, as chains see them; edits replace."""
        alive = self._lives(list(self._known))
        replaced = {self._known[one].replaces for one in alive}
        names = sorted(alive.keys() - replaced, key=lambda one: (self._known[one].received, one))
        return {
            name: Respondent(
                id=name,
                recruiter=known.referral,
                size=known.size,
                when=known.when,
                coupons=known.given,
            )
            for name in names
            for known in (self._known[name],)
        }


def _held(fields: Mapping[str, str]) -> tuple[float, float] | None:
    """Start and end in seconds; None where they are not told, or the form lay open too long to say."""
    try:
        start, end = (datetime.fromisoformat(fields[name]).timestamp() for name in HELD)
    except (KeyError, ValueError):
        return None
    return (start, end) if start < end <= start + SITTING else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < 1e6 else None
