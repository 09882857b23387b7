"""XML from strangers: what fills the memory, opens a file or hides its letters is refused with the reason."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.xml import Limits, XmlRefused, local, parse

BILLION = (
    b'<!DOCTYPE a [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)
SMALL = Limits(size=400, depth=4, elements=10, attributes=3)


def reason(data: bytes, limits: Limits = SMALL) -> str:
    with pytest.raises(XmlRefused) as refused:
        parse(data, limits)
    return refused.value.reason


@pytest.mark.parametrize("data", [b"", b" \n\t"])
def test_nothing_is_not_a_document(data: bytes) -> None:
    assert reason(data) == "empty"


@pytest.mark.parametrize(
    "data",
    [
        BILLION,
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<?xml version="1.0"?>\n<!doctype a><a/>',
        b"<! DOCTYPE a><a/>",
        b'<!--x--><!DOCTYPE a [<!ENTITY % b SYSTEM "http://ailleurs.example/b">%b;]><a/>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_read(data: bytes) -> None:
    assert reason(data) == "doctype"


def test_an_entity_that_nobody_defined_is_not_dropped_in_silence() -> None:
    assert reason(b"<a>&b;</a>") == "malformed"


@pytest.mark.parametrize(
    "data",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16-le"),
        "<a/>".encode("utf-32"),
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b'\xef\xbb\xbf<?xml version="1.0" encoding="iso-8859-1"?><a/>',
        '<?xml version="1.0" encoding="latin1"?><a>é</a>'.encode("latin-1"),
        "<a>é</a>".encode("latin-1"),
    ],
)
def test_only_utf_8_is_read(data: bytes) -> None:
    assert reason(data) == "encoding"


@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="utf-8"?>', "\ufeff"])
def test_utf_8_is_read_with_and_without_saying_so(declared: str) -> None:
    assert parse(f"{declared}<a>Ségou ŋ</a>".encode()).text == "Ségou ŋ"


def test_a_document_is_read_up_to_its_size_and_no_byte_more() -> None:
    data = b"<a>" + b"x" * 393 + b"</a>"
    assert len(data) == SMALL.size
    parse(data, SMALL)
    assert reason(data + b" ") == "size"


def test_a_document_is_read_up_to_its_depth_and_no_level_more() -> None:
    parse(b"<a><b><c><d/></c></b></a>", SMALL)
    assert reason(b"<a><b><c><d><e/></d></c></b></a>") == "depth"


def test_a_document_deeper_than_the_library_allows_is_refused_too() -> None:
    assert reason(b"<a>" * 5_000 + b"</a>" * 5_000, Limits()) in ("depth", "malformed")


def test_a_document_is_read_up_to_its_elements_and_not_one_more() -> None:
    parse(b"<a>" + b"<b/>" * 9 + b"</a>", SMALL)
    assert reason(b"<a>" + b"<b/>" * 10 + b"</a>") == "breadth"


def test_an_element_is_read_up_to_its_attributes_and_not_one_more() -> None:
    parse(b"<a><b c='' d='' e=''/></a>", SMALL)
    assert reason(b"<a><b c='' d='' e='' f=''/></a>") == "breadth"


@pytest.mark.parametrize(
    "data", [b"<a>", b"des mots", b"<a/><b/>", b"<a b='1' b='2'/>", b"<x:a/>", b"<a>\x01</a>"]
)
def test_what_is_not_xml_is_refused(data: bytes) -> None:
    assert reason(data) == "malformed"


def test_a_refusal_repeats_nothing_of_what_was_sent() -> None:
    with pytest.raises(XmlRefused) as refused:
        parse(b"<a><nom>Moussa</nom><b></a>")
    assert "Moussa" not in str(refused.value)


def test_comments_and_instructions_are_no_part_of_what_is_read() -> None:
    root = parse(b"<a><!-- note --><?php x?><b>1</b></a>")
    assert [local(child) for child in root] == ["b"]


def test_a_comment_does_not_cut_an_answer_short() -> None:
    assert parse(b"<a>Fili<!-- x -->mana</a>").text == "Filimana"


def test_names_are_compared_without_their_namespace() -> None:
    root = parse(b'<o:a xmlns:o="http://openrosa.org/xforms"><b/></o:a>')
    assert [local(element) for element in root.iter()] == ["a", "b"]


@given(st.binary(max_size=300) | st.text(alphabet="<>/a!&;?-[]DOCTYPE =\"'", max_size=80).map(str.encode))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    with suppress(XmlRefused):
        assert local(parse(data))
