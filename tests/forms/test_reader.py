"""Any XForm is read as phones understand it: kinds, lists, languages, and what must be kept secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.xlsform import compiled, form

from forms.problems import FormError
from forms.reader import read_form
from forms.schema import Form, Question

KINDS = {
    "text": "text",
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "datetime",
    "geopoint": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
    "image": "media",
    "audio": "media",
    "video": "media",
    "file": "media",
    "note": "note",
    "select_one yn": "select_one",
    "select_multiple yn": "select_multiple",
    "rank yn": "rank",
    "range": "integer",
}
CLOSED = {"text", "geopoint", "geotrace", "geoshape", "barcode", "media", "note"}


def question(folder: Path, row: str, columns: str = "") -> Question:
    table = f"| | type | name | label::Français (fr) | {columns} |\n{row}"
    return next(q for q in form(folder, table).questions if q.name == "x")


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_of_question_has_its_kind(tmp_path: Path, kind: str) -> None:
    assert question(tmp_path, f"| | {kind} | x | X |").kind == KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_an_unclassified_question_fails_closed(tmp_path: Path, kind: str) -> None:
    found = question(tmp_path, f"| | {kind} | x | X |")
    assert found.classes == ({"direct"} if KINDS[kind] in CLOSED else {"quasi"})
    assert not found.declared


def test_what_the_form_says_of_secrecy_is_read_from_its_binds(tmp_path: Path) -> None:
    columns = "bind::dp:class | bind::dp:role | bind::dp:scope | bind::dp:recode | bind::dp:yes"
    row = "| | select_one yn | x | X | quasi sensitive | consent age | photo | top 4 | yes |"
    found = question(tmp_path, row, columns)
    assert found.classes == {"quasi", "sensitive"}
    assert found.roles == {"consent", "age"}
    assert (found.scope, found.recode, found.yes, found.declared) == ("photo", "top 4", "yes", True)


def test_a_class_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormError, match="secret"):
        question(tmp_path, "| | text | x | X | secret |", "bind::dp:class")


def test_a_calculation_is_not_asked_and_has_the_kind_of_its_bind(tmp_path: Path) -> None:
    found = question(tmp_path, "| | calculate | x | | 1 + 1 | int |", "calculation | bind::type")
    assert (found.kind, found.calculate, found.asked) == ("integer", "1 + 1", False)


def test_what_the_phone_fills_is_not_asked(tmp_path: Path) -> None:
    start = question(tmp_path, "| | start | x | |\n| | integer | n | N |")
    assert (start.preload, start.asked) == ("timestamp", False)


NESTED = """
| | type | name | label::Français (fr) | repeat_count | relevant |
| | begin_group | g | Groupe | | |
| | begin_repeat | tour | Tour | 2 | |
| | integer | n | N | | . > 0 or ../n = 1 |
| | begin_repeat | pas | Pas | | |
| | integer | m | M | | |
| | end_repeat | | | | |
| | end_repeat | | | | |
| | end_group | | | | |
"""


def test_repeats_are_known_by_path_and_each_question_by_its_innermost(tmp_path: Path) -> None:
    found = form(tmp_path, NESTED)
    assert found.repeats == ("/g/tour", "/g/tour/pas")
    assert found.by_path["/g/tour/n"].repeat == "/g/tour"
    assert found.by_path["/g/tour/pas/m"].repeat == "/g/tour/pas"
    assert found.group_by_path["/g/tour"].count == "/data/g/tour_count"
    assert found.group_by_path["/g/tour"].labels == {"Français (fr)": "Tour"}


def test_the_template_of_a_repeat_is_not_a_second_repeat(tmp_path: Path) -> None:
    found = form(tmp_path, NESTED)
    assert len({q.path for q in found.questions}) == len(found.questions)


CASCADE = """
| | list_name | name | label::Français (fr) | label::English (en) | region |
| | region | kay | Kayes | Kayes | |
| | cercle | kita | Kita | Kita (en) | kay |
"""


def cascade(folder: Path) -> Form:
    rows = """
| | type | name | label::Français (fr) | label::English (en) | choice_filter |
| | select_one region | r | Région | Region | |
| | select_one cercle | c | Cercle | Circle | region = ${r} |
"""
    return form(folder, rows, CASCADE)


def test_choices_keep_their_labels_and_the_columns_that_filters_read(tmp_path: Path) -> None:
    found = cascade(tmp_path).by_path["/c"]
    assert found.choices is not None
    choice = found.choices[0]
    assert (choice.name, dict(choice.extra)) == ("kita", {"region": "kay"})
    assert choice.labels == {"Français (fr)": "Kita", "English (en)": "Kita (en)"}
    assert "region" in found.choice_filter
    assert "/data/r" in found.choice_filter


def test_labels_are_in_each_language_and_the_default_is_known(tmp_path: Path) -> None:
    found = cascade(tmp_path)
    assert found.languages == ("Français (fr)", "English (en)")
    assert found.default_language == "Français (fr)"
    assert found.by_path["/c"].labels == {"Français (fr)": "Cercle", "English (en)": "Circle"}


def test_a_label_shows_where_another_answer_is_put_in(tmp_path: Path) -> None:
    table = "| | type | name | label |\n| | text | nom | Nom |\n| | note | x | Bonjour ${nom} ! |"
    label = form(tmp_path, table, default_language="").by_path["/x"].labels
    assert list(label.values()) == ["Bonjour ${/data/nom} !"]


FILE = "| | type | name | label |\n| | select_one_from_file zones.csv | z | Zone |"


def test_choices_of_a_file_are_read_when_the_file_is_given(tmp_path: Path) -> None:
    built = compiled(tmp_path, FILE, default_language="")
    found = read_form(built.xform, {"zones.csv": "name,label,pays\na,Zone à,ml\n".encode("utf-8-sig")})
    zone = found.by_path["/z"]
    assert zone.choices is not None
    assert [(c.name, list(c.labels.values()), dict(c.extra)) for c in zone.choices] == [
        ("a", ["Zone à"], {"pays": "ml"})
    ]
    assert zone.choices_file == "zones.csv"
    assert found.media == ("zones.csv",)


def test_choices_of_a_file_that_is_not_given_are_unknown(tmp_path: Path) -> None:
    zone = form(tmp_path, FILE, default_language="").by_path["/z"]
    assert (zone.choices, zone.choices_file) == (None, "zones.csv")


@pytest.mark.parametrize("data", [b"name,label\n\xff\xfe,A\n", b"code,label\na,A\n"])
def test_a_file_of_choices_that_cannot_be_read_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    built = compiled(tmp_path, FILE, default_language="")
    with pytest.raises(FormError, match=r"zones\.csv"):
        read_form(built.xform, {"zones.csv": data})


def test_choices_that_a_search_finds_are_not_those_of_the_list(tmp_path: Path) -> None:
    found = question(tmp_path, "| | select_one yn | x | X | search('zones') |", "appearance")
    assert (found.choices, found.choices_file) == (None, "zones.csv")


def test_the_files_that_a_phone_needs_are_known_and_last_saved_is_not_one(tmp_path: Path) -> None:
    table = """
| | type | name | label::Français (fr) | media::image::Français (fr) | calculation | default |
| | integer | n | N | carte.png | | ${last-saved#n} |
| | image | photo | Photo | | | modele.jpg |
| | calculate | p | | | pulldata('prix', 'a', 'b', ${n}) | |
"""
    assert form(tmp_path, table).media == ("carte.png", "modele.jpg", "prix.csv")


def test_what_the_settings_say_is_read(tmp_path: Path) -> None:
    table = "| | type | name | label::Français (fr) |\n| | integer | n | N |"
    found = form(tmp_path, table, form_title="Un titre", client_editable="true", public_key="abc")
    assert (found.id, found.version, found.title, found.root) == ("t", "1", "Un titre", "data")
    assert (found.consent_text, found.editable, found.public_key) == ("fr-1", True, "abc")


def test_messages_are_read_in_each_language(tmp_path: Path) -> None:
    columns = "constraint | constraint_message::Français (fr) | required | required_message::Français (fr)"
    found = question(tmp_path, "| | integer | x | X | . > 3 | Plus de 3 | yes | Il le faut |", columns)
    assert found.constraint_messages == {"Français (fr)": "Plus de 3"}
    assert found.required_messages == {"Français (fr)": "Il le faut"}
    assert found.required == "true()"


def test_a_default_that_a_phone_computes_is_read_as_an_expression(tmp_path: Path) -> None:
    table = "| | type | name | label |\n| | text | nom | Nom |\n| | text | x | X |"
    table = table.replace("label |", "label | default |").replace("| X |", "| X | concat(${nom}, 'a') |")
    found = form(tmp_path, table, default_language="").by_path["/x"]
    assert "/data/nom" in found.default


OTHER = """<?xml version="1.0"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:xf="http://www.w3.org/2002/xforms"
      xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">
  <head><title>Autre</title><xf:model>
    <xf:instance><enquete xmlns="http://autre.example/" id="autre" orx:version="7">
      <age/><sexe/><orx:meta><orx:instanceID/></orx:meta></enquete></xf:instance>
    <xf:bind nodeset="/enquete/age" type="xsd:int" required="true()"/>
    <xf:bind nodeset="/enquete/sexe" type="select1"/>
  </xf:model></head>
  <body><xf:input ref="/enquete/age"><xf:label>Âge</xf:label></xf:input>
    <xf:select1 ref="/enquete/sexe"><xf:label>Sexe</xf:label>
      <xf:item><xf:label>Femme</xf:label><xf:value>f</xf:value></xf:item>
      <xf:item><xf:label>Homme</xf:label><xf:value>h</xf:value></xf:item></xf:select1></body>
</html>"""


def test_a_form_of_another_maker_is_read_by_local_names() -> None:
    found = read_form(OTHER.encode())
    assert (found.id, found.version, found.root, found.namespace) == (
        "autre",
        "7",
        "enquete",
        "http://autre.example/",
    )
    assert found.by_path["/age"].kind == "integer"
    choices = found.by_path["/sexe"].choices
    assert choices is not None
    assert [(choice.name, *choice.labels.values()) for choice in choices] == [("f", "Femme"), ("h", "Homme")]


def test_a_form_without_a_version_has_an_empty_one() -> None:
    assert read_form(OTHER.replace(' orx:version="7"', "").encode()).version == ""


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"<a/>",
        b"<html><head><model/></head><body/></html>",
        b"pas du XML",
        OTHER.replace(' id="autre"', "").encode(),
        OTHER.replace('<?xml version="1.0"?>', '<!DOCTYPE a [<!ENTITY b "c">]>').encode(),
        OTHER.encode("utf-16"),
    ],
)
def test_what_is_not_an_xform_is_refused_in_a_sentence(broken: bytes) -> None:
    with pytest.raises(FormError) as refused:
        read_form(broken)
    assert all(text.endswith(".") for text in refused.value.findings)
