"""The dictionary of a form says of every variable what it is, and its page shows all of it safely."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html
from support.xlsform import compiled

from forms import catalog
from forms.codebook import FEW, codebook
from forms.codebook_page import codebook_html
from forms.compile import build
from forms.reader import read_form
from forms.schema import Form
from forms.wording import readable


@pytest.fixture(scope="module")
def returnee() -> Form:
    return shipped("returnee")


def shipped(name: str) -> Form:
    built = build(name)
    return read_form(built.xform, built.media)


def test_every_variable_is_there_in_order(returnee: Form) -> None:
    book = codebook(returnee)
    assert [v.path for v in book.variables] == [q.path for q in returnee.questions if q.kind != "note"]
    assert {v.source for v in book.variables if v.name in ("start", "audit", "instanceID")} == {"phone"}


def test_a_variable_says_all_that_the_form_says(returnee: Form) -> None:
    book = codebook(returnee, catalog.feeds("returnee"))
    by_name = {variable.name: variable for variable in book.variables}
    age = by_name["age"]
    assert (age.kind, age.classes, age.roles, age.required) == ("integer", ("quasi",), ("age",), "yes")
    assert age.recode == "band 15-17,18-24,25-34,35-44,45+"
    assert age.constraint == "(. >= 10 and . <= 90) or . = -98"
    assert age.labels == {"Français (fr)": "Quel âge avez-vous\u00a0?", "English (en)": "How old are you?"}
    assert "10" in age.messages["English (en)"]
    assert by_name["phone"].scope == "recontact"
    assert by_name["refusal_reason"].relevant == "${consent} = 'no'"
    assert by_name["ori_mode"].feeds == ("r_ori_mode",)
    module = next(module for module in book.modules if age in module.variables)
    assert module.labels[-1]["English (en)"] == "C. Eligibility"
    assert module.relevant == ("${contact_result} = 'reached' and ${consent} = 'yes'",)


def test_long_lists_are_summed_up_and_short_ones_are_not(returnee: Form) -> None:
    by_name = {variable.name: variable for variable in codebook(returnee).variables}
    communes, regions = by_name["commune"].codes, by_name["region"].codes
    assert communes
    assert (communes.total, len(communes.shown), communes.summed_up) == (390, FEW, True)
    assert communes.filter == "cercle = ${cercle}"
    assert regions
    assert (regions.total, regions.summed_up) == (len(regions.shown), False)


def test_variables_of_a_repeat_name_it() -> None:
    by_name = {variable.name: variable for variable in codebook(shipped("sensitisation")).variables}
    assert (by_name["act_kind"].repeat, by_name["thm_shared"].repeat) == ("activity", "theme_item")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (" /data/a/b  = 'x'", "${b} = 'x'"),
        ("selected( ../../c , 'x')", "selected(${c}, 'x')"),
        ("/data/a/b='/'", "${b}='/'"),
        (
            "instance('l')/root/item[name = current()/../x]/label",
            "instance('l')/root/item[name = ${x}]/label",
        ),
        (". > 3 and position(..) = 1", ". > 3 and position(..) = 1"),
    ],
)
def test_paths_are_read_as_names(written: str, read: str) -> None:
    assert readable(written) == read


@pytest.mark.parametrize("name", catalog.questionnaires())
def test_feeds_name_variables_of_their_form(name: str) -> None:
    feeds = catalog.feeds(name)
    assert feeds
    assert set(feeds) <= {question.name for question in shipped(name).questions}


@pytest.mark.parametrize("name", catalog.questionnaires())
def test_the_page_has_an_anchor_for_every_variable_and_needs_nothing_else(name: str) -> None:
    form = shipped(name)
    page = codebook_html(form, catalog.feeds(name))
    tree = html.fromstring(page)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {f"v-{variable.name}" for variable in codebook(form).variables} <= set(ids)
    assert {link.removeprefix("#") for link in tree.xpath("//a/@href")} <= set(ids)
    assert not tree.xpath("//script | //link | //img | //@src")
    assert tree.xpath("string(/html/@lang)") == "fr"
    assert "How old are you?" in tree.xpath("string(//p[@lang='en'][contains(., 'How old')])")
    assert page == codebook_html(form, catalog.feeds(name))


def test_words_of_a_form_stay_words(tmp_path: Path) -> None:
    survey = (
        "| | type | name | label |\n| | begin_group | g | <b>G</b> |\n"
        "| | select_one l | n | <script>x</script> & 1 < 2 |\n| | end_group | | |\n"
    )
    choices = "| | list_name | name | label |\n| | l | a | <i>A</i> |"
    built = compiled(tmp_path, survey, choices)
    page = codebook_html(read_form(built.xform, built.media))
    assert not re.search(r"<(script|b|i)>", page)
    assert "<script>x</script> & 1 < 2" in html.fromstring(page).text_content()


def test_the_same_name_in_two_groups_has_two_anchors(tmp_path: Path) -> None:
    groups = "".join(
        f"| | begin_group | {group} | {group} |\n| | integer | n | N |\n| | end_group | | |\n"
        for group in "ab"
    )
    built = compiled(tmp_path, f"| | type | name | label |\n{groups}")
    ids = html.fromstring(codebook_html(read_form(built.xform))).xpath("//article/@id")
    assert ids[:2] == ["v-a.n", "v-b.n"]
