"""Accounts are made where all nodes hear of them, so that a login is one person's everywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from support.command import taama
from support.hubs import World

from server.core.problem import Refused
from server.store import people


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("hubs"))
    made.hub("Kayes")
    yield made
    made.close()


def test_a_hub_opens_no_account_and_keeps_those_it_has(world: World) -> None:
    kayes = world.hubs["Kayes"]
    before = people.listed(kayes.campaign.engine)
    with pytest.raises(Refused, match="centre_makes_accounts"):
        kayes.adds("Sira", "enumerator")
    assert people.listed(kayes.campaign.engine) == before


def test_a_hub_gives_no_new_token_of_which_the_centre_would_not_know(world: World) -> None:
    engine = world.hubs["Kayes"].campaign.engine
    with pytest.raises(Refused, match="centre_makes_accounts"):
        people.new_tokens(engine, (), secret=os.urandom)


def test_the_command_on_a_hub_says_where_accounts_are_made(world: World) -> None:
    home = str(world.hubs["Kayes"].campaign.folder)
    done = taama("people", "add", "Sira", "--role", "enumerator", "--home", home)
    assert done.returncode == 1
    assert "made at the centre" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_centre_opens_accounts_and_renews_tokens(world: World) -> None:
    login = world.centre.adds("Sira", "enumerator")
    [new] = people.new_tokens(world.centre.campaign.engine, [login], secret=os.urandom)
    assert new.login == login
