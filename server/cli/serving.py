"""Runs the web server: quietly, with one line when it is ready, and a clean stop."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

STOPS = (signal.SIGINT, signal.SIGTERM)


class QuietServer(uvicorn.Server):
    """uvicorn, saying when it is ready, and ending without re-raising the signal that stopped it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts listening, then says so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on an interrupt or a termination; in a thread other than the first, only when told."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._stop) for number in STOPS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _: int, __: FrameType | None) -> None:
        self.should_exit = True


def configuration(app: Any, **options: Any) -> uvicorn.Config:
    """Settings that every way of serving shares. uvicorn's own access log is off: it would print tokens."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        **options,
    )


def address(host: str, port: int) -> str:
    """How a person on this machine reaches the server."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 (compared, not bound)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def claim(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError in plain words when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    if os.name != "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno, f"Port {port} is in use. Stop the other server or choose another with --port"
        ) from None
    return listener


def serve_here(app: Any, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serves in this thread until stopped."""
    QuietServer(configuration(app), ready).run(sockets=[listener])


def serve_beside(app: Any, listener: socket.socket) -> Callable[[], None]:
    """Serves in another thread; returns what stops it, once it is ready."""
    started = threading.Event()
    server = QuietServer(configuration(app), started.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not started.wait(0.05) and thread.is_alive():
        pass

    def stop() -> None:
        server.should_exit = True
        thread.join()

    return stop


def serve_workers(home: Path, listener: socket.socket, workers: int, ready: Callable[[], None]) -> None:
    """Serves with several processes, which share the listening socket and one key in memory."""
    from uvicorn.supervisors import Multiprocess

    os.environ["TAAMA_HOME"] = str(home)
    os.environ["TAAMA_MEMORY"] = os.urandom(32).hex()
    config = configuration("server.app:worker", factory=True, workers=workers)
    threading.Thread(target=_wait_then, args=(listener.getsockname(), ready), daemon=True).start()
    Multiprocess(config, sockets=[listener]).run()


def _wait_then(name: tuple[Any, ...], ready: Callable[[], None]) -> None:
    import httpx

    url = f"{address(name[0], name[1])}/healthz"
    for _ in range(200):
        try:
            if httpx.get(url, timeout=1).status_code == 200:
                ready()
                return
        except httpx.HTTPError:
            threading.Event().wait(0.1)
    sys.stderr.write("taama: the workers did not become ready.\n")
