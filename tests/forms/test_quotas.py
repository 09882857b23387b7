"""Tables of counts are met exactly, or it is said why not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from forms.quotas import Quota, QuotaError, Unit, deal, questions, read_quotas


def dealt(*lines: str, people: int = 10, kind: str = "respondent") -> list[Unit]:
    """People after a deal; a line is `where;question;answer;count;most`."""
    units = [Unit() for _ in range(people)]
    quotas = [Quota(kind, *[*line.split(";"), ""][:5]) for line in lines]
    deal(quotas, kind, units, Random(1))
    return units


def test_exactly_so_many_give_an_answer_and_the_rest_draw_among_others() -> None:
    said = Counter(unit.get("q") for unit in dealt(";q;yes;7", ";q;no|dk;rest"))
    assert said["yes"] == 7
    assert said["no"] + said["dk"] == 3


def test_a_later_line_is_about_those_who_gave_an_earlier_answer() -> None:
    units = dealt(";q;yes;6", ";q;no;rest", "q=yes;r;a;2", "q=yes;r;b;rest", "q!=yes;r;c;rest")
    assert Counter((unit.get("q"), unit.get("r")) for unit in units) == {
        ("yes", "a"): 2,
        ("yes", "b"): 4,
        ("no", "c"): 4,
    }


def test_several_ticks_keep_their_counts_and_their_limit() -> None:
    units = dealt(";q;+a;6;2", ";q;+b;6;2", ";q;+c;6;2", ";q;+d;rest;2")
    ticks = [unit.get("q").split() for unit in units]
    assert Counter(code for one in ticks for code in one if code != "d") == {"a": 6, "b": 6, "c": 6}
    assert all(1 <= len(one) <= 2 for one in ticks)


def test_room_fills_everyone_up() -> None:
    units = dealt(";n;1;5", ";n;2;rest", ";q;+a;room;n", ";q;+b;room;n")
    assert all(len(unit.get("q").split()) == int(unit.get("n")) for unit in units)


def test_ticks_for_some_stand_beside_ticks_for_all() -> None:
    units = dealt(";g;x;5", ";g;y;rest", "g=x;q;+a;2", ";q;+b;10")
    assert Counter(tuple(unit.get("q").split()) for unit in units) == {("a", "b"): 2, ("b",): 8}


def test_a_turn_knows_what_was_said_above_it() -> None:
    person = Unit({"sex": "f"})
    turn = person.turn(kind="radio")
    assert (turn.get("sex"), turn.get("kind"), turn.get("none")) == ("f", "radio", "")
    deal([Quota("activity", "sex=f", "clear", "yes", "rest")], "activity", person.turns, Random(1))
    assert turn.said["clear"] == "yes"


def test_marks_are_not_questions() -> None:
    assert questions(Unit({"_mark": "1", "q": "yes"})) == {"q": "yes"}


@pytest.mark.parametrize(
    "lines", [(";q;yes;11",), (";q;yes;4", ";q;no;5"), (";q;+a;6;1", ";q;+b;6;1"), ("nonsense;q;yes;rest",)]
)
def test_counts_that_cannot_be_met_are_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(QuotaError):
        dealt(*lines)


def test_a_table_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "cohort.csv"
    file.write_text("unit,where,question,answer,count,most\nrespondent,a=b,q,+x,3,2\n", encoding="utf-8")
    assert read_quotas(file) == [Quota("respondent", "a=b", "q", "+x", "3", "2")]
