"""Starlette's client works with httpx as it is; it only says that it would like a newer one."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
    import starlette.testclient  # noqa: F401  # tests that import it later are not warned again
