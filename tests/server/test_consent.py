"""Consent: only a clear yes is a yes, and a minor needs more than that."""

from __future__ import annotations

import itertools

import pytest
from support.world import MEDIA, small_form

from forms.reader import read_form
from server.core.consent import decide_consent

FORM = read_form(small_form(), MEDIA)
ADULT = {"/consent": ["yes"], "/q/age": ["34"]}


def verdict(**answers: str) -> str:
    values = ADULT | {f"/q/{name}": [text] for name, text in answers.items()}
    return decide_consent(FORM, values).verdict


def test_a_clear_yes_is_consent() -> None:
    assert verdict() == "given"


@pytest.mark.parametrize(
    "said", [[], [""], ["no"], ["YES"], ["oui"], ["yes no"], ["yes", "no"], ["no", "yes"], ["1"], ["true"]]
)
def test_anything_but_a_clear_yes_is_a_refusal(said: list[str]) -> None:
    assert decide_consent(FORM, ADULT | {"/consent": said}).verdict == "refused"


def expected(assent: str, guardian: str, reason: str) -> str:
    if assent != "yes" or guardian == "no":
        return "refused"
    if guardian == "yes":
        return "given"
    return "minor_waits" if reason else "refused"


CASES = list(itertools.product(["yes", "no", ""], ["yes", "no", "absent", ""], ["danger", ""]))


@pytest.mark.parametrize(("assent", "guardian", "reason"), CASES)
def test_a_minor_needs_assent_and_a_guardian_or_a_reason(assent: str, guardian: str, reason: str) -> None:
    said = verdict(age="16", assent=assent, guardian=guardian, no_guardian=reason)
    assert said == expected(assent, guardian, reason)


def test_the_truth_table_of_minors_has_its_24_cases() -> None:
    assert len(CASES) == 24


@pytest.mark.parametrize(
    ("age", "said"), [("18", "given"), ("17", "refused"), ("-98", "given"), ("dix", "refused")]
)
def test_age_decides_who_is_a_minor(age: str, said: str) -> None:
    assert verdict(age=age) == said


def test_someone_of_unknown_age_who_was_asked_for_assent_is_treated_as_a_minor() -> None:
    assert verdict(age="-98", assent="no") == "refused"


@pytest.mark.parametrize(("answer", "granted"), [("yes", True), ("no", False), ("", False), ("maybe", False)])
def test_a_scope_is_granted_by_a_clear_yes_only(answer: str, granted: bool) -> None:
    values = ADULT | {"/q/recontact": [answer]}
    assert ("recontact" in decide_consent(FORM, values).scopes) is granted
