"""Two small layers around the application: exact paths, and headers that every answer carries."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SLASH = "\ufdd0"  # a noncharacter of Unicode: it stands for an encoded slash inside one step of a path


class ExactPath:
    """Routes on the path as it was sent, so that a form's id may hold an encoded slash.

    Servers decode `%2F` before routing, which makes one step into two; it is shielded until the route has
    been found, and `exact` gives it back.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replaces the decoded path by one in which encoded slashes are shielded."""
        raw = scope.get("raw_path", b"")
        if scope["type"] == "http" and b"%2" in raw:
            text = raw.decode("latin-1").partition("?")[0]
            path = "/".join(unquote(step).replace("/", SLASH) for step in text.split("/"))
            scope = {**scope, "path": path}
        await self.app(scope, receive, send)


def exact(step: str) -> str:
    """A path parameter as it was meant."""
    return step.replace(SLASH, "/")


class Headers:
    """Adds the same headers to every answer unless the route has set them itself."""

    def __init__(self, app: ASGIApp, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.app, self.headers = app, list(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and completes the answer's headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in self.headers if header[0] not in sent),
                ]
            await send(message)

        await self.app(scope, receive, complete)
