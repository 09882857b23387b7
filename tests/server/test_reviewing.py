"""Supervisors decide on interviews: nobody's decision is lost, and none is made by a machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.world import AT, Person, Server, new_campaign, new_id, serving

from server.core.problem import Conflict, Malformed, NotFound, Refused
from server.core.review import Judgement
from server.store import people
from server.store.project import project
from server.store.rebuild import rebuild
from server.store.reviewing import Reviewer, approved, counts, edit_fork, find, remark, review, undo
from server.store.withdraw import withdraw_by_code
from sync import log
from sync.db import reading, writing
from sync.event import Draft

ME, OTHER = Reviewer("sup01"), Reviewer("sup02")
YES, ASK = Judgement("approved"), Judgement("query", "unclear", "Le nombre d’enfants ?")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as made:
        yield made


def interview(server: Server, replaces: str = "", **answers: str) -> str:
    person = Person(answers, replaces=replaces)
    assert server.post(person).status_code == 201
    return person.instance


def standing(server: Server) -> dict[str, str]:
    return {row["instance"]: row["standing"] for row in server.rows("submission")}


def heads(server: Server, instance: str) -> list[str]:
    rows = [row for row in server.rows("decision") if row["subject"] == instance]
    replaced = {one for row in rows for one in row["replaces"].split()}
    return [row["id"] for row in rows if row["id"] not in replaced]


def test_several_are_approved_at_once(server: Server) -> None:
    one, two, three = (interview(server) for _ in range(3))
    done = review(server.campaign, [one, two], YES, by=ME, at=AT)
    assert (sorted(done.done), done.refused) == (sorted([one, two]), {})
    assert standing(server) == {one: "approved", two: "approved", three: ""}
    assert counts(server.campaign, "small") == {"approved": 2, "": 1}


def test_whoever_decides_on_what_has_changed_is_told_by_whom_and_the_others_are_done(server: Server) -> None:
    one, two = interview(server), interview(server)
    review(server.campaign, [one], ASK, by=OTHER, at=AT)
    done = review(server.campaign, [one, two], YES, by=ME, at=AT, seen={one: [], two: []})
    assert done.done == [two]
    problem = done.refused[one]
    assert isinstance(problem, Conflict)
    assert problem.facts == {"by": "sup02", "verdict": "query"}
    assert standing(server) == {one: "query", two: "approved"}
    again = review(server.campaign, [one], YES, by=ME, at=AT, seen={one: heads(server, one)})
    assert again.done == [one]


def test_a_page_that_names_decisions_which_are_not_there_is_told_so(server: Server) -> None:
    one = interview(server)
    done = review(server.campaign, [one], YES, by=ME, at=AT, seen={one: ["nobody's"]})
    assert done.refused[one].code == "decided_meanwhile"
    assert standing(server) == {one: ""}


@pytest.mark.parametrize(
    "judgement",
    [
        Judgement("query"),
        Judgement("rejected", "unclear"),
        Judgement("approved", "other"),
        Judgement("perhaps"),
        Judgement("query", "unclear", "x" * 1_001),
    ],
)
def test_a_query_and_a_rejection_need_a_reason_of_their_list(server: Server, judgement: Judgement) -> None:
    one = interview(server)
    with pytest.raises(Malformed):
        review(server.campaign, [one], judgement, by=ME, at=AT)
    assert server.rows("decision") == []


def test_an_undo_goes_back_to_what_stood_before(server: Server) -> None:
    one = interview(server)
    review(server.campaign, [one], ASK, by=OTHER, at=AT)
    review(server.campaign, [one], YES, by=ME, at=AT)
    assert undo(server.campaign, one, by=ME, at=AT) == "query"
    assert standing(server) == {one: "query"}
    review(server.campaign, [one], YES, by=ME, at=AT)
    assert undo(server.campaign, one, by=ME, at=AT) == "query"


def test_a_first_decision_undone_leaves_the_interview_as_received(server: Server) -> None:
    one = interview(server)
    review(server.campaign, [one], YES, by=ME, at=AT)
    assert undo(server.campaign, one, by=ME, at=AT) == "received"
    assert standing(server) == {one: ""}
    with pytest.raises(Refused):
        undo(server.campaign, one, by=ME, at=AT)


def test_a_name_in_a_comment_is_masked_and_its_author_told(server: Server) -> None:
    one = interview(server)
    assert remark(server.campaign, one, "/q/age", "Rappeler Moussa Traoré au 76 12 34 56", by=ME, at=AT) > 0
    done = review(server.campaign, [one], Judgement("query", "other", "Tel 76123456"), by=ME, at=AT)
    assert done.hidden == 1
    kept = server.bytes_on_disk()
    assert b"Traor" not in kept
    assert b"76123456" not in kept


def test_a_supervisor_of_a_zone_decides_on_its_interviews_only(server: Server) -> None:
    made = people.add(server.campaign.engine, "K", "enumerator", now=AT, secret=os.urandom, zone="kita")
    mine = Person()
    url = server.key.replace(server.token, made.token)
    assert server.post(mine, url=f"{url}/submission").status_code == 201
    others = interview(server)
    zoned = Reviewer("sup01", "kita")
    done = review(server.campaign, [mine.instance, others], YES, by=zoned, at=AT)
    assert done.done == [mine.instance]
    assert done.refused[others].code == "other_zone"
    with pytest.raises(Refused):
        remark(server.campaign, others, "", "Voir", by=zoned, at=AT)


def test_nothing_can_be_decided_on_what_is_not_here(server: Server) -> None:
    unknown = new_id()
    assert review(server.campaign, [unknown], YES, by=ME, at=AT).refused[unknown].code == "unknown_interview"


def test_an_edit_after_the_approval_changes_nothing_until_it_is_approved(server: Server) -> None:
    one = interview(server)
    review(server.campaign, [one], YES, by=ME, at=AT)
    edit = interview(server, replaces=one, age="35")
    rows = {row["instance"]: row["latest"] for row in server.rows("submission")}
    assert rows == {one: 0, edit: 1}
    with reading(server.campaign.engine) as connection:
        assert approved(connection, "small") == [one]
    review(server.campaign, [edit], YES, by=ME, at=AT)
    with reading(server.campaign.engine) as connection:
        assert approved(connection, "small") == [edit]


@pytest.mark.parametrize("parent_first", [True, False])
def test_two_edits_of_one_interview_name_each_other(server: Server, *, parent_first: bool) -> None:
    first = Person({})
    if parent_first:
        assert server.post(first).status_code == 201
    one, two = (interview(server, replaces=first.instance, age=age) for age in ("30", "31"))
    if not parent_first:
        assert server.post(first).status_code == 201
    with reading(server.campaign.engine) as connection:
        found = {name: edit_fork(connection, name) for name in (first.instance, one, two)}
    assert found == {first.instance: [], one: [two], two: [one]}
    latest = {row["instance"] for row in server.rows("submission") if row["latest"]}
    assert latest == {one, two}


def test_an_approved_edit_of_an_edit_replaces_the_first(server: Server) -> None:
    one = interview(server)
    two = interview(server, replaces=one)
    three = interview(server, replaces=two)
    review(server.campaign, [one, three], YES, by=ME, at=AT)
    with reading(server.campaign.engine) as connection:
        assert approved(connection, "small") == [three]


def test_a_withdrawal_takes_decisions_and_their_texts_away_and_later_ones_have_no_effect(
    server: Server,
) -> None:
    one = interview(server, code="48559668677")
    review(server.campaign, [one], Judgement("query", "other", "reprendre la question"), by=ME, at=AT)
    remark(server.campaign, one, "", "attendre le coordinateur", by=ME, at=AT)
    withdraw_by_code(server.campaign, "48559668677", by="pro01", at=AT)
    assert server.rows("decision") == []
    for text in (b"reprendre la question", b"attendre le coordinateur"):
        assert text not in server.bytes_on_disk()
    assert review(server.campaign, [one], YES, by=ME, at=AT).refused[one].code == "unknown_interview"


def test_an_interview_is_found_by_the_first_signs_of_its_number(server: Server) -> None:
    one = interview(server)
    with reading(server.campaign.engine) as connection:
        for code in (one, one.removeprefix("uuid:"), one.removeprefix("uuid:")[:8]):
            assert find(connection, code).instance == one
        for code in ("", "uuid:", "ffffffff-nobody", "%"):
            with pytest.raises(NotFound):
                find(connection, code)


EVENTS = [
    ("submitted", "a", ""),
    ("submitted", "b", "a"),
    ("submitted", "c", "b"),
    ("reviewed", "a", "approved"),
    ("reviewed", "b", "query"),
    ("reviewed", "b", "approved"),
]


@settings(max_examples=25, deadline=None)
@given(st.permutations(EVENTS))
def test_interviews_and_decisions_may_come_in_any_order(order: list[tuple[str, str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        campaign, _ = new_campaign(Path(folder))
        with writing(campaign.engine) as connection:
            for kind, subject, more in order:
                body = {"verdict": more, "replaces": []} if kind == "reviewed" else envelope(more)
                project(
                    connection,
                    log.append(connection, campaign.keys, [Draft(kind, subject, body, AT, "sup01")]),
                )
        for _ in range(2):
            with reading(campaign.engine) as connection:
                rows = connection.exec_driver_sql(
                    "SELECT instance, standing, latest FROM submission ORDER BY 1"
                ).all()
            assert [tuple(row) for row in rows] == [("a", "approved", 0), ("b", "contested", 0), ("c", "", 1)]
            rebuild(campaign)
        campaign.close()


def envelope(replaces: str) -> dict[str, object]:
    body: dict[str, object] = {"form": "small", "version": "1", "verdict": "given", "scopes": [], "flags": {}}
    return body | {"files": [], "needs": {}} | ({"replaces": replaces} if replaces else {})


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_a_chain_of_edits_ends_in_the_same_interview_in_any_order(
    server: Server, order: tuple[int, ...]
) -> None:
    one = Person({})
    two = Person({}, replaces=one.instance)
    chain = (one, two, Person({}, replaces=two.instance))
    for place in order:
        assert server.post(chain[place]).status_code == 201
    assert [row["instance"] for row in server.rows("submission") if row["latest"]] == [chain[2].instance]
