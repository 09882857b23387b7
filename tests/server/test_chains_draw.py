"""The picture of the chains is legible, safe and says the same as the indented list."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.chains.draw import COLOURS, SHAPES, draw, outline
from server.core.chains.forest import Forest, Respondent, build
from server.core.chains.tidy import places

SVG = "{http://www.w3.org/2000/svg}"


def forest(parents: list[int]) -> Forest:
    return build(
        Respondent(f"p{place}", f"p{parent}" if parent >= 0 else "", 5, "yes")
        for place, parent in enumerate(parents)
    )


def labels(chains: Forest) -> list[str]:
    return [str(place + 1) for place in range(len(chains.people))]


# Each one's recruiter stands anywhere before; one in five is a seed.
random_parents = st.lists(st.floats(0, 1), min_size=1, max_size=60).map(
    lambda drawn: [
        int(part / 0.8 * place) if part < 0.8 and place else -1 for place, part in enumerate(drawn)
    ]
)


@settings(max_examples=80)
@given(random_parents, st.integers(1, 30))
def test_nothing_stands_on_anything_and_parents_stand_over_the_middle(
    parents: list[int], widest: int
) -> None:
    chains = forest(parents)
    at, columns, rows = places(chains, widest)
    levels = defaultdict(list)
    for x, y in at:
        assert -1e-9 <= x <= columns - 1 + 1e-9
        assert 0 <= y <= rows - 1
        levels[y].append(x)
    for row in levels.values():
        row.sort()
        assert all(right - left >= 1 - 1e-9 for left, right in pairwise(row))
    for place, children in enumerate(chains.children):
        if children:
            across = [at[child][0] for child in children]
            assert across == sorted(across)
            assert at[place][0] == pytest.approx((across[0] + across[-1]) / 2)
            assert {at[child][1] for child in children} == {at[place][1] + 1}
    assert columns <= max(widest, *(_width(chains, at, root) for root in chains.roots)) + 1e-9


def _width(chains: Forest, at: list[tuple[float, float]], root: int) -> float:
    across = [at[place][0] for place, tree in enumerate(chains.trees) if tree == root]
    return max(across) - min(across) + 1


def test_a_small_subtree_tucks_in_beside_a_deep_one() -> None:
    # A root with a chain of three and, under another recruit, three leaves: five columns in a plain drawing.
    chains = forest([-1, 0, 0, 1, 2, 2, 2, 3])
    assert places(chains, 50)[1] == 4
    row = places(forest([-1] * 7), 3)
    assert row[1:] == (3, 3)


def test_a_chain_of_thousands_is_drawn() -> None:
    chains = forest(list(range(-1, 4000)))
    assert places(chains, 48)[1:] == (1, 4001)
    assert len(outline(chains).splitlines()) == 4001


def test_the_picture_holds_everyone_with_what_they_are() -> None:
    chains = forest([-1, 0, 0, 1, -1])
    picture = ElementTree.fromstring(draw(chains, labels(chains)))
    titles = [title.text for title in picture.iter(f"{SVG}title")]
    assert titles == [
        "Referral chains",
        "1, seed",
        "2, wave 1, recruited by 1",
        "3, wave 1, recruited by 1",
        "4, wave 2, recruited by 2",
        "5, seed",
    ]
    assert "5 respondents in 2 chains, 2 waves" in str(picture.findtext(f"{SVG}desc"))
    named = {picture.find(f"{SVG}{tag}").get("id") for tag in ("title", "desc")}  # type: ignore[union-attr]
    assert picture.get("role") == "img"
    assert set(str(picture.get("aria-labelledby")).split()) == named
    assert len(list(picture.iter(f"{SVG}line"))) == 3


def test_the_picture_needs_no_style_and_no_script_and_labels_are_text() -> None:
    chains = forest([-1, 0])
    drawn = draw(chains, ["<script>alert(1)</script>", "\"A & B'"])
    picture = ElementTree.fromstring(drawn)
    tags = {each.tag.removeprefix(SVG) for each in picture.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "g", "line", "circle", "polygon", "text"}
    for each in picture.iter():
        assert not any(name in ("style", "href", "class") or name.startswith("on") for name in each.attrib)
    assert "<script>alert(1)</script>, seed" in [title.text for title in picture.iter(f"{SVG}title")]


def test_waves_differ_in_shape_and_colour() -> None:
    assert len({(wave % len(COLOURS), wave % len(SHAPES)) for wave in range(35)}) == 35
    drawn = draw(forest([-1, 0, 1, 2]), ["a", "b", "c", "d"])
    fills = re.findall(r'fill="(#(?!fff|222)[0-9a-f]{6})"', drawn)
    assert len(set(fills)) == 4


def test_the_list_says_the_same_in_french_too() -> None:
    chains = forest([-1, 0, 0, 1, -1])
    assert outline(chains) == ("- 1 (seed)\n  - 2 (wave 1)\n    - 4 (wave 2)\n  - 3 (wave 1)\n- 5 (seed)\n")
    assert outline(chains, ["a", "b", "c", "d", "e"], "fr").splitlines()[:2] == [
        "- a (graine)",
        "  - b (vague 1)",
    ]
    assert "recruté par 1" in draw(chains, labels(chains), "fr")
