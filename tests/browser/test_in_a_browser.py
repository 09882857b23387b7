"""The pages in a real browser: for everybody's eyes, ears and keyboards, on small screens, and quiet to the
outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from support.world import AT, Person, Server, serving

from server.store import people
from server.store.checking import check_all
from server.store.forms import Forms

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here"),
]
HOSTILE = '"onmouseover="alert(1)" <script>alert(2)</script>'
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
SUPERVISOR = ("/", "/queue", "/queue?standing=all", "/enumerators", "/enumerators?form=small", "/map")
MORE = (
    "/duplicates",
    "/chains",
    "/backchecks",
    "/contacts",
    "/quarantine",
    "/checks",
    "/people",
    "/withdrawal",
)
PAGES = {"supervisor": (*SUPERVISOR, *MORE, "/releases", "/keys"), "admin": ("/", "/people", "/access")}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, Any], str]]:
    """A server with interviews, one of them hostile; a secret of each role; and that interview."""
    with serving(tmp_path_factory.mktemp("browser")) as server:
        person = Person({"job": HOSTILE})
        for one in (person, Person({}), Person({"consent": "no", "reason": "no_time"})):
            server.post(one.xml.replace(b"T07:30:00.000Z</start>", b"T02:30:00.000Z</start>"))
        check_all(server.campaign, Forms(server.campaign))
        people.add(server.campaign.engine, HOSTILE, "enumerator", now=AT, secret=os.urandom)
        made = {
            role: people.add(server.campaign.engine, f"Essai {role}", role, now=AT, secret=os.urandom)
            for role in PAGES
        }
        yield server, made, person.instance


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(chromium: Any, world: Any, role: str, lang: str, **options: Any) -> tuple[Any, list[str]]:
    """A page signed in, and what went wrong in it: dialogs, faults, requests to elsewhere."""
    server, made, _ = world
    page = chromium.new_context(locale=lang, **options).new_page()
    wrong: list[str] = []
    page.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: wrong.append(f"fault {error}"))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(server.base) else wrong.append(asked.url))
    page.goto(server.base)
    page.fill("#login", made[role].login)
    page.fill("#passphrase", made[role].secret)
    page.click("main button")
    return page, wrong


def paths(world: Any, role: str) -> list[str]:
    here = f"/interviews/{world[2]}"
    return [*PAGES[role], *((here, f"{here}?edit=/q/job") if role == "supervisor" else ())]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("role", list(PAGES))
def test_axe_finds_nothing_and_nothing_leaves_the_machine(
    chromium: Any, world: Any, role: str, lang: str
) -> None:
    page, wrong = opened(chromium, world, role, lang)
    for path in paths(world, role):
        assert page.goto(world[0].base + path).status == 200, path
        found = axe.Axe().run(page, options=RULES).response["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    assert wrong == []
    page.context.close()


def test_no_page_is_wider_than_a_small_phone(chromium: Any, world: Any) -> None:
    for role in PAGES:
        page, _ = opened(chromium, world, role, "fr", viewport={"width": 320, "height": 640})
        for path in paths(world, role):
            page.goto(world[0].base + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.context.close()


def test_what_was_planted_does_not_run_under_the_mouse(chromium: Any, world: Any) -> None:
    page, wrong = opened(chromium, world, "supervisor", "fr")
    page.goto(f"{world[0].base}/interviews/{world[2]}")
    for element in page.query_selector_all("main dd, main li"):
        element.hover(force=True, timeout=2_000) if element.is_visible() else None
    assert wrong == []
    page.context.close()


def test_the_keys_lead_and_never_act_while_somebody_writes(chromium: Any, world: Any) -> None:
    page, wrong = opened(chromium, world, "supervisor", "fr")
    page.goto(f"{world[0].base}/queue")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("tr.at input:checked").count() == 1
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.value") == "approved"
    page.fill("#why", "")
    page.type("#why", "jxar?")
    assert page.input_value("#why") == "jxar?"
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 0
    assert wrong == []
    page.context.close()


def test_everything_can_be_decided_without_script(chromium: Any, world: Any) -> None:
    page, _ = opened(chromium, world, "supervisor", "fr", java_script_enabled=False)
    page.goto(f"{world[0].base}/queue")
    page.locator("tbody input[type=checkbox]").first.check()
    page.click("button[value=approved]")
    page.locator("text=Annuler cette décision").click()
    assert page.locator("text=1 décisions annulées").count() == 1
    page.context.close()
