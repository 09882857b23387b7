"""Releases that leave the house: who is in them, what they hold, and who answers for them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from forms.reader import read_form
from server.core.dataset.pages import Interview
from server.core.dataset.shape import Dataset, dataset
from server.core.dataset.sheets import Sheet
from server.core.disclosure.keys import encode
from server.core.disclosure.risk import frequencies
from server.core.plan import Plan
from server.core.problem import Refused
from server.store.release.gated import Gated, gated, pseudonym
from server.store.release.options import Options, Release

FORM = """
| survey |
| | type | name | label::Français (fr) | bind::dp:class | bind::dp:role | bind::dp:scope | bind::dp:recode |
| | start | start | | operational | | | |
| | select_one_from_file enumerators.csv | enumerator | Code ? | operational | enumerator | | |
| | select_one yn | consent | D'accord ? | consent | consent | | |
| | select_one yn | share | Partager ? | consent | | share | |
| | select_one sex | sex | Sexe ? | quasi | sex | | keep |
| | integer | age | Âge ? | quasi | age | | band 0-29,30+ |
| | select_one town | town | Ville ? | quasi | | | |
| | integer | born | Naissance ? | quasi | | | drop |
| | select_one yn | violence | Violence ? | sensitive | | | |
| | select_one yn | liked | Content ? | public | | | |
| | date | day | Jour ? | public | | | |
| | text | story | Racontez | free_text | | | |
| | text | job | Métier ? | quasi | | | |
| | begin_repeat | trip | Voyage | | | | |
| | select_one town | via | Par ? | quasi | | | |
| | integer | cost | Prix ? | public | | | |
| | end_repeat | | | | | | |
| choices |
| | list_name | name | label::Français (fr) |
| | yn | yes | Oui |
| | yn | no | Non |
| | sex | f | Femme |
| | sex | m | Homme |
| | town | kayes | Kayes |
| | town | kita | Kita |
| | town | yanfolila | Yanfolila |
| settings |
| | form_id | form_title | version | namespaces | attribute::dp:consent_text | default_language |
| | gate | Contrôle | 1 | dp="https://taama.org/data-protection/1" | fr-1 | Français (fr) |
"""


@cache
def shape() -> Dataset:
    from pyxform.xls2xform import convert

    xform = convert(xlsform=FORM, file_type=".md").xform.encode()
    return dataset([Plan.of(read_form(xform, {"enumerators.csv": b"name,label\nE001,E001\n"}))])


def people(count: int = 320, **same: Any) -> list[Interview]:
    """Made-up people; one comes from a town of her own."""
    found = []
    for number in range(count):
        said = {
            "start": "2026-11-23T07:30:00.000Z",
            "enumerator": "E001",
            "sex": "f" if number % 2 else "m",
            "age": str(20 + number % 20),
            "town": "yanfolila" if number == 0 else ("kayes", "kita")[number // 2 % 2],
            "violence": "yes" if number % 3 == 0 else "no",
            "liked": "yes" if number % 5 else "no",
            "day": "2026-01-02",
            "job": "maçon",
            "trip": [{"via": "kayes", "cost": str(number)}, {"cost": "5"}],
        } | same
        found.append(Interview(f"uuid:{number}", "1", {}, said))
    return found


def release(audience: Any = "partner", found: list[Interview] | None = None, **asked: Any) -> Gated:
    wanted = Release("gate", audience, recipient=asked.pop("recipient", "ONG"), **asked)
    return gated(shape(), people() if found is None else found, wanted, Options(multiple="one"), "salt")


def names(sheet: Sheet) -> list[str]:
    return [field.name for field in sheet.fields]


def test_who_interviewed_when_where_and_what_was_told_in_words_never_leave() -> None:
    made = release()
    assert names(made.sheets[0]) == ["sex", "age", "town", "violence", "liked", "KEY"]
    kept_back = made.told()["questions_kept_back"]
    assert kept_back | {"start": "time", "day": "time", "enumerator": "about_the_interview"} == kept_back
    assert kept_back["job"] == "identity_or_text"
    assert kept_back["born"] == "dropped_by_the_form"
    assert "story" not in kept_back  # the vault's: it has no column to keep back


def test_answers_are_coarser_and_rare_ones_are_merged() -> None:
    made = release()
    assert set(made.sheets[0].column("age")) == {"0-29", "30+"}
    assert made.safe.merged == {"town": ["yanfolila"]}
    assert "yanfolila" not in made.sheets[0].column("town")


def test_everybody_left_in_shares_the_keys_with_enough_others() -> None:
    for audience, k in (("partner", 5), ("public", 11)):
        made = release(audience)
        keys = [one for one in made.told()["keys"] if one in names(made.sheets[0])]
        codes = encode([made.sheets[0].column(name) for name in keys])
        assert int(frequencies(codes).sample.min()) >= k
        assert made.safe.decision.passed


def test_a_sensitive_answer_that_a_whole_group_shares_is_blanked() -> None:
    found = people()
    for one in found[:130]:
        one.answers["town"] = "kayes"  # type: ignore[index]
    for number, one in enumerate(found):
        one.answers["violence"] = "yes" if one.answers["town"] == "kita" and number % 7 else "no"  # type: ignore[index]
    made = release(found=found)
    columns = {one.variable.name: one for one in made.safe.columns}
    if "violence" in columns:
        keys = list(zip(*(columns[name].texts for name in made.told()["keys"]), strict=True))
        for group in set(keys):
            answers = {
                text for key, text in zip(keys, columns["violence"].texts, strict=True) if key == group
            }
            assert answers == {""} or len(answers) >= 2
    assert made.safe.decision.measures.l is None or made.safe.decision.measures.l >= 2


def test_of_a_repeat_only_what_is_public_leaves() -> None:
    made = release()
    assert names(made.sheets[1]) == ["cost", "PARENT_KEY", "KEY"]
    assert set(made.sheets[1].column("PARENT_KEY")) == set(made.sheets[0].column("KEY"))
    assert all(key.endswith(("/trip[1]", "/trip[2]")) for key in made.sheets[1].column("KEY"))


def test_two_recipients_cannot_put_their_rows_together() -> None:
    one, other, again = (release(recipient=name).sheets[0].column("KEY") for name in ("A", "B", " a "))
    assert not set(one) & set(other)
    assert one == again
    assert one == sorted(one)  # in an order that is nobody's
    assert pseudonym("salt", Release("gate", "public"), "uuid:1") not in one


def test_too_few_people_are_told_in_a_sentence() -> None:
    for count in (0, 1, 4):
        with pytest.raises(Refused) as refused:
            release(found=people(count))
        assert refused.value.facts["rows"] == str(count)


def test_keys_that_the_signer_wants_are_kept_and_the_gate_judges() -> None:
    made = release("public", keys=("age", "sex"))
    assert made.told()["keys"] == ["sex", "age"]
    assert not made.safe.decision.passed
    assert [one.condition for one in made.safe.decision.failed] == ["file_risk"]
    with pytest.raises(Refused, match="no_such_release_key"):
        release(keys=("nom",))


def test_a_looser_limit_needs_a_reason_and_stands_in_the_manifest() -> None:
    with pytest.raises(Refused, match="loosened_without_reason"):
        release("public", limits={"file_risk": 0.1}, keys=("age", "sex"))
    made = release("public", limits={"file_risk": 0.1}, keys=("age", "sex"), reason="accord du bailleur")
    assert made.safe.decision.passed
    assert made.told()["loosened"] == {"file_risk": 0.1}


def test_the_same_answers_for_everybody_leave_nothing_to_protect() -> None:
    made = release(found=people(sex="f", age="30", town="kita", violence="no"))
    assert names(made.sheets[0]) == ["liked", "KEY"]
    assert made.safe.decision.measures.k == 320
