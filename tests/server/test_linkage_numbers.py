"""Identity numbers and whole dates of birth, where a list has them, tell persons apart or join them."""

from __future__ import annotations

import numpy as np

from server.core.linkage.encode import Column
from server.core.linkage.run import Linked, link

KEY = bytes(range(32))


def columns(lines: list[dict[str, str]]) -> dict[str, Column]:
    found = {}
    for name in lines[0]:
        values, codes = np.unique(np.array([line[name] for line in lines]), return_inverse=True)
        found[name] = Column(values.tolist(), codes.astype(np.int32))
    return found


NUMBERED = {"first_name": "Awa", "last_name": "Sissoko", "village": "Kita", "phone": "76554433"}


def numbered(*papers: str) -> Linked:
    lines = [NUMBERED | {"record_id": str(at), "id_number": paper} for at, paper in enumerate(papers)]
    return link(columns(lines), len(lines), KEY)


def test_two_identity_numbers_are_two_persons_and_a_slip_or_no_number_is_not() -> None:
    assert len(set(numbered("1850514032145A", "2911203077688B").labels.tolist())) == 2
    for other in ("1850514032154A", "", "néant", "0000", "1850514032145.0"):
        assert len(set(numbered("1850514032145", other).labels.tolist())) == 1


def test_a_whole_date_of_birth_joins_where_a_name_was_misheard() -> None:
    one = {"record_id": "a", "first_name": "Awa", "last_name": "Sissoko", "birth_date": "14/03/1985"}
    lines = [one, one | {"record_id": "b", "last_name": "Cissoko", "birth_date": "19850314"}]
    there = link(columns(lines), 2).pairs.p[0]
    lines[1]["birth_date"] = "1985-09-22"
    assert there > link(columns(lines), 2).pairs.p.max(initial=0)


def test_a_number_that_many_share_joins_nobody_of_another_name() -> None:
    names = [
        (first, last) for first in ("Awa", "Seydou", "Boubacar", "Oumou") for last in ("Keita", "Dembele")
    ]
    places = ("Kita", "Bla", "Mopti")
    lines = [
        {"first_name": first, "last_name": last, "village": town, "id_number": "12345678"}
        for first, last in names
        for town in places
    ]
    numbers = [{"record_id": f"{at:02}"} | line for at, line in enumerate(lines)]
    labels = link(columns(numbers), len(lines)).labels.tolist()
    assert all(label // len(places) == at // len(places) for at, label in enumerate(labels))
