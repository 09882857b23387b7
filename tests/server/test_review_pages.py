"""The supervisor's pages: what waits, one interview, and what is done to it; nobody's decision is lost."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from support.desk import HOSTILE, Desk, pages, sent, standing, words
from support.world import AT, Person, Server

from server.store import people
from server.store.access import lines
from server.store.checking import check_all
from server.store.forms import Forms


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with pages(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def desk(server: Server) -> Desk:
    return Desk(server)


def test_the_queue_shows_what_waits_with_the_riskiest_first(server: Server, desk: Desk) -> None:
    fine, dark = sent(server), sent(server, at_night=True)
    check_all(server.campaign, Forms(server.campaign))
    page = desk.page("/queue")
    assert page.xpath("//tbody//a/@href") == [f"/interviews/{dark}", f"/interviews/{fine}"]
    assert "Heure" in words(page.xpath("//tbody/tr[1]")[0])
    assert [href.partition("?")[0] for href in desk.page("/queue?check=NIGHT").xpath("//tbody//a/@href")] == [
        f"/interviews/{dark}"
    ]


def test_many_are_approved_at_once_and_undone_at_once(server: Server, desk: Desk) -> None:
    one, two, three = sent(server), sent(server), sent(server)
    answer = desk.send("/queue", verdict="approved", **{f"pick.{one}": "", f"pick.{two}": ""})
    assert standing(server) == {one: "approved", two: "approved", three: ""}
    page = html.fromstring(answer.text)
    (form,) = page.xpath("//form[@action='/queue/undo']")
    assert "2 entretiens : Approuvé." in words(page)
    fields = {field.get("name"): field.get("value") for field in form.xpath(".//input")}
    desk.http.post("/queue/undo", data=fields)
    assert set(standing(server).values()) == {""}


def test_two_supervisors_at_once_lose_no_decision(server: Server, desk: Desk) -> None:
    one = sent(server)
    other = Desk(server)
    seen = desk.heads(one)
    other.send(f"/interviews/{one}/decide", verdict="query", reason="unclear", seen=other.heads(one))
    answer = desk.send(f"/interviews/{one}/decide", verdict="approved", seen=seen)
    assert answer.status_code == 409
    assert f"{other.login} a décidé entre-temps" in answer.text
    assert standing(server) == {one: "query"}
    desk.send("/queue", verdict="approved", standing="query", **{f"pick.{one}": ""})
    assert standing(server) == {one: "query"}


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "rejected"},
        {"verdict": "approved", "reason": "duplicate"},
        {"verdict": "destroyed"},
        {},
        {"verdict": "query", "reason": "other", "why": "x" * 2_000},
    ],
)
def test_a_decision_that_makes_no_sense_changes_nothing_and_is_told(
    server: Server, desk: Desk, fields: dict[str, str]
) -> None:
    one = sent(server)
    for path, more in (("/queue", {f"pick.{one}": ""}), (f"/interviews/{one}/decide", {"seen": ""})):
        answer = desk.send(path, **fields, **more)
        assert answer.status_code == 400
        assert html.fromstring(answer.text).xpath("//*[@role='alert']")
    assert standing(server) == {one: ""}
    assert desk.send("/queue", verdict="approved").status_code == 400


def test_an_interview_shows_answers_flags_and_history(server: Server, desk: Desk) -> None:
    one = sent(server, at_night=True)
    check_all(server.campaign, Forms(server.campaign))
    desk.send(f"/interviews/{one}/decide", verdict="query", reason="unclear", why="Quel âge ?", seen="")
    said = words(desk.page(f"/interviews/{one}"))
    for expected in (
        "Âge ? 34",
        "Nom ? scellé",
        "Commencé à 02:30.",
        "Pas clair",
        "« Quel âge ? »",
        desk.login,
    ):
        assert expected in said
    assert "Tounkara" not in said
    code = one.removeprefix("uuid:")[:8]
    assert desk.page(f"/interviews/{code}").xpath("//h1")


def test_answers_are_corrected_and_corrections_taken_back(server: Server, desk: Desk) -> None:
    one = sent(server)
    here = f"/interviews/{one}"
    fields = {"place": "/q/age", "new": "43", "reason": "typing_error", "anchor": "q2-4"}
    answer = desk.send(f"{here}/correct", here, **fields)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/interviews/{one}#q2-4",
    )
    assert "Âge ? 43 Corrigé avant : 34" in words(desk.page(here))
    refused = desk.send(f"{here}/correct", here, **fields | {"new": "vieux"})
    assert refused.status_code == 400
    desk.send(f"{here}/take-back", here, place="/q/age")
    assert "Âge ? 34" in words(desk.page(here))


def test_flags_are_explained_and_opened_again(server: Server, desk: Desk) -> None:
    one = sent(server, at_night=True)
    check_all(server.campaign, Forms(server.campaign))
    here = f"/interviews/{one}"
    desk.send(f"{here}/explain", here, check="NIGHT", place="", verdict="explained", why="Garde de nuit")
    assert "Expliqué · grave Heure : Commencé à 02:30." in words(desk.page(here))
    assert server.rows("risk")[0]["score"] == 0
    desk.send(f"{here}/explain", here, check="NIGHT", place="", verdict="open")
    assert server.rows("risk")[0]["score"] == 10
    assert desk.send(f"{here}/explain", here, check="LOST", verdict="explained").status_code == 404


def test_comments_stand_in_the_history_and_an_edit_beside_what_it_changed(server: Server, desk: Desk) -> None:
    one = sent(server)
    desk.send(
        f"/interviews/{one}/remark", f"/interviews/{one}", place="/q/age", text="À vérifier avec la carte"
    )
    edit = sent(server, replaces=one, age="44")
    said = words(desk.page(f"/interviews/{edit}"))
    assert "À vérifier avec la carte" in said
    assert "Âge ? 34 44" in said
    assert "version plus récente" in words(desk.page(f"/interviews/{one}"))


def test_a_supervisor_of_a_zone_sees_and_decides_nothing_of_another(server: Server) -> None:
    one = sent(server)
    zoned = Desk(server, zone="kita")
    assert zoned.page("/queue").xpath("//tbody//a") == []
    assert zoned.http.get(f"/interviews/{one}").status_code == 403
    answer = zoned.send("/queue", "/checks", verdict="approved", **{f"pick.{one}": ""})
    assert "autre zone" in answer.text
    assert standing(server) == {one: ""}


@pytest.mark.parametrize(("role", "allowed"), [("analyst", False), ("admin", False), ("protection", True)])
def test_only_supervisors_and_the_protection_officer_open_interviews(
    server: Server, role: str, *, allowed: bool
) -> None:
    one = sent(server)
    who = Desk(server, role)
    for path in ("/queue", f"/interviews/{one}", "/enumerators"):
        assert who.http.get(path).status_code == (200 if allowed else 403)
    last = lines(server.campaign.engine)[0:3]
    assert {line.result for line in last} == ({"done"} if allowed else {"refused"})


def test_opening_an_interview_leaves_a_line_in_the_access_log(server: Server, desk: Desk) -> None:
    one = sent(server)
    desk.page(f"/interviews/{one}")
    newest = lines(server.campaign.engine)[0]
    assert (newest.action, newest.who, newest.subject) == ("open an interview", desk.login, one)


def test_what_somebody_planted_never_becomes_part_of_a_page(server: Server, desk: Desk) -> None:
    one = sent(server, at_night=True, job=HOSTILE)
    check_all(server.campaign, Forms(server.campaign))
    here = f"/interviews/{one}"
    desk.send(f"{here}/remark", here, place="/q/job", text=HOSTILE)
    desk.send(f"{here}/decide", here, verdict="query", reason="other", why=HOSTILE, seen="")
    people.add(server.campaign.engine, HOSTILE, "enumerator", now=AT, secret=os.urandom)
    for path in (
        here,
        "/queue?standing=all",
        "/enumerators",
        "/people",
        f"/queue?check={HOSTILE}&form={HOSTILE}",
    ):
        page = desk.page(path)
        assert page.xpath("//script[not(@src)] | //img[@src='x'] | //*[@onerror or @onclick]") == [], path
    assert "alert(1)" in desk.http.get(here).text, "it stands there as text"


JUNK = (
    "",
    HOSTILE,
    "x" * 5_000,
    "uuid:00000000-0000-4000-8000-000000000000",
    "../../etc",
    "\x00",
    "-1",
    "أمينة",
)


def test_junk_in_any_field_of_any_form_is_answered_by_a_sentence(server: Server, desk: Desk) -> None:
    one = sent(server, at_night=True)
    check_all(server.campaign, Forms(server.campaign))
    admin, officer = Desk(server, "admin"), Desk(server, "protection")
    people.add(server.campaign.engine, "Essai", "enumerator", now=AT, secret=os.urandom)
    here = f"/interviews/{one}"
    paths = {
        desk: ("/queue", here, f"{here}?edit=/q/age", "/duplicates", "/withdrawal", "/backchecks"),
        admin: ("/people",),
        officer: ("/quarantine", "/contacts"),
    }
    pages = [(who, who.page(path)) for who, these in paths.items() for path in these]
    forms = {
        form.get("action"): (who, form)
        for who, page in pages
        for form in page.xpath("//main//form[@method='post']")
    }
    assert len(forms) >= 11
    words_of = {who: page.xpath("//input[@name='csrf']/@value")[0] for who, page in pages}
    before, accounts = standing(server), server.rows("person")
    for action, (who, form) in forms.items():
        csrf = words_of[who]
        names = {field.get("name") for field in form.xpath(".//*[@name]")} - {"csrf"}
        for junk in JUNK:
            answer = who.http.post(action, data=dict.fromkeys(names, junk) | {"csrf": csrf})
            assert answer.status_code < 500, (action, junk)
            assert "Traceback" not in answer.text
        assert who.http.post(action, data={"csrf": csrf}).status_code < 500, action
        assert who.http.post(action, data=dict.fromkeys(names, "x")).status_code == 403, (
            "without the form's word"
        )
    assert standing(server) == before
    assert server.rows("person") == accounts


def test_enumerators_are_counted_with_their_refusals(server: Server, desk: Desk) -> None:
    sent(server)
    assert server.post(Person({"consent": "no", "reason": "no_time"})).status_code == 201
    (row,) = [row for row in desk.page("/enumerators").xpath("//tbody/tr") if server.login in words(row)]
    assert re.search(r"\b1\b", words(row))


def test_the_page_of_checks_tells_what_was_changed_and_what_is_wrong_with_the_file(
    server: Server, desk: Desk
) -> None:
    file = server.campaign.folder / "checks.toml"
    file.write_text("[gap]\nbetween_minutes = 7\n", encoding="utf-8")
    assert "between_minutes 7 Changé" in words(desk.page("/checks"))
    file.write_text("[gap\n", encoding="utf-8")
    assert "checks.toml est illisible" in words(desk.page("/checks"))
