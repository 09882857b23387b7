"""Of what is sealed checks get what leads back to nobody, and it goes with the interview."""

from __future__ import annotations

import json
from pathlib import Path

from support.world import AT, Person, Server, serving

from server.core.privacy import fold
from server.store.checking import check_all
from server.store.flags import flags_of
from server.store.forms import Forms
from server.store.withdraw import withdraw_by_code
from sync.db import reading

STORY = "Je suis parti avec mon frère, et le passeur nous a laissés dans le désert."


def kept(server: Server, number: int = 0) -> dict[str, object]:
    found: dict[str, object] = json.loads(server.body("submission", "derived", number) or b"{}")["derived"]
    return found


def test_a_position_leaves_its_accuracy_and_a_wide_cell(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.post(Person({"place": "14.4512345 -11.4398765 30 5.5"})).status_code == 201
        said = kept(server)
        assert (said["cell"], said["accuracy"]) == ([14.5, -11.4], 5.5)
        assert b"14.4512345" not in server.bytes_on_disk()
        assert server.post(Person({"place": ""})).status_code == 201
        assert kept(server, 1)["missing"] is True


def test_the_same_story_is_noticed_without_being_readable(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        people = [
            Person({"story": STORY}),
            Person({"story": STORY.upper()}),
            Person({"story": "Rien à dire, merci bien"}),
        ]
        for person in people:
            assert server.post(person).status_code == 201
        check_all(server.campaign, Forms(server.campaign))
        with reading(server.campaign.engine) as connection:
            flags = [{one.flag.check for one in flags_of(connection, [person.instance])} for person in people]
        assert flags == [{"TEXT"}, {"TEXT"}, set()]
        assert fold(STORY).encode()[:20] not in server.bytes_on_disk()


def test_what_was_derived_goes_with_the_person(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.post(Person({"story": STORY, "code": "48559668677"})).status_code == 201
        digest = next(iter(kept(server)["texts"].values()))  # type: ignore[attr-defined]  # a table
        assert digest.encode() in server.bytes_on_disk()
        withdraw_by_code(server.campaign, "48559668677", by="pro01", at=AT)
        assert digest.encode() not in server.bytes_on_disk()
