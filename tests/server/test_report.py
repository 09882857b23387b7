"""Figures and the monitoring report: the numbers drawn, what titles say, and what small groups keep to
themselves."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.command import taama, told
from support.monitoring import EDITION, before_and_after, drawn, frame, said, shape, trained

from server.core.expression import compiled
from server.core.indicator_words import base_words, category_words, indicator_words
from server.core.indicators import definitions
from server.core.problem import Malformed
from server.core.report import text
from server.core.report.counted import Counted, by_name, labels_of
from server.core.report.declared import figures
from server.core.report.drawing import drawings, value
from server.core.report.numbers import percent, points, share
from server.store.home import open_campaign
from server.store.report.document import Report, part
from server.store.report.make import Wanted, read, write_report
from server.store.report.page import page
from server.store.report.pictures import picture

NARROW, HARD = "\u202f", "\u00a0"


def test_every_figure_and_chapter_is_declared_in_the_words_of_its_questionnaire() -> None:
    for one in figures():
        known = by_name(shape(one.form))
        for line in one.lines:
            compiled(line.base)
            labels = labels_of(known[line.question], "Français (fr)")
            assert set(one.codes) | set(one.finding) <= labels.keys(), (one.number, line.question)
        assert set(one.left) | {one.middle} - {""} <= set(one.codes)
        assert len(one.codes) + 1 <= 6, "never more than six series"
    known_ids = {f"{line.id}.{line.category}" for line in definitions()}
    numbers = {one.number for one in figures()}
    for chapter in text._declared():
        assert set(chapter["figures"]) <= numbers
        for sentence in chapter["sentences"]:
            assert {sentence["id"], sentence.get("also", sentence["id"])} <= known_ids
    assert sorted(numbers) == [*range(2, 11), 13, 14, *range(16, 22)]


def test_a_bar_counts_its_answers_over_all_who_were_asked() -> None:
    made = drawn(2, said("return_only_option", yes=80, no=14, dk=6) + said("return_only_option", "c1", no=50))
    cells = {cell.code: (cell.count, cell.percent) for cell in made.lines[0].cells}
    assert cells == {"yes": (80, 80.0), "no": (14, 14.0), "rest": (6, 6.0)}
    assert made.title == "Huit répondants sur dix n'avaient pas d'autre solution que revenir au Mali"
    assert made.base == "Parmi 100 répondants (Kayes ; octobre 2020)"


def test_the_title_follows_the_numbers() -> None:
    made = drawn(2, said("return_only_option", yes=37, no=63))
    assert made.title.startswith(f"37{NARROW}% des répondants")


def test_few_answers_are_marked_and_make_no_headline() -> None:
    made = drawn(2, said("return_only_option", yes=20, no=5))
    assert made.title == "Absence d'autre choix que le retour"
    assert made.lines[0].mark == "small"
    assert any(note.startswith("*") for note in made.notes)


def test_fewer_than_ten_are_not_shown_outside_the_team() -> None:
    people = said("return_only_option", yes=7, no=2)
    assert drawn(2, people).lines[0].n == 9
    made = drawn(2, people, "public")
    assert made.lines[0].cells == ()
    assert made.lines[0].n is None
    assert "7" not in made.alt
    counted = Counted(frame("returnee", people), "fr", "public")
    assert 2 not in {one.figure.number for one in drawings(counted, EDITION, figures())}


def test_outside_the_team_no_small_number_stands() -> None:
    made = drawn(2, said("return_only_option", yes=98, no=2), "partner")
    assert [cell.count for cell in made.lines[0].cells] == [100, 0, 0]
    assert "Effectifs arrondis à 5." in made.notes
    odd = drawn(2, said("return_only_option", yes=24, no=7, dk=2), "public").lines[0]
    assert (odd.n, [cell.count for cell in odd.cells]) == (35, [25, 10, 0]), "the parts add up to the base"
    halves = text.counted(frame("returnee", said("return_only_option", yes=3, no=30)), "public")
    assert [halves[f"r_only_option.{one}"].count for one in ("yes", "no")] == [5, 30]
    assert halves["r_only_option.no"].base == 35
    few = text.counted(frame("returnee", said("return_only_option", yes=6, no=3)), "public")
    assert few["r_only_option.yes"].base == 0, "nine would be rounded up to ten"
    counted = text.counted(frame("returnee", said("return_only_option", yes=98, no=3)), "public")
    assert (counted["r_only_option.no"].base, counted["r_only_option.no"].count) == (100, 5)


def test_before_and_after_tell_points_of_difference() -> None:
    made = drawn(18, before_and_after())
    assert f"25{NARROW}% le pensaient avant, 95{NARROW}% aujourd'hui" in made.title
    risky = next(row for row in made.table if row[0] == "Très risqué")
    assert risky[-1] == f"+70{HARD}points"
    assert "Déclaratif" in made.notes[0]


def test_a_group_that_is_everybody_is_not_drawn_twice() -> None:
    people = [one | {"pmo_main": "iom"} for one in said("trn_received", yes=30, no=10)]
    assert [line.label for line in drawn(4, people).lines] == ["Ensemble"]
    both = people + [one | {"pmo_main": "ejom"} for one in said("trn_received", "c1", yes=30, no=10)]
    assert [line.n for line in drawn(4, both).lines] == [80, 40, 40, 40, 40]


def test_sources_are_ranked_and_what_is_no_answer_comes_last() -> None:
    people = [{"src_used": "radio tv", "src_trusted": "tv"}] * 20
    people += [{"src_used": "tv", "src_trusted": "dk"}] * 15 + [{"src_used": "dk", "src_trusted": "dk"}] * 40
    assert [cell.code for cell in drawn(13, people).lines[0].cells] == ["tv", "radio", "dk"]
    assert [cell.code for cell in drawn(14, people).lines[0].cells] == ["tv", "radio", "dk"]


def test_the_first_direct_activity_of_a_person_counts() -> None:
    turns = [
        {"act_direct": "0", "act_satisf": "unsatisfied"},
        {"act_direct": "1", "act_satisf": "satisfied"},
        {"act_direct": "1", "act_satisf": "neutral"},
    ]
    line = drawn(17, [{"activity": turns}] * 30).lines[0]
    assert (line.n, line.count(["satisfied"]), line.count(["neutral"])) == (30, 30, 0)


def test_what_convinced_is_counted_among_those_to_whom_it_was_offered() -> None:
    offered = {"act_direct": "1", "act_incentives": "money food", "act_incentive_decisive": "food"}
    other = {"act_direct": "1", "act_incentives": "food", "act_incentive_decisive": ""}
    made = drawn(16, [{"activity": [offered]}] * 30 + [{"activity": [other]}] * 10)
    mentions, decided = made.lines
    assert (mentions.count(["food"]), mentions.count(["money"])) == (40, 30)
    assert decided.cell("food").percent == 75  # type: ignore[union-attr]  # it is there, or the test fails
    assert decided.cell("money").percent == 0  # type: ignore[union-attr]  # likewise
    eight = [{"activity": [offered]}] * 8 + [{"activity": [other]}] * 30
    assert [cell.code for cell in drawn(16, eight, "public").lines[-1].cells] == ["food"]


def test_the_table_has_the_numbers_of_the_drawing() -> None:
    for made in (drawn(18, before_and_after()), drawn(5, trained())):
        shown = [cell for row in made.table[1:] for cell in row]
        for line in made.lines:
            assert all(value(cell, "fr") in shown for cell in line.cells)


@pytest.mark.parametrize(
    ("number", "fr", "en"),
    [
        (41.2, f"41{NARROW}%", "41%"),
        (64.5, f"65{NARROW}%", "65%"),
        (0.3, f"<{NARROW}1{NARROW}%", f"<{NARROW}1%"),
        (99.7, f">{NARROW}99{NARROW}%", f">{NARROW}99%"),
        (100, f"100{NARROW}%", "100%"),
    ],
)
def test_percentages_are_set_as_the_language_sets_them(number: float, fr: str, en: str) -> None:
    assert (percent(number, "fr"), percent(number, "en")) == (fr, en)
    assert percent(41.25, "fr", 1) == f"41,3{NARROW}%"


def test_shares_are_said_in_words_only_where_they_are_that() -> None:
    assert share(70.6, "répondants", "fr") == "Sept répondants sur dix"
    assert share(33.2, "répondants", "fr") == "Un tiers des répondants"
    assert share(50, "respondents", "en") == "Half of respondents"
    assert share(10, "répondants", "fr") == f"10{NARROW}% des répondants"
    assert share(82, "respondents", "en") == "82% of respondents"
    assert (points(-1.2, "fr"), points(0.2, "en")) == (f"\u22121{HARD}point", f"0{HARD}points")


def test_waves_are_compared_only_where_it_means_something() -> None:
    few, many = said("trn_received", "c1", yes=5, no=20), said("trn_received", "c1", yes=15, no=45)
    last = said("trn_received", "c3", yes=80, no=20)

    def sentences(people: Sequence[dict[str, Any]]) -> str:
        found = text.chapters(frame("returnee", people), [], "fr", "internal")
        return " ".join(sentence for one in found for sentence in one.sentences)

    assert f"+55{HARD}points" in sentences(many + last)
    assert "points" not in sentences(few + last)
    assert "points" not in sentences(said("trn_received", "c1", yes=75, no=25) + last)


def test_a_picture_holds_its_words_and_comes_out_the_same() -> None:
    made = drawn(5, trained())
    first, again = picture(made, "fr"), picture(made, "fr")
    assert first == again
    for word in ("Figure\u00a05", "Plutôt suffisante", "non représentatif", f"50{NARROW}%"):
        assert word in first.whole
    wordless = picture(replace(made, title="", question="", base="", source=""), "fr")
    assert dark(first.whole_png) > dark(wordless.whole_png) + 2000, "the font is missing: no text is drawn"
    assert dark(first.inner_png) > 500


def dark(png: bytes) -> int:
    """How many pixels are nearly black, as text is."""
    picture_of = Image.open(io.BytesIO(png)).convert("L")
    return sum(picture_of.histogram()[:60])


def test_no_drawing_calls_for_another_font_or_anything_outside() -> None:
    made = picture(drawn(18, before_and_after()), "fr")
    assert set(re.findall(r'font-family="([^"]+)"', made.whole)) <= {"Noto Sans", "Noto Sans, sans-serif"}
    assert not re.search(r'href="http|url\(http|@import', made.whole)


def test_the_page_holds_titles_texts_for_the_blind_and_tables_and_escapes_all() -> None:
    people = frame("returnee", trained())
    one = drawn(5, trained())
    chapter = text.Chapter("<script>", "returnee", ("Une phrase & une autre.",), (one,))
    parts = (part(people, [chapter], "fr", "internal"),)
    whole = Report("fr", "Retour <b>", date(2026, 11, 24), ("Interne",), parts, {"fig05": picture(one, "fr")})
    html = page(whole)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "Retour &lt;b&gt;" in html
    assert one.title.replace("'", "&#39;") in html
    assert 'role="img" aria-label="Figure' in html
    assert html.count("<h1>") == 1
    assert page(whole) == html


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_indicator_has_words_for_itself_its_answers_and_its_base(lang: str) -> None:
    for line in definitions():
        assert indicator_words(line, lang) != line.id
        assert category_words(line, lang) != line.category
        assert base_words(line, lang) != line.base


@pytest.mark.slow
def test_the_command_writes_the_whole_report_once(tmp_path: Path) -> None:
    """One campaign for the whole story, because its people take a while to make."""
    from docx import Document
    from pypdf import PdfReader

    home, out = tmp_path / "demo", tmp_path / "report"
    assert taama("demo", "--no-serve", "--home", str(home), "--json").returncode == 0
    refused = taama("report", "--home", str(home), "--out", str(out), "--include", "approved")
    assert refused.returncode == 1
    assert "--include all" in refused.stderr
    assert not out.exists()
    options = ("report", "--home", str(home), "--out", str(out))  # nobody has approved any: provisional
    assert told(*options)["figures"] == [one.number for one in figures()]
    kept = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    for name, sha in kept["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == sha
    with (out / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:5] == ["id", "base_n", "category", "count", "percent"]
    assert {row[0] for row in rows[1:]} == {f"{line.id}.{line.category}" for line in definitions()}
    said = {row[0]: (row[1], row[3]) for row in rows}
    with Path(__file__).with_name("published.csv").open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))
    assert len(published) == 203
    for row in published:
        base, count = said[row["id"]]
        assert row["base"] in ("", base), row["id"]
        assert row["count"] in ("", count), row["id"]
    html = (out / "report.html").read_text(encoding="utf-8")
    assert "provisoires" in html
    document = Document(str(out / "report.docx"))
    headings = [one.text for one in document.paragraphs if one.style.name.startswith("Heading")]
    assert len(document.inline_shapes) == len(figures())
    assert all(shape._inline.docPr.get("descr") for shape in document.inline_shapes)
    words = "".join(sheet.extract_text() for sheet in PdfReader(out / "report.pdf").pages)
    for chapter in ("Départ et retour", "Sources d'information"):
        assert chapter in headings
        assert chapter in words
        assert chapter.replace("'", "&#39;") in html
    assert "exists" in taama(*options).stderr
    campaign = open_campaign(home)
    wanted = Wanted("en", "public", include_all=True, forms=("sensitisation",))
    again = [tmp_path / "one", tmp_path / "two"]
    for folder in again:
        write_report(campaign, wanted, folder, "2026-11-24T08:00:00.000Z")
    with pytest.raises(Malformed):
        read(campaign, Wanted(include_all=True, filters={"region": "elsewhere"}), date(2026, 11, 24))
    campaign.close()
    one, two = ({path.name: path.read_bytes() for path in where.rglob("*.*")} for where in again)
    assert [name for name in one if one[name] != two[name]] == []
