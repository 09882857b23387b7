"""Lists as badly kept as they come: each is read or refused in a sentence, and nobody is joined for
nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from openpyxl import Workbook
from support.command import taama, told

from server.core.linkage.run import Linked, link
from server.store.lists import read_persons


def linked(path: Path) -> Linked:
    read = read_persons(path, {})
    return link(read.columns, read.rows)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("number", ["7.6123456E7", "7,6123456E+07", "76123456.0", "+223 76 12 34 56"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_number_that_a_spreadsheet_spoilt_is_the_same_number(
    tmp_path: Path, number: str, encoding: str
) -> None:
    lines = ("N°;Prénom;Nom;Téléphone", f"1;Aïcha;Keïta;{number}", "2;Aicha;Keita;76123456")
    assert linked(written(tmp_path, "\n".join(lines), encoding)).clusters == 1


def test_a_workbook_with_a_title_and_merged_cells_is_read_below_its_title(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["LISTE DES MIGRANTS DE RETOUR"],
        [],
        ["N°", "Prénom", "Nom", "Village", "Téléphone"],
        [1, "Awa", "Keïta", "Kita", 76123456.0],
        [2, "Awa", "Keita", None, "76 12 34 56"],
        [3, "Oumar", "Sy", None, 7.6123499e7],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("D4:D6")
    book.save(tmp_path / "list.xlsx")
    out = tmp_path / "out"
    found = told("link", "file", str(tmp_path / "list.xlsx"), "--out", str(out))
    assert (found["records"], found["clusters"], found["ignored_columns"]) == (3, 2, [])
    (tmp_path / "no.xlsx").write_text("hello", encoding="utf-8")
    refused = taama("link", "file", str(tmp_path / "no.xlsx"), "--out", str(tmp_path / "none"))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert not (tmp_path / "none").exists()


def test_a_telephone_without_a_name_and_rows_without_anything_join_nobody(tmp_path: Path) -> None:
    lines = "record_id,first_name,last_name,phone\n1,Awa,Ba,76123456\n2,,,76123456\n3,,,\n4,,,\n"
    assert linked(written(tmp_path, lines)).clusters == 4


def test_where_all_share_names_village_and_telephone_nobody_is_swallowed(tmp_path: Path) -> None:
    dice = random.Random(1)
    first, last = ("Awa", "Seydou", "Oumou", "Drissa"), ("Traoré", "Diarra", "Keïta")
    lines = "".join(f"{n},{dice.choice(first)},{dice.choice(last)},Kita,76000000\n" for n in range(600))
    found = linked(written(tmp_path, "record_id,first_name,last_name,village,phone\n" + lines))
    assert found.largest <= 6


def test_one_row_written_a_thousand_times_is_one_large_cluster_that_is_told(tmp_path: Path) -> None:
    lines = "".join(f"{n},Awa,Ba,76123456\n" for n in range(1000))
    path = written(tmp_path, "record_id,first_name,last_name,phone\n" + lines)
    done = taama("link", "file", str(path), "--out", str(tmp_path / "out"))
    assert "the largest 1000: look at them first" in done.stdout.replace("\n", " ")
