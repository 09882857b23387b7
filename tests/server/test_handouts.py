"""Cards and coupons: what stands on them, how many to a page, and whose token works afterwards."""

from __future__ import annotations

import io
import os
from pathlib import Path
from random import Random

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine
from support.command import taama, told
from support.world import shut

from forms.typeset import pdf
from server.core.coupons import codes
from server.core.problem import NotFound
from server.store import people
from server.web import handouts
from sync.db import reading

NOW = "2026-11-23T14:05:00.000Z"


def texts(document: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


def some(count: int) -> list[handouts.Card]:
    return [
        handouts.Card(f"enq{number:02}", f"Enquêteur {number}", "x" * 300) for number in range(1, count + 1)
    ]


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (8, 1), (9, 2), (17, 3)])
def test_eight_cards_to_a_page(count: int, pages: int) -> None:
    sheet = handouts.cards("Essai #1 *", some(count), lang="fr", wifi="Taama_$", supervisor="70 00 00 00")
    found = texts(pdf(handouts.CARDS, sheet))
    assert len(found) == pages
    assert [text.count("Essai #1 *") for text in found] == [8] * (count // 8) + (
        [count % 8] if count % 8 else []
    )
    assert all(f"enq{number:02}" in " ".join(found) for number in range(1, count + 1))
    assert "Taama_$" in found[0]
    assert "70 00 00 00" in found[0]
    assert "consentement" in found[0]


@pytest.mark.parametrize("name", ["Retour", "Retour " * 28])
def test_a_long_name_does_not_push_cards_off_the_page(name: str) -> None:
    cards = [handouts.Card("enq01", name, "x" * 900)] * 8
    assert len(texts(pdf(handouts.CARDS, handouts.cards(name, cards, lang="en", wifi="w" * 32)))) == 1
    assert len(texts(pdf(handouts.COUPONS, handouts.coupons(name, codes(10, Random(1)), lang="en")))) == 1


def test_coupons_are_seven_digits_each_once() -> None:
    drawn = codes(2000, Random(7))
    assert len(set(drawn)) == 2000
    assert all(len(code) == 7 and code.isdigit() for code in drawn)
    assert any(code.startswith("0") for code in drawn)
    assert codes(5, Random(1)) != codes(5, Random(2))


class Stuck(Random):
    """Chance that gives the same code three times."""

    def __init__(self) -> None:
        super().__init__(0)
        self.drawn = iter("0000001" * 3 + "7654321")

    def choice(self, seq: object) -> str:  # type: ignore[override]  # only digits are drawn here
        assert seq
        return next(self.drawn)


def test_a_code_drawn_again_is_thrown_away() -> None:
    assert codes(2, Stuck()) == ["0000001", "7654321"]


def test_ten_coupons_to_a_page_with_their_stubs() -> None:
    drawn = codes(24, Random(3))
    found = texts(pdf(handouts.COUPONS, handouts.coupons("Essai", drawn, lang="fr")))
    assert len(found) == 3
    assert [sum(text.count(code) for code in drawn) for text in found] == [20, 20, 8]


def test_new_tokens_replace_the_old_ones_together(engine: Engine) -> None:
    old = [people.add(engine, name, "enumerator", now=NOW, secret=os.urandom) for name in ("A", "B", "C")]
    people.add(engine, "S", "supervisor", now=NOW, secret=os.urandom)
    shut(engine, "enq03", now=NOW)
    new = people.new_tokens(engine, (), secret=os.urandom)
    assert [one.login for one in new] == ["enq01", "enq02"]
    with reading(engine) as connection:
        assert people.by_token(connection, old[0].token), "nothing changes before they are put"
    people.put_tokens(engine, new)
    with reading(engine) as connection:
        assert not any(people.by_token(connection, one.token) for one in old)
        assert [people.by_token(connection, one.token).login for one in new] == ["enq01", "enq02"]  # type: ignore[union-attr]


@pytest.mark.parametrize("logins", [("enq01", "enq09"), ("sup01",)])
def test_only_open_enumerators_have_cards(engine: Engine, logins: tuple[str, ...]) -> None:
    for role in ("enumerator", "supervisor"):
        people.add(engine, "N", role, now=NOW, secret=os.urandom)
    with pytest.raises(NotFound):
        people.new_tokens(engine, logins, secret=os.urandom)


def test_if_one_of_them_has_gone_no_token_changes(engine: Engine) -> None:
    first = people.add(engine, "A", "enumerator", now=NOW, secret=os.urandom)
    people.add(engine, "B", "enumerator", now=NOW, secret=os.urandom)
    new = people.new_tokens(engine, (), secret=os.urandom)
    shut(engine, "enq02", now=NOW)
    with pytest.raises(NotFound):
        people.put_tokens(engine, new)
    with reading(engine) as connection:
        assert people.by_token(connection, first.token)


def test_cards_and_coupons_by_command(tmp_path: Path) -> None:
    home, cards, coupons = (str(tmp_path / name) for name in ("home", "cards.pdf", "coupons.pdf"))
    told("init", "--home", home, "--name", "Essai")
    told("people", "add", "Enq", "--role", "enumerator", "--home", home, "--qr", str(tmp_path / "qr.png"))
    refused = taama("people", "cards", "--home", home, "--out", cards)
    assert refused.returncode == 2
    assert not Path(cards).exists()
    made = told("people", "cards", "--home", home, "--out", cards, "--renew", "--wifi", "Taama")
    assert made["logins"] == ["enq01"]
    assert "Essai" in texts(Path(cards).read_bytes())[0]
    if os.name == "posix":
        assert Path(cards).stat().st_mode & 0o077 == 0
    drawn = told("coupons", "--count", "11", "--out", coupons, "--home", home)["codes"]
    assert (len(set(drawn)), len(texts(Path(coupons).read_bytes()))) == (11, 2)
