"""The page of pairs on a running server: unlock, see which fields agree, decide."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from lxml import html
from support.world import AT, Server, matching_passphrase, person, serving

from server.store import people
from server.store.decisions import standings
from sync.db import reading

FIRST = {"nom": "Boubacar Tounkara", "phone": "76 45 12 89"}
AGAIN = {"nom": "Boubakar Tunkara", "phone": "+223 76451289"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    made = people.add(server.campaign.engine, "Awa", "supervisor", now=AT, secret=os.urandom)
    with httpx.Client(base_url=server.base, headers={"accept-language": "en"}) as client:
        signed = client.post("/sign-in", data={"login": made.login, "passphrase": made.secret})
        assert signed.status_code == 303
        yield client


def csrf(browser: httpx.Client) -> str:
    found = re.search(r'csrf" value="(\w+)"', browser.get("/duplicates").text)
    assert found
    return found[1]


def unlock(browser: httpx.Client, passphrase: str) -> httpx.Response:
    return browser.post("/duplicates/unlock", data={"csrf": csrf(browser), "passphrase": passphrase})


def until(browser: httpx.Client, words: str) -> str:
    for _ in range(60):
        page = browser.get("/duplicates").text
        if words in page:
            return page
        time.sleep(0.1)
    raise AssertionError(words)


def test_a_supervisor_unlocks_sees_and_decides(server: Server, browser: httpx.Client) -> None:
    for answers in (FIRST, AGAIN):
        assert server.post(person(**answers)).status_code == 201
    assert "Comparisons are locked" in browser.get("/duplicates").text
    assert unlock(browser, "k7mq-x2ab-wrong").status_code == 403
    assert unlock(browser, matching_passphrase()).status_code == 303
    page = until(browser, "duplicate?")
    tree = html.fromstring(page)
    told = {d.findtext("dt"): d.findtext("dd") for d in tree.xpath('//dl[@class="reasons"]/div')}
    assert "telephone" in (told["Alike"] or "")
    assert "Tounkara" not in page
    assert "76 45" not in page
    pair = tree.xpath('//input[@name="pair"]')[0].get("value") or ""
    data = {"csrf": csrf(browser), "pair": pair, "verdict": "different", "why": "two brothers"}
    assert browser.post("/duplicates", data=data).status_code == 303
    assert "No pair waits" in browser.get("/duplicates").text
    with reading(server.campaign.engine) as connection:
        assert standings(connection, "linked")[pair].verdict == "different"
    # Whoever comes from now on is compared by itself.
    assert server.post(person(**AGAIN, wave="c1")).status_code == 201
    until(browser, "follow-up?")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"csrf": "x"}, 403),
        ({"pair": "uuid:a|uuid:b"}, 404),
        ({"verdict": "perhaps"}, 400),
        ({"pair": ""}, 404),
        ({"verdict": "<script>"}, 400),
    ],
)
def test_a_form_with_something_wrong_changes_nothing(
    server: Server, browser: httpx.Client, change: dict[str, str], status: int
) -> None:
    for answers in (FIRST, AGAIN):
        server.post(person(**answers))
    unlock(browser, matching_passphrase())
    page = html.fromstring(until(browser, "duplicate?"))
    pair = page.xpath('//input[@name="pair"]')[0].get("value") or ""
    data = {"csrf": csrf(browser), "pair": pair, "verdict": "same"} | change
    answer = browser.post("/duplicates", data=data)
    assert answer.status_code == status
    assert "<script>" not in answer.text
    assert server.rows("decision") == []


def test_passphrases_cannot_be_tried_out(server: Server, browser: httpx.Client) -> None:
    statuses = [unlock(browser, f"wrong-{n}").status_code for n in range(12)]
    assert 429 in statuses
    assert set(statuses) <= {403, 429}


def test_coupons_tell_who_brought_whom_without_a_name(server: Server, browser: httpx.Client) -> None:
    assert "Coupons are compared once" in browser.get("/chains").text
    seed = person(coupon1="8642 975", coupon2="7654321", known="12")
    recruit = person(referral="8642975", coupon1="1112223", known="8")
    twice, strange = person(referral="7654321", known="5"), person(referral="9999999", known="5")
    again = person(referral="765-4321", known="5")
    for who in (seed, recruit, twice, again, strange):
        assert server.post(who).status_code == 201
    unlock(browser, matching_passphrase())
    for _ in range(60):
        page = browser.get("/chains").text
        if page.count("<tr") or "came back twice" in page:
            break
        time.sleep(0.1)
    assert "A coupon that came back twice" in page
    assert "A coupon that nobody gave out" in page
    listed = html.fromstring(page).xpath("//pre")[0].text
    lines = listed.strip("\n").split("\n")
    assert len(lines) == 5
    assert sum(line.startswith("  - ") for line in lines) == 3
    assert "<svg" in page
    for mark in ("8642975", "7654321", "8642 975"):
        assert mark not in page
        assert mark.encode() not in server.bytes_on_disk()
