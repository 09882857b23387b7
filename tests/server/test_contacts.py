"""Partners' lists: each person once, kept encrypted, on the phones of the zone, erased when done."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook
from support.command import taama, told
from support.world import AT, FORM, Server, matching_passphrase, person, serving

from server.store import people
from server.store.contacts import contacts
from server.store.forms import NewForm, publish
from server.store.matcher import Matcher
from server.store.matching import unlock

LIST = """record_id;Prénom;Nom;Sexe;Village;Téléphone
1;Zanafou;Ouattara;M;Kangaba;79 88 77 66
2;Fatoumata;Sissoko;F;Diamou;66 01 02 03
3;Fanta;Cissoko;F;Diamou;+223 66010203
4;Boubacar;Tounkara;M;Kita;76 45 12 89
"""
NAMES = ("Zanafou", "Ouattara", "Sissoko", "79 88 77 66", "66010203", "Kangaba")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A campaign in which Boubacar Tounkara was interviewed."""
    with serving(tmp_path) as server:
        server.post(person(nom="Boubacar Tounkara", phone="76451289", age="34"))
        opened = unlock(server.campaign.matching, matching_passphrase())
        Matcher(server.campaign, opened, os.urandom).catch_up(at=AT)
    (tmp_path / "secret.txt").write_text(matching_passphrase(), encoding="utf-8")
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    return tmp_path


def command(home: Path, *words: str) -> dict[str, object]:
    made: dict[str, object] = told("contacts", *words, "--home", str(home / "home"))
    return made


def with_secret(home: Path, *words: str) -> dict[str, object]:
    return command(home, *words, "--passphrase-file", str(home / "secret.txt"))


def imported(home: Path, file: str = "list.csv", partner: str = "OIM") -> dict[str, object]:
    return with_secret(home, "import", str(home / file), "--partner", partner, "--zone", "kayes")


def rows(home: Path) -> list[dict[str, str]]:
    return list(command(home, "list")["contacts"])  # type: ignore[call-overload]


def on_disk(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (home / "home").rglob("*") if path.is_file())


def test_each_person_is_taken_in_once_and_nobody_who_was_interviewed(home: Path) -> None:
    assert imported(home) == {"rows": 4, "doubles": 1, "interviewed": 1}
    states = sorted(row["state"] for row in rows(home))
    assert states == ["double", "interviewed", "new", "new"]
    double = next(row for row in rows(home) if row["state"] == "double")
    assert double["same_as"] in {row["id"] for row in rows(home) if row["state"] == "new"}
    again = imported(home, partner="SNV")
    assert (again["doubles"], again["interviewed"]) == (3, 1)
    for mark in NAMES:
        assert mark.encode() not in on_disk(home)
        assert mark not in repr(rows(home))


def test_a_workbook_is_read_as_well(home: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for line in csv.reader(io.StringIO(LIST), delimiter=";"):
        sheet.append(line)
    sheet["F2"] = 79887766.0
    book.save(home / "list.xlsx")
    assert imported(home, "list.xlsx")["rows"] == 4
    assert imported(home) == {"rows": 4, "doubles": 3, "interviewed": 1}


def test_a_closed_contact_loses_name_and_number_and_is_still_recognised(home: Path) -> None:
    imported(home)
    first = next(row["id"] for row in rows(home) if row["state"] == "new")
    with_secret(home, "mark", first, "refused")
    assert next(row["state"] for row in rows(home) if row["id"] == first) == "refused"
    assert command(home, "choose", "9", "--zone", "kayes")["chosen"] != []
    assert first not in command(home, "choose", "9", "--zone", "kayes")["chosen"]  # type: ignore[operator]
    assert imported(home, partner="SNV")["doubles"] == 3


def fetched(server: Server, zone: str) -> httpx.Response:
    made = people.add(server.campaign.engine, "Enq", "enumerator", now=AT, secret=os.urandom, zone=zone)
    base = f"{server.base}/v1/key/{made.token}/projects/1/forms/visit"
    manifest = server.http.get(f"{base}/manifest")
    return server.http.get(f"{base}/attachments/contacts.csv") if manifest.status_code == 200 else manifest


def visit() -> bytes:
    from pyxform.xls2xform import convert

    table = FORM.replace("| small |", "| visit |").replace("VERSION", "1")
    table = table.replace("enumerators.csv | enumerator", "contacts.csv | enumerator")
    return convert(xlsform=table, file_type=".md").xform.encode()


def test_phones_of_a_zone_get_its_contacts_only_and_only_while_unlocked(home: Path) -> None:
    imported(home)
    chosen = command(home, "choose", "9", "--zone", "kayes")["chosen"]
    with serving(home) as server:
        file = {"contacts.csv": b"name,label\n"}
        publish(server.campaign, NewForm(visit(), file), by="", at=AT)
        locked = fetched(server, "kayes")
        assert locked.status_code == 503
        assert "OpenRosaResponse" in locked.text
        made = people.add(server.campaign.engine, "Awa", "supervisor", now=AT, secret=os.urandom)
        with httpx.Client(base_url=server.base) as browser:
            browser.post("/sign-in", data={"login": made.login, "passphrase": made.secret})
            word = browser.get("/duplicates").text.split('csrf" value="')[1].split('"')[0]
            said = {"csrf": word, "passphrase": matching_passphrase()}
            assert browser.post("/duplicates/unlock", data=said).status_code == 303
        table = list(csv.DictReader(io.StringIO(fetched(server, "kayes").text)))
        assert [row["name"] for row in table] == sorted(chosen)  # type: ignore[call-overload]
        labels = " ".join(row["label"] for row in table)
        assert "Zanafou · Ouattara · Kangaba · 79 88 77 66" in labels
        assert "Tounkara" not in labels
        assert fetched(server, "segou").text == "name,label\n"
        assert {row.state for row in contacts(server.campaign, "kayes")} == {
            "chosen",
            "double",
            "interviewed",
        }
        for mark in NAMES:
            assert mark.encode() not in server.bytes_on_disk()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mark", "nobody", "reached"], "code"),
        (["mark", "nobody", "eaten"], "reached"),
        (["import", "missing.csv", "--partner", "OIM"], "missing.csv"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(home: Path, words: list[str], said: str) -> None:
    done = taama(
        *("contacts", *words, "--home", str(home / "home")), "--passphrase-file", str(home / "secret.txt")
    )
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (1, True, False)
