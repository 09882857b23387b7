"""A centre's database is named once; what is wrong with it is a sentence, and its password is nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from support.command import program, taama, told
from support.postgres import cluster

from server.store.home import open_campaign
from sync.db import DatabaseGone, reading

pytestmark = pytest.mark.postgres
SECRET = "tres-secret-42"
MADE = ("--role", "central", "--name", "Essai")


def refused(home: Path, address: str, *words: str) -> str:
    done = taama("init", "--home", str(home), "--database", address, *(words or MADE))
    assert (done.returncode, done.stdout) == (1, "")
    assert not home.exists()
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_password_is_in_no_message(tmp_path: Path) -> None:
    home, there = tmp_path / "home", cluster().database()
    _, _, place = there.partition("postgres@")
    address = f"postgresql://postgres:{SECRET}@{place}"
    made = program("init", "--home", str(home), "--database", address, *MADE, "--json")
    assert made.returncode == 0, made.stderr
    said = [made.stdout, made.stderr]
    for words in (("doctor", "--json"), ("rebuild",), ("people", "list", "--json")):
        done = taama(*words, "--home", str(home))
        said += [done.stdout, done.stderr]
    campaign = open_campaign(home)
    said += [repr(campaign), str(campaign.settings), repr(campaign.engine)]
    campaign.close()
    gone = address.replace(place.split("?")[0], "/nowhere")
    said.append(refused(tmp_path / "other", gone))
    said.append(refused(tmp_path / "other", f"postgresql://postgres:{SECRET}@[{place}"))
    said.append(refused(tmp_path / "other", f"mysql://postgres:{SECRET}@{place}"))
    assert [text for text in said if SECRET in text] == []
    file = home / "campaign.json"
    assert json.loads(file.read_text(encoding="utf-8"))["database"] == address
    assert file.stat().st_mode & 0o077 == 0


def test_what_no_campaign_can_be_kept_in_is_refused(tmp_path: Path) -> None:
    home, address = tmp_path / "home", cluster().database()
    assert "--role central" in refused(home, address, "--role", "hub", "--name", "Essai")
    told("init", "--home", str(tmp_path / "first"), "--database", address, *MADE)
    assert "already" in refused(home, address)
    with psycopg.connect(cluster().address("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
        connection.execute("CREATE ROLE guest LOGIN")
    assert "UTF-8" in refused(home, cluster().address("latin"))
    guest = cluster().database().replace("postgres@", "guest@")
    assert "tables" in refused(home, guest)


def test_several_processes_need_postgresql(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    told("init", "--home", home, "--name", "Essai")
    done = taama("serve", "--home", home, "--workers", "2")
    assert done.returncode == 1
    assert "PostgreSQL" in done.stderr


def test_texts_stand_in_the_order_of_their_bytes_in_any_language() -> None:
    from sqlalchemy import insert, select

    from server.store.local import Contact
    from sync.db import connect, writing
    from sync.tables import table_of

    own = cluster()
    with psycopg.connect(own.address("postgres"), autocommit=True) as connection:
        language = "LOCALE_PROVIDER icu ICU_LOCALE 'fr-FR' LOCALE 'C.UTF-8'"
        connection.execute(f"CREATE DATABASE french TEMPLATE template0 {language}")
    engine, table = connect(own.address("french")), table_of(Contact)
    row = dict.fromkeys(("partner", "zone", "state", "same_as", "changed"), "") | {"data": b""}
    with writing(engine) as connection_:
        table.create(connection_)
        connection_.execute(insert(table), [row | {"id": one} for one in ("b", "A", "é", "a", "Z", "_")])
    with reading(engine) as connection_:
        found = list(connection_.execute(select(table.c.id).order_by(table.c.id)).scalars())
    engine.dispose()
    assert found == sorted(["b", "A", "é", "a", "Z", "_"])


def test_a_database_without_an_answer_is_gone_and_not_empty(tmp_path: Path) -> None:
    address, home = cluster().database(), tmp_path / "home"
    told("init", "--home", str(home), "--database", address, *MADE)
    name = address.partition("/campaign")[2].partition("?")[0]
    with psycopg.connect(cluster().address("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE campaign{name} WITH (FORCE)")
    campaign = open_campaign(home)
    with pytest.raises(DatabaseGone, match=name), reading(campaign.engine):
        pass
    campaign.close()
