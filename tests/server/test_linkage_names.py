"""Names as heard, telephones as written, places, years: one form each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.linkage import normal
from server.core.linkage.spelling import Kind, folded, name, plain, read_table

ONE_SOUND = """
Djénéba Jeneba Djeneba
Ousmane Usman Ousmann
Seydou Saïdou Seidu
Sissoko Cissoko Sisoko
Keïta Keita Kéita
Gnagalé Nyagale
Camara Kamara
Traoré TRAORE traoree
Coulibaly Koulibaly Culibali
Dembélé Denbélé
Thiémoko Tiemoko
Oumou Umu
"""
ONE_FAMILY = """
first Mamadou Mahamadou Mohamed Mouhamed
first Fatoumata Fatimata Fatma
first Kadiatou Kadidiatou Kadidia
first Lassine Alassane Lassana
first Ibrahima Brahima Birama
last Sissoko Cissokho
last Doumbia Doumbouya
last Ouattara Wattara
first Abdoulaye Abdoulai
"""
TWO_FAMILIES = """
first Mamadou Amadou
first Moussa Issa
first Awa Aïssata
first Hassan Fousseyni
last Diarra Diallo
last Koné Konaté
"""


def lines(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


@pytest.mark.parametrize("words", lines(ONE_SOUND))
def test_spellings_of_one_sound_have_one_key(words: list[str]) -> None:
    assert len({folded(plain(word)) for word in words}) == 1


@pytest.mark.parametrize("row", lines(ONE_FAMILY))
def test_forms_of_one_name_are_one_family(row: list[str]) -> None:
    kind: Kind = "first" if row[0] == "first" else "last"
    assert len({name(plain(word), kind).family for word in row[1:]}) == 1


@pytest.mark.parametrize("row", lines(TWO_FAMILIES))
def test_names_that_only_look_alike_stay_apart(row: list[str]) -> None:
    kind: Kind = "first" if row[0] == "first" else "last"
    here, there = (name(plain(word), kind) for word in row[1:])
    assert here.family != there.family
    assert here.known
    assert there.known


def test_no_name_stands_in_two_families() -> None:
    for kind in ("first", "last"):
        seen: dict[str, int] = {}
        for number, row in enumerate(read_table("names.csv")):
            if row["kind"] == kind:
                for spelling in row["spellings"].split():
                    assert seen.setdefault(folded(spelling), number) == number, (kind, spelling)


def test_a_slip_of_the_pen_joins_the_name_that_was_meant() -> None:
    assert name("coulibali", "last").family == name("coulibaldy", "last").family
    assert not name("coulibaldy", "last").known


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Moussa", "Traoré"),
        ("Traoré", "Moussa"),
        ("Moussa Traoré", ""),
        ("", "TRAORE MOUSSA"),
        ("el hadj Moussa", "Traoré"),
    ],
)
def test_swapped_and_whole_names_find_their_places(first: str, last: str) -> None:
    found = normal.names(first, last)
    assert [word.plain for word in found.first] == ["moussa"]
    assert [word.family for word in found.last] == [folded("traore")]


def test_a_compound_keeps_its_words_and_a_nickname_stands_in() -> None:
    assert [word.plain for word in normal.names("Abdoul Karim", "Diallo").first] == ["abdoulkarim"]
    assert [word.plain for word in normal.names("Mamadou-Lamine", "Ba").first] == ["mamadou", "lamine"]
    assert normal.names("", "Diallo", "Bouba").first[0].long == folded("aboubacar")


def test_a_pet_name_or_an_initial_is_no_first_name() -> None:
    assert normal.names("Vieux", "Koné").first == ()
    assert normal.names("Vieux", "Koné").nick[0].plain == "vieux"
    assert normal.names("M.", "Koné").initial == "m"


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("76123456", ("76123456",)),
        ("+223 76 12 34 56", ("76123456",)),
        ("00223-76.12.34.56", ("76123456",)),
        ("76123456.0", ("76123456",)),
        ("7.6123456E7", ("76123456",)),
        ("76 12 34 56 / 66000001", ("76123456", "66000001")),
        ("5612", ("5612",)),
        ("51234567", ("51234567",)),
        ("00000000", ()),
        ("", ()),
        ("aucun", ()),
        ("+33 6 12 34 56 78", ("33612345678",)),
    ],
)  # fmt: skip
def test_telephones_in_every_form(written: str, numbers: tuple[str, ...]) -> None:
    assert normal.phones(written) == numbers


def test_places_and_countries_by_their_other_names() -> None:
    assert normal.place("Timbuktu") == normal.place("Tombouctou")
    assert normal.place("Ségou-ville") == normal.place("SEGOU")
    assert normal.place("Kéniéba Koura") != normal.place("Kéniéba")
    assert normal.country("Côte d’Ivoire") == normal.country("RCI") == normal.country("cote d'ivoire")
    assert normal.country("Algerie") == normal.country("Algeria")


def test_ages_sexes_and_years_as_written() -> None:
    assert [normal.age(text) for text in ("34", "34.0", "34 ans", "30-36", "", "200")] == [
        34,
        34,
        34,
        33,
        -1,
        -1,
    ]
    assert [normal.sex(text) for text in ("M", "Homme", "féminin", "F", "?")] == ["M", "M", "F", "F", ""]
    assert [normal.year(text) for text in ("1989", "12/03/1989", "1989.0", "89", "")] == [
        1989,
        1989,
        1989,
        0,
        0,
    ]


@given(st.text(), st.text(), st.text())
def test_any_text_is_taken_as_a_name(first: str, last: str, nick: str) -> None:
    found = normal.names(first, last, nick)
    assert all(word.key for word in (*found.first, *found.last, *found.nick))


@given(st.text())
def test_any_text_is_taken_as_a_number_a_place_or_an_age(text: str) -> None:
    assert all(number.isdigit() for number in normal.phones(text))
    assert normal.place(text) == normal.place(text.upper().lower()) or not text.isascii()
    assert -1 <= normal.age(text) <= 120
    assert normal.year(text) == 0 or 1900 <= normal.year(text) <= 2099
