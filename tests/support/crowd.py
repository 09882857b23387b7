"""Many phones at once, at a server in a process of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import httpx
from support.command import free_port, told
from support.world import MEDIA, Person, small_form

VOICE = os.urandom(300_000)


def centre_with_a_phone(home: Path, *options: str) -> tuple[str, int]:
    """A new campaign with the small form published; the address that a phone sends to, and its port."""
    form, media = home.with_name("small.xml"), home.with_name("media")
    form.write_bytes(small_form())
    media.mkdir()
    (media / "enumerators.csv").write_bytes(MEDIA["enumerators.csv"])
    told("init", "--home", str(home), "--name", "Essai", *options)
    told("forms", "publish", str(form), "--media", str(media), "--home", str(home))
    picture = str(home.with_name("qr.png"))
    url = told("people", "add", "E", "--role", "enumerator", "--home", str(home), "--qr", picture)["url"]
    port = free_port()
    return url.replace("127.0.0.1:8383", f"127.0.0.1:{port}") + "/submission", port


def send(url: str, people: Sequence[Person], arrived: set[str], phones: int = 8) -> list[threading.Thread]:
    """Sends as many phones do; those whose sending was acknowledged go into `arrived`."""
    waiting, lock = list(people), threading.Lock()

    def phone() -> None:
        with httpx.Client(timeout=30) as http:
            while True:
                with lock:
                    if not waiting:
                        return
                    who = waiting.pop()
                files = [("xml_submission_file", ("i.xml", who.xml, "text/xml"))]
                if "voice" in who.answers:
                    files.append(("v.m4a", ("v.m4a", VOICE, "audio/mp4")))
                try:
                    answer = http.post(url, files=files)
                except httpx.HTTPError:
                    continue
                if answer.status_code in (201, 202):
                    with lock:
                        arrived.add(who.instance)

    threads = [threading.Thread(target=phone) for _ in range(phones)]
    for thread in threads:
        thread.start()
    return threads
