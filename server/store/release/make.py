"""Makes a release: a folder with its tables, its codebooks and a manifest, made whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version as code_version
from pathlib import Path
from typing import Any

from server.core.dataset.shape import Dataset, dataset
from server.core.dataset.sheets import Sheet, joined, sheets
from server.core.problem import Refused
from server.store.home import Campaign
from server.store.release.interviews import Selection, Step, interviews, left_out, plans_of
from server.store.release.options import Options, Release, Released
from server.store.release.tables import CsvTables
from server.store.releases import note_release
from sync.db import reading


def export(
    campaign: Campaign,
    release: Release,
    options: Options,
    out: Path,
    at: str,
    step: Step = lambda _: None,
) -> Released:
    """Writes the release into a new folder under `out`; `at` (ISO 8601) names it and dates its files."""
    raise NotImplementedError
