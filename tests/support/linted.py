"""A small form without a fault, and what the lint says once a test has put one in."""

from __future__ import annotations

from pathlib import Path

from support.xlsform import LISTS, write

from forms.findings import Finding
from forms.lint import check

HEADER = (
    "| | type | name | label::Français (fr) | required | required_message::Français (fr) | relevant "
    "| calculation | bind::dp:class | bind::dp:role | bind::dp:yes | bind::dp:scope |"
)
SOUND = f"""
{HEADER}
| | start | start | | | | | | operational | | | |
| | select_one yn | consent | Acceptez-vous ? | yes | Il le faut | | | consent | consent | yes | |
| | select_one yn | why | Trop long ? | | | ${{consent}} = 'no' | | operational | refusal_reason | | |
| | begin_group | q | Questions | | | ${{consent}} = 'yes' | | | | | |
| | select_one yn | again | Recontacter ? | | | | | consent | | | recontact |
| | calculate | code | | | | | once('12345678903') | consent | withdrawal_code | | |
| | integer | age | Âge ? | | | | | quasi | age | | |
| | text | nom | Nom ? | | | | | direct | name | | |
"""
END = "| | end_group | | |\n"


def codes(found: list[Finding]) -> set[str]:
    """Which rules spoke."""
    return {finding.code for finding in found}


def told(path: Path) -> list[Finding]:
    """What the lint finds in a file, but for the open number that SOUND has."""
    return [finding for finding in check(path) if finding.code != "number_open"]


def said(folder: Path, survey: str, choices: str = LISTS, **settings: str) -> list[Finding]:
    """The same of a form of the given tables."""
    return told(write(folder, survey, choices, **settings))


def only(found: list[Finding], code: str) -> Finding:
    """The first finding, after making sure that no other rule spoke."""
    kept = [finding for finding in found if finding.code != "number_open"]
    assert codes(kept) == {code}
    return kept[0]
