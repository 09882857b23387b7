"""One spelling of JSON, so that the same content has the same bytes everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Mapping[str, Any]) -> bytes:
    """`value` as UTF-8 JSON with sorted keys and no blanks."""
    return ENCODER.encode(value).encode()
