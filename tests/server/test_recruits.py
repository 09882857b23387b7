"""The referral chains of a campaign: each person once, under a strict and a loose linkage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from support.command import taama, told
from support.world import AT, Server, matching_passphrase, person, serving

from server.core.chains.checks import coupons
from server.core.chains.forest import Respondent, build
from server.core.problem import Malformed
from server.store.matcher import SUGGESTION, Matcher
from server.store.matching import unlock
from server.store.recruits import chains
from sync.db import writing

MIDDLE = {"nom": "Boubacar Tounkara", "phone": "76 45 12 89", "referral": "8642975", "known": "8"}
AGAIN = MIDDLE | {"nom": "Boubakar Tunkara", "coupon1": "1112223"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as made:
        for who in (
            person(nom="Awa Diarra", phone="65001122", coupon1="8642975", known="12"),
            person(**MIDDLE),
            person(**AGAIN),
            person(nom="Oumou Dembélé", phone="91223344", referral="1112223", known="5", age="22"),
        ):
            assert made.post(who).status_code == 201
        yield made


def compared(server: Server) -> Matcher:
    found = Matcher(server.campaign, unlock(server.campaign.matching, matching_passphrase()), os.urandom)
    found.catch_up(at=AT)
    return found


def test_a_person_interviewed_twice_is_one_link_of_the_chain(server: Server) -> None:
    found = chains(server.campaign, compared(server), "small", "help")
    for each in found.values():
        assert (len(each.forest.people), each.joined, max(each.forest.waves)) == (3, 1, 2)
        assert not each.forest.faults.get("coupon_used_twice")


def test_a_doubtful_double_stays_two_under_the_strict_linkage_only(server: Server) -> None:
    running = compared(server)
    with writing(server.campaign.engine) as connection:
        connection.execute(update(SUGGESTION).values(p=0.7))
    found = chains(server.campaign, running, "small", "help")
    assert {name: len(each.forest.people) for name, each in found.items()} == {"strict": 4, "loose": 3}
    assert found["strict"].forest.faults["coupon_used_twice"] == 1


@pytest.mark.parametrize(("form", "outcome"), [("other", "help"), ("small", "nothing")])
def test_what_is_not_there_is_told(server: Server, form: str, outcome: str) -> None:
    with pytest.raises(Malformed):
        chains(server.campaign, compared(server), form, outcome)


def test_the_command_shows_both_linkages(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.post(person(**MIDDLE))
    said = tmp_path / "said.txt"
    said.write_text(matching_passphrase(), encoding="utf-8")
    options = ("--home", str(tmp_path / "home"), "--form", "small", "--passphrase-file", str(said))
    found = told("snowball", *options, "--outcome", "help")
    assert found["n"] == 1
    assert {name: one["respondents"] for name, one in found["linkage"].items()} == {"strict": 1, "loose": 1}
    alone = taama("snowball", "--outcome", "help")
    assert (alone.returncode, "--home" in alone.stderr) == (1, True)


def test_coupons_expire_after_their_days_whether_or_not_anybody_comes(server: Server) -> None:
    given = datetime(2026, 11, 1, tzinfo=UTC)
    forest = build([Respondent("a", when=given, coupons=("x", "y")), Respondent("b", "x", when=given)])
    for days, expired in ((20, 0), (22, 1)):
        assert coupons(forest, 21, given + timedelta(days=days)).expired == expired
