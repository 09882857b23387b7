"""Random conditions against brute force: what is told to be impossible must be so."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from forms.logic import logic_faults
from forms.schema import Choice, Form, Question
from forms.xpath import Expressions, World

CODES = {"a": ("yes", "no"), "b": ("x", "y", "z")}
NUMBERS = ("3", "7", "12")
ENGINE = Expressions(World(datetime(2026, 1, 1), Random(0)))  # noqa: DTZ001 (nothing asks for the time)


def compared() -> st.SearchStrategy[str]:
    """A plain comparison of one answer."""
    select = st.sampled_from([(name, code) for name, codes in CODES.items() for code in (*codes, "")])
    number = st.tuples(st.sampled_from(["=", "!=", "<", ">", "<=", ">="]), st.sampled_from(NUMBERS))
    return st.one_of(
        st.tuples(select, st.sampled_from(["=", "!="])).map(lambda t: f"/f/{t[0][0]} {t[1]} '{t[0][1]}'"),
        select.filter(lambda t: t[1]).map(lambda t: f"selected(/f/{t[0]}, '{t[1]}')"),
        number.map(lambda t: f"/f/n {t[0]} {t[1]}"),
    )


def conditions() -> st.SearchStrategy[str]:
    """Comparisons joined by and, or and not."""
    return st.recursive(
        compared(),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            inner.map(lambda one: f"not({one})"),
        ),
        max_leaves=6,
    )


def form(relevant: str, of_b: str) -> Form:
    def question(name: str, kind: str, **more: str) -> Question:
        choices = tuple(Choice(code, {}) for code in CODES.get(name, ())) or None
        return Question(f"/{name}", name, kind, frozenset({"quasi"}), choices=choices, **more)

    asked = (
        question("a", "select_one"),
        question("n", "integer"),
        question("b", "select_one", relevant=of_b),
        question("q", "text", relevant=relevant),
    )
    return Form("f", "1", "F", "f", asked)


def possible(relevant: str, of_b: str) -> bool:
    """Whether any answers ask the question; an answer that is not relevant is empty."""
    root = etree.Element("f")
    nodes = {name: etree.SubElement(root, name) for name in ("a", "n", "b", "q")}
    numbers = ("", *(str(int(n) + step) for n in NUMBERS for step in (-1, 0, 1)))
    for a, n, b in product(("", *CODES["a"]), numbers, ("", *CODES["b"])):
        nodes["a"].text, nodes["n"].text, nodes["b"].text = a or None, n or None, b or None
        if b and of_b and not ENGINE.true(of_b, nodes["b"]):
            continue
        if ENGINE.true(relevant, nodes["q"]):
            return True
    return False


@settings(max_examples=300, deadline=None)
@given(relevant=conditions(), of_b=st.one_of(st.just(""), compared().filter(lambda c: "/f/b" not in c)))
def test_what_is_told_to_be_impossible_is(relevant: str, of_b: str) -> None:
    told = {fault.path for fault in logic_faults(form(relevant, of_b)) if fault.code == "never_asked"}
    if "/q" in told:
        assert not possible(relevant, of_b)


def test_plain_contradictions_are_told() -> None:
    for relevant in ("/f/a = 'yes' and /f/a = 'no'", "/f/n > 7 and /f/n < 3", "/f/b = 'x' and /f/a = 'no'"):
        told = {fault.path for fault in logic_faults(form(relevant, "/f/a = 'yes'"))}
        assert "/q" in told


def test_no_number_is_neither_below_nor_above_another() -> None:
    told = {fault.path for fault in logic_faults(form("not((/f/n < 3 or /f/n >= 3))", ""))}
    assert "/q" not in told
