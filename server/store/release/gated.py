"""Releases that leave the house: only who agreed to share, only what may leave, under names of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from server.core.dataset.asked import MISSING
from server.core.dataset.fields import Field, expanded
from server.core.dataset.pages import Interview
from server.core.dataset.policy import coarser, leaving
from server.core.dataset.protection import Column, Safe, make_safe
from server.core.dataset.shape import Dataset, Table
from server.core.dataset.sheets import Sheet, sheets
from server.store.release.options import Options, Release

SHARE = "share"


@dataclass(frozen=True)
class Gated:
    """The tables that may leave, and what is to be told of them: in the manifest, and to who signs."""

    sheets: list[Sheet]
    safe: Safe
    kept_back: dict[str, str]

    def told(self) -> dict[str, Any]:
        """What the manifest says: the measures, the limits, the costs."""
        decision = self.safe.decision
        return {
            "passed": decision.passed,
            "measures": asdict(decision.measures),
            "limits": decision.limits,
            "failed": [asdict(one) for one in decision.failed],
            "loosened": decision.loosened,
            "reason": decision.reason,
            "keys": [one.variable.name for one in self.safe.columns if one.part == "key"],
            "cells_blanked": self.safe.blanked,
            "rare_answers_merged": self.safe.merged,
            "largest_change_in_points": round(self.safe.moved, 1),
            "questions_kept_back": self.kept_back | self.safe.left_out,
        }


def scope_of(shape: Dataset) -> str:
    """The consent that a release to others needs, if the form asks for it."""
    asked = {question.scope for plan in shape.plans for question in plan.form.scopes}
    return SHARE if SHARE in asked else ""


def gated(shape: Dataset, found: Sequence[Interview], release: Release, options: Options, salt: str) -> Gated:
    """Protects some interviews for a release; `salt` is the campaign's own, for names that lead nowhere."""
    tables = sheets(shape, found, "one", reasons=True)
    first, back = _columns(shape, shape.tables[0], tables[0])
    safe = make_safe(first, release.audience, release.keys, release.limits, release.reason)
    names = {one.instance: pseudonym(salt, release, one.instance) for one in found}
    made = [_sheet(tables[0], safe.columns, options, names)]
    for table, sheet in zip(shape.tables[1:], tables[1:], strict=True):
        inner, more = _columns(shape, table, sheet)
        back |= more
        made.append(_sheet(sheet, inner, options, names))
    return Gated(made, safe, back)


def pseudonym(salt: str, release: Release, instance: str) -> str:
    """A person's row in what one recipient gets: another one for each, and none leads back."""
    who = f"{release.audience}|{release.recipient.strip().casefold()}"
    key = hashlib.blake2b(who.encode(), key=f"release|{salt}".encode()[:64], digest_size=32).digest()
    return hashlib.blake2b(instance.encode(), key=key, digest_size=10).hexdigest()


def _columns(shape: Dataset, table: Table, sheet: Sheet) -> tuple[list[Column], dict[str, str]]:
    """The questions of a table that may leave, already coarser."""
    found, back = leaving(shape, table)
    columns = []
    for one in found:
        number = [field.variable for field in sheet.fields].index(one.variable)
        variable, texts = coarser(one, shape, sheet.columns[number])
        whys = sheet.reasons[number] or []
        kept = ["" if text else why or MISSING for text, why in zip(texts, whys, strict=True)]
        columns.append(Column(variable, one.part, texts, kept))
    return columns, back


def _sheet(sheet: Sheet, columns: Sequence[Column], options: Options, names: dict[str, str]) -> Sheet:
    """The table as it leaves: in the order of its new names, which is nobody's."""
    fields: list[Field] = []
    texts: list[list[str]] = []
    whys: list[list[str] | None] = []
    for one in columns:
        for field, cells in expanded(one.variable, one.texts, options.multiple):
            fields.append(field)
            texts.append(cells)
            whys.append(one.whys if options.tells_why else None)
    for link in [field.name for field in sheet.fields if field.name in ("PARENT_KEY", "KEY")]:
        fields.append(Field(link, "text"))
        texts.append([_renamed(key, names) for key in sheet.column(link)])
        whys.append(None)
    keys = texts[-1]
    order = sorted(range(len(keys)), key=lambda row: _natural(keys[row]))
    return Sheet(
        sheet.name,
        tuple(fields),
        [[column[row] for row in order] for column in texts],
        [None if why is None else [why[row] for row in order] for why in whys],
    )


def _renamed(key: str, names: dict[str, str]) -> str:
    instance = key
    while instance not in names:
        instance = instance.rpartition("/")[0]
    return names[instance] + key.removeprefix(instance)


def _natural(key: str) -> list[tuple[str, int]]:
    """`x/person[10]` after `x/person[9]`."""
    parts = [part.partition("[") for part in key.split("/")]
    return [(name, int(turn.rstrip("]") or 0)) for name, _, turn in parts]
