"""Checks of how questions were answered: filters, other, reversed items, rules, returns, unusual shares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from support.facts import SOUND, beside, facts_of, found, line, shape_of

from server.core.checks.answers import longest_run, short_cuts
from server.core.checks.facts import Facts, Shape
from server.core.checks.pace import returns
from server.core.checks.parameters import changed
from server.core.paradata import Timeline

SAYS = "bind::dp:says_fr | bind::dp:says_en"
HEAD = (
    f"type | name | label | relevant | calculation | bind::dp:class | bind::dp:soft | bind::dp:rule | {SAYS}"
)
FILTERS = "".join(
    f"| | select_one yn | f{n} | Filtre ? | | | quasi | | | | |\n"
    f"| | integer | d{n} | Détail ? | ${{f{n}}} = 'yes' | | quasi | | | | |\n"
    for n in range(6)
)
OFFERS = "".join(f"| | select_one way | o{n} | Comment ? | | | quasi | | | | |\n" for n in range(10))
FORM = f"""
| survey |
| | {HEAD} |
| | begin_group | c | Contact | | | | | | | |
| | integer | left | Parti en ? | | | quasi | . >= 1990 | | Année trop lointaine. | |
| | integer | back | Revenu en ? | | | quasi | | | | |
| | calculate | in_order | | | ${{left}} <= ${{back}} | operational | | critical | Trop tôt | Back too soon. |
| | text | name | Nom ? | | | direct | | | | |
| | calculate | named | | | string-length(${{name}}) > 1 | direct | | warning | | |
| | end_group | | | | | | | | | |
{FILTERS}{OFFERS}
| choices |
| | list_name | name | label |
| | yn | yes | Oui |
| | yn | no | Non |
| | way | bus | Car |
| | way | foot | À pied |
| | way | other | Autre |
| settings |
| | form_id | version | namespaces |
| | answers | 1 | dp="https://taama.org/data-protection/1" |
"""
BATTERY = """
| survey |
| | type | name | label | bind::dp:class | bind::dp:reversed | bind::dp:minimum_seconds |
| | select_one scale | s1 | Je dors bien | quasi | | 30 |
| | select_one scale | s2 | Je dors mal | quasi | yes | |
| | select_one scale | s3 | Je mange bien | quasi | | |
| | select_one scale | s4 | Je vais bien | quasi | | |
| choices |
| | list_name | name | label |
| | scale | 1 | Non |
| | scale | 2 | Un peu |
| | scale | 3 | Oui |
| settings |
| | form_id | version | namespaces |
| | battery | 1 | dp="https://taama.org/data-protection/1" |
"""


@cache
def shape() -> Shape:
    return shape_of(FORM)


@cache
def battery() -> Shape:
    return shape_of(BATTERY)


def facts(answers: Mapping[str, object] | None = None, **more: Any) -> Facts:
    return facts_of(shape(), answers or {}, **more)


def filters(no: int, yes: int) -> dict[str, str]:
    return {f"f{n}": "no" if n < no else "yes" for n in range(no + yes)}


def test_a_filter_is_a_question_on_which_others_hang() -> None:
    assert dict(shape().gates) == {f"/f{n}": (f"/d{n}",) for n in range(6)}


def test_short_branches_are_counted_among_the_filters_that_were_answered() -> None:
    assert short_cuts(facts(filters(3, 2))) == (3, 5)
    (flag,) = found(facts(filters(6, 0)), "GATE")
    assert (flag.severity, flag.value) == ("info", "100")
    assert not found(facts(filters(5, 1)), "GATE"), "5 of 6 is 83 %"
    assert not found(facts(filters(4, 0)), "GATE"), "four filters are too few"


def test_other_is_counted_among_the_questions_that_offer_it() -> None:
    def answered(other: int, plain: int) -> dict[str, str]:
        return {f"o{n}": "other" if n < other else "bus" for n in range(other + plain)}

    (flag,) = found(facts(answered(3, 7)), "OTHER")
    assert (flag.severity, flag.value, flag.words["asked"]) == ("warning", "30", "10")
    assert not found(facts(answered(2, 8)), "OTHER"), "20 % is not above 20 %"
    assert not found(facts(answered(9, 0)), "OTHER"), "nine questions are too few"


def test_a_rule_between_answers_is_told_in_both_languages_once_all_are_there() -> None:
    (flag,) = found(facts({"c": {"left": "2019", "back": "2015"}}), "LOGIC")
    assert (flag.severity, flag.place) == ("critical", "/c/in_order")
    assert flag.words == {
        "rule": "${left} <= ${back}",
        "says_fr": "Trop tôt",
        "says_en": "Back too soon.",
    }
    assert not found(facts({"c": {"left": "2015", "back": "2015"}}), "LOGIC")
    assert not found(facts({"c": {"left": "2019"}}), "LOGIC"), "nobody said when"


def test_a_rule_that_needs_a_sealed_answer_is_not_judged() -> None:
    assert not found(facts({"c": {"name": "x"}}), "LOGIC")


def test_a_soft_limit_says_what_its_author_wrote() -> None:
    (flag,) = found(facts({"c": {"left": "1985"}}), "SOFT")
    assert (flag.place, flag.value, flag.expected) == ("/c/left", "1985", ". >= 1990")
    assert flag.words["says_en"] == "Année trop lointaine.", "French where there is no English"


def test_one_flat_battery_is_enough_when_it_has_reversed_items() -> None:
    flat = facts_of(battery(), {f"s{n}": "2" for n in range(1, 5)})
    (flag,) = found(flat, "STRAIGHT")
    assert (flag.message, flag.words["longest"]) == ("straight_reversed", "100")
    assert not found(facts_of(battery(), {"s1": "2", "s2": "1", "s3": "2", "s4": "2"}), "STRAIGHT")
    apart = changed('[straight]\napart = ["s2"]')
    assert not found(flat, "STRAIGHT", apart), "three items are no battery"
    assert longest_run(["1", "2", "2", "2", "1"]) == pytest.approx(0.6)


def test_an_authors_own_seconds_count_where_they_are_more_than_the_words_take() -> None:
    least = changed("[speed]\nleast = 1")
    slow, quick = (line(("/s1", 0, seconds / 60), ("/s2", 1, 0.5)) for seconds in (30, 29))
    assert not found(facts_of(battery(), {}, slow), "SPEED", least)
    assert found(facts_of(battery(), {}, quick), "SPEED", least)[0].value == "50"


def test_a_return_is_a_question_seen_again_after_another() -> None:
    timeline = line(("/f0", 0, 1), ("/f0", 1, 1), ("/f1", 2, 1), ("/f0", 3, 1), ("/f2", 4, 1))
    # f0 f0 f1 f0 f2: three questions, one return
    assert returns(timeline) == pytest.approx(1 / 3)
    assert returns(None) is None


def visits(back: int) -> Timeline:
    there = [(f"/f{n}", n, 1) for n in range(6)]
    return line(*there, *((f"/f{n % 2}", 6 + n, 1) for n in range(back)))


def test_far_more_returns_than_others_are_told() -> None:
    ordinary = [facts(timeline=visits(n % 3), instance=str(n)) for n in range(20)]
    # shares 0, 1/6, 2/6: median 1/6, MAD 1/6; six returns are (1 - 1/6) / (1.4826 / 6) = 3.37
    out = beside([*ordinary, facts(timeline=visits(6), instance="many")], "EDITS")
    assert [(one, flag.words["z"], flag.severity) for one, flag in out] == [("many", "3.4", "warning")]
    assert not beside([*ordinary, facts(timeline=visits(5), instance="many")], "EDITS"), "z is 2.7"
    assert not beside([*ordinary[:18], facts(timeline=visits(6), instance="many")], "EDITS")


def test_more_dont_knows_than_others_give_are_told() -> None:
    offered = {f"o{n}": "bus" for n in range(10)} | filters(0, 6)

    def unsure(count: int) -> dict[str, str]:
        return offered | {f"d{n}": "-98" if n < count else "4" for n in range(6)}

    ordinary = [facts(unsure(n % 3), instance=str(n)) for n in range(20)]
    # of 24 asked: median 1, MAD 1; six are z = 5 / 1.4826 = 3.4
    out = dict(beside([*ordinary, facts(unsure(6), instance="six")], "DK-others"))
    assert (out["six"].value, out["six"].words["z"]) == ("25", "3.4")
    assert not beside([*ordinary, facts(unsure(5), instance="five")], "DK-others"), "z is 2.7"
    assert not beside([facts(offered, instance=str(n)) for n in range(20)], "DK-others"), "MAD is 0"


def test_numbers_can_be_judged_within_groups() -> None:
    by = changed('[outlier]\nby = "o0"\n')
    rich = [
        facts({"o0": "bus", "d0": "9", "f0": "yes", "d1": str(100 + n), "f1": "yes"}, instance=f"r{n}")
        for n in range(20)
    ]
    poor = [facts({"o0": "foot", "d1": str(10 + n), "f1": "yes"}, instance=f"p{n}") for n in range(20)]
    odd = facts({"o0": "foot", "d1": "100", "f1": "yes"}, instance="odd")
    assert [one for one, _ in beside([*rich, *poor, odd], "OUTLIER", by)] == ["odd"]
    assert not beside([*rich, *poor, odd], "OUTLIER", SOUND)
