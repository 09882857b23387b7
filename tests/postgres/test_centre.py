"""A centre on PostgreSQL does what a hub does on SQLite."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, update
from support.postgres import Cluster, cluster
from support.world import AT, MEDIA, Person, Server, keep_in, person, serving, small_form

from server.core.review import Judgement
from server.store import people
from server.store.access import broken_at
from server.store.checking import check_all
from server.store.doctor import examine
from server.store.forget import rewrite_cleared
from server.store.forms import Forms, NewForm, publish
from server.store.home import Campaign, create, open_campaign
from server.store.local import Encoding, FlagRow, PersonOf, Suggestion
from server.store.move import LEFT, move
from server.store.project import DECISION
from server.store.rebuild import rebuild
from server.store.release.make import export
from server.store.release.options import Options, Release
from server.store.reviewing import Reviewer, review
from server.store.tables import View
from server.store.withdraw import withdraw_by_code
from sync.db import reading, writing
from sync.tables import table_of

pytestmark = pytest.mark.postgres
ENCODING = table_of(Encoding)
MARK = "xylophoniste-unique"
CODE = "48559668677"
PAGES = (
    *("/", "/queue", "/enumerators", "/map", "/checks", "/backchecks", "/contacts", "/quarantine"),
    *("/duplicates", "/chains", "/healthz"),
)


def instances(server: Server) -> set[str]:
    return {row["instance"] for row in server.rows("submission")}


def views(server: Server) -> dict[str, list[dict[str, Any]]]:
    return {
        name: sorted(server.rows(name), key=lambda row: json.dumps(row, sort_keys=True))
        for name in View.metadata.tables
    }


def approve(server: Server, *some: str) -> None:
    done = review(server.campaign, some, Judgement("approved"), by=Reviewer("sup01"), at=AT)
    assert done.done == list(some), done


def test_interviews_repetitions_edits_refusals_and_conflicts_are_told_apart(server: Server) -> None:
    first = person(photo="a.jpg")
    assert [server.post(first).status_code for _ in range(2)] == [201, 201]
    assert server.post(first, {"a.jpg": b"A" * 99}).status_code == 201
    edit = Person({"age": "40"}, replaces=first.instance)
    assert server.post(edit).status_code == 201
    assert server.post(person(consent="no", reason="no_time")).status_code == 201
    assert server.post(Person({"age": "41"}, instance=first.instance)).status_code == 202
    assert server.post(Person(version="9")).status_code == 202
    assert instances(server) == {first.instance, edit.instance}
    latest = {row["instance"]: row["latest"] for row in server.rows("submission")}
    assert latest == {first.instance: False, edit.instance: True}
    assert len(server.rows("refusal")) == 1
    assert {row["reason"] for row in server.rows("held")} == {"conflict", "unknown_version"}


def test_a_decision_stands_and_a_rebuild_shows_the_same(server: Server) -> None:
    one, other = person(), person(photo="a.jpg")
    for who in (one, other):
        server.post(who)
    server.post(person(consent="no", reason="no_time"))
    server.post(Person(version="9"))
    approve(server, one.instance)
    withdraw_by_code(server.campaign, CODE, by="", at=AT)
    before = views(server)
    standing = {row["instance"]: row["standing"] for row in before["submission"]}
    assert standing == {one.instance: "approved", other.instance: ""}
    assert rebuild(server.campaign) > 0
    assert views(server) == before
    with reading(server.campaign.engine) as connection:
        assert connection.execute(select(DECISION.c.verdict)).scalars().all() == ["approved"]


def everything(campaign: Campaign) -> bytes:
    """All that any table holds."""
    said = []
    with reading(campaign.engine) as connection:
        names = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for name in names.scalars().all():
            for row in connection.exec_driver_sql(f"SELECT * FROM {name}"):
                said += [bytes(one) if isinstance(one, bytes) else str(one).encode() for one in row]
    return b"\n".join(said)


def table_files(campaign: Campaign) -> bytes:
    """Every byte of the files of the campaign's database."""
    with campaign.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        number = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()")
        folder = cluster().data / "base" / str(number.scalar())
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_who_withdraws_goes_from_every_table_and_by_night_from_their_files(server: Server) -> None:
    me, other = person(code=CODE, job=MARK), person()
    for who in (other, me):
        assert server.post(who).status_code == 201
    theirs = {"instance": me.instance}
    rows: dict[Any, dict[str, Any]] = {
        PersonOf: {"person": MARK, "given": 1},
        FlagRow: dict.fromkeys(("severity", "message", "expected", "parameters"), "info")
        | {"check": "TEXT", "place": "", "words": "{}", "value": MARK},
    }
    with writing(server.campaign.engine) as connection:
        for model, row in rows.items():
            connection.execute(insert(table_of(model)), theirs | row)
        mine = update(ENCODING).where(ENCODING.c.instance == me.instance)
        connection.execute(mine.values(data=MARK.encode()))
        pair = {"subject": "a|b", "one": me.instance, "other": other.instance, "kind": "duplicate", "p": 0.5}
        connection.execute(insert(table_of(Suggestion)), pair | {"reasons": MARK, "at": AT})
    assert MARK.encode() in everything(server.campaign)
    assert MARK.encode() in table_files(server.campaign)
    assert withdraw_by_code(server.campaign, CODE, by="", at=AT) == 1
    assert MARK.encode() not in everything(server.campaign)
    assert CODE.encode() not in everything(server.campaign)
    assert instances(server) == {other.instance}
    assert rewrite_cleared(server.campaign)
    assert MARK.encode() not in table_files(server.campaign)
    assert not rewrite_cleared(server.campaign), "nothing was deleted since"
    assert server.post(me).status_code == 201
    assert instances(server) == {other.instance}


def test_pages_of_the_review_open(server: Server) -> None:
    who = person()
    for one in (who, person(consent="no", reason="no_time"), Person({"age": "35"}, replaces=who.instance)):
        server.post(one)
    check_all(server.campaign, Forms(server.campaign))
    awa = people.add(server.campaign.engine, "Awa", "supervisor", now=AT, secret=os.urandom)
    with httpx.Client(base_url=server.base, timeout=30) as http:
        http.post("/sign-in", data={"login": awa.login, "passphrase": awa.secret})
        statuses = {path: http.get(path).status_code for path in (*PAGES, f"/interviews/{who.instance}")}
        feed = http.get("/v1/projects/1/forms/small.svc/Submissions", auth=(awa.login, awa.secret))
    assert set(statuses.values()) == {200}, statuses
    assert len(feed.json()["value"]) == 1
    assert broken_at(server.campaign) == 0


def test_an_address_with_signs_that_no_text_may_hold_is_a_bad_request(server: Server) -> None:
    awa = people.add(server.campaign.engine, "Awa", "supervisor", now=AT, secret=os.urandom)
    with httpx.Client(base_url=server.base, timeout=30) as http:
        http.post("/sign-in", data={"login": awa.login, "passphrase": awa.secret})
        assert http.get("/interviews/uuid:%00abcdef").status_code in (400, 404)
    assert server.post(person(), url=f"{server.key}/submission?deviceID=a%00b").status_code in (201, 400)


def exported(campaign: Campaign, out: Path) -> dict[str, bytes]:
    made = export(campaign, Release("small", include_all=True), Options(multiple="one"), out, AT)
    return {p.name: p.read_bytes() for p in sorted(Path(made.folder).rglob("*")) if p.is_file()}


def test_a_centre_that_moves_keeps_every_row_and_exports_the_same_bytes(tmp_path: Path) -> None:
    with serving(tmp_path, postgres=False) as server:
        several = [person(job=job) for job in ("éleveur", "Zoulou", "abeille", "École", "maçon", "_")]
        for who in several:
            server.post(who)
        server.post(Person({"age": "40"}, replaces=several[0].instance))
        server.post(person(consent="no", reason="no_time"))
        approve(server, *(who.instance for who in several[1:]))
    home = tmp_path / "home"
    as_a_centre = keep_in(home, "").model_copy(update={"role": "central"})
    (home / "campaign.json").write_text(as_a_centre.model_dump_json(), encoding="utf-8")
    before = open_campaign(home)
    expected = exported(before, tmp_path / "before")
    address = cluster().database()
    assert move(before, address) > len(several)
    before.close()
    assert (home / LEFT).exists()
    assert not (home / "taama.db").exists()
    after = open_campaign(home)
    assert after.settings.database == address
    assert exported(after, tmp_path / "after") == expected
    assert people.add(after.engine, "Nouveau", "enumerator", now=AT, secret=os.urandom).login
    assert [one for one in examine(after) if one.level == "error"] == []
    after.close()


def test_a_database_that_goes_away_is_a_sentence_and_everything_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    own = Cluster("autovacuum=off")
    create(tmp_path / "home", "Essai", role="central", database=own.database())
    campaign = open_campaign(tmp_path / "home")
    publish(campaign, NewForm(small_form(), MEDIA), by="", at=AT)
    campaign.close()
    with serving(tmp_path, postgres=True) as server:
        assert server.post(person()).status_code == 201
        own.stop()
        answer = server.post(person())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert "base de données" in answer.text
        assert server.http.get(f"{server.key}/formList").status_code == 503
        assert "database" in {one.code for one in examine(server.campaign)}
        own.start()
        who = person()
        assert server.post(who).status_code == 201
        assert server.http.get(f"{server.key}/formList").status_code == 200
        assert who.instance in instances(server)
    own.close()
