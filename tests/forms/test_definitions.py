"""The two questionnaires that ship: they build, keep the rules of consent, and are what the contract says."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import subprocess
import sys

import pytest

from forms import catalog
from forms.compile import build, validate
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
MEMBERS = {"returnee": 193, "sensitisation": 106}
ANSWERS = {"returnee": (219, 3), "sensitisation": (132, 2)}
# What reports, linkage and the review rely on by name; the rest may be renamed with the questionnaire.
SAME = (
    "wave region cercle commune contact_source contact_result interview_mode consent refusal_reason "
    "consent_recontact consent_audio consent_quote consent_share withdrawal_code age sex birth_year marital "
    "education emp_now emp_sector cmp_channels_known cmp_satisf network_size network_seen referral_code "
    "coupon_1 coupon_2 coupon_3 first_names last_name nickname father_first_name phone village last_word"
)
OWN = {
    "returnee": "origin_region return_country return_year return_way return_voluntary depart_reason_main "
    "destination arrival_satisf med_received med_satisf pss_received ori_satisf trn_received trn_completed "
    "trn_satisf prj_received prj_satisf prj_type cash_received cash_satisf assist_any emp_before emp_return "
    "meet_needs_before meet_needs_now mig_debt belonging feel_now plan_12m satisf",
    "sensitisation": "mig_status src_used src_trusted activities_n act_kind act_satisf act_themes theme_code "
    "thm_learned risk_irregular_before risk_irregular_now intent_irregular_before intent_irregular_now "
    "alternatives_now jobs_view_now measures measures_which",
}
CLASSES = {
    "returnee": {"direct": 24, "quasi": 37, "sensitive": 61, "public": 57},
    "sensitisation": {"direct": 24, "quasi": 16, "sensitive": 15, "public": 37},
}
PROGRAM = "import hashlib, sys; from forms.compile import build; b = build(sys.argv[1]); "
DIGEST = PROGRAM + "print(hashlib.sha256(b.xform).hexdigest())"


@pytest.fixture(params=NAMES, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def form(name: str) -> Form:
    built = build(name)
    return read_form(built.xform, built.media)


def test_two_questionnaires_ship() -> None:
    assert catalog.questionnaires() == list(NAMES)


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


def test_the_names_that_others_rely_on_are_there_once(name: str, form: Form) -> None:
    names = [question.name for question in form.questions]
    assert [wanted for wanted in (SAME + " " + OWN[name]).split() if names.count(wanted) != 1] == []


def test_as_many_questions_are_secret_as_the_instrument_says(name: str, form: Form) -> None:
    found = {label: sum(label in q.classes for q in form.questions) for label in CLASSES[name]}
    assert found == CLASSES[name]


def test_everything_asked_of_the_person_waits_for_consent(form: Form) -> None:
    before = {q.name for q in form.questions if q.asked and not q.path.startswith(("/consented/", "/meta/"))}
    assert before == {
        *("wave", "enumerator", "interview_mode", "region", "cercle", "commune", "contact_source"),
        *(
            "contact_result",
            "interview_language",
            "interpreter",
            "private_place",
            "consent",
            "refusal_reason",
        ),
    }
    assert "/consent" in form.group_by_path["/consented"].relevant


def test_what_must_be_answered_says_so_in_each_language(form: Form) -> None:
    required = [q for q in form.questions if q.required and q.asked]
    assert required
    assert all(set(q.required_messages) == set(form.languages) for q in required)


def test_a_language_that_was_only_begun_never_reaches_a_phone(name: str) -> None:
    folder = catalog.definition(name)
    assert "Bamanankan (bm)" in (folder / "survey.csv").read_text(encoding="utf-8")
    assert "Bamanankan" not in build(name).xform.decode()


@pytest.mark.slow
def test_the_bytes_are_the_same_in_every_run_of_the_program(name: str) -> None:
    """A phone takes other bytes under one version for another form, so nothing may depend on the run."""
    environment = os.environ | {"PYTHONHASHSEED": "4242"}
    done = subprocess.run(
        [sys.executable, "-c", DIGEST, name], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == hashlib.sha256(build(name).xform).hexdigest()


@pytest.mark.slow
@pytest.mark.engine
def test_odk_validate_finds_nothing_wrong(name: str) -> None:
    if shutil.which("java") is None and not os.environ.get("CI"):
        pytest.skip("needs Java")
    assert validate(build(name).xform) == []


@pytest.mark.engine
def test_the_form_of_visits_asks_about_nobody_and_validates() -> None:
    built = build("visit")
    form = read_form(built.xform, built.media)
    assert form.consent is None
    asked = [question for question in form.questions if question.asked]
    assert {name for question in asked for name in question.classes} == {"operational"}
    assert [question.name for question in form.with_role("contact")] == ["contact"]
    assert check("visit") == []
    if shutil.which("java") is None and not os.environ.get("CI"):
        pytest.skip("ODK Validate needs Java")
    assert validate(built.xform) == []


@pytest.mark.engine
def test_odk_validate_finds_what_is_wrong() -> None:
    if shutil.which("java") is None and not os.environ.get("CI"):
        pytest.skip("needs Java")
    told = validate(build("returnee").xform.replace(b'relevant="', b'relevant="((', 1))
    assert "brackets" in " ".join(told)
    assert not [line for line in told if line.startswith("at ") or "Exception" in line or "form.xml" in line]
