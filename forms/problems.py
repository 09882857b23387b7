"""What can be wrong with a form, told to the person who keeps the questionnaire."""

from __future__ import annotations

from collections.abc import Sequence


class FormError(ValueError):
    """A form that cannot be used; `findings` holds one sentence per fault, each saying what to do."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__(" ".join(findings))
        self.findings = tuple(findings)


class NoJava(FormError):
    """ODK Validate cannot run on this machine."""
