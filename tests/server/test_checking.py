"""What checks find is kept, weighed and explained; it goes when its interview goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import taama, told
from support.world import AT, Person, Server, new_id, serving

from server.core.problem import Malformed, NotFound
from server.store.checking import Arrivals, check_all, check_some, parameters_of
from server.store.corrections import Wish, correct
from server.store.flags import Which, explain, flags_of
from server.store.forms import Forms
from server.store.queue import Wanted, neighbours, queue, size
from server.store.rebuild import rebuild
from server.store.reviewing import Reviewer
from server.store.withdraw import withdraw_by_code
from sync.db import reading

ME = Reviewer("sup01")
NIGHT = "<start>2026-11-23T02:30:00.000Z</start>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as made:
        yield made


def sent(server: Server, *, at_night: bool = False, replaces: str = "", **answers: str) -> str:
    told = {"story": f"Une histoire à nulle autre pareille, {new_id()}"}
    person = Person(told | answers, replaces=replaces)
    xml = person.xml
    if at_night:
        xml = xml.replace(b"<start>2026-11-23T07:30:00.000Z</start>", NIGHT.encode())
    assert server.post(xml).status_code == 201
    return person.instance


def flags(server: Server, instance: str) -> dict[str, str]:
    with reading(server.campaign.engine) as connection:
        return {one.flag.check: one.status for one in flags_of(connection, [instance])}


def scores(server: Server) -> dict[str, int]:
    return {row["instance"]: row["score"] for row in server.rows("risk")}


def test_an_arrival_is_checked_and_weighed_once(server: Server) -> None:
    dark, fine = sent(server, at_night=True), sent(server)
    arrivals = Arrivals(server.campaign, Forms(server.campaign))
    assert (arrivals.work(), arrivals.work()) == (2, 0)
    assert flags(server, dark) == {"NIGHT": "open"}
    assert scores(server) == {dark: 10, fine: 0}


def test_the_running_server_checks_by_itself(server: Server) -> None:
    import time

    dark = sent(server, at_night=True)
    for _ in range(100):
        if scores(server).get(dark):
            break
        time.sleep(0.05)
    assert flags(server, dark) == {"NIGHT": "open"}


def test_what_was_explained_stays_so_and_weighs_nothing_until_the_value_changes(server: Server) -> None:
    forms = Forms(server.campaign)
    one = sent(server, at_night=True)
    check_all(server.campaign, forms)
    which, parameters = Which(one, "NIGHT"), parameters_of(server.campaign)
    explain(server.campaign, which, "explained", parameters, why="Veillée, avec Moussa Traoré", by=ME, at=AT)
    assert (flags(server, one), scores(server)[one]) == ({"NIGHT": "explained"}, 0)
    check_all(server.campaign, forms)
    rebuild(server.campaign)
    check_some(server.campaign, forms, [one])
    assert (flags(server, one), scores(server)[one]) == ({"NIGHT": "explained"}, 0)
    assert b"Traor" not in server.bytes_on_disk()
    explain(server.campaign, which, "open", parameters, why="", by=ME, at=AT)
    assert (flags(server, one), scores(server)[one]) == ({"NIGHT": "open"}, 10)


def test_an_explanation_of_another_value_does_not_count(server: Server) -> None:
    forms = Forms(server.campaign)
    one = sent(server, at_night=True)
    check_all(server.campaign, forms)
    explain(
        server.campaign,
        Which(one, "NIGHT"),
        "explained",
        parameters_of(server.campaign),
        why="",
        by=ME,
        at=AT,
    )
    with server.campaign.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE body SET data = replace(data, 'T02:30', 'T03:30') WHERE part = 'clean'"
        )
    check_all(server.campaign, forms)
    assert flags(server, one) == {"NIGHT": "open"}


def test_nothing_can_be_said_of_a_flag_that_is_not_there(server: Server) -> None:
    one = sent(server)
    parameters = parameters_of(server.campaign)
    with pytest.raises(NotFound):
        explain(server.campaign, Which(one, "NIGHT"), "explained", parameters, why="", by=ME, at=AT)
    with pytest.raises(Malformed):
        explain(server.campaign, Which(one, "NIGHT"), "fine", parameters, why="", by=ME, at=AT)


def test_an_edit_takes_the_flags_of_what_it_replaces_away(server: Server) -> None:
    dark = sent(server, at_night=True)
    arrivals = Arrivals(server.campaign, Forms(server.campaign))
    arrivals.work()
    edit = sent(server, replaces=dark)
    arrivals.work()
    assert (flags(server, dark), scores(server)) == ({}, {edit: 0})


def test_a_withdrawal_takes_flags_and_risk_away(server: Server) -> None:
    one = sent(server, at_night=True, code="48559668677")
    check_all(server.campaign, Forms(server.campaign))
    withdraw_by_code(server.campaign, "48559668677", by="pro01", at=AT)
    assert (flags(server, one), scores(server)) == ({}, {})


def test_checks_look_at_answers_as_they_count(server: Server) -> None:
    forms = Forms(server.campaign)
    everyone = [sent(server, age=str(30 + number % 9)) for number in range(24)]
    wild = sent(server, age="-99")
    check_all(server.campaign, forms)
    assert "OUTLIER" not in flags(server, wild), "-99 is a code for a refusal"
    correct(server.campaign, forms, wild, Wish("/q/age", "97", "typing_error"), by=ME, at_=AT)
    check_all(server.campaign, forms)
    assert flags(server, wild) == {"OUTLIER": "open"}
    assert flags(server, everyone[0]) == {}


def test_a_campaigns_own_thresholds_count_and_a_bad_file_is_told(server: Server, tmp_path: Path) -> None:
    one = sent(server, at_night=True)
    file = server.campaign.folder / "checks.toml"
    file.write_text("[night]\nday = [1, 24]\nnight = [24, 1]\n", encoding="utf-8")
    check_all(server.campaign, Forms(server.campaign))
    assert flags(server, one) == {}
    file.write_text("[nights]\n", encoding="utf-8")
    done = taama("check", "run", "--home", str(server.campaign.folder))
    assert (done.returncode, "nights" in done.stderr) == (1, True)


def test_the_queue_begins_with_what_is_riskiest_and_can_be_narrowed(server: Server) -> None:
    fine, dark, other = sent(server), sent(server, at_night=True), sent(server)
    check_all(server.campaign, Forms(server.campaign))
    with reading(server.campaign.engine) as connection:
        everything = queue(connection, Wanted(), limit=10)
        assert [row.instance for row in everything] == [dark, fine, other]
        assert everything[0].reasons == ("NIGHT",)
        assert [row.instance for row in queue(connection, Wanted(), limit=1, skip=1)] == [fine]
        assert [row.instance for row in queue(connection, Wanted(check="NIGHT"), limit=10)] == [dark]
        assert (size(connection, Wanted()), size(connection, Wanted(zone="kita"))) == (3, 0)
        assert queue(connection, Wanted(form="other"), limit=10) == []
        assert neighbours(connection, Wanted(), fine) == (dark, other)
        with pytest.raises(Malformed):
            queue(connection, Wanted(standing="lost"), limit=10)


def test_the_commands_run_list_and_explain(server: Server) -> None:
    home, one = str(server.campaign.folder), sent(server, at_night=True)
    code = one.removeprefix("uuid:")[:8]
    (form,) = told("check", "run", "--home", home)["forms"]
    assert form["flags"] == {"NIGHT": 1}
    (flag,) = told("check", "list", "--open", "--severity", "critical", "--home", home)["flags"]
    assert (flag["interview"], flag["check"], flag["value"]) == (one, "NIGHT", "02:30")
    told("check", "explain", code, "NIGHT", "--as", "accepted", "--why", "Garde de nuit", "--home", home)
    assert told("check", "list", "--open", "--home", home)["flags"] == []
    (waiting,) = told("review", "list", "--home", home)["interviews"]
    assert (waiting["interview"], waiting["risk"]) == (one, 0)
    assert told("review", "decide", code, "--as", "approved", "--by", "sup01", "--home", home)["decided"] == [
        one
    ]
    assert told("review", "list", "--home", home)["interviews"] == []
    assert told("review", "undo", code, "--home", home)["standing"] == "received"
    corrected = told("review", "correct", code, "/q/age", "40", "--reason", "typing_error", "--home", home)
    assert (corrected["old"], corrected["new"]) == ("34", "40")
    shown = told("review", "show", code, "--home", home)["answers"]
    assert {"place": "/q/age", "label": "Âge ?", "answer": "40", "state": ""} in shown
    said = ("--question", "/q/age", "--text", "Rappeler au 76123456", "--by", "sup01")
    noted = told("review", "remark", code, *said, "--home", home)
    assert (noted["place"], noted["masked"]) == ("/q/age", 1)
    assert taama("review", "remark", code, "--text", " ", "--home", home).returncode == 1
    refused = taama("review", "decide", code, "--as", "query", "--home", home)
    assert (refused.returncode, "reason" in refused.stderr) == (1, True)
