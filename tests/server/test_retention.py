"""What has been kept long enough goes, class by class, and a certificate stays."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.world import Person, Server, person, serving

from server.core.problem import Malformed, NotFound
from server.core.retention import before, policy
from server.store.access import Entry, broken_at, note
from server.store.daily import Daily
from server.store.doctor import examine
from server.store.home import change_settings, open_campaign
from server.store.purge import certificates, due, purge
from server.store.rebuild import rebuild
from server.store.vault import Asking, open_identities
from sync.keys import read_officer_private

AT = "2026-11-30T10:00:00.000Z"
MARK = "xylophoniste-unique"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "period", "earlier"),
    [
        ("2026-08-31", "P6M", "2026-02-28"),
        ("2026-03-01", "P30D", "2026-01-30"),
        ("2028-02-29", "P1Y", "2027-02-28"),
        ("2026-03-31", "P1M1D", "2026-02-27"),
        ("2026-01-15", "P13M", "2024-12-15"),
        ("2026-01-15", "P0D", "2026-01-15"),
    ],
)
def test_periods_go_back_by_the_calendar(now: str, period: str, earlier: str) -> None:
    assert before(moment(now), period) == moment(earlier)


@pytest.mark.parametrize("period", ["", "P", "6M", "P6W", "PT5H", "P-1D", "P6m", "P1M1Y"])
def test_what_is_no_period_is_told(period: str) -> None:
    with pytest.raises(Malformed, match="bad_period"):
        policy({"media": period}, "")


def test_what_counts_from_the_end_waits_for_an_end() -> None:
    now = moment("2030-01-01")
    assert policy({}, "").cutoff("identity", now) == ""
    assert policy({}, "").cutoff("media", now) == "2029-10-03T00:00:00.000Z"
    ended = policy({}, "2029-06-30")
    assert ended.cutoff("identity", moment("2029-12-31")) == ""
    assert ended.cutoff("identity", now) == "2030-01-01T00:00:00.000Z"
    assert ended.cutoff("answers", now) == ""


def filled(server: Server) -> Person:
    """An interview with its files, a refusal, one in quarantine, and a line of the access log."""
    who = person(photo="p.jpg", voice="v.m4a", job=MARK)
    assert server.post(who, {"p.jpg": os.urandom(400_000), "v.m4a": b"voice"}).status_code == 201
    assert server.post(person(consent="no", reason="no_time")).status_code == 201
    assert server.post(Person(dict(who.answers), version="9", instance="uuid:9")).status_code == 202
    note(server.campaign.engine, Entry("2026-11-23T08:00:00.000Z", "adm01", "admin", "list accounts"))
    return who


def classes(server: Server, day: str) -> set[str]:
    return {one.kind for one in due(server.campaign, moment(day))}


def test_each_class_goes_in_its_time(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        filled(server)
        change_settings(server.campaign, ends="2027-06-30")
    with serving(tmp_path) as server:
        assert classes(server, "2026-12-01") == set()
        assert classes(server, "2027-02-01") == {"original"}
        assert classes(server, "2027-04-01") == {"original", "media"}
        assert classes(server, "2027-12-30") == {"original", "media", "held", "access"}
        assert classes(server, "2028-02-01") == {"original", "media", "held", "access", "identity"}
        assert classes(server, "2033-01-01") >= {"answers", "refusals"}


def test_media_go_with_their_keys_and_the_rest_stays(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        who = filled(server)
        blobs = [path for path in server.campaign.blobs.folder.glob("??/*") if path.is_file()]
        assert len(blobs) == 1
        made = purge(server.campaign, moment("2027-04-01"), at=AT)
        assert {one["class"]: one["parts"] for one in made} == {"media": 2, "original": 1}
        assert not blobs[0].exists()
        assert {row["state"] for row in server.rows("file")} == {"purged"}
        private = read_officer_private(server.officer_file)
        asking = Asking("request", "the respondent asked")
        opened = open_identities(server.campaign, [who.instance], private, asking, at=AT)
        assert opened[0].identity["/q/nom"] == "Bakary Tounkara"
        assert purge(server.campaign, moment("2027-04-01"), at=AT) == []
        assert not {finding.code for finding in examine(server.campaign)} & {"files", "keys", "log"}
        before_rebuild = server.rows("file")
        rebuild(server.campaign)
        assert server.rows("file") == before_rebuild


def test_identities_go_and_answers_stay(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        who = filled(server)
        change_settings(server.campaign, ends="2027-01-01", retention={"access": "P9Y"})
    with serving(tmp_path) as server:
        purge(server.campaign, moment("2027-09-01"), at=AT)
        private = read_officer_private(server.officer_file)
        with pytest.raises(NotFound):
            open_identities(
                server.campaign, [who.instance], private, Asking("request", "a long reason"), at=AT
            )
        assert json.loads(server.body("submission", "clean") or b"")["answers"]["q"]["job"] == MARK
        assert not any(row["open"] for row in server.rows("held"))
        assert not {finding.code for finding in examine(server.campaign)} & {"files", "keys", "log"}


def test_answers_and_refusals_go_at_last(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        filled(server)
        change_settings(server.campaign, ends="2027-01-01")
    with serving(tmp_path) as server:
        assert MARK.encode() in server.bytes_on_disk()
        purge(server.campaign, moment("2032-06-01"), at=AT)
        assert MARK.encode() not in server.bytes_on_disk()
        assert server.rows("refusal") == []
        rebuild(server.campaign)
        assert server.rows("refusal") == []
        names = {one["class"] for one in certificates(server.campaign)}
        assert names == {"identity", "answers", "refusals", "media", "original", "held", "access"}
        assert all(len(one["sha256"]) == 64 for one in certificates(server.campaign))


def test_the_access_log_goes_on_from_where_it_was_purged(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        filled(server)
        note(server.campaign.engine, Entry("2027-11-30T08:00:00.000Z", "adm01", "admin", "list accounts"))
        purge(server.campaign, moment("2027-12-01"), at=AT)
        assert [row["n"] for row in server.rows("access")] == [2]
        assert broken_at(server.campaign) == 0
        note(server.campaign.engine, Entry("2027-12-02T08:00:00.000Z", "adm01", "admin", "list accounts"))
        assert broken_at(server.campaign) == 0


def test_the_days_work_is_done_once_a_day(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        filled(server)
        daily = Daily(open_campaign(tmp_path / "home"))
        assert daily.once(moment("2027-04-01"), at="2027-04-01T00:00:00.000Z")
        assert not daily.once(moment("2027-04-01"), at="2027-04-01T09:00:00.000Z")
        assert daily.once(moment("2027-04-02"), at="2027-04-02T00:00:00.000Z")
        assert len(certificates(server.campaign)) == 2
