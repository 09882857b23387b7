"""The same person is found in a list, clear or encoded; whatever the order, the file or its faults."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.command import TAAMA, taama, told

from server.core.linkage import arrivals
from server.core.linkage.coder import derive_key
from server.core.linkage.encode import Column, Encoded, encode, encode_person, stacked
from server.core.linkage.model import default, from_json, to_json
from server.core.linkage.people import frequencies
from server.core.linkage.run import Linked, link
from server.core.problem import Malformed
from server.store.lists import read_list

KEY = bytes(range(32))
HEADER = (
    *(
        "record_id",
        "cycle",
        "kind",
        "date",
        "first_name",
        "last_name",
        "nickname",
        "sex",
        "age",
        "region",
        "cercle",
    ),
    *("village", "phone", "return_country", "return_year", "father_name"),
)
# One letter a person: A in three spellings, B and C twins, D and E namesakes, F alone.
PERSONS = """
A1,1,list,2021-03-01,Mamadou,Coulibaly,,M,30,Kayes,Kita,Sagabari,76 12 34 56,Libye,2018,
A2,1,interview,2021-05-02,Mahamadou,Koulibaly,,M,31,Kayes,Kita,Sagabary,+22376123456,Libye,2018,Bakary
A3,2,interview,2023-05-02,COULIBALY,mamadou,,M,33,Kayes,Kita,Sagabari,76123456.0,Libya,2018,Bakari
B1,1,interview,2021-05-02,Lassana,Diarra,,M,25,Ségou,Bla,Touna,66000001,Algérie,2019,Moussa
B2,2,interview,2023-04-02,Lassana,Diarra,,M,27,Ségou,Bla,Touna,66000001,Algérie,2019,Moussa
C1,1,interview,2021-05-02,Fousseyni,Diarra,,M,25,Ségou,Bla,Touna,66000001,Algérie,2019,Moussa
C2,2,list,2023-04-02,Fousseini,Diarra,,M,27,Ségou,Bla,Touna,66000001,Algerie,2019,
D1,1,interview,2021-05-02,Moussa,Traoré,,M,45,Mopti,Djenné,Sofara,70000001,Niger,2015,Issa
E1,1,interview,2021-05-03,Moussa,Traoré,,M,22,Sikasso,Kadiolo,Zégoua,90000001,Maroc,2020,Daouda
F1,1,referral,2021-05-02,Aminata,Sanogo,,F,28,Sikasso,Kadiolo,Zégoua,,,,
"""


def rows() -> list[dict[str, str]]:
    return [dict(zip(HEADER, line.split(","), strict=True)) for line in PERSONS.strip().splitlines()]


def columns(lines: list[dict[str, str]]) -> dict[str, Column]:
    found = {}
    for name in lines[0]:
        values, codes = np.unique(np.array([line[name] for line in lines]), return_inverse=True)
        found[name] = Column(values.tolist(), codes.astype(np.int32))
    return found


def persons(lines: list[dict[str, str]], found: Linked) -> set[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for line, label in zip(lines, found.labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(line["record_id"])
    return {frozenset(group) for group in groups.values()}


def write(path: Path, lines: list[dict[str, str]], *, sep: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        out = csv.DictWriter(file, list(lines[0]), delimiter=sep)
        out.writeheader()
        out.writerows(lines)
    return path


def clustered(folder: Path) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    with (folder / "clusters.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups.setdefault(row["cluster_id"], set()).add(row["record_id"])
    return {frozenset(group) for group in groups.values()}


TRUE = {frozenset(group.split()) for group in ("A1 A2 A3", "B1 B2", "C1 C2", "D1", "E1", "F1")}


@pytest.mark.parametrize("key", [None, KEY])
def test_spellings_meet_and_twins_and_namesakes_stay_apart(key: bytes | None) -> None:
    assert persons(rows(), link(columns(rows()), len(rows()), key)) == TRUE


def test_the_order_of_rows_changes_nothing() -> None:
    lines = rows()
    random.Random(5).shuffle(lines)
    found, other = link(columns(rows()), len(lines)), link(columns(lines), len(lines))
    assert persons(lines, other) == TRUE
    told_of = [
        {
            (at[one]["record_id"], at[two]["record_id"]): round(p, 6)
            for one, two, p in zip(*three, strict=True)
        }
        for at, three in (
            (rows(), (found.pairs.left.tolist(), found.pairs.right.tolist(), found.pairs.p.tolist())),
            (lines, (other.pairs.left.tolist(), other.pairs.right.tolist(), other.pairs.p.tolist())),
        )
    ]
    assert told_of[0] == told_of[1]
    assert found.count == other.count


def test_other_sex_is_never_one_person() -> None:
    lines = rows()
    lines[1] |= {"sex": "F"}
    found = link(columns(lines), len(lines))
    assert not any({"A2", "A1"} <= group or {"A2", "A3"} <= group for group in persons(lines, found))
    assert found.contradicted > 0


def test_review_takes_no_more_than_its_share() -> None:
    found = link(columns(rows()), len(rows()), review=0.5)
    assert 0 <= (found.decisions == "review").sum() <= 0.5 * len(found.decisions)
    assert not (link(columns(rows()), len(rows()), review=0.0).decisions == "review").any()


def test_a_thousand_equal_rows_are_one_person_and_empty_ones_are_not() -> None:
    lines = [rows()[0] | {"record_id": f"r{number}"} for number in range(1000)]
    assert len(persons(lines, link(columns(lines), len(lines)))) == 1
    empty = [dict.fromkeys(HEADER, "") | {"record_id": f"r{number}"} for number in range(1000)]
    found = link(columns(empty), len(empty))
    assert len(persons(empty, found)) == 1000
    assert len(found.pairs.left) == 0


def test_an_encoding_holds_no_clear_value_and_depends_on_the_key() -> None:
    fields = rows()[1]
    made = encode_person(fields, KEY)
    for value in (*fields.values(), "mamadu", "76123456", "coulibaly", "sagabari"):
        for text in {value, value.lower(), value.upper()}:
            assert len(text) < 3 or text.encode() not in made.data
    for number in (1990, 76123456, 2018):
        for size in (2, 4, 8):
            assert number >= 256**size or size == 2 or number.to_bytes(size, "little") not in made.data
    assert made != encode_person(fields, derive_key("other"))
    assert made == encode_person(fields, KEY)
    assert len(made.data) == len(encode_person({}, KEY).data)


def test_a_passphrase_makes_one_key() -> None:
    assert derive_key("baobab") == derive_key("baobab") != derive_key("baobab ")


def test_one_person_alone_is_encoded_as_in_a_list() -> None:
    lines = rows()
    whole = encode(columns(lines), len(lines), KEY)
    for number, line in enumerate(lines):
        assert encode_person(line, KEY).data == whole[number].tobytes()


def arrived() -> dict[str, Encoded]:
    return {line["record_id"]: encode_person(line, KEY) for line in rows()}


def test_records_of_one_person_share_a_blocking_key_and_strangers_do_not() -> None:
    keys = {name: set(arrivals.blocking_keys(made)) for name, made in arrived().items()}
    assert keys["A1"] & keys["A2"]
    assert keys["A1"] & keys["A3"]
    assert keys["B1"] & keys["C1"]
    assert not keys["A1"] & keys["F1"]
    assert arrivals.blocking_keys(encode_person({}, KEY)) == []


def test_an_arrival_is_scored_with_reasons_and_no_values() -> None:
    made = arrived()
    known = stacked(list(made.values()))
    model = arrivals.for_arrivals(default(), 51_000)
    same = arrivals.compare(made["A1"], made["A2"], model, frequencies(known))
    twin = arrivals.compare(made["B1"], made["C1"], model, frequencies(known))
    assert same.p > 0.9
    assert twin.p < 0.2
    assert same.reasons["phone"] == "agree"
    assert same.reasons["father_name"] == "missing"
    assert twin.reasons["first_name"] == "differ"
    assert arrivals.compare(made["A2"], made["A1"], model).p == pytest.approx(
        arrivals.compare(made["A1"], made["A2"], model).p
    )


def test_many_comparisons_at_once_are_those_made_one_by_one() -> None:
    made = list(arrived().values())
    model, known = arrivals.for_arrivals(default(), 500), frequencies(stacked(made))
    pairs = list(combinations(made, 2))
    together = arrivals.compare_all(pairs, model, known)
    assert together == [arrivals.compare(one, other, model, known) for one, other in pairs]


def test_the_model_survives_its_file() -> None:
    model = default()
    again = from_json(to_json(model))
    assert np.allclose(again.u, model.u, rtol=1e-3)
    assert np.allclose(again.m[0][:, 1:].sum(axis=1), 1, atol=1e-2)


def test_the_command_writes_three_files(tmp_path: Path) -> None:
    records = write(tmp_path / "list.csv", rows())
    summary = told("link", "file", str(records), "--out", str(tmp_path / "out"), "--review", "0.1")
    assert summary == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["records"] == 10
    low, high = summary["persons_interval"]
    assert low <= summary["persons"] <= high
    assert {"seconds", "peak_mb"} <= summary.keys()
    assert clustered(tmp_path / "out") == TRUE
    with (tmp_path / "out" / "pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    assert list(pairs[0]) == ["record_id_l", "record_id_r", "p", "decision"]
    assert {pair["decision"] for pair in pairs} <= {"same", "review", "different"}
    assert all(0 <= float(pair["p"]) <= 1 for pair in pairs)
    assert list(tmp_path.glob("**/*.part")) == []


FRENCH = {
    "record_id": "N°", "first_name": "Prénom(s)", "last_name": "Nom de famille", "sex": "Sexe", "age": "Âge",
    "village": "Village/Quartier", "phone": "Téléphone", "return_country": "Pays de retour",
    "return_year": "Année de retour", "region": "Région", "father_name": "Nom du père", "cercle": "Cercle",
}  # fmt: skip


@pytest.mark.parametrize(
    ("sep", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), (",", "utf-8-sig"), (";", "utf-8")]
)
def test_lists_as_partners_send_them(tmp_path: Path, sep: str, encoding: str) -> None:
    lines = [{FRENCH.get(name, name): value for name, value in row.items()} for row in rows()]
    read = read_list(write(tmp_path / "liste.csv", lines, sep=sep, encoding=encoding), {})
    found = link(read.columns, read.rows)
    assert read.ignored == []
    assert persons(rows(), found) == TRUE


def test_headers_are_renamed_by_hand_and_others_are_told(tmp_path: Path) -> None:
    lines = [{"mon id": row["record_id"], "qui": row["last_name"], "note": "x"} for row in rows()]
    read = read_list(write(tmp_path / "list.csv", lines), {"mon id": "record_id", "qui": "last_name"})
    assert sorted(read.columns) == ["last_name", "record_id"]
    assert read.ignored == ["note"]


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no_record_id"),
    "headers only": (b"record_id,phone\n", "empty_list"),
    "no id": (b"prenom,nom\nAwa,Ba\n", "no_record_id"),
    "one id twice": (b"record_id,nom\n1,Ba\n1,Ly\n", "record_id_twice"),
    "a cell without end": (b'record_id,nom\n1,"' + b"x" * 300_000 + b"\n", "broken_list"),
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    records = tmp_path / "list.csv"
    records.write_bytes(content)
    with pytest.raises(Malformed) as refused:
        read_list(records, {})
    assert refused.value.code == code


def test_a_fault_is_told_in_one_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    records = write(tmp_path / "list.csv", rows())
    done = taama("link", "file", str(records), "--out", str(tmp_path / "out"), "--map", "x=phone")
    assert done.returncode == 1
    assert done.stderr.startswith("taama: The file list.csv has no column “x”.")
    assert not (tmp_path / "out").exists()
    with pytest.raises(Malformed) as refused:
        read_list(tmp_path / "none.csv", {})
    assert refused.value.code == "no_list_file"


def test_uneven_rows_and_rows_without_id_are_counted(tmp_path: Path) -> None:
    records = tmp_path / "list.csv"
    records.write_bytes(b"record_id,nom,prenom\n1,Ba\n,Ly,Awa,more\n\n3,Sy,Oumar\n\x00,\x00,\x00\n")
    read = read_list(records, {})
    assert (read.rows, read.uneven, read.unnamed) == (4, 2, 1)
    assert link(read.columns, read.rows).clusters == 4


@pytest.mark.slow
def test_the_seed_of_hashes_changes_nothing(tmp_path: Path) -> None:
    records = write(tmp_path / "list.csv", rows())
    seen: list[tuple[Any, ...]] = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        command = [*TAAMA, "link", "file", str(records), "--out", str(out)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
        seen.append(tuple((out / name).read_bytes() for name in ("clusters.csv", "pairs.csv")))
    assert seen[0] == seen[1]
