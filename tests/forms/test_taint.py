"""What repeats a name is as secret as the name, however many steps lie between them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.xlsform import form

from forms.reader import read_form
from forms.taint import tainted

HEADER = "| | type | name | label::Français (fr) | calculation | default | bind::dp:class | trigger |"
NAME = "| | text | nom | Nom | | | direct | |"
WORDS = "| | text | libre | Dites | | | free_text | |"
AGE = "| | integer | age | Âge | | | quasi | |"


def secret(folder: Path, *rows: str) -> frozenset[str]:
    return tainted(form(folder, "\n".join([HEADER, NAME, WORDS, AGE, *rows])))


@pytest.mark.parametrize(
    "expression",
    ["${nom}", "concat('a', ${nom})", "string-length(../nom)", "if(${age} > 3, ${nom}, '')", "${libre}"],
)
def test_a_calculation_from_a_secret_answer_is_secret(tmp_path: Path, expression: str) -> None:
    assert secret(tmp_path, f"| | calculate | x | | {expression} | | quasi | |") == {"/x"}


@pytest.mark.parametrize("expression", ["${age} + 1", "'nom'", '"nom et prénom"', "1 + 1"])
def test_a_calculation_from_something_else_is_not(tmp_path: Path, expression: str) -> None:
    assert secret(tmp_path, f"| | calculate | x | | {expression} | | quasi | |") == set()


def test_secrecy_passes_from_calculation_to_calculation_in_any_order(tmp_path: Path) -> None:
    rows = (
        "| | calculate | c | | ${b} | | quasi | |",
        "| | calculate | b | | ${a} | | quasi | |",
        "| | calculate | a | | ${nom} | | quasi | |",
    )
    assert secret(tmp_path, *rows) == {"/a", "/b", "/c"}


def test_calculations_that_refer_to_each_other_come_to_an_end(tmp_path: Path) -> None:
    rows = ("| | calculate | a | | ${b} | | quasi | |", "| | calculate | b | | ${a} | | quasi | |")
    assert secret(tmp_path, *rows) == set()


@pytest.mark.parametrize("default", ["${nom}", "concat(${nom}, '')", "${last-saved#nom}"])
def test_an_answer_that_begins_as_a_name_is_secret(tmp_path: Path, default: str) -> None:
    assert secret(tmp_path, f"| | text | x | X | | {default} | quasi | |") == {"/x"}


def test_an_answer_that_is_set_when_another_changes_is_secret(tmp_path: Path) -> None:
    assert secret(tmp_path, "| | text | x | X | ${nom} | | quasi | ${age} |") == {"/x"}


@pytest.mark.parametrize(
    ("calculation", "default"),
    [("${nom}", "concat(${age}, '')"), ("concat(${age}, '')", "${nom}"), ("${nom}", "inconnu")],
)
def test_an_answer_that_is_set_in_two_ways_is_as_secret_as_either(
    tmp_path: Path, calculation: str, default: str
) -> None:
    assert secret(tmp_path, f"| | text | x | X | {calculation} | {default} | quasi | ${{age}} |") == {"/x"}


def test_a_pick_among_the_turns_of_a_repeat_is_as_secret_as_what_it_picks(tmp_path: Path) -> None:
    rows = (
        "| | begin_repeat | membre | Membre | | | | |",
        "| | text | prenom | Prénom | | | direct | |",
        "| | integer | rang | Rang | | | quasi | |",
        "| | end_repeat | | | | | | |",
        "| | select_one ${prenom} | chef | Chef | | | quasi | |",
        "| | select_one ${rang} | numero | Numéro | | | quasi | |",
    )
    assert secret(tmp_path, *rows) == {"/chef"}


PICK = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:dp="https://taama.org/data-protection/1">
  <h:head><h:title>T</h:title><model><instance><data id="t">
    <membre><prenom/></membre><chef/></data></instance>
    <bind nodeset="/data/membre/prenom" type="string" dp:class="direct"/>
    <bind nodeset="/data/chef" type="string" dp:class="quasi"/></model></h:head>
  <h:body><group ref="/data/membre"><repeat nodeset="/data/membre"><input ref="/data/membre/prenom"/>
    </repeat></group>
    <select1 ref="/data/chef"><itemset nodeset="/data/membre"><value ref="prenom"/><label ref="prenom"/>
    </itemset></select1></h:body>
</h:html>"""


def test_a_pick_is_known_by_what_it_stores_and_not_only_by_where_it_looks() -> None:
    assert tainted(read_form(PICK.encode())) == {"/chef"}
