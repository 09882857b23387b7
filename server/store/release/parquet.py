"""Writes tables as Parquet: typed columns, labels in the file's metadata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from server.core.dataset.coding import RESERVED, labelled
from server.core.dataset.fields import Field
from server.core.dataset.sheets import Sheet
from server.core.dataset.typed import values

TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "whole": pl.Int64(),
    "number": pl.Float64(),
    "tick": pl.Int8(),
    "day": pl.Date(),
    "moment": pl.Datetime("ms"),
}
# Kinds of which a reserved code can stand for an empty cell.
CODED = ("code", "whole", "number", "tick")


def write_parquet(folder: Path, sheets: Sequence[Sheet], language: str, *, labels: bool = False) -> None:
    """One file a table; `labels` in place of codes."""
    for sheet in sheets:
        frame = pl.DataFrame(
            [_series(sheet, number, language if labels else None) for number in range(len(sheet.fields))]
        )
        told = {field.name: _told(field, language) for field in sheet.fields if field.variable}
        metadata = {"taama": json.dumps(told, ensure_ascii=False, sort_keys=True)}
        frame.write_parquet(folder / f"{sheet.name}.parquet", metadata=metadata)


def _series(sheet: Sheet, number: int, language: str | None) -> pl.Series:
    field, texts, why = sheet.fields[number], sheet.columns[number], sheet.reasons[number]
    if language and field.variable and field.variable.choices and field.kind in ("code", "text"):
        said = {text: labelled(field.variable, text, language) for text in set(texts)}
        texts = [said[text] for text in texts]
    if why is not None and field.kind in CODED:
        texts = [text or RESERVED.get(one, "") for text, one in zip(texts, why, strict=True)]
    if field.kind == "moment":
        return pl.Series(field.name, values(texts, field.kind), dtype=TYPES[field.kind])
    series = pl.Series(field.name, texts, dtype=pl.String)
    if field.kind == "day":
        return series.str.to_date("%Y-%m-%d", strict=False)
    if field.kind not in ("text", "code"):
        return series.cast(TYPES[field.kind], strict=False)
    return series.zip_with(series != "", pl.Series([None], dtype=pl.String))


def _told(field: Field, language: str) -> dict[str, object]:
    """A column's words, for programs that read metadata."""
    variable = field.variable
    if variable is None:
        return {}
    told: dict[str, object] = {"label": variable.label(language)}
    if field.option:
        told["choice"] = labelled(variable, field.option.name, language)
    elif variable.choices:
        told["choices"] = {one.name: labelled(variable, one.name, language) for one in variable.choices}
    return told
