"""The two questionnaires that ship: they build, keep the rules of consent, and are what the contract says."""

from __future__ import annotations

import csv

import pytest

from forms import catalog
from forms.compile import build
from forms.lint import check
from forms.problems import FormError
from forms.reader import read_form
from forms.schema import Form
from forms.sheets import read_sheets

NAMES = ("returnee", "sensitisation")
COMMUNES, CERCLES = 390, 22
BOTH = (
    "consent withdrawal_code assent guardian guardian_role no_guardian_reason age enumerator wave stratum "
    "contact_source contact_result interview_mode refusal_reason referral_code coupon_given network_size "
    "network_seen name nickname father_name phone birth_year village sex audio"
)
SCOPES = {"recontact", "audio", "quote", "share"}
MEMBERS = {"returnee": 192, "sensitisation": 105}
ANSWERS = {"returnee": (218, 3), "sensitisation": (131, 2)}


@pytest.fixture(params=NAMES, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def form(name: str) -> Form:
    built = build(name)
    return read_form(built.xform, built.media)


def test_two_questionnaires_ship() -> None:
    assert catalog.names() == list(NAMES)


def test_a_questionnaire_that_does_not_ship_is_refused_with_those_that_do() -> None:
    with pytest.raises(FormError, match="returnee"):
        catalog.definition("returne")


def test_a_shipped_form_is_built_without_a_warning_and_only_once(name: str) -> None:
    built = build(name)
    assert built.warnings == ()
    assert build(name) is built


def test_there_is_nothing_to_mend(name: str) -> None:
    assert check(name) == []


def test_the_form_says_what_it_is(name: str, form: Form) -> None:
    assert form.id == name
    assert form.version.isdigit()
    assert form.consent_text == "fr-1"
    assert form.languages == ("Français (fr)", "English (en)")
    assert form.editable
    assert form.media == ("enumerators.csv",)


def test_every_question_has_as_many_members_as_the_instrument(name: str, form: Form) -> None:
    own = [q for q in form.questions if q.path not in ("/meta/instanceID", "/meta/instanceName")]
    notes = [q for q in own if q.kind == "note"]
    assert (len(own), sum("free_text" in q.classes for q in own)) == ANSWERS[name]
    assert len(notes) == 10
    assert (
        len([q for q in own if q.asked and q.kind != "note" and not q.path.startswith("/meta/")])
        == MEMBERS[name]
    )


def test_every_role_that_the_server_relies_on_is_played(form: Form) -> None:
    roles = set().union(*(q.roles for q in form.questions))
    assert set(BOTH.split()) <= roles
    assert len(form.with_role("coupon_given")) == 3
    assert form.consent is not None
    assert (form.consent.path, form.consent.yes) == ("/b_consent/consent", "yes")


def test_four_scopes_are_asked_for(form: Form) -> None:
    assert {q.scope for q in form.questions if q.scope and "consent" in q.classes} == SCOPES


def test_everything_that_names_a_person_is_direct(form: Form) -> None:
    roles = ("name", "nickname", "father_name", "phone", "village", "referral_code", "coupon_given", "audio")
    for role in roles:
        assert all(q.classes == {"direct"} for q in form.with_role(role))


def test_the_places_are_those_of_the_law(form: Form) -> None:
    commune, cercle = form.by_path["/a_intro/commune"], form.by_path["/a_intro/cercle"]
    assert commune.choices is not None
    assert cercle.choices is not None
    assert (len(commune.choices), len(cercle.choices)) == (COMMUNES, CERCLES)
    names = {choice.name for choice in cercle.choices}
    assert all(choice.extra["cercle"] in names for choice in commune.choices)
    assert len({choice.name for choice in commune.choices}) == COMMUNES


def test_the_place_of_survey_is_never_elsewhere(form: Form) -> None:
    assert "name != 'elsewhere'" in form.by_path["/a_intro/region"].choice_filter


def test_the_two_loops_of_the_activities_turn_by_counts_outside_them() -> None:
    built = build("sensitisation")
    form = read_form(built.xform, built.media)
    outer = "/consented/interview/activity"
    assert form.repeats == (outer, f"{outer}/theme_item")
    inner = form.group_by_path[f"{outer}/theme_item"].count
    assert inner.endswith(("themes_loop", "theme_item_count"))


def test_shared_parts_are_written_once() -> None:
    for part in catalog.SHARED.glob("*.csv"):
        with part.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        assert len(header) == len(set(header))
    returnee, sensitisation = (read_sheets(catalog.definition(n), catalog.SHARED) for n in NAMES)
    parts = [
        {row.sheet for row in sheets.survey if row.sheet.startswith("shared/")}
        for sheets in (returnee, sensitisation)
    ]
    assert parts[0] == parts[1]
    assert len(parts[0]) >= 8
