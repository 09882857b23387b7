"""Two people at once at one interview: nobody's word is replaced by somebody who has not seen it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from support.desk import Desk, pages, sent, standing, words
from support.world import AT, Server

from server.store.checking import check_all
from server.store.forms import Forms
from server.store.project import project
from server.store.read import short
from sync import log
from sync.db import writing
from sync.event import Draft


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with pages(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def desk(server: Server) -> Desk:
    return Desk(server)


def fields_of(page: html.HtmlElement, action: str, number: int = 0) -> dict[str, str]:
    form = page.xpath(f"//form[starts-with(@action, '{action}')]")[number]
    return {one.get("name"): one.get("value", "") for one in form.xpath(".//input[@name]")}


def test_nobodys_correction_is_replaced_unseen(server: Server, desk: Desk) -> None:
    here = f"/interviews/{sent(server, age='34')}"
    before = fields_of(desk.page(f"{here}?edit=/q/age"), f"{here}/correct")
    mine = {**before, "new": "43", "reason": "typing_error"}
    other = Desk(server)
    theirs = fields_of(other.page(f"{here}?edit=/q/age"), f"{here}/correct")
    assert (
        other.http.post(f"{here}/correct", data={**theirs, "new": "44", "reason": "typing_error"}).status_code
        == 303
    )
    answer = desk.http.post(f"{here}/correct", data=mine)
    assert answer.status_code == 409
    assert "a corrigé cette réponse entre-temps" in answer.text
    assert "44" in words(desk.page(here)), "it is there to be seen"
    seen = fields_of(html.fromstring(answer.text), f"{here}/correct")
    assert (
        desk.http.post(f"{here}/correct", data={**seen, "new": "43", "reason": "typing_error"}).status_code
        == 303
    )
    stale = fields_of(html.fromstring(answer.text), f"{here}/take-back")
    assert desk.http.post(f"{here}/take-back", data=stale).status_code == 409


def test_nobodys_word_on_a_flag_is_replaced_unseen(server: Server, desk: Desk) -> None:
    one = sent(server, at_night=True)
    check_all(server.campaign, Forms(server.campaign))
    here = f"/interviews/{one}"
    other = Desk(server)
    mine, theirs = (fields_of(who.page(here), f"{here}/explain") for who in (desk, other))
    assert other.http.post(f"{here}/explain", data={**theirs, "verdict": "false_positive"}).status_code == 303
    assert desk.http.post(f"{here}/explain", data={**mine, "verdict": "accepted"}).status_code == 409
    assert {row["status"] for row in server.rows("flag") if row["check"] == mine["check"]} == {
        "false_positive"
    }


def test_competing_edits_and_contrary_decisions_are_told(server: Server, desk: Desk) -> None:
    first = sent(server)
    one, other = sent(server, replaces=first, age="40"), sent(server, replaces=first, age="50")
    assert words(desk.page("/queue")).count("Modifications concurrentes") == 2
    told = words(desk.page(f"/interviews/{one}"))
    assert "modifié plusieurs fois sans se suivre" in told
    assert short(other) in told
    contrary(server, one)
    page = desk.page(f"/interviews/{one}")
    assert "sup-a : Approuvé ; sup-b : Rejeté" in words(page)
    desk.send(f"/interviews/{one}/decide", f"/interviews/{one}", verdict="approved", seen=desk.heads(one))
    assert standing(server)[one] == "approved"


def contrary(server: Server, instance: str) -> None:
    """Two decisions that do not know of each other, as two hubs make them."""
    with writing(server.campaign.engine) as connection:
        facts = (("approved", "", "sup-a"), ("rejected", "duplicate", "sup-b"))
        drafts = [
            Draft("reviewed", instance, {"verdict": verdict, "reason": reason, "replaces": []}, AT, by)
            for verdict, reason, by in facts
        ]
        project(connection, log.append(connection, server.campaign.keys, drafts))
