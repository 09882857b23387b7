"""The one writer: all interviews that wait go into one commit, and each is answered when it is on disk.

A commit costs two forced writes whether it holds one interview or fifty, so under load the cost of safety is
shared. Keys are committed before the log: a key without its interview is litter, an interview without its
key would be lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from server.core.sealing import KeyRing, wrap
from server.core.settle import Before, settle
from server.store.codes import CODE
from server.store.home import Campaign
from server.store.local import Arrival, Encoding
from server.store.parcel import Parcel, Step, Taken, again, keep, lessened, sealed_draft
from server.store.project import ALL, FILE, limits, project
from sync import log
from sync.db import insert_once, writing
from sync.tables import WrappedKey, table_of

ARRIVAL, ENCODING, WRAPPED = table_of(Arrival), table_of(Encoding), table_of(WrappedKey)
BATCH = 64
# While other interviews are still arriving, a commit waits this long (seconds) for them to join it.
LINGER = 0.008
BEFORES = (
    select(ARRIVAL).where(ARRIVAL.c.subject.in_(bindparam("subjects", expanding=True))).order_by(ARRIVAL.c.n)
)

# These stand among the earlier arrivals of someone who took back consent: to all, or to some scopes.
WITHDRAWN_BEFORE: dict[str, Any] = {"kind": "withdrawn", "event": 0}
LESSENED = "lessened"

Waiting = tuple[Parcel, asyncio.Future[Taken]]


class Writer:
    """A thread that owns all writing of interviews. `memory` is a key that is never written anywhere."""

    def __init__(self, campaign: Campaign, memory: bytes) -> None:
        self.campaign = campaign
        self._memory = memory
        self.epoch = hashlib.sha256(b"epoch" + memory).hexdigest()[:16]
        self._waiting: SimpleQueue[Waiting | None] = SimpleQueue()
        self._arriving = 0
        self._last = 0.0
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Starts writing."""
        self._thread.start()

    def stop(self) -> None:
        """Finishes what waits, then ends."""
        self._waiting.put(None)
        self._thread.join()

    def mark(self, xml: bytes) -> bytes:
        """A digest of the bytes that means nothing once this process has ended."""
        return hashlib.blake2b(xml, key=self._memory, digest_size=16).digest()

    def put(self, parcel: Parcel) -> asyncio.Future[Taken]:
        """Queues a parcel; the future is done once its commit is on disk, or fails with what prevented it."""
        future: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.put((parcel, future))
        return future

    def quiet_for(self, seconds: float) -> bool:
        """Whether no interview has been arriving for so long."""
        return self._arriving == 0 and time.monotonic() - self._last > seconds

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Tells the writer that an interview is arriving, so that it may wait for it a moment."""
        self._arriving += 1
        try:
            yield
        finally:
            self._arriving -= 1
            self._last = time.monotonic()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            going_on = self._fill(batch)
            self._write_all(batch)
            if not going_on:
                return

    def _fill(self, batch: list[Waiting]) -> bool:
        """Adds what else waits, after a moment if more is arriving; False when the writer is told to stop."""
        if self._arriving:
            time.sleep(LINGER)
        while len(batch) < BATCH:
            try:
                following = self._waiting.get_nowait()
            except Empty:
                return True
            if following is None:
                return False
            batch.append(following)
        return True

    def _write_all(self, batch: list[Waiting]) -> None:
        while batch:
            now, batch = _without_repeats(batch)
            try:
                answers = self.commit([parcel for parcel, _ in now])
            except Exception as error:  # whatever it is, each caller must hear that nothing was stored
                if len(now) > 1:
                    for one in now:
                        self._write_all([one])
                else:
                    _tell([(now[0][1], error)])
                continue
            _tell([(future, taken) for (_, future), taken in zip(now, answers, strict=True)])

    def commit(self, parcels: Sequence[Parcel]) -> list[Taken]:
        """Writes parcels of different instances; when it returns they are on disk."""
        with writing(self.campaign.engine) as connection:
            befores = self._befores(connection, parcels)
            steps = [self._step(connection, parcel, befores) for parcel in parcels]
            said = [(p, s, s.draft) for p, s in zip(parcels, steps, strict=True) if s.draft]
            if said:
                self._keep_keys([p.keys for p, _, draft in said if "key" in draft.body])
                placed = log.append(connection, self.campaign.keys, [draft for _, _, draft in said])
                project(connection, placed)
                self._remember(
                    connection, [(p, s, n) for (p, s, _), (n, _) in zip(said, placed, strict=True)]
                )
        return [step.taken for step in steps]

    def _befores(
        self, connection: Connection, parcels: Sequence[Parcel]
    ) -> Mapping[str, list[dict[str, Any]]]:
        subjects = [parcel.receipt.subject for parcel in parcels]
        bodies = [(parcel.receipt.body, parcel.receipt.subject) for parcel in parcels]
        edits = {body["replaces"]: subject for body, subject in bodies if "replaces" in body}
        found: dict[str, list[dict[str, Any]]] = {}
        for row in connection.execute(BEFORES, {"subjects": subjects}):
            found.setdefault(row.subject, []).append(row._asdict())
        for subject, scopes in limits(connection, [*subjects, *edits]).items():
            less: dict[str, Any] = {"kind": LESSENED, "event": 0, "scopes": scopes}
            before = WITHDRAWN_BEFORE if ALL in scopes else less
            found.setdefault(edits.get(subject, subject), []).append(before)
        return found

    def _step(
        self, connection: Connection, parcel: Parcel, befores: Mapping[str, list[dict[str, Any]]]
    ) -> Step:
        rows = befores.get(parcel.receipt.subject, [])
        if parcel.admits:  # it was in quarantine itself
            rows = [row for row in rows if not row["kind"].startswith("held ")]
        taken_back = [row["scopes"] for row in rows if row["kind"] == LESSENED]
        parcel = lessened(parcel, frozenset().union(*taken_back))
        seen = [self._before(connection, parcel, row) for row in rows if row["kind"] != LESSENED]
        action, before = settle(parcel.kind, seen)
        if before is None or action == "keep":
            return keep(parcel)
        if action == "conflict":
            files = frozenset(parcel.files)
            return Step(Taken("held", "conflict", files), sealed_draft(parcel, "conflict"), "held conflict")
        return again(parcel, before, _awaited(connection, parcel), copy=action == "resent")

    def _before(self, connection: Connection, parcel: Parcel, row: dict[str, Any]) -> Before:
        kind, place = row["kind"], row["event"]
        if row is WITHDRAWN_BEFORE:
            return Before(kind, place, None)
        if row["epoch"] == self.epoch:
            return Before(kind, place, row["mark"] == parcel.mark)
        similar = row["size"] == parcel.receipt.body.get("size")
        mine = parcel.receipt.parts.get("clean")
        if similar and kind == "interview" and mine is not None:
            similar = _answers(log.body(connection, place, "clean")) == _answers(mine)
        return Before(kind, place, None, similar)

    def _keep_keys(self, rings: Sequence[KeyRing]) -> None:
        officer = self.campaign.officer
        rows: list[dict[str, Any]] = []
        for ring in rings:
            base = ring.base
            box = officer.seal(base.secret)
            rows.append({"id": base.id, "officer": officer.id, "under": b"", "box": box})
            rows += [
                {"id": key.id, "officer": "", "under": base.id, "box": wrap(key, base, ring.random)}
                for key in ring.under.values()
            ]
        with writing(self.campaign.vault) as connection:
            insert_once(connection, WRAPPED, rows)

    def _remember(self, connection: Connection, said: Sequence[tuple[Parcel, Step, int]]) -> None:
        rows = [
            {
                "subject": parcel.receipt.subject,
                "kind": step.remember,
                "epoch": "" if step.remember == "refusal" else self.epoch,
                "mark": b"" if step.remember == "refusal" else parcel.mark,
                "size": parcel.receipt.body.get("size", 0),
                "event": place,
            }
            for parcel, step, place in said
            if step.remember
        ]
        if rows:
            connection.execute(insert(ARRIVAL), rows)
        coded = [(parcel.receipt.subject, parcel.code) for parcel, _, _ in said if parcel.code]
        insert_once(connection, CODE, [{"instance": i, "digest": "", "waiting": box} for i, box in coded])
        boxes = [
            {"instance": parcel.receipt.subject, "event": place, "waiting": True, "data": parcel.identity}
            for parcel, step, place in said
            if parcel.identity and step.remember == "interview"
        ]
        insert_once(connection, ENCODING, boxes)


def _tell(answers: Sequence[tuple[asyncio.Future[Taken], Taken | Exception]]) -> None:
    """Hands a commit's answers back to those who wait, waking their thread once."""
    loops = {future.get_loop() for future, _ in answers}
    for loop in loops:
        mine = [(future, answer) for future, answer in answers if future.get_loop() is loop]
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more, and the commit stands
            loop.call_soon_threadsafe(_settle_futures, mine)


def _settle_futures(answers: Sequence[tuple[asyncio.Future[Taken], Taken | Exception]]) -> None:
    for future, answer in answers:
        if future.done():
            continue  # the caller went away
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def _without_repeats(
    batch: list[Waiting],
) -> tuple[list[Waiting], list[Waiting]]:
    """At most one parcel of an instance in a commit, so that each sees what the one before it did."""
    now: list[Waiting] = []
    later: list[Waiting] = []
    seen: set[str] = set()
    for item in batch:
        subject = item[0].receipt.subject
        (later if subject in seen else now).append(item)
        seen.add(subject)
    return now, later


def _answers(clean: bytes | None) -> Any:
    return json.loads(clean)["answers"] if clean else None


def _awaited(connection: Connection, parcel: Parcel) -> frozenset[str]:
    """The places of this interview's attachments that have not arrived."""
    if not parcel.files or parcel.receipt.outcome != "interview":
        return frozenset()
    mine = (FILE.c.instance == parcel.receipt.subject) & (FILE.c.state == "awaited")
    return frozenset(connection.execute(select(FILE.c.path).where(mine)).scalars())
