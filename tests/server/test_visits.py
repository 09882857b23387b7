"""A visit form: what the phone says came of a contact is noted on the contact, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.world import AT, Server, matching_passphrase, new_id, serving

from forms.compile import build
from server.core.moments import stamp
from server.store.contacts import choose, contacts, import_list, mark
from server.store.forms import NewForm, publish
from server.store.lists import read_list
from server.store.matcher import Matcher
from server.store.matching import Unlocked, unlock
from server.store.persons import recompute
from server.store.visits import Visits

LIST = """record_id;Prénom;Nom;Village;Téléphone
1;Zanafou;Ouattara;Kangaba;79 88 77 66
2;Fatoumata;Sissoko;Diamou;66 01 02 03
3;Seydou;Keïta;Bafoulabé;91 20 30 40
"""
EARLIER = stamp(datetime.now(UTC) - timedelta(days=1))
LATER = stamp(datetime.now(UTC) + timedelta(days=1))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    with serving(tmp_path) as made:
        built = build("visit")
        publish(made.campaign, NewForm(built.xform, built.media, "a visit asks nobody"), by="", at=AT)
        persons = read_list(tmp_path / "list.csv", {})
        import_list(
            made.campaign, key(made), persons, partner="OIM", zone="kayes", at=EARLIER, random=os.urandom
        )
        import random

        choose(made.campaign, "kayes", 9, at=EARLIER, rng=random.Random(1))
        yield made


def key(server: Server) -> Unlocked:
    return unlock(server.campaign.matching, matching_passphrase())


def visits(server: Server) -> Visits:
    return Visits(server.campaign, key(server), os.urandom)


def said(server: Server, contact: str, result: str, day: str = "2026-11-20") -> None:
    xml = (
        '<data xmlns:dp="https://taama.org/data-protection/1" id="visit" version="2026112301">'
        f"<start>{day}T09:00:00.000Z</start><end>{day}T09:05:00.000Z</end><enumerator>enq01</enumerator>"
        f"<contact>{contact}</contact><visit_result>{result}</visit_result><visit_date>{day}</visit_date>"
        f"<meta><instanceID>{new_id()}</instanceID></meta></data>"
    )
    assert server.post(xml.encode()).status_code == 201


def states(server: Server) -> dict[str, str]:
    return {row.id: row.state for row in contacts(server.campaign)}


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("reached", "reached"),
        ("call_back", "chosen"),
        ("refused", "refused"),
        ("not_found", "not_found"),
        ("moved", "not_found"),
        ("eaten", "chosen"),
    ],
)
def test_a_visit_moves_its_contact_and_no_other(server: Server, result: str, state: str) -> None:
    one, *others = states(server)
    said(server, one, result)
    visits(server).note(at=LATER)
    assert states(server)[one] == state
    assert {states(server)[other] for other in others} == {"chosen"}


def test_the_latest_day_counts_however_visits_come_in(server: Server) -> None:
    one, two, _ = states(server)
    said(server, one, "reached", "2026-11-22")
    said(server, one, "not_found", "2026-11-21")
    said(server, two, "call_back", "2026-11-20")
    said(server, two, "refused", "2026-11-21")
    running = visits(server)
    assert running.note(at=LATER) == 2
    assert (states(server)[one], states(server)[two]) == ("reached", "refused")
    assert running.note(at=LATER) == 0
    assert visits(server).note(at=LATER) == 0


def test_a_closed_contact_stays_closed_and_what_a_person_noted_later_stands(server: Server) -> None:
    one, two, _ = states(server)
    said(server, one, "refused", "2026-11-20")
    said(server, two, "not_found", "2026-11-20")
    mark(server.campaign, two, "reached", at=LATER, unlocked=key(server), random=os.urandom)
    running = visits(server)
    running.note(at=LATER)
    said(server, one, "reached", "2026-11-23")
    running.note(at=LATER)
    assert (states(server)[one], states(server)[two]) == ("refused", "reached")


def test_a_visit_is_nobodys_interview_and_an_unknown_code_moves_nothing(server: Server) -> None:
    said(server, "zzzzzz", "refused")
    said(server, "Zanafou Ouattara", "refused")
    assert visits(server).note(at=LATER) == 0
    running = Matcher(server.campaign, key(server), os.urandom)
    assert running.catch_up(at=LATER) == 0
    assert recompute(server.campaign, lambda: "p").interviews == 0
    assert b"Ouattara" not in server.bytes_on_disk()
