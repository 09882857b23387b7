"""Decisions that replace each other: what stands, whatever the order in which nodes hear of them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.world import serving

from server.core.problem import Malformed
from server.core.standing import LINKS, REVIEWS, Decision, Standing, standing
from server.store.decisions import contested, decide, pair_of, standings
from server.store.project import project
from server.store.rebuild import rebuild
from sync import log
from sync.db import reading, writing
from sync.event import Draft

AT = "2026-12-01T10:00:00.000Z"


def said(number: int, verdict: str, *replaces: int) -> Decision:
    return Decision(f"e{number}", verdict, f"sup{number:02}", AT, frozenset(f"e{one}" for one in replaces))


@pytest.mark.parametrize(
    ("decisions", "verdict", "contested"),
    [
        ([], "", False),
        ([said(1, "same")], "same", False),
        ([said(1, "same"), said(2, "different", 1)], "different", False),
        ([said(1, "same"), said(2, "different")], "different", True),
        ([said(1, "same"), said(2, "same")], "same", False),
        ([said(1, "same"), said(2, "different"), said(3, "same", 1, 2)], "same", False),
        ([said(1, "same"), said(2, "different", 1), said(3, "same", 1)], "different", True),
    ],
)
def test_what_stands(decisions: list[Decision], verdict: str, contested: bool) -> None:
    for order in itertools.permutations(decisions):
        found = standing(order, LINKS)
        assert (found.verdict, found.contested) == (verdict, contested)


def test_of_reviews_the_most_careful_counts_until_it_is_settled() -> None:
    three = [said(1, "approved"), said(2, "query"), said(3, "rejected")]
    assert standing(three, REVIEWS).verdict == "rejected"
    assert standing(three[:2], REVIEWS).verdict == "query"
    assert standing([*three, said(4, "approved", 1, 2, 3)], REVIEWS) == Standing(
        "approved", False, (said(4, "approved", 1, 2, 3),)
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_decision_that_replaces_all_heads_settles_it(data: st.DataObject) -> None:
    decisions: list[Decision] = []
    for number in range(data.draw(st.integers(0, 7))):
        some = data.draw(st.lists(st.integers(0, max(0, number - 1)), max_size=number))
        decisions.append(said(number, data.draw(st.sampled_from(LINKS)), *some if number else ()))
    heads = [int(head.id[1:]) for head in standing(decisions, LINKS).heads]
    last = data.draw(st.sampled_from(LINKS))
    assert standing([*decisions, said(99, last, *heads)], LINKS) == Standing(
        last, False, (said(99, last, *heads),)
    )


def test_decisions_are_said_in_the_log_and_read_from_it(tmp_path: Path) -> None:
    pair = pair_of("uuid:b", "uuid:a")
    assert pair == pair_of("uuid:a", "uuid:b")
    with serving(tmp_path) as server:
        campaign = server.campaign
        assert decide(campaign, "linked", pair, "same", by="sup01", at=AT).verdict == "same"
        assert (
            decide(campaign, "linked", pair, "different", by="sup02", why="two brothers", at=AT).heads[0].by
            == "sup02"
        )
        with writing(campaign.engine) as connection:
            apart = Draft("linked", pair, {"verdict": "same", "replaces": []}, AT, "sup03")
            project(connection, log.append(connection, campaign.keys, [apart]))
        assert contested(campaign, "linked")[pair].verdict == "different"
        rebuild(campaign)
        with reading(campaign.engine) as connection:
            found = standings(connection, "linked")[pair]
        assert {head.by for head in found.heads} == {"sup02", "sup03"}
        assert not decide(campaign, "linked", pair, "same", by="sup01", at=AT).contested
        assert contested(campaign, "linked") == {}
        with pytest.raises(Malformed, match="bad_verdict"):
            decide(campaign, "linked", pair, "perhaps", by="sup01", at=AT)
