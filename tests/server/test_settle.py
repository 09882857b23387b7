"""What a parcel is beside those before it."""

from __future__ import annotations

import pytest

from server.core.settle import Before, settle

NEW, SAME, RESENT, CONFLICT = "keep", "same", "resent", "conflict"


@pytest.mark.parametrize(
    ("kind", "befores", "action"),
    [
        ("interview", [], NEW),
        ("refusal", [], NEW),
        ("held minor", [], NEW),
        ("interview", [Before("interview", 1, True)], SAME),
        ("interview", [Before("interview", 1, False)], CONFLICT),
        ("interview", [Before("interview", 1, False), Before("held conflict", 2, True)], SAME),
        ("interview", [Before("interview", 1, None, similar=True)], RESENT),
        ("interview", [Before("interview", 1, None, similar=False)], CONFLICT),
        ("interview", [Before("interview", 1, None), Before("interview", 2, True)], SAME),
        ("interview", [Before("interview", 1, None), Before("held conflict", 2, None, similar=True)], RESENT),
        ("interview", [Before("held unknown_form", 1, True)], NEW),
        ("interview", [Before("held unknown_version", 1, None)], NEW),
        ("interview", [Before("held minor", 1, False)], CONFLICT),
        ("refusal", [Before("refusal", 1, None)], SAME),
        ("held unknown_form", [Before("held unknown_form", 1, True)], SAME),
        ("held unknown_form", [Before("held unknown_form", 1, None, similar=True)], RESENT),
        ("held unknown_form", [Before("held unknown_form", 1, False)], CONFLICT),
    ],
)
def test_a_parcel_is_new_the_same_again_or_a_contradiction(
    kind: str, befores: list[Before], action: str
) -> None:
    assert settle(kind, befores)[0] == action
