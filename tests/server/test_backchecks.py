"""A back-check from the draw to the comparison: by commands, with the short form that is made of the long
one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from pyxform.xls2xform import convert
from support.command import taama, told
from support.world import AT, MEDIA, Server, new_id, serving

from server.store import people
from server.store.forms import Forms, NewForm, publish
from server.store.read import short
from server.store.withdraw import withdraw_by_code

LONG = """
| survey |
| | type | name | label::Français (fr) | calculation | relevant | bind::dp:class | bind::dp:role | bind::dp:scope | bind::dp:backcheck | bind::dp:okrange |
| | start | start | | | | operational | | | | |
| | select_one_from_file enumerators.csv | enumerator | Code ? | | | operational | enumerator | | | |
| | select_one yn | consent | D'accord ? | | | consent | consent | | | |
| | begin_group | q | Questions | | ${consent} = 'yes' | | | | | |
| | select_one yn | recontact | Recontacter ? | | | consent | | recontact | | |
| | calculate | withdrawal_code | | once('12345678903') | | consent | withdrawal_code | | | |
| | integer | age | Âge ? | | | quasi | age | | 2 | [-1,1] |
| | select_one sex | sex | Sexe ? | | | quasi | | | 1 | |
| | end_group | | | | | | | | | |
| choices |
| | list_name | name | label::Français (fr) |
| | yn | yes | Oui |
| | yn | no | Non |
| | sex | f | Femme |
| | sex | m | Homme |
| settings |
| | form_id | form_title | version | namespaces | attribute::dp:consent_text | default_language |
| | long | Questionnaire | 1 | dp="https://taama.org/data-protection/1" | fr-1 | Français (fr) |
"""  # noqa: E501 (a sheet)
CODES = ("48559668677", "12345678903")


@dataclass
class Field:
    """A campaign with the long form, and what is sent to it."""

    server: Server
    home: str
    token: str = ""  # of the phone that sends; the server's own if empty

    def interview(self, who: str, code: str = "12345678903", recontact: str = "yes", **said: str) -> str:
        inside = {"recontact": recontact, "withdrawal_code": code, "age": "34", "sex": "m"} | said
        return self._send("long", "fr-1", who, {}, "q", inside)

    def asked_again(self, who: str, link: str, **said: str) -> str:
        inside = {"withdrawal_code": "12345678903", "age": "34", "sex": "m"} | said
        return self._send("long_backcheck", "bc-1", who, {"original_code": link}, "consented", inside)

    def _send(
        self, form: str, text: str, who: str, front: dict[str, str], group: str, inside: dict[str, str]
    ) -> str:
        # A code of digits alone is never drawn: it would be taken for a telephone number.
        instance = next(name for name in iter(new_id, "") if not short(name).isdigit())
        said = {"start": "2026-11-23T07:30:00.000Z", "enumerator": who, **front, "consent": "yes"}
        xml = (
            f'<data xmlns:dp="https://taama.org/data-protection/1" id="{form}" version="1" '
            f'dp:consent_text="{text}">{_tags(said)}<{group}>{_tags(inside)}</{group}>'
            f"<meta><instanceID>{instance}</instanceID></meta></data>"
        )
        url = f"{self.server.base}/v1/key/{self.token or self.server.token}/projects/1/submission"
        assert self.server.post(xml.encode(), url=url).status_code == 201
        return instance

    def drawn(self, **options: str) -> list[str]:
        words = [word for name, text in options.items() for word in (f"--{name}", text)]
        made = told("backcheck", "draw", "--form", "long", *words, "--home", self.home)
        return [row["code"] for row in made["new"]]

    def compared(self) -> dict[str, object]:
        made: dict[str, object] = told("backcheck", "compare", "--form", "long", "--home", self.home)
        return made


def _tags(said: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said.items())


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    with serving(tmp_path) as server:
        xform = convert(xlsform=LONG, file_type=".md").xform.encode()
        publish(server.campaign, NewForm(xform, MEDIA), by="", at=AT)
        yield Field(server, str(tmp_path / "home"))


def publish_short(field: Field, folder: Path) -> None:
    made = told("backcheck", "form", "long", "--out", str(folder), "--home", field.home)
    assert taama("forms", "publish", str(made["file"]), "--home", field.home).returncode == 0


def test_what_is_asked_again_is_compared_with_the_first_answer(field: Field, tmp_path: Path) -> None:
    publish_short(field, tmp_path / "short")
    same, other = field.interview("E001", sex="m"), field.interview("E001", sex="f", age="30")
    near = field.interview("E002", age="40")
    assert sorted(field.drawn(share="1")) == sorted(map(short, (same, other, near)))
    field.asked_again("E002", short(same))
    field.asked_again("E002", short(other), sex="m", age="33")
    field.asked_again("E001", short(near), age="41")
    field.asked_again("E001", short(near), age="99")
    field.asked_again("E001", "0123abcd")
    found = field.compared()
    comparison = found["comparison"]
    assert isinstance(comparison, dict)
    assert (found["unmatched"], found["twice"], found["same_person"], comparison["pairs"]) == (1, 1, 0, 3)
    rates = {
        (r["subject"], r["type"]): (r["differences"], r["compared"]) for r in comparison["by_enumerator"]
    }
    assert rates == {("E001", 1): (1, 2), ("E001", 2): (1, 2), ("E002", 1): (0, 1), ("E002", 2): (0, 1)}


def test_rates_are_told_by_team(field: Field, tmp_path: Path) -> None:
    publish_short(field, tmp_path / "short")
    made = people.add(
        field.server.campaign.engine, "Enquêtrice", "enumerator", now=AT, secret=os.urandom, zone="kayes"
    )
    field.token = made.token
    one = field.interview(made.login)
    field.drawn(share="1")
    field.asked_again("E001", short(one), sex="f")
    comparison = field.compared()["comparison"]
    assert isinstance(comparison, dict)
    teams = {(rate["subject"], rate["type"]): rate["differences"] for rate in comparison["by_team"]}
    assert teams == {("kayes", 1): 1, ("kayes", 2): 0}


def test_only_who_agreed_to_be_called_is_drawn_and_nobody_twice(field: Field) -> None:
    field.interview("E001", recontact="no")
    first = [field.interview("E001") for _ in range(4)]
    drawn = field.drawn(share="0.5", seed="1")
    assert set(drawn) <= set(map(short, first))
    assert len(drawn) >= 2
    assert field.drawn(share="0.5", seed="2") == []
    rest = field.drawn(share="1")
    assert sorted(drawn + rest) == sorted(map(short, first))


def test_who_withdraws_is_on_no_list_and_in_no_comparison(field: Field, tmp_path: Path) -> None:
    publish_short(field, tmp_path / "short")
    one = field.interview("E001", code=CODES[0])
    field.drawn(share="1")
    again = field.asked_again("E002", short(one))
    withdraw_by_code(field.server.campaign, CODES[0], by="", at=AT)
    made = told("backcheck", "draw", "--form", "long", "--home", field.home)
    assert made["all"] == []
    comparison = field.compared()["comparison"]
    assert isinstance(comparison, dict)
    assert comparison["pairs"] == 0
    assert again not in {row["instance"] for row in field.server.rows("submission")}, (
        "it is of the same person"
    )


def test_a_form_that_marks_nothing_says_what_to_do(field: Field, tmp_path: Path) -> None:
    answer = taama("backcheck", "form", "small", "--out", str(tmp_path / "no"), "--home", field.home)
    assert answer.returncode != 0
    assert "bind::dp:backcheck" in answer.stderr
    assert Forms(field.server.campaign).find("small_backcheck", "1") is None
