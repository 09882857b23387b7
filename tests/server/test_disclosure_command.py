"""`taama disclose` on files as they come."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from support.command import taama
from support.microdata import FRANCDAT
from typer.testing import CliRunner

from server.cli.root import app
from server.cli.tabular import Tabular
from server.core.problem import Problem

HEAD = "Key1,Key2,Key3,Key4,w"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "people.csv"
    file.write_bytes(text.encode(encoding))
    return file


def francdat(separator: str = ",") -> str:
    lines = [HEAD, *(",".join(map(str, row)) for row in FRANCDAT)]
    return "\r\n".join(lines).replace(",", separator) + "\r\n"


def disclosed(file: Path, *words: str) -> Any:
    done = CliRunner().invoke(app, ["disclose", str(file), *words, "--json"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


KEYS = ("--keys", "Key1,Key2,Key3,Key4")
ASKED = ("--keys", "a", "--protect", "k=2", "--out", "OUT")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_numbers_of_a_known_table(tmp_path: Path, separator: str, encoding: str) -> None:
    found = disclosed(written(tmp_path, francdat(separator), encoding), *KEYS, "--weight", "w", "--records")
    assert (found["rows"], found["k"], found["uniques"]) == (8, 1, 4)
    assert found["below"] == {"2": 4, "3": 8, "5": 8}
    assert found["expected"] == pytest.approx(0.966526, abs=1e-6)
    assert found["file_risk"] == pytest.approx(found["expected"] / 8)
    assert found["records"][4]["risk"] == pytest.approx(0.01165448, abs=5e-9)
    assert found["records"][4]["F"] == 541
    assert found["household"] is None
    assert found["exact"]["expected"] == pytest.approx(found["expected"])  # no f above two


def test_without_weights_the_risk_is_one_in_k(tmp_path: Path) -> None:
    found = disclosed(written(tmp_path, francdat()), *KEYS)
    assert found["expected"] == pytest.approx(6)
    assert found["max_risk"] == 1


def test_household_sensitive_and_suda(tmp_path: Path) -> None:
    text = "a,b,c,hh,ill\n1,1,1,x,yes\n1,1,2,x,no\n1,2,2,,yes\n1,2,2,,yes\n"
    found = disclosed(written(tmp_path, text), "--keys", "a,b,c", "--household", "hh", "--sensitive", "ill")
    assert found["household"]["clusters"] == 3
    assert found["household"]["expected"] == pytest.approx(1 + 1 + 0.5 + 0.5)
    assert found["l_diversity"]["ill"]["distinct"] == 1
    assert found["l_diversity"]["ill"]["certain"] == 4
    assert found["suda"]["records"] == 2
    assert set(found["suda"]["contributions"]) == {"a", "b", "c"}
    assert disclosed(written(tmp_path, text), "--keys", "a", "--no-suda")["suda"] is None


def test_the_scores_of_the_first_programme(tmp_path: Path) -> None:
    file = written(tmp_path, "a,b,c\n1,1,1\n1,1,1\n1,2,2\n")
    assert disclosed(file, "--keys", "a,b,c")["suda"]["sum"] == 4
    assert disclosed(file, "--keys", "a,b,c", "--ihsn")["suda"]["sum"] == pytest.approx(2)


def test_special_uniques_of_large_tables_are_searched_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.core.disclosure.report.MOST_ROWS", 7)
    file = written(tmp_path, francdat())
    assert disclosed(file, *KEYS)["suda"] is None
    assert disclosed(file, *KEYS, "--suda")["suda"]["records"] == 4


def test_protection_writes_a_table_that_reaches_k(tmp_path: Path) -> None:
    out = tmp_path / "safe.csv"
    rows = "\n".join(f"{20 + number},{'f' if number % 3 else 'm'},{number},n{number}" for number in range(30))
    file = written(tmp_path, f"age;sex;camp;note\n{rows}\n".replace(",", ";"))
    found = disclosed(
        file, "--keys", "age,sex,camp", "--protect", "k=4", "--recode", "camp=drop",
        "--levels", "age=range:5/range:15", "--importance", "sex=5", "--out", str(out),
    )  # fmt: skip
    made = found["protected"]
    assert made["k"] >= 4
    assert made["after"]["k"] >= 4
    assert made["recoded"] == {"camp": "drop", "age": "range:15"}
    with out.open(encoding="utf-8", newline="") as lines:
        table = list(csv.DictReader(lines, delimiter=";"))
    assert list(table[0]) == ["age", "sex", "note"]
    assert [row["note"] for row in table] == [f"n{number}" for number in range(30)]
    assert sum(row["age"] == "" for row in table) == made["blanked"]["age"]
    assert not (tmp_path / "safe.csv.part").exists()


def test_places_recode_by_a_file_of_parents(tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text("commune,cercle\nA,X\nB,X\nC,Y\nD,Y\n", encoding="utf-8")
    out = tmp_path / "safe.csv"
    disclosed(
        written(tmp_path, "commune\nA\nB\nC\nD\n"), "--keys", "commune", "--protect", "k=2",
        "--recode", f"commune={tmp_path / 'places.csv'}", "--out", str(out),
    )  # fmt: skip
    assert out.read_text(encoding="utf-8").split() == ["commune", "X", "X", "Y", "Y"]


def test_records_as_csv(tmp_path: Path) -> None:
    out = tmp_path / "risks.csv"
    disclosed(written(tmp_path, francdat()), *KEYS, "--out-records", str(out))
    with out.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["f"] for row in rows] == ["2", "2", "2", "1", "1", "1", "1", "2"]
    assert list(rows[0]) == ["row", "f", "F", "risk", "suda", "dis_suda"]


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("a,b\n1,2\n", ("--keys", "a,c"), "no_column"),
        ("", ("--keys", "a"), "empty_table"),
        ("a,b\n", ("--keys", "a"), "empty_table"),
        ("\n\n", ("--keys", "a"), "empty_table"),
        ("a" * 200_000 + ",b\n1,2\n", ("--keys", "a"), "no_table"),
        ("a,b\n1," + "2" * 200_000, ("--keys", "a"), "no_table"),
        ("a,a\n1,2\n", ("--keys", "a"), "column_twice"),
        ("a,b\n1\n", ("--keys", "a"), "ragged_table"),
        ("a,w\n1,x\n", ("--keys", "a", "--weight", "w"), "bad_weight"),
        ("a,w\n1,\n", ("--keys", "a", "--weight", "w"), "bad_weight"),
        ("a,w\n1,0.5\n", ("--keys", "a", "--weight", "w"), "bad_weight"),
        ("a,w\n1,inf\n", ("--keys", "a", "--weight", "w"), "bad_weight"),
        ("a,b\n1,2\n", ("--keys", ","), "no_keys"),
        ("a,b\n1,2\n", ("--keys", "a,a"), "no_keys"),
        ("a,b\n1,2\n", ("--keys", "a", "--sensitive", "a"), "key_and_more"),
        ("a,b\n1,2\n", ("--keys", "a", "--protect", "k=2"), "protect_needs_out"),
        ("a,b\n1,2\n", ("--keys", "a", "--out", "OUT"), "protect_needs_out"),
        ("a,b\n1,2\n", ("--keys", "a", "--recode", "a=drop"), "protect_needs_out"),
        ("a,b\n1,2\n", ("--keys", "a", "--protect", "5", "--out", "OUT"), "bad_protect"),
        ("a,b\n1,2\n", ("--keys", "a", "--protect", "k=1", "--out", "OUT"), "bad_protect"),
        ("a,b\n1,2\n", ASKED, "fewer_than_k"),
        ("a,b\n1,2\n", (*ASKED, "--recode", "b=year"), "no_such_key"),
        ("a,b\n1,2\n", (*ASKED, "--importance", "a=0"), "bad_importance"),
        ("a,b\n1,2\n1,2\n", ("--keys", "a", "--protect", "k=2", "--out", "SAME"), "same_file"),
        ("a,b\n1,2\n", ("--keys", "a", "--fraction", "1"), "bad_fraction"),
    ],
)  # fmt: skip
def test_bad_input_is_told(tmp_path: Path, text: str, words: tuple[str, ...], code: str) -> None:
    file = written(tmp_path, text)
    named = {"OUT": str(tmp_path / "safe.csv"), "SAME": str(file)}
    with pytest.raises(Problem, match=code):
        disclosed(file, *(named.get(word, word) for word in words))
    assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("encoding", "said"), [("latin-1", "é"), ("utf-16", "a")])
def test_another_encoding_is_told(tmp_path: Path, encoding: str, said: str) -> None:
    with pytest.raises(Problem, match="no_text_file"):
        Tabular(written(tmp_path, f"a,b\n{said},2\n", encoding)).columns(["a"])


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for file in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Problem, match="file_not_readable"):
            Tabular(file)


def test_quoted_fields_may_hold_anything(tmp_path: Path) -> None:
    text = 'a,"b\nc"\n"x, y","z\nz"\n"x, y","""q"""\n'
    found = Tabular(written(tmp_path, text)).columns(["a", "b\nc"])
    assert found["a"].text() == ["x, y", "x, y"]
    assert found["b\nc"].text() == ["z\nz", '"q"']


def test_missing_answers_are_empty_or_na(tmp_path: Path) -> None:
    found = disclosed(written(tmp_path, "a,b\n1,1\n1, NA\n1,2\n1,2\n"), "--keys", "a,b", "--records")
    assert [one["f"] for one in found["records"]] == [2, 4, 3, 3]


def test_a_person_reads_sentences(tmp_path: Path) -> None:
    file = written(tmp_path, francdat())
    said = CliRunner().invoke(app, ["disclose", str(file), *KEYS]).stdout
    assert "k is 1: 4 records stand alone" in said
    done = taama("disclose", str(file), "--keys", "Key9")
    assert done.returncode == 1
    assert "Key9" in done.stderr
    assert "Key1" in done.stderr
