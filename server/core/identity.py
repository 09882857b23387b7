"""What of an interview tells whether two are of the same person, named as lists of contacts name it.

It is taken while the answers are in memory, by the roles that the form gives its questions, so that any form
can be matched; what the person did not allow to be kept is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.core.consent import Consent
from server.core.plan import Plan
from server.core.privacy import Leaf
from server.core.recode import region_of

# By role; where a form asks for first and family name apart, both questions play `name`, in this order.
NAMES = ("first_name", "last_name")
FIELDS = {
    "nickname": "nickname",
    "father_name": "father_name",
    "sex": "sex",
    "age": "age",
    "birth_year": "birth_year",
    "village": "village",
    "return_country": "return_country",
    "return_year": "return_year",
    "wave": "cycle",
    "enumerator": "interviewer",
    "id_number": "id_number",
    "network_size": "network_size",
}
HELD = ("start", "end")
COUPONS = {"referral_code": "referral_code", "coupon_given": "coupon_given"}


def identity_fields(plan: Plan, found: Sequence[Leaf], consent: Consent) -> dict[str, str]:
    """The fields of one interview; several telephone numbers and coupons stand side by side, with a
    semicolon."""
    said: dict[str, list[str]] = {}
    for leaf in found:
        question = leaf.spot.question
        if question is None or not leaf.text or (leaf.spot.needs and leaf.spot.needs not in consent.scopes):
            continue
        for role in question.roles:
            said.setdefault(role, []).append(leaf.text)
    fields = dict(zip(NAMES, said.get("name", ()), strict=False))
    fields |= {field: said[role][0] for role, field in FIELDS.items() if role in said}
    fields |= {role: ";".join(said[role]) for role in ("phone", *COUPONS) if role in said}
    place = next(iter(said.get("stratum", ())), "")
    region = region_of(plan.form, place) if place else ""
    if region and region != place:
        fields["region"] = region
    return fields | _held(found)


def _held(found: Sequence[Leaf]) -> dict[str, str]:
    """When the interview was held, by the phone's clock: nobody is interviewed in two places at once."""
    questions = [(leaf.spot.question, leaf.text) for leaf in found if leaf.text]
    times = sorted(text for question, text in questions if question and question.preload == "timestamp")
    return dict(zip(HELD, (times[0], times[-1]), strict=True)) if len(times) > 1 else {}
