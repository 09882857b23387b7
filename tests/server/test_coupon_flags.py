"""What a referral coupon says against an interview is flagged as it is compared, and changes with the
others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.world import AT, Person, Server, matching_passphrase, serving

from server.store.checking import check_all, check_some
from server.store.forms import Forms
from server.store.matcher import Matcher
from server.store.matching import unlock
from server.store.withdraw import withdraw_by_code

EARLY, LATE = b"2026-11-22T07:30:00.000Z", b"2026-11-23T07:30:00.000Z"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as made:
        yield made


def sent(server: Server, *, early: bool = False, replaces: str = "", **answers: str) -> str:
    person = Person({"end": f"2026-11-{22 if early else 23}T08:10:00.000Z", **answers}, replaces=replaces)
    assert server.post(person.xml.replace(LATE, EARLY) if early else person.xml).status_code == 201
    return person.instance


def compared(server: Server) -> dict[str, set[str]]:
    """The flags of coupons by interview, once everything is compared and then checked."""
    Matcher(server.campaign, unlock(server.campaign.matching, matching_passphrase()), os.urandom).catch_up(
        at=AT
    )
    check_all(server.campaign, Forms(server.campaign))
    check_some(
        server.campaign, Forms(server.campaign), [row["instance"] for row in server.rows("submission")]
    )
    found: dict[str, set[str]] = {}
    for row in server.rows("flag"):
        if row["check"].startswith("CHAIN-"):
            found.setdefault(row["instance"], set()).add(row["check"])
    return found


def test_each_fault_of_a_coupon_is_flagged_and_a_sound_one_is_not(server: Server) -> None:
    sent(server, early=True, nom="Awa Diarra", coupon1="8642975", coupon2="7654321")
    sent(server, nom="Oumou Dembélé", referral="8642 975")
    strange = sent(server, nom="Modibo Keïta", referral="9999999")
    own = sent(server, nom="Sira Camara", referral="1112223", coupon1="1112223")
    one, two = (sent(server, nom=name, referral="7654321") for name in ("Fanta Cissé", "Issa Koné"))
    sent(server, nom="Adama Sidibé", coupon1="4445556")
    before = sent(server, early=True, nom="Kadia Sangaré", referral="4445556")
    assert compared(server) == {
        strange: {"CHAIN-unknown"},
        own: {"CHAIN-self"},
        one: {"CHAIN-twice"},
        two: {"CHAIN-twice"},
        before: {"CHAIN-before"},
    }


def test_a_recruiter_who_comes_later_clears_the_flag(server: Server) -> None:
    recruit = sent(server, nom="Awa Diarra", referral="8642975")
    assert compared(server) == {recruit: {"CHAIN-unknown"}}
    sent(server, early=True, nom="Oumou Dembélé", coupon1="8642975")
    assert compared(server) == {}


def test_an_edit_takes_the_place_of_what_it_replaces(server: Server) -> None:
    first = sent(server, nom="Awa Diarra", referral="8642975")
    compared(server)
    edit = sent(server, replaces=first, nom="Awa Diarra", referral="8642976")
    assert compared(server) == {edit: {"CHAIN-unknown"}}, "nobody else brought its coupon"


def test_who_withdraws_leaves_no_flag_that_names_them(server: Server) -> None:
    one = sent(server, nom="Awa Diarra", referral="8642975")
    sent(server, nom="Oumou Dembélé", referral="8642975", code="48559668677")
    sent(server, early=True, nom="Issa Koné", coupon1="8642975")
    assert compared(server).keys() > {one}
    withdraw_by_code(server.campaign, "48559668677", by="", at=AT)
    assert "CHAIN-twice" not in {row["check"] for row in server.rows("flag")}
