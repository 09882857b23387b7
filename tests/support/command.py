"""Runs the command `taama` as a person does, and a server as a process of its own that can be killed."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.cli import main

TAAMA = [sys.executable, "-m", "server"]


def taama(*words: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end, within this process: starting a program anew for each takes a second."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    before, sys.argv = sys.argv, ["taama", *words]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.argv = before
    return subprocess.CompletedProcess(list(words), code, out.getvalue(), err.getvalue())


def program(*words: str) -> subprocess.CompletedProcess[str]:
    """One command as a program of its own."""
    return subprocess.run([*TAAMA, *words], capture_output=True, text=True, timeout=120, check=False)


def told(*words: str) -> Any:
    """The one JSON document that a command prints."""
    done = taama(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Process:
    """A server that is running; `line` is what it said when it was ready."""

    popen: subprocess.Popen[str]
    line: str
    base: str

    def kill_all(self) -> None:
        """Kills the server with the workers that it started, as when the plug is pulled."""
        children = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children").read_text(encoding="ascii")
        for process in (self.popen.pid, *map(int, children.split())):
            os.kill(process, signal.SIGKILL)
        self.popen.wait()


@contextmanager
def served(home: Path, port: int, *more: str) -> Iterator[Process]:
    """A server process, killed at the end if it is still there."""
    command = [*TAAMA, "serve", "--home", str(home), "--port", str(port), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as popen:
        try:
            assert popen.stdout is not None
            yield Process(popen, popen.stdout.readline(), f"http://127.0.0.1:{port}")
        finally:
            popen.kill()
