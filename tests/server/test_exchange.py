"""Two lists compared by encodings only: the overlap comes out, and no name goes over."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from support.command import taama, told

HEADER = "record_id,first_name,last_name,sex,age,village,phone,return_country,return_year"
OURS = """
a1,Mamadou,Coulibaly,M,30,Sagabari,76 12 34 56,Libye,2018
a2,Fatoumata,Sissoko,F,25,Diamou,66 01 02 03,Algérie,2019
a3,Zanafou,Ouattara,M,41,Kangaba,79 88 77 66,Niger,2017
"""
THEIRS = """
b1,Fanta,Cissoko,F,26,Diamou,+223 66010203,Algerie,2019
b2,Oumou,Dembélé,F,33,Ségou,70 00 00 01,Libye,2020
b3,Mahamadou,Koulibali,M,31,Sagabary,76123456,Lybie,2018
b4,Fatoumata,Sissoko,F,25,Diamou,66010203,Algérie,2019
"""


@pytest.fixture
def both(tmp_path: Path) -> Path:
    for name, rows in (("ours", OURS), ("theirs", THEIRS)):
        (tmp_path / f"{name}.csv").write_text(HEADER + rows, encoding="utf-8")
    (tmp_path / "both.txt").write_text("trois manguiers au bord du fleuve\n", encoding="utf-8")
    return tmp_path


def coded(folder: Path, name: str) -> Path:
    out = folder / f"{name}.coded"
    secret = str(folder / "both.txt")
    made = told(
        *("link", "exchange", "write", str(folder / f"{name}.csv")),
        *("--out", str(out), "--passphrase-file", secret),
    )
    assert made["rows"] == (3 if name == "ours" else 4)
    return out


def test_persons_on_both_lists_are_counted_and_their_rows_told(both: Path) -> None:
    ours, theirs = coded(both, "ours"), coded(both, "theirs")
    out = both / "overlap.csv"
    secret = str(both / "both.txt")
    found = told(
        *("link", "exchange", "read", str(ours), str(theirs)),
        *("--out", str(out), "--passphrase-file", secret),
    )
    assert (found["mine"], found["theirs"], found["persons_on_both"]) == (3, 4, 2)
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["mine"], row["theirs"]) for row in csv.DictReader(file)}
    assert rows == {("a1", "b3"), ("a2", "b1"), ("a2", "b4")}


def test_nothing_clear_stands_in_the_file(both: Path) -> None:
    data = coded(both, "ours").read_bytes()
    for mark in ("Mamadou", "mamadou", "Coulibaly", "Sagabari", "76123456", "Libye", "a1", "record_id"):
        assert mark.encode() not in data


@pytest.mark.parametrize(
    ("secret", "words"), [("un autre secret que le leur", "passphrase"), ("court", "12")]
)
def test_another_passphrase_opens_nothing(both: Path, secret: str, words: str) -> None:
    ours = coded(both, "ours")
    (both / "other.txt").write_text(secret, encoding="utf-8")
    done = taama(
        *("link", "exchange", "read", str(ours), str(ours), "--out", str(both / "o.csv")),
        *("--passphrase-file", str(both / "other.txt")),
    )
    assert (done.returncode, words in done.stderr) == (1, True)
    assert not (both / "o.csv").exists()


def test_a_file_of_another_kind_is_told(both: Path) -> None:
    ours = coded(both, "ours")
    done = taama(
        *("link", "exchange", "read", str(ours), str(both / "ours.csv"), "--out", str(both / "o.csv")),
        *("--passphrase-file", str(both / "both.txt")),
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "ours.csv" in done.stderr
