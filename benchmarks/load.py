"""Sends prepared requests over keep-alive sockets, as many phones at once, and notes how long each took.

The sender is kept as lean as possible, because it shares the machine's two cores with the server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

BOUNDARY = b"b0undary-of-a-made-up-phone"
PART = (
    b'Content-Disposition: form-data; name="xml_submission_file"; filename="i.xml"\r\nContent-Type: text/xml'
)


def request(url: str, xml: bytes) -> bytes:
    """The bytes of one POST as a phone sends it."""
    parts = urlsplit(url)
    body = b"--%b\r\n%b\r\n\r\n%b\r\n--%b--\r\n" % (BOUNDARY, PART, xml, BOUNDARY)
    head = (
        f"POST {parts.path}?deviceID=collect%3Abench HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        "X-OpenRosa-Version: 1.0\r\nUser-Agent: org.odk.collect.android/v2026.3.3\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _phone(address: tuple[str, int], waiting: list[bytes], took: list[float]) -> int:
    reader, writer = await asyncio.open_connection(*address)
    failed = 0
    while waiting:
        data = waiting.pop()
        start = time.perf_counter()
        writer.write(data)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - start)
        failed += not head.startswith(b"HTTP/1.1 201")
    writer.close()
    await writer.wait_closed()
    return failed


async def _send(
    address: tuple[str, int], requests: Sequence[bytes], phones: int
) -> tuple[float, list[float], int]:
    waiting, took = list(requests), []
    start = time.perf_counter()
    failed = sum(await asyncio.gather(*(_phone(address, waiting, took) for _ in range(phones))))
    return time.perf_counter() - start, took, failed


def send(url: str, requests: Sequence[bytes], phones: int) -> tuple[float, list[float], int]:
    """Sends all over `phones` connections: seconds in all, seconds each, and how many were not 201."""
    parts = urlsplit(url)
    return asyncio.run(_send((parts.hostname or "127.0.0.1", parts.port or 80), requests, phones))
