"""The report's page in a real browser: nothing for axe to find, nothing wider than a small phone, no
request."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from support.monitoring import before_and_after, drawn, frame, said, trained

from server.core.report.text import chapters
from server.store.report.document import Report, part
from server.store.report.page import page
from server.store.report.pictures import pictures

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here"),
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


def test_the_report_is_for_everybody_and_asks_for_nothing(tmp_path: Path) -> None:
    people = trained() + said("return_only_option", yes=30, no=9)
    made = [drawn(2, people), drawn(4, people), drawn(5, people)], [drawn(18, before_and_after())]
    frames = frame("returnee", people), frame("sensitisation", before_and_after())
    parts = tuple(
        part(one, chapters(one, some, "fr", "internal"), "fr", "internal")
        for one, some in zip(frames, made, strict=True)
    )
    shown = {one.drawing.figure.name: one for one in pictures([*made[0], *made[1]], "fr")}
    report = Report("fr", "Retour", date(2026, 11, 24), ("Document interne.",), parts, shown)
    (tmp_path / "report.html").write_text(page(report), encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 320, "height": 640})
        asked: list[str] = []
        faults: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.on("console", lambda line: faults.append(line.text))
        opened.goto((tmp_path / "report.html").as_uri())
        opened.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert opened.evaluate("document.documentElement.scrollWidth") <= 320
        found = axe.Axe().run(opened, options=RULES).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert faults == []
        browser.close()
