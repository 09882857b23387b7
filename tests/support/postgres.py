"""A PostgreSQL of the tests' own: a cluster in a temporary folder, and a fresh database for whoever asks.

Where PostgreSQL's programs are not installed the tests that need it fail and say what to install.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

MISSING = "PostgreSQL's programs (initdb, postgres) were not found: install it (Debian: postgresql)."
SETTINGS = ("max_connections=200", "autovacuum=off")
# With it every campaign of the suite is kept in PostgreSQL rather than in a file.
EVERYWHERE = bool(os.environ.get("TAAMA_TEST_POSTGRES"))
ACCOUNT = "postgres"  # root may not run PostgreSQL
_numbers = itertools.count(1)


@cache
def binaries() -> Path:
    """The folder of PostgreSQL's programs; raises RuntimeError when there are none."""
    on_path = shutil.which("initdb")
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    found = Path(on_path) if on_path else next(reversed(homes), None)
    if found is None:
        raise RuntimeError(MISSING)
    return found.resolve().parent


class Cluster:
    """A running PostgreSQL on a Unix socket in `folder`, reachable by nobody else."""

    def __init__(self, *settings: str, locale: str = "C.UTF-8") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="taama-pg"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, ACCOUNT)
        self.data = self.folder / "data"
        options = ("-A", "trust", "-U", ACCOUNT, "-E", "UTF8", f"--locale={locale}", "--no-sync")
        self._run("initdb", "-D", str(self.data), *options)
        self.settings = settings
        self.start()
        atexit.register(self.close)

    def start(self) -> None:
        """Starts it, once it listens."""
        switches = [f"-c {one}" for one in (*self.settings, f"unix_socket_directories={self.folder}")]
        words = ["-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-t", "60"]
        self._run("pg_ctl", *words, "-o", " ".join([*switches, "-c listen_addresses=''"]), "start")

    def stop(self) -> None:
        """Stops it at once, as when it is killed."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")

    def close(self) -> None:
        """Stops it and removes its folder."""
        if (self.data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, database: str) -> str:
        """The address of a database, as a person would type it."""
        return f"postgresql://{ACCOUNT}@/{database}?host={self.folder}"

    def database(self, like: str = "") -> str:
        """The address of a new database: empty, or with all that is in the one at the address `like`."""
        name = f"campaign{os.getpid()}x{next(_numbers)}"
        import psycopg

        template = make_url(like).database if like else "template0"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def log(self) -> str:
        """What the server wrote down."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def _run(self, program: str, *words: str) -> None:
        command = [str(binaries() / program), *words]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups", *command]
        # What pg_ctl leaves running would hold a pipe open.
        with (self.folder / "said").open("a+b") as said:
            done = subprocess.run(command, stdout=said, stderr=said, cwd="/", timeout=120, check=False)
            said.seek(0)
            if done.returncode:
                raise RuntimeError(said.read().decode(errors="replace"))


@cache
def cluster() -> Cluster:
    """The one that tests of a process share."""
    return Cluster(*SETTINGS)
