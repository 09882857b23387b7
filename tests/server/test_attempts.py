"""Passphrases: who gets in, and how long someone who guesses has to wait."""

from __future__ import annotations

import os
from typing import Any

import pytest
from sqlalchemy import Engine, select
from support.world import shut

from server.core.problem import Refused
from server.store import attempts, local, people
from server.store.attempts import check_password, wait_of
from sync.db import reading
from sync.tables import table_of


@pytest.fixture
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for Argon2 where only the counting matters; notes what was hashed against."""
    done: list[str] = []

    def matches(kept: str, passphrase: str) -> bool:
        done.append(kept)
        return bool(kept) and kept == f"hash of {passphrase}"

    monkeypatch.setattr(attempts, "matches", matches)
    monkeypatch.setattr(people, "hashed", lambda passphrase: f"hash of {passphrase}")
    return done


def staff(engine: Engine, role: str = "supervisor") -> people.Credentials:
    return people.add(engine, "Aminata Essai", role, now="2026-11-23T14:05:00.000Z", secret=os.urandom)


def guess(engine: Engine, clock: Any, login: str, times: int, address: str = "10.0.0.9") -> None:
    for _ in range(times):
        assert check_password(engine, login, "faux", address=address, now=clock()) is None


def test_the_right_passphrase_opens_and_a_wrong_one_does_not(engine: Engine, clock: Any) -> None:
    made = staff(engine)
    who = check_password(engine, made.login, made.secret, address="10.0.0.2", now=clock())
    assert who == people.Who("sup01", "supervisor", "Aminata Essai", "")
    assert check_password(engine, made.login, "faux", address="10.0.0.2", now=clock()) is None


def test_a_closed_account_does_not_open(engine: Engine, clock: Any) -> None:
    made = staff(engine)
    shut(engine, made.login, now="2026-11-23T15:00:00.000Z")
    assert check_password(engine, made.login, made.secret, address="10.0.0.2", now=clock()) is None


def test_an_enumerator_is_known_by_the_random_secret(engine: Engine, clock: Any) -> None:
    made = staff(engine, "enumerator")
    assert check_password(engine, made.login, made.secret, address="10.0.0.2", now=clock())
    assert check_password(engine, made.login, made.secret[:-1], address="10.0.0.2", now=clock()) is None
    assert check_password(engine, "enq77", made.secret, address="10.0.0.2", now=clock()) is None


@pytest.mark.parametrize("login", ["sup01", "sup99", "nobody@example.org", ""])
def test_every_login_costs_one_slow_hash_whether_it_exists_or_not(
    engine: Engine, clock: Any, quick_hash: list[str], login: str
) -> None:
    staff(engine)
    guess(engine, clock, login, 1)
    assert len(quick_hash) == 1


def test_after_five_failures_even_the_right_passphrase_waits(
    engine: Engine, clock: Any, quick_hash: list[str]
) -> None:
    made = staff(engine)
    guess(engine, clock, made.login, 5)
    with pytest.raises(Refused, match="too_many_tries") as refused:
        check_password(engine, made.login, made.secret, address="10.0.0.9", now=clock())
    clock.move(seconds=int(refused.value.facts["seconds"]))
    assert check_password(engine, made.login, made.secret, address="10.0.0.9", now=clock())


def test_waiting_grows_and_ends_at_a_quarter_of_an_hour() -> None:
    waits = [wait_of(count, 5) for count in range(1, 30)]
    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert waits == sorted(waits)
    assert waits[-1] == 900


def test_a_stranger_who_guesses_does_not_lock_the_owner_out(
    engine: Engine, clock: Any, quick_hash: list[str]
) -> None:
    made = staff(engine)
    guess(engine, clock, made.login, 5, address="10.0.0.66")
    assert check_password(engine, made.login, made.secret, address="10.0.0.2", now=clock())


def test_trying_many_logins_from_one_address_is_slowed_too(
    engine: Engine, clock: Any, quick_hash: list[str]
) -> None:
    for number in range(30):
        guess(engine, clock, f"sup{number:02}", 1)
    with pytest.raises(Refused, match="too_many_tries"):
        guess(engine, clock, "adm01", 1)


def test_a_right_passphrase_in_between_does_not_clear_the_address(
    engine: Engine, clock: Any, quick_hash: list[str]
) -> None:
    made = staff(engine)
    for number in range(30):
        guess(engine, clock, f"adm{number:02}", 1)
        clock.move(milliseconds=1)
        if number < 29:
            assert check_password(engine, made.login, made.secret, address="10.0.0.9", now=clock())
    with pytest.raises(Refused, match="too_many_tries"):
        guess(engine, clock, "adm01", 1)


def test_failures_are_forgotten_after_a_day(engine: Engine, clock: Any, quick_hash: list[str]) -> None:
    guess(engine, clock, "sup01", 4)
    clock.move(days=1, seconds=1)
    guess(engine, clock, "sup01", 4)


def test_what_was_typed_as_login_is_not_kept(engine: Engine, clock: Any, quick_hash: list[str]) -> None:
    guess(engine, clock, "k7mq-x2ab-secret-in-the-wrong-box", 1)
    with reading(engine) as connection:
        keys = connection.execute(select(table_of(local.Failure).c.key)).scalars().all()
    assert sorted(len(key) for key in keys) == [len("10.0.0.9"), len("10.0.0.9") + 6]
    assert not any("k7mq" in key for key in keys)
