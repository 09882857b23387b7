"""The real engine, where there is a Java development kit; in continuous integration there must be one."""

from __future__ import annotations

import os

import pytest
from support import javarosa


@pytest.fixture(scope="session")
def java() -> None:
    """Skips the test on a machine without Java, but fails where CI is set."""
    if javarosa.available():
        return
    if os.environ.get("CI"):
        pytest.fail("javac is not on the PATH: install a Java development kit")
    pytest.skip("needs a Java development kit (javac)")
