"""A questionnaire in a file becomes the form that phones fill, or one sentence for each fault."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from support.xlsform import compiled, write

from forms.compile import build
from forms.problems import FormError
from forms.xml import Limits

TABLE = "| | type | name | label::Français (fr) |\n| | integer | n | N |"


def refused(path: Path) -> tuple[str, ...]:
    with pytest.raises(FormError) as error:
        build(path)
    said = error.value.findings
    assert all("Traceback" not in text and "\n" not in text for text in said)
    return said


def excel(path: Path, rows: dict[str, list[list[str]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


BOOK = {
    "survey": [["type", "name", "label"], ["integer", "n", "Âge"]],
    "settings": [["form_id", "version"], ["livre", "3"]],
}


def test_a_workbook_is_compiled(tmp_path: Path) -> None:
    built = build(excel(tmp_path / "livre.xlsx", BOOK))
    assert (built.form_id, built.version) == ("livre", "3")
    assert "Âge" in built.xform.decode()


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, TABLE)
    assert build(path).xform == build(path).xform


def test_an_xform_passes_through_unchanged(tmp_path: Path) -> None:
    xform = compiled(tmp_path, TABLE).xform
    path = tmp_path / "tel.xml"
    path.write_bytes(xform)
    assert build(path).xform == xform


def test_phones_are_never_told_to_send_elsewhere(tmp_path: Path) -> None:
    built = compiled(tmp_path, TABLE, submission_url="https://ailleurs.example/s")
    assert b"ailleurs" not in built.xform
    assert b"<submission" not in built.xform


def test_what_else_a_form_says_of_sending_stays(tmp_path: Path) -> None:
    built = compiled(tmp_path, TABLE, submission_url="https://ailleurs.example/s", public_key="abc")
    assert b"ailleurs" not in built.xform
    assert b'base64RsaPublicKey="abc"' in built.xform


def test_files_beside_a_form_go_with_it_when_it_needs_them(tmp_path: Path) -> None:
    beside = tmp_path / "t-media"
    beside.mkdir()
    (beside / "zones.csv").write_text("name,label\na,A\n", encoding="utf-8")
    (beside / "autre.csv").write_text("x\n", encoding="utf-8")
    row = "\n| | select_one_from_file zones.csv | z | Z |"
    assert list(compiled(tmp_path, TABLE + row).media) == ["zones.csv"]


BROKEN = {
    "| | nonsense | x | X |": "nonsense",
    "| | select_one absente | x | X |": "absente",
    "| | begin_group | x | X |": "x",
    "| | end_group | | |": "end",
    "| | integer | n | Encore |": "n",
    "| | integer | 1x | X |": "row : 3",
    "| | note | x | Voyez ${absent} |": "absent",
}


@pytest.mark.parametrize("row", BROKEN)
def test_a_broken_row_is_told_by_what_it_holds(tmp_path: Path, row: str) -> None:
    assert BROKEN[row] in " ".join(refused(write(tmp_path, f"{TABLE}\n{row}")))


def test_a_prefix_that_is_not_declared_is_told(tmp_path: Path) -> None:
    table = "| | type | name | label | bind::dp:class |\n| | integer | n | N | quasi |"
    path = write(tmp_path, table, namespaces="", default_language="", **{"attribute::dp:consent_text": ""})
    assert "“dp” is not declared" in refused(path)[0]


def test_a_missing_file_and_an_unknown_name_are_told_with_what_exists(tmp_path: Path) -> None:
    assert "returnee" in refused(tmp_path / "absent.xlsx")[0]
    assert "returnee" in refused(Path("returne"))[0]


def test_a_workbook_without_questions_is_told(tmp_path: Path) -> None:
    path = excel(tmp_path / "vide.xlsx", {"survey": [["type", "name"]], "choices": [["list_name"]]})
    assert "survey" in refused(path)[0]


@pytest.mark.parametrize("name", ["faux.xlsx", "faux.xls", "faux.md", "faux.xml"])
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 faux", b"\xff\xfe\x00", b"des mots"])
def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert refused(path)


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def test_a_workbook_that_unpacks_to_a_flood_is_not_opened(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", {"xl/workbook.xml": b"<a>" + b" " * 30_000_000 + b"</a>"})
    assert "not opened" in refused(path)[0]


def test_a_workbook_of_a_thousand_parts_is_not_opened(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", {f"xl/{n}.xml": b"<a/>" for n in range(1_001)})
    assert "not opened" in refused(path)[0]


@pytest.mark.parametrize("name", ["../dehors.xml", "/etc/dehors.xml", "xl/../../dehors.xml"])
def test_a_workbook_that_points_outside_itself_is_not_opened(tmp_path: Path, name: str) -> None:
    assert "not opened" in refused(archive(tmp_path / "a.xlsx", {name: b"<a/>"}))[0]


def test_a_workbook_with_a_link_is_not_opened(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("xl/lien")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as file:
        file.writestr(link, "/etc/passwd")
    assert "not opened" in refused(tmp_path / "a.xlsx")[0]


def test_a_workbook_whose_parts_overlap_is_not_opened(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.xml", b"<a>" + b"b" * 500 + b"</a>")
        file.writestr("b.xml", b"<a>" + b"c" * 500 + b"</a>")
        file.filelist[1].header_offset = file.filelist[0].header_offset
    path = tmp_path / "a.xlsx"
    path.write_bytes(buffer.getvalue())
    assert "not opened" in refused(path)[0]


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<!--" + b"x" * 1_000_000 + b"--><!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
    ],
)
def test_a_workbook_with_xml_entities_is_not_opened(tmp_path: Path, xml: bytes) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("xl/workbook.xml", xml)
    assert "not opened" in refused(path)[0]


def test_a_questionnaire_of_a_hundred_thousand_rows_is_refused(tmp_path: Path) -> None:
    rows = "\n".join(f"| | integer | n{n} | N |" for n in range(10_001))
    assert "Split the form" in refused(write(tmp_path, f"{TABLE}\n{rows}"))[0]


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.md"])
def test_a_file_larger_than_any_questionnaire_is_not_opened(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b" " * 10_000_001)
    assert "larger than 10 MB" in refused(path)[0]


def test_an_xform_larger_than_phones_bear_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(compiled(tmp_path, TABLE).xform)
    monkeypatch.setattr("forms.compile.LIMITS", Limits(size=100))
    assert "larger than 60 MB" in refused(path)[0]


def test_groups_within_groups_without_end_are_refused(tmp_path: Path) -> None:
    rows = [f"| | begin_group | g{n} | G |" for n in range(300)]
    ends = ["| | end_group | | |"] * 300
    assert refused(write(tmp_path, "\n".join([TABLE, *rows, "| | integer | m | M |", *ends])))
