"""Programs read the de-identified data where ODK Central has it, each as its role may."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree
from support.world import AT, Person, Server, new_id, serving

from server.store import attempts, people

FORM = "/v1/projects/1/forms/small"
SVC = f"{FORM}.svc"
EDM = {"e": "http://docs.oasis-open.org/odata/ns/edm"}
TRIPS = (
    "<trip><year>2019</year><stop><town>kita</town></stop><stop><town>kayes</town></stop></trip>"
    "<trip><year>2020</year></trip>"
)


class World:
    """A campaign with three interviews, and a program for each role."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.instances = [new_id() for _ in range(3)]
        for number, instance in enumerate(self.instances):
            trips = {"trips": TRIPS} if number == 1 else {}
            person = Person({"age": str(30 + number), "phone": "76123456", **trips}, instance)
            assert server.post(person).status_code == 201
        self.accounts = {
            role: people.add(server.campaign.engine, role, role, now=AT, secret=os.urandom)
            for role in ("supervisor", "analyst", "protection", "admin")
        }

    def get(self, path: str, role: str = "analyst", **options: Any) -> httpx.Response:
        made = self.accounts[role]
        return self.server.http.get(self.server.base + path, auth=(made.login, made.secret), **options)

    def rows(self, path: str, role: str = "analyst") -> list[dict[str, Any]]:
        answer = self.get(path, role)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["value"]
        return found


@pytest.fixture(scope="module")
def quick_hash() -> Iterator[None]:
    """Argon2 is tried elsewhere; here it would only take time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "hashed", lambda passphrase: f"hash of {passphrase}")
        patch.setattr(attempts, "matches", lambda kept, said: kept == f"hash of {said}")
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, quick_hash: None) -> Iterator[World]:
    with serving(tmp_path_factory.mktemp("central")) as server:
        yield World(server)


def test_a_program_signs_in_and_its_token_opens_the_door(world: World) -> None:
    made, base = world.accounts["analyst"], world.server.base
    said = {"email": made.login, "password": made.secret}
    answer = world.server.http.post(f"{base}/v1/sessions", json=said)
    token = answer.json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert world.server.http.get(f"{base}/v1/users/current", headers=bearer).json()["email"] == made.login
    assert world.server.http.get(f"{base}{FORM}.xml", headers=bearer).content.startswith(b"<?xml")
    assert world.server.http.delete(f"{base}/v1/sessions/{token}", headers=bearer).json() == {"success": True}
    refused = world.server.http.get(f"{base}/v1/users/current", headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (401, 401.2)


@pytest.mark.parametrize("said", [{"email": "ana01", "password": "wrong"}, {}, {"email": "enq01"}])
def test_a_wrong_passphrase_gives_no_token(world: World, said: dict[str, str]) -> None:
    answer = world.server.http.post(f"{world.server.base}/v1/sessions", json=said)
    assert (answer.status_code, answer.json()["code"]) == (401, 401.2)


def test_whoever_says_nothing_is_asked_for_a_passphrase_and_not_for_digest(world: World) -> None:
    answer = world.server.http.get(world.server.base + SVC)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_the_campaign_is_one_project_with_its_forms(world: World) -> None:
    assert [project["id"] for project in world.get("/v1/projects").json()] == [1]
    (form,) = world.get("/v1/projects/1/forms").json()
    assert (form["xmlFormId"], form["version"], form["state"]) == ("small", "1", "open")
    assert world.get(FORM).json() == form
    assert world.get(f"{FORM}s").json()["code"] == 404.1


def test_more_is_told_of_forms_and_interviews_when_asked(world: World) -> None:
    asked = {"X-Extended-Metadata": "true"}
    (form,) = world.get("/v1/projects/1/forms", headers=asked).json()
    assert form["submissions"] == 3
    (first, *_) = world.get(f"{FORM}/submissions", headers=asked).json()
    assert first["submitter"] == {"id": first["submitterId"], "displayName": world.server.login}
    assert "submitter" not in world.get(f"{FORM}/submissions").json()[0]


def test_fields_tell_groups_repeats_and_kinds(world: World) -> None:
    kinds = {field["path"]: field["type"] for field in world.get(f"{FORM}/fields").json()}
    assert (kinds["/q"], kinds["/q/trip"], kinds["/q/age"], kinds["/q/photo"]) == (
        "structure",
        "repeat",
        "int",
        "binary",
    )


def test_the_tables_are_the_form_and_each_repeat(world: World) -> None:
    names = [table["name"] for table in world.get(SVC).json()["value"]]
    assert names == ["Submissions", "Submissions.q.trip", "Submissions.q.trip.stop"]


def test_the_description_knows_every_column_that_rows_have(world: World) -> None:
    top = etree.fromstring(world.get(f"{SVC}/$metadata").content)
    described = {
        kind.get("Name"): {
            p.get("Name") for p in kind.findall("e:Property", EDM) + kind.findall("e:NavigationProperty", EDM)
        }
        for kind in top.iter("{*}EntityType", "{*}ComplexType")
    }
    (row, *_) = world.rows(f"{SVC}/Submissions")
    assert {name.partition("@")[0] for name in row} == described["Submissions"]
    assert {name.partition("@")[0] for name in row["q"]} == described["q"]
    assert set(row["__system"]) == described["metadata"]


def test_rows_come_newest_first_with_numbers_as_numbers(world: World) -> None:
    rows = world.rows(f"{SVC}/Submissions", "supervisor")
    assert [row["__id"] for row in rows] == world.instances[::-1]
    assert [row["q"]["age"] for row in rows] == [32, 31, 30]
    assert rows[0]["meta"] == {"instanceID": rows[0]["__id"]}
    assert rows[0]["__system"]["formVersion"] == "1"


def test_no_program_of_any_role_reads_what_is_sealed(world: World) -> None:
    for role in ("analyst", "supervisor", "protection"):
        for path in (f"{SVC}/Submissions?$expand=*", f"{FORM}/submissions/{world.instances[0]}.xml"):
            text = world.get(path, role).text
            assert "maçon" in text or role == "analyst"
            for word in ("Tounkara", "76123456", "Lassana", "12345678903", "14.45"):
                assert word not in text, (role, path, word)


def test_an_administrator_and_a_phone_read_no_answers(world: World) -> None:
    refused = world.get(f"{SVC}/Submissions", "admin")
    assert (refused.status_code, refused.json()["code"]) == (403, 403.1)
    phone = world.server
    answer = phone.http.get(f"{phone.base}{SVC}/Submissions", auth=(phone.login, phone.secret))
    assert answer.status_code == 403


def test_turns_are_rows_that_lead_to_what_they_hang_on(world: World) -> None:
    trips = world.rows(f"{SVC}/Submissions.q.trip", "supervisor")
    assert [trip["year"] for trip in trips] == [2019, 2020]
    assert {trip["__Submissions-id"] for trip in trips} == {world.instances[1]}
    stops = world.rows(f"{SVC}/Submissions.q.trip.stop", "supervisor")
    assert [stop["town"] for stop in stops] == ["kita", "kayes"]
    assert {stop["__Submissions-q-trip-id"] for stop in stops} == {trips[0]["__id"]}


def test_expanded_turns_are_the_same_as_those_of_their_own_table(world: World) -> None:
    rows = world.rows(f"{SVC}/Submissions?$expand=*", "supervisor")
    trips = next(row for row in rows if row["__id"] == world.instances[1])["q"]["trip"]
    alone = world.rows(f"{SVC}/Submissions.q.trip", "supervisor")
    assert [trip["__id"] for trip in trips] == [trip["__id"] for trip in alone]
    assert [stop["__id"] for stop in trips[0]["stop"]] == [
        stop["__id"] for stop in world.rows(f"{SVC}/Submissions.q.trip.stop", "supervisor")
    ]


def test_links_lead_to_the_turns_of_one_interview(world: World) -> None:
    rows = world.rows(f"{SVC}/Submissions", "supervisor")
    by_id = {row["__id"]: row["q"]["trip@odata.navigationLink"] for row in rows}
    assert len(world.rows(f"{SVC}/{by_id[world.instances[1]]}", "supervisor")) == 2
    assert world.rows(f"{SVC}/{by_id[world.instances[0]]}", "supervisor") == []
    trip = world.rows(f"{SVC}/Submissions.q.trip", "supervisor")[0]
    assert len(world.rows(f"{SVC}/{trip['stop@odata.navigationLink']}", "supervisor")) == 2


def test_the_tables_come_as_csv_with_the_columns_of_a_release(world: World) -> None:
    text = world.get(f"{FORM}/submissions.csv", "supervisor").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["KEY"] for row in rows] == world.instances[::-1]
    assert [row["q-age"] for row in rows] == ["32", "31", "30"]
    assert "q-nom" not in rows[0]
    plain = world.get(f"{FORM}/submissions.csv?groupPaths=false", "supervisor").text.splitlines()[0]
    assert ",age," in plain


def test_all_tables_come_in_one_file_linked_by_their_keys(world: World) -> None:
    answer = world.get(f"{FORM}/submissions.csv.zip", "supervisor")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["small.csv", "small-trip.csv", "small-stop.csv"]
        trips, stops = (
            list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in ("small-trip.csv", "small-stop.csv")
        )
    assert [trip["PARENT_KEY"] for trip in trips] == [world.instances[1]] * 2
    assert trips[1]["KEY"] == f"{world.instances[1]}/q/trip[2]"
    assert {stop["PARENT_KEY"] for stop in stops} == {trips[0]["KEY"]}
    assert b"Tounkara" not in answer.content
    assert world.get(f"{FORM}/submissions.csv", "admin").status_code == 403


@pytest.mark.parametrize("table", ["Submissions", "Submissions.q.trip.stop"])
def test_following_next_links_gives_every_row_once(world: World, table: str) -> None:
    whole = [row["__id"] for row in world.rows(f"{SVC}/{table}", "supervisor")]
    path, found = f"{SVC}/{table}?$top=1&$count=true", []
    while path:
        page = world.get(path, "supervisor").json()
        assert page["@odata.count"] == len(whole)
        found += [row["__id"] for row in page["value"]]
        path = page.get("@odata.nextLink", "").removeprefix(world.server.base)
    assert found == whole


def test_the_count_alone_can_be_asked_for(world: World) -> None:
    page = world.get(f"{SVC}/Submissions?$top=0&$count=true").json()
    assert (page["@odata.count"], page["value"]) == (3, [])


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("year(__system/submissionDate) ge 2026", 3),
        ("month(__system/submissionDate) le 12", 3),
        ("__system/submissionDate ge 2999-01-01T00:00:00Z", 0),
        ("__system/submissionDate lt now()", 3),
        ("__system/reviewState eq null", 3),
        ("__system/reviewState ne null", 0),
        ("__system/submitterId eq '1'", 3),
        ("not (__system/submitterId eq '1')", 0),
        ("__system/deletedAt eq null and __system/updatedAt eq null", 3),
    ],
)
def test_conditions_leave_out_the_others(world: World, said: str, count: int) -> None:
    assert len(world.rows(f"{SVC}/Submissions?$filter={said}")) == count


def test_what_is_asked_wrongly_is_told_before_anything_is_sent(world: World) -> None:
    for option, code in (("$select=nom", 400.1), ("$filter=age eq 3", 501.5), ("$apply=x", 501.3)):
        answer = world.get(f"{SVC}/Submissions?{option}")
        assert (answer.status_code, answer.json()["code"]) == (int(code), code)


def test_one_interview_is_found_by_its_number_in_both_shapes(world: World) -> None:
    instance = world.instances[0]
    (row,) = world.rows(f"{SVC}/Submissions('{instance}')")
    assert row["__id"] == instance
    assert world.get(f"{FORM}/submissions/{instance}").json()["instanceId"] == instance
    assert world.get(f"{FORM}/submissions/{new_id()}").status_code == 404


def test_a_supervisors_program_decides_and_comments(tmp_path: Path, quick_hash: None) -> None:
    with serving(tmp_path) as server:
        _decide_and_comment(World(server))


def _decide_and_comment(world: World) -> None:
    instance = world.instances[0]
    path = f"{FORM}/submissions/{instance}"
    made = world.accounts["supervisor"]
    ask = partial(world.server.http.request, auth=(made.login, made.secret))
    base = world.server.base
    for state in ("hasIssues", "approved"):
        assert ask("PATCH", base + path, json={"reviewState": state}).json()["reviewState"] == state
        rows = world.rows(f"{SVC}/Submissions?$filter=__system/reviewState eq '{state}'")
        assert [row["__id"] for row in rows] == [instance]
    said = ask("POST", f"{base}{path}/comments", json={"body": "Revoir avec Moussa Traoré"}).json()
    assert "Traoré" not in said["body"]
    assert ask("GET", f"{base}{path}/comments").json()[0] == said
    assert ask("PATCH", base + path, json={"reviewState": None}).json()["reviewState"] == "hasIssues"
    assert ask("PATCH", base + path, json={"reviewState": "perhaps"}).status_code == 400
    analyst = world.accounts["analyst"]
    refused = world.server.http.patch(
        base + path, json={"reviewState": "approved"}, auth=(analyst.login, analyst.secret)
    )
    assert refused.json()["code"] == 403.1


def test_who_polls_is_told_that_nothing_has_changed_until_something_has(
    tmp_path: Path, quick_hash: None
) -> None:
    with serving(tmp_path) as server:
        world = World(server)
        for path in (f"{SVC}/Submissions", f"{FORM}/submissions"):
            tag = world.get(path).headers["etag"]
            assert world.get(path, headers={"If-None-Match": tag}).status_code == 304
            assert world.get(path, "supervisor", headers={"If-None-Match": tag}).status_code == 200
            assert server.post(Person()).status_code == 201
            assert world.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_supervisor_of_a_zone_reads_that_zone_only(world: World) -> None:
    engine = world.server.campaign.engine
    made = people.add(engine, "Zone", "supervisor", now=AT, secret=os.urandom, zone="kita")
    answer = world.server.http.get(f"{world.server.base}{SVC}/Submissions", auth=(made.login, made.secret))
    assert answer.json()["value"] == []
