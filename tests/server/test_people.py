"""Accounts: what is kept of secrets, and who is recognised."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine
from support.world import shut

from server.core.problem import Malformed, NotFound
from server.store import people
from sync.db import reading

NOW = "2026-11-23T14:05:00.000Z"


def add(
    engine: Engine, name: str = "Moussa Essai", role: str = "enumerator", **more: str
) -> people.Credentials:
    return people.add(engine, name, role, now=NOW, secret=os.urandom, **more)


def who_has(engine: Engine, token: str) -> people.Who | None:
    with reading(engine) as connection:
        return people.by_token(connection, token)


def test_a_token_tells_whose_phone_it_is(engine: Engine) -> None:
    made = add(engine, zone="Kayes")
    assert who_has(engine, made.token) == people.Who("enq01", "enumerator", "Moussa Essai", "Kayes")
    assert who_has(engine, made.token[:-1]) is None
    assert who_has(engine, "") is None


def test_the_same_name_twice_makes_two_accounts(engine: Engine) -> None:
    first, second = add(engine), add(engine)
    assert (first.login, second.login) == ("enq01", "enq02")
    assert first.token != second.token
    assert first.secret != second.secret


def test_logins_of_each_role_are_numbered_apart(engine: Engine) -> None:
    roles = ("enumerator", "supervisor", "analyst", "protection", "admin", "supervisor")
    assert [add(engine, role=role).login for role in roles] == [
        "enq01",
        "sup01",
        "ana01",
        "pro01",
        "adm01",
        "sup02",
    ]


def test_a_removed_login_is_not_given_to_someone_else(engine: Engine) -> None:
    add(engine)
    shut(engine, "enq01", now=NOW)
    assert add(engine, "Autre Essai").login == "enq02"


def test_token_and_secret_have_the_promised_shape(engine: Engine) -> None:
    phone, staff = add(engine), add(engine, role="supervisor")
    assert re.fullmatch(r"[A-Za-z0-9]{64}", phone.token)
    assert re.fullmatch(r"[a-z2-7]{26}", phone.secret)
    assert re.fullmatch(r"([a-km-np-z2-9]{4}-){4}[a-km-np-z2-9]{4}", staff.secret)
    assert staff.token == ""


def test_a_removed_phone_is_unknown_at_once(engine: Engine) -> None:
    made = add(engine)
    shut(engine, made.login, now=NOW)
    assert who_has(engine, made.token) is None
    with reading(engine) as connection:
        assert people.digest_of(connection, made.login) is None
        assert people.by_login(connection, made.login) is None


def test_removing_what_does_not_exist_or_is_closed_already_is_said(engine: Engine) -> None:
    made = add(engine)
    shut(engine, made.login, now=NOW)
    for login in (made.login, "enq99"):
        with pytest.raises(NotFound):
            shut(engine, login, now=NOW)


def test_no_secret_lies_in_the_database_file(engine: Engine, tmp_path: Path) -> None:
    made = [add(engine), add(engine, role="supervisor")]
    engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for credentials in made:
        assert credentials.secret.encode() not in stored
        assert not credentials.token or credentials.token.encode() not in stored


def test_no_secret_shows_when_credentials_are_printed(engine: Engine) -> None:
    made = add(engine)
    assert made.secret not in repr(made)
    assert made.token not in repr(made)


def test_the_list_shows_open_accounts_first(engine: Engine) -> None:
    for _ in range(3):
        add(engine)
    shut(engine, "enq01", now=NOW)
    listed = [(account.login, bool(account.removed)) for account in people.listed(engine)]
    assert listed == [("enq02", False), ("enq03", False), ("enq01", True)]


@pytest.mark.parametrize("name", ["", "  ", "deux\nlignes", "x" * 201])
def test_a_name_is_one_line_that_says_something(engine: Engine, name: str) -> None:
    with pytest.raises(Malformed, match="bad_name"):
        add(engine, name)


def test_a_role_that_does_not_exist_is_refused(engine: Engine) -> None:
    with pytest.raises(Malformed, match="unknown_role"):
        add(engine, role="king")


def test_the_digest_is_that_of_rfc_2617() -> None:
    # md5("enq01:Taama:secret"), computed by hand with md5sum
    assert people.ha1("enq01", "secret") == "a995463c31118258db3b4d29f205988b"


def test_finding_a_token_reads_an_index(engine: Engine) -> None:
    with reading(engine) as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT login FROM person WHERE token = 'x' AND removed = ''"
        ).all()
    assert "person_token" in str(plan)
